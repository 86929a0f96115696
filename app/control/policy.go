package control

import (
	"time"

	"github.com/sekisho/sekisho/text"
)

// The operations on the policy as text.
var (
	GateExport  = Op[None, Policy]{"gate.export"}
	GatePreview = Op[PolicyRequest, Preview]{"gate.preview"}
	GateApply   = Op[PolicyRequest, Preview]{"gate.apply"}
	GateUndo    = Op[PolicyUndoRequest, Preview]{"gate.undo"}
	GateHistory = Op[None, []PolicyChange]{"gate.history"}
)

// Policy is the gate's policy in force, as text.
type Policy struct {
	Unit   string `json:"unit"`
	Text   string `json:"text"` // gate.toml
	SHA256 string `json:"sha256"`
}

// PolicyRequest is a policy to look at or to put in force.
type PolicyRequest struct {
	File string `json:"file"` // for findings only
	Text string `json:"text"`
	// Reason and Base are for applying. Base is the SHA256 of the policy that the
	// caller looked at; another one in force by now is a conflict.
	Reason string `json:"reason,omitempty"`
	Base   string `json:"base,omitempty"`
	// Numbers shows the numbers of a replay whole.
	Numbers bool `json:"numbers,omitempty"`
}

// PolicyUndoRequest asks for the policy as it was before its last change.
type PolicyUndoRequest struct {
	Reason  string `json:"reason,omitempty"`
	Base    string `json:"base,omitempty"` // as in PolicyRequest
	Preview bool   `json:"preview"`        // look only
	Numbers bool   `json:"numbers,omitempty"`
}

// Preview is what a policy would change.
type Preview struct {
	Base     string         `json:"base"`               // SHA256 of the policy in force
	Findings []text.Message `json:"findings,omitempty"` // what is wrong in the text: the rest is empty then
	Changes  []PolicyEffect `json:"changes"`
	Besides  []text.Message `json:"besides,omitempty"` // what the changes do not bound, though one might think so
	Tests    []PolicyTest   `json:"tests"`
	Replay   *PolicyReplay  `json:"replay,omitempty"` // nil where it was not asked for
	Undoes   *PolicyChange  `json:"undoes,omitempty"` // the change that is taken back
	Applied  bool           `json:"applied"`
}

// PolicyEffect is one thing that changes.
type PolicyEffect struct {
	Says    text.Message `json:"says"`
	Loosens bool         `json:"loosens"`
	Bars    bool         `json:"bars"`
}

// PolicyTest is one test of a policy and what came of it.
type PolicyTest struct {
	Name   string `json:"name"`
	Line   int    `json:"line"` // of the text, 0 for none
	Passed bool   `json:"passed"`
	Expect string `json:"expect"`
	Rule   string `json:"rule,omitempty"` // expected
	Came   string `json:"came"`           // verb
	By     string `json:"by"`             // rule that gave it
}

// PolicyReplay is what the unit's own calls would come to.
type PolicyReplay struct {
	Since time.Time `json:"since"`
	Calls int       `json:"calls"` // outside calls looked at
	More  bool      `json:"more"`  // there were more than are looked at
	// WouldRefuse and WouldPass are calls that the change alone turns round;
	// WouldCut those that would begin, and be cut for want of money.
	WouldRefuse int `json:"would_refuse"`
	WouldPass   int `json:"would_pass"`
	WouldCut    int `json:"would_cut"`
	// Already are calls that the policy in force judges otherwise than was judged
	// then, and the new one as that in force: an opening ran out meanwhile.
	Already int `json:"already"`
	// Unread are calls whose record is not enough to judge them again.
	Unread   int              `json:"unread"`
	Examples []PolicyReplayed `json:"examples"`
}

// PolicyReplayed is one call that would come to something else.
type PolicyReplayed struct {
	Call      string    `json:"call"`
	At        time.Time `json:"at"`
	Extension string    `json:"extension"`
	Line      string    `json:"line"`
	Number    string    `json:"number"`
	Then      string    `json:"then"` // verb
	ThenRule  string    `json:"then_rule"`
	Now       string    `json:"now"`
	NowRule   string    `json:"now_rule"`
}

// PolicyChange is one change of the policy on record.
type PolicyChange struct {
	ID      string    `json:"id"`
	Command string    `json:"command"` // "apply", "open", "shut", "budget", "habit", "undo", "doubt"
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Reason  string    `json:"reason"`
	Loosens bool      `json:"loosens"`
	Opened  int       `json:"opened"`
	Shut    int       `json:"shut"`
	Text    bool      `json:"text"` // it came with a text
	SHA256  string    `json:"sha256"`
}
