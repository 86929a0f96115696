package gate

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/internal/pass"
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
}

// Request is one outside call asked for.
type Request struct {
	Call   string // unit-wide call ID
	Origin Origin
	Line   string // the line it would go out on
	// Dialed is what was dialed, as received, for the record only: nothing
	// downstream looks at its digits.
	Dialed      string
	Destination number.Destination
	At          time.Time
	// From (the calling number), Direction, Started (when the call began) and
	// First (nothing of the call is on record yet) are for the record only, too.
	First     bool
	From      string
	Direction fact.Direction
	Started   time.Time
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
	Trace    []Step // every rule asked, in order, up to the one that answered
}

// Step is one rule asked.
type Step struct {
	Rule string
	Said string   // text key of what it said; "" where it had no opinion
	Args []string // what the sentence speaks of
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
