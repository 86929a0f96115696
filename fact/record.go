package fact

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"
)

// Phone is one device and the credential it signs in with: one per device,
// generated, never shared.
type Phone struct {
	Extension string `json:"extension"`                    // internal number, e.g. "201"
	Device    string `json:"device"`                       // stable device ID, e.g. "201-1"
	Name      string `json:"name,omitempty" private:"yes"` // what people call it
	User      string `json:"user"`                         // digest username, the same as Device unless the phone can't
	Realm     string `json:"realm"`
	// SecretSealed is the digest hashes (HA1 for MD5 and SHA-256), sealed
	// with a key that lives outside the database.
	SecretSealed Sealed    `json:"secret_mark"`
	Created      time.Time `json:"created"`
	CreatedBy    string    `json:"created_by"` // the person or part that created it
	Disabled     bool      `json:"disabled,omitempty"`
}

// Binding is one registered contact of a phone (RFC 3261 §10). As a Row it is
// put under its Device and Contact.
type Binding struct {
	Extension string         `json:"extension"`
	Device    string         `json:"device"`
	Contact   string         `json:"contact"` // the Contact URI as registered
	Path      []string       `json:"path,omitempty"`
	CallID    string         `json:"call_id"`
	CSeq      uint32         `json:"cseq"`
	Instance  string         `json:"instance,omitempty"` // +sip.instance, if given
	Source    netip.AddrPort `json:"source"`
	Transport string         `json:"transport"` // "udp", "tcp", "tls"
	Listener  string         `json:"listener"`  // name of the listener it came in on
	UserAgent string         `json:"user_agent,omitempty"`
	Q         uint16         `json:"q,omitempty"` // thousandths
	Expires   time.Time      `json:"expires"`
	Created   time.Time      `json:"created"`
}

// Pointer names the binding in the evidence: the subject of PhoneRegistered
// and what gate.Origin.Registration carries.
func (b Binding) Pointer() string {
	sum := sha256.Sum256([]byte(b.Contact + "\n" + b.CallID))
	return "registration/" + b.Device + "/" + hex.EncodeToString(sum[:8])
}

// Row names the table of bindings.
func (Binding) Row() string { return "binding" }

// BindingGone is the Row that takes a binding away; an empty Contact takes
// all of the device's.
type BindingGone struct {
	Device  string
	Contact string
}

// Row names the table of bindings.
func (BindingGone) Row() string { return "binding" }

// Line is one outside line 外線: a carrier connection with channels.
type Line struct {
	ID           string    `json:"id"`                  // "hikari", "trunk1"
	Profile      string    `json:"profile"`             // name of the profile data file
	Registrar    string    `json:"registrar,omitempty"` // host[:port] or domain of the carrier
	User         string    `json:"user,omitempty"`
	SecretSealed Sealed    `json:"secret_mark"`
	Numbers      []Number  `json:"numbers,omitempty"`   // DID numbers, the first is the main number
	AreaCode     string    `json:"area_code,omitempty"` // e.g. "03": makes local dialing canonical
	Channels     int       `json:"channels"`
	Transport    string    `json:"transport"`            // "udp", "tcp", "tls"
	Sources      []string  `json:"sources,omitempty"`    // addresses and prefixes that may send to us on a static line
	Priority     int       `json:"priority"`             // lower is tried first
	LocalPort    int       `json:"local_port,omitempty"` // port to send from and be reached on, 0 for the profile's
	LocalAddr    string    `json:"local_addr,omitempty"` // address with it, "" for that which lines share
	DSCP         int       `json:"dscp,omitempty"`       // class of the signaling, 0 for the profile's
	Forwarded    string    `json:"forwarded,omitempty"`  // what calls sent on show; "": our number
	Created      time.Time `json:"created"`
	CreatedBy    string    `json:"created_by"`
	Disabled     bool      `json:"disabled,omitempty"`
}

// What a call that an extension sent on outside shows of who called it.
const (
	ForwardedCaller    = "caller"       // the caller's number in From
	ForwardedDiversion = "diversion"    // that, and ours in Diversion (RFC 5806)
	ForwardedHistory   = "history-info" // that, and ours in History-Info (RFC 7044)
)

// Number is one outside number of a line and where it rings.
type Number struct {
	Number string   `json:"number"` // national, e.g. "0312345678"
	Ring   []string `json:"ring"`   // extensions or groups, all at once
}

// Group is a ring group.
type Group struct {
	Number  string   `json:"number"`
	Name    string   `json:"name,omitempty"`
	Members []string `json:"members"`
	// Strategy is one of the Ring words, "" for RingAll.
	Strategy string `json:"strategy,omitempty"`
	// Seconds is how long a member rings, 0 for as long as usual.
	Seconds int `json:"seconds,omitempty"`
	// Delays are the seconds after which members begin to ring, with RingAll.
	Delays   map[string]int `json:"delays,omitempty"`
	SkipBusy bool           `json:"skip_busy,omitempty"` // members in a call don't ring
	Out      []string       `json:"out,omitempty"`       // members that have logged out
	Overflow string         `json:"overflow,omitempty"`  // where callers go whom nobody answers: what a number can ring
}

// How the members of a group ring; stable words.
const (
	RingAll         = "all"          // at once
	RingLinear      = "linear"       // one after the other, in order 順次
	RingRoundRobin  = "round-robin"  // the same, each call beginning with the next one
	RingLongestIdle = "longest-idle" // the same, whoever was in no call for longest first
)

// Opening lets one extension call one country until it expires: the only way
// past the factory default for international calls.
type Opening struct {
	ID        string    `json:"id"`
	Extension string    `json:"extension"`
	Area      string    `json:"area"` // numbering-plan area, e.g. "SL", "US", "JM"
	Expires   time.Time `json:"expires"`
	Created   time.Time `json:"created"`
	CreatedBy string    `json:"created_by"`
	Reason    string    `json:"reason,omitempty"`
}

// LineDialog is what a restarted unit needs to end a call that was up on a
// line: the state of the line leg's dialog at answer. As a Row it is put under
// its Call, Line and Leg: a call that came in on a line may go out on the same one.
type LineDialog struct {
	Call      string         `json:"call"`
	Line      string         `json:"line"`
	Leg       int            `json:"leg,omitempty"` // of the call
	CallID    string         `json:"call_id"`
	LocalTag  string         `json:"local_tag"`
	RemoteTag string         `json:"remote_tag"`
	LocalURI  string         `json:"local_uri"`
	RemoteURI string         `json:"remote_uri"`
	Target    string         `json:"target"` // remote target (Contact)
	Routes    []string       `json:"routes,omitempty"`
	LocalSeq  uint32         `json:"local_seq"`
	Answered  time.Time      `json:"answered"`
	Remote    netip.AddrPort `json:"remote"`
	Transport string         `json:"transport"`
}

// Row names the table of line dialogs.
func (LineDialog) Row() string { return "line_dialog" }

// LineDialogGone is the Row that takes a line dialog away.
type LineDialogGone struct {
	Call string
	Line string
	Leg  int
}

// Row names the table of line dialogs.
func (LineDialogGone) Row() string { return "line_dialog" }

// Subscription is what a restarted unit needs to go on with a phone's
// subscription: its dialog, where the phone stands and what it watches. As a Row
// it is put under its Tag.
type Subscription struct {
	Tag       string         `json:"tag"` // ours
	CallID    string         `json:"call_id"`
	RemoteTag string         `json:"remote_tag"`
	LocalURI  string         `json:"local_uri"`
	RemoteURI string         `json:"remote_uri"`
	Target    string         `json:"target"` // remote target (Contact)
	Routes    []string       `json:"routes,omitempty"`
	LocalSeq  uint32         `json:"local_seq"` // higher than any that was used
	RemoteSeq uint32         `json:"remote_seq"`
	Package   string         `json:"package"`
	ID        string         `json:"id,omitempty"`
	Expires   time.Time      `json:"expires"`
	Entity    string         `json:"entity"`
	Extension string         `json:"extension"`
	Device    string         `json:"device"`
	UserAgent string         `json:"user_agent,omitempty"`
	Source    netip.AddrPort `json:"source"`
	Local     netip.AddrPort `json:"local"`
	Transport string         `json:"transport"`
	Listener  string         `json:"listener"`
}

// Row names the table of subscriptions.
func (Subscription) Row() string { return "subscription" }

// SubscriptionGone is the Row that takes a subscription away.
type SubscriptionGone struct{ Tag string }

// Row names the table of subscriptions.
func (SubscriptionGone) Row() string { return "subscription" }

// Setting is a Row of the unit's own memory under a name: the hash of its
// claim code, its nonce key's generation. An empty Value takes it away.
// Settings are no evidence; what must be proven later is a fact.
type Setting struct {
	Name  string
	Value string
}

// Row names the table of settings.
func (Setting) Row() string { return "setting" }

// CallRecord is one call as the books have it: what CallStarted, CallJudged,
// CallAnswered and CallEnded together say.
type CallRecord struct {
	Call         string    `json:"call"`
	Direction    Direction `json:"direction"`
	Origin       string    `json:"origin,omitempty"` // origin kind: "dialed", "redirect" …
	Extension    string    `json:"extension,omitempty"`
	Device       string    `json:"device,omitempty"`
	Credential   string    `json:"credential,omitempty"`
	Source       string    `json:"source,omitempty"` // address:port
	Transport    string    `json:"transport,omitempty"`
	UserAgent    string    `json:"user_agent,omitempty"`
	Registration string    `json:"registration,omitempty"`
	From         string    `json:"from"` // calling number
	To           string    `json:"to"`   // called number as dialed
	Class        string    `json:"class,omitempty"`
	Number       string    `json:"number,omitempty"` // canonical digits judged
	Area         string    `json:"area,omitempty"`
	Line         string    `json:"line,omitempty"`
	Verb         string    `json:"verb,omitempty"`
	Rule         string    `json:"rule,omitempty"`
	Answerer     string    `json:"answerer,omitempty"` // device or line that answered
	Started      time.Time `json:"started"`
	Judged       time.Time `json:"judged,omitzero"`
	Answered     time.Time `json:"answered,omitzero"`
	Ended        time.Time `json:"ended,omitzero"`
	Status       int       `json:"status,omitempty"` // final SIP status
	Reason       string    `json:"reason,omitempty"`
	MediaRole    string    `json:"media_role,omitempty"`
	Sound        []Sound   `json:"sound,omitempty"`
	Queue        string    `json:"queue,omitempty"` // as CallEnded has it
	WaitedMS     int64     `json:"waited_ms,omitempty"`
	Agent        string    `json:"agent,omitempty"`
	Held         []int     `json:"held,omitempty"`    // legs that money is set aside for, until it has ended
	Cost         int64     `json:"cost,omitempty"`    // thousandths of yen, once ended
	Opinion      string    `json:"opinion,omitempty"` // as CallJudged has it, with Signs
	Signs        []Sign    `json:"signs,omitempty"`
	Mark         string    `json:"mark,omitempty"` // as CallStarted has it
	Leaf         uint64    `json:"leaf"`           // index of the first leaf that tells of it
}
