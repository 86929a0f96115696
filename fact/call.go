package fact

import "time"

// Direction says between which sides a call runs.
type Direction string

// The directions.
const (
	Internal Direction = "internal" // phone to phone
	Outgoing Direction = "outgoing" // phone to line
	Incoming Direction = "incoming" // line to phone
)

// Party is who stands behind a call, as verified.
type Party struct {
	Origin       string `json:"origin,omitempty"` // origin kind of the gate: "dialed", "redirect" …
	Extension    string `json:"extension,omitempty"`
	Device       string `json:"device,omitempty"`
	Credential   string `json:"credential,omitempty"`
	Source       string `json:"source,omitempty"` // address:port it came from
	Transport    string `json:"transport,omitempty"`
	UserAgent    string `json:"user_agent,omitempty"`
	Registration string `json:"registration,omitempty"` // Binding.Pointer
	// Site is the other site that it came from, and SiteExtension whose phone it was
	// there by that site's word.
	Site          string `json:"site,omitempty"`
	SiteExtension string `json:"site_extension,omitempty"`
}

// causes leads from a call to the registration behind it, or to the phone.
func (p Party) causes(more ...string) []string {
	switch {
	case p.Site != "":
		more = append(more, "site/"+p.Site)
	case p.Registration != "":
		more = append(more, p.Registration)
	case p.Device != "":
		more = append(more, "phone/"+p.Device)
	}
	return more
}

func (p Party) actor() string {
	switch {
	case p.Site != "":
		return "site/" + p.Site
	case p.Device != "":
		return "phone/" + p.Device
	}
	return ""
}

// CallStarted says that a call came in on a line. Calls that begin at a phone
// are told of by their first verdict or, where no line has a part in them, by
// their end alone.
type CallStarted struct {
	Call      string    `json:"call"`
	Direction Direction `json:"direction"`
	Party
	From      string `json:"from,omitempty" private:"yes"`
	To        string `json:"to,omitempty" private:"yes"` // as dialed
	Line      string `json:"line,omitempty"`             // the line it came in on
	MediaRole string `json:"media_role,omitempty"`       // role of RFC 7092, e.g. "media relay"
	// Mark is what a number that calls is marked by: "abroad", or "posing" where
	// it looks like one of Japan and signs say otherwise.
	Mark string    `json:"mark,omitempty"`
	At   time.Time `json:"at"`
}

// Kind is "call.started".
func (CallStarted) Kind() string { return "call.started" }

// Links ties the call to its registration.
func (f CallStarted) Links() Links {
	causes := f.causes()
	if f.Direction == Incoming && f.Line != "" {
		causes = append(causes, "line/"+f.Line)
	}
	return Links{Subject: "call/" + f.Call, Actor: f.actor(), Causes: causes}
}

// CallJudged is one verdict of the gate, with the request it answers. A call
// has one for each line it was tried on.
type CallJudged struct {
	Call      string    `json:"call"`
	First     bool      `json:"first,omitempty"` // no fact of the call came before
	Direction Direction `json:"direction,omitempty"`
	Party
	From          string    `json:"from,omitempty" private:"yes"`
	Started       time.Time `json:"started,omitzero"` // when the call began
	Authenticated bool      `json:"authenticated"`
	Line          string    `json:"line,omitempty"`
	Dialed        string    `json:"dialed,omitempty" private:"yes"`
	Class         string    `json:"class"`
	Number        string    `json:"number,omitempty" private:"yes"` // canonical digits
	Area          string    `json:"area,omitempty"`
	Range         string    `json:"range,omitempty"`
	Presentation  string    `json:"presentation,omitempty"`
	Carrier       string    `json:"carrier,omitempty"`
	Why           string    `json:"why,omitempty"` // for what was not understood
	Verb          string    `json:"verb"`
	Rule          string    `json:"rule"`
	Status        int       `json:"status,omitempty"`
	Opening       string    `json:"opening,omitempty"` // ID of the opening that let it by
	Proven        string    `json:"proven,omitempty"`  // whose PIN let it by, an extension
	Policy        string    `json:"policy,omitempty"`  // version of the policy judged under
	Behind        bool      `json:"behind,omitempty"`  // recorded after the call went on (emergency, degraded)
	// Opinion is what the call looks like, beside what the office does: "noted",
	// "challenge" or "cut", "" for nothing odd. Signs are why.
	Opinion string `json:"opinion,omitempty"`
	Signs   []Sign `json:"signs,omitempty"`
	// Hold is the money set aside for the leg that was asked for, nil for none;
	// what the same leg held before is free again.
	Hold    *Hold        `json:"hold,omitempty"`
	Settled []Settlement `json:"settled,omitempty"` // of the call's legs that are gone
	At      time.Time    `json:"at"`
}

// Sign is something odd about a call, by its name in gate/tempo, with the two
// figures of its sentence.
type Sign struct {
	Name    string   `json:"name"`
	Strong  bool     `json:"strong,omitempty"`
	Figures [2]int64 `json:"figures"`
}

// Kind is "call.judged".
func (CallJudged) Kind() string { return "call.judged" }

// Links ties the verdict to its call, its registration and its opening.
func (f CallJudged) Links() Links {
	subject := "call/" + f.Call
	var causes []string
	if !f.First {
		causes = append(causes, subject)
	}
	causes = f.causes(causes...)
	if f.Opening != "" {
		causes = append(causes, "opening/"+f.Opening)
	}
	return Links{Subject: subject, Actor: "gate", Causes: causes}
}

// CallAnswered says that a call with a line was answered.
type CallAnswered struct {
	Call   string    `json:"call"`
	Device string    `json:"device,omitempty"` // the phone that answered
	Line   string    `json:"line,omitempty"`   // or the line
	At     time.Time `json:"at"`
}

// Kind is "call.answered".
func (CallAnswered) Kind() string { return "call.answered" }

// Links ties the answer to its call.
func (f CallAnswered) Links() Links {
	return Links{Subject: "call/" + f.Call, Causes: []string{"call/" + f.Call}}
}

// CallEnded closes the books of a call: the call detail record. What it
// leaves empty stays as the earlier facts of the call said it: where a verdict
// on disk tells who calls whom since when, the end does not repeat it.
type CallEnded struct {
	Call      string    `json:"call"`
	First     bool      `json:"first,omitempty"` // no fact of the call came before: this is all of it
	Direction Direction `json:"direction,omitempty"`
	Party
	From      string    `json:"from,omitempty" private:"yes"`
	To        string    `json:"to,omitempty" private:"yes"`
	Line      string    `json:"line,omitempty"`
	Verb      string    `json:"verb,omitempty"`
	Rule      string    `json:"rule,omitempty"`
	Answerer  string    `json:"answerer,omitempty"` // device or line that answered
	Started   time.Time `json:"started,omitzero"`
	Answered  time.Time `json:"answered,omitzero"`
	Ended     time.Time `json:"ended"`
	Status    int       `json:"status,omitempty"` // final SIP status of the originating leg
	Reason    string    `json:"reason"`           // "hung up", "busy", "restart" …
	MediaRole string    `json:"media_role,omitempty"`
	Sound     []Sound   `json:"sound,omitempty"` // of each leg that had any
	// Queue is the one in which its caller waited last, for how long, and Agent the
	// extension that took the call from there, "" for none.
	Queue    string `json:"queue,omitempty"`
	WaitedMS int64  `json:"waited_ms,omitempty"`
	Agent    string `json:"agent,omitempty"`
	// Missed are the extensions that were called where nobody took the call, and RangMS how
	// long it rang there; Taken is the extension that took it, Maker the one that made it.
	Missed []string `json:"missed,omitempty"`
	RangMS int64    `json:"rang_ms,omitempty"`
	Taken  string   `json:"taken,omitempty"`
	Maker  string   `json:"maker,omitempty"`
	// Settled has the legs that money was set aside for, those that an earlier
	// fact settled aside. For any other that still holds some nobody knows what
	// it cost: all it holds counts as spent.
	Settled []Settlement `json:"settled,omitempty"`
}

// Sound is how the voice of one leg of a call went, as its packets tell. What
// the far end reports (RFC 3550 §6.4) is as good as its word.
type Sound struct {
	Leg       string `json:"leg"`             // "caller", or the device or line that was called
	Codec     string `json:"codec,omitempty"` // the peer's
	Encrypted bool   `json:"encrypted,omitempty"`
	Received  uint64 `json:"received"` // packets
	Sent      uint64 `json:"sent"`
	Lost      int64  `json:"lost,omitempty"` // of the peer's packets
	Reordered uint64 `json:"reordered,omitempty"`
	Repeated  uint64 `json:"repeated,omitempty"`
	JitterUS  int64  `json:"jitter_us,omitempty"` // the most that was measured

	PeerLost     int64 `json:"peer_lost,omitempty"`      // of our packets, as the peer says
	PeerJitterUS int64 `json:"peer_jitter_us,omitempty"` // as the peer said last
	RoundTripUS  int64 `json:"round_trip_us,omitempty"`  // the longest
}

// Kind is "call.ended".
func (CallEnded) Kind() string { return "call.ended" }

// Links ties the end to its call. It ties it to the registration behind it only
// where the end itself says who called; where it leaves that empty, the call's
// verdict leads there.
func (f CallEnded) Links() Links {
	subject := "call/" + f.Call
	if f.First {
		return Links{Subject: subject, Causes: f.causes()}
	}
	return Links{Subject: subject, Causes: f.causes(subject)}
}

// EmergencyCalled says that somebody called 110, 118 or 119: what reception
// is shown.
type EmergencyCalled struct {
	Call string `json:"call"`
	Party
	Authenticated bool      `json:"authenticated"`
	Number        string    `json:"number"` // "110", "118", "119"
	Line          string    `json:"line,omitempty"`
	At            time.Time `json:"at"`
}

// Kind is "emergency.called".
func (EmergencyCalled) Kind() string { return "emergency.called" }

// Links ties the emergency to its call.
func (f EmergencyCalled) Links() Links {
	return Links{Subject: "call/" + f.Call, Actor: f.actor(), Causes: f.causes("call/" + f.Call)}
}

// EmergencyRefused is an alarm: a stranger asked for an emergency
// number, or somebody in the name of a phone whose address he does not have.
type EmergencyRefused struct {
	Source    string    `json:"source"`
	Transport string    `json:"transport,omitempty"`
	Listener  string    `json:"listener,omitempty"`
	Number    string    `json:"number"`
	Count     int       `json:"count"` // how many since the last such fact
	At        time.Time `json:"at"`
}

// Kind is "emergency.refused".
func (EmergencyRefused) Kind() string { return "emergency.refused" }

// VerdictsDropped says that verdicts could not be recorded one by one: while
// the store took nothing, more fell behind than the desk can keep.
type VerdictsDropped struct {
	Count int       `json:"count"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Why   string    `json:"why"`
}

// Kind is "verdicts.dropped".
func (VerdictsDropped) Kind() string { return "verdicts.dropped" }
