package gate

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/internal/pass"
	"github.com/sekisho/sekisho/gate/quarantine"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/number"
)

// OriginKind names the path by which an outside call came to be. Every path
// makes the same Request; a path without a kind does not exist.
type OriginKind string

// The origin kinds. Those of features to come are declared with them.
const (
	OriginDialed     OriginKind = "dialed"    // a phone's INVITE
	OriginRedirect   OriginKind = "redirect"  // a phone's 3xx
	OriginTransfer   OriginKind = "transfer"  // REFER
	OriginForward    OriginKind = "forward"   // forwarding set at the unit
	OriginLineTest   OriginKind = "line-test" // `sekisho line test`
	OriginLineToLine OriginKind = "line-to-line"
	OriginAlert      OriginKind = "alert" // the unit calls its owner
	OriginSite       OriginKind = "site"  // a phone of another site, over our lines
)

// Origin is who stands behind a request, as verified, not as claimed.
type Origin struct {
	Kind          OriginKind
	Extension     string
	Device        string
	Credential    string // digest username
	Source        netip.AddrPort
	Transport     string
	UserAgent     string
	Registration  string // evidence pointer to the binding, "" when not registered
	Authenticated bool   // false only for emergency calls from a known phone's address
	// Site is the other site that a call came from, as its certificate proves. Whose
	// phone it is there, SiteExtension, is that site's word: no rule goes by it, and
	// Extension, by which rules go, is empty.
	Site, SiteExtension string
}

// Request is one outside call asked for.
type Request struct {
	Call   string // unit-wide call ID
	Origin Origin
	// Caller began the call, where that is not Origin: whoever called a phone
	// that sent the call on.
	Caller Origin
	Line   string // the line it would go out on
	// Dialed is what was dialed, as received, for the record only: nothing
	// downstream looks at its digits.
	Dialed      string
	Destination number.Destination
	At          time.Time
	// Opinion says what is odd about how the office telephones just now; nil where
	// nothing is, and where nobody watches.
	Opinion *tempo.Opinion
	// From (the calling number), Direction, Started (when the call began) and
	// First (nothing of the call is on record yet) are for the record only, too.
	First     bool
	From      string
	Direction fact.Direction
	Started   time.Time
	// Leg is which leg of the call it is for, and Settled what those cost that
	// are gone since the last request.
	Leg     int
	Settled []fact.Settlement
	// Proof is what the person on the phone has proved in this call, if anything.
	Proof Proof
}

// Proof says that a person proved on a keypad, with the PIN of an extension,
// that it is them. It lifts what only challenges and no bar. The zero Proof is
// none.
type Proof struct {
	Person string    // the extension whose PIN it was
	At     time.Time // when it was found right
	Leg    int       // of the call, on whose keypad it was typed
}

// Proves tells whether the request's proof is that of whoever stands behind
// it, and is not too old.
func (r *Request) Proves() bool {
	p := &r.Proof
	return p.Person != "" && p.Person == r.Origin.Extension && r.askable() &&
		!r.At.Before(p.At) && r.At.Sub(p.At) <= proofLife
}

// askable tells whether the person behind the request is on the phone, so that
// it can be asked for its PIN: nobody is where a call is sent on.
func (r *Request) askable() bool { return r.Origin.Kind == OriginDialed }

// Subject is what of the request a quarantine looks at.
func (r *Request) Subject() quarantine.Call {
	return quarantine.Call{
		Party: r.Origin.party(), Caller: r.Caller.party(), Line: r.Line, Destination: r.Destination,
	}
}

func (o *Origin) party() quarantine.Party {
	return quarantine.Party{Extension: o.Extension, Device: o.Device, Credential: o.Credential, Site: o.Site}
}

// Verb is the gate's answer: exactly five.
type Verb uint8

// The verbs. The zero Verb is refuse, so that a forgotten verdict is closed.
const (
	VerbRefuse Verb = iota
	VerbPass
	VerbChallenge
	VerbCut
	VerbQuarantine
)

// String gives the verb's word, as the evidence has it.
func (v Verb) String() string {
	switch v {
	case VerbPass:
		return "pass"
	case VerbChallenge:
		return "challenge"
	case VerbCut:
		return "cut"
	case VerbQuarantine:
		return "quarantine"
	}
	return "refuse"
}

// Verdict is the answer to a Request, with the rule that gave it.
type Verdict struct {
	Verb    Verb
	Rule    string // name of the rule in order.go, e.g. "international"
	Reason  string // text key of the sentence that says why
	Status  int    // SIP status for a refusal, e.g. 603
	Phrase  string // SIP reason phrase, ASCII
	Prompt  string // announcement to play where the phone listens, "" for none
	Opening string // ID of the opening that let an international call by
	Policy  string // version of the policy judged under
	// OfLine says that the refusal is the line's alone: another line may pass
	// the same request.
	OfLine bool
	// Recorded says that the verdict is on disk: its asker was let wait for that.
	Recorded bool
	// Meter is the money of a pass, nil where the call needs none.
	Meter *budget.Meter
	Trace []Step // every rule asked, in order, up to the one that answered
}

// Step is one rule asked.
type Step struct {
	Rule string
	Verb Verb     // what it answered, where it said something
	Said string   // text key of what it said; "" where it had no opinion
	Args []string // what the sentence speaks of
	// Signs are what was seen that is odd, each with a sentence of its own.
	Signs []tempo.Sign
}

// Pass lets one INVITE onto a line: the only thing with which the line side
// sends one. gate/desk alone makes it, after the verdict is on disk; it is
// good once, for the call, line and destination it was made for, until it
// expires. The zero Pass is refused.
type Pass = pass.Pass

// The errors of Pass.Use.
var (
	ErrNoPass      = pass.ErrNone
	ErrPassUsed    = pass.ErrUsed
	ErrPassExpired = pass.ErrExpired
	ErrPassForeign = pass.ErrForeign
)
