package fact

import (
	"fmt"
	"time"
)

// All money in facts is whole thousandths of a yen.

// Caps bound one account: what may be spent and set aside in a window of time.
// 0 is no bound.
type Caps struct {
	Hour     int64 `json:"hour,omitempty"`     // of the clock
	Incident int64 `json:"incident,omitempty"` // any 24 hours: midnight does not end it
	Day      int64 `json:"day,omitempty"`      // of the calendar in Japan
	Month    int64 `json:"month,omitempty"`    // of the calendar in Japan
	AtOnce   int   `json:"at_once,omitempty"`  // calls, ringing ones included
	Callees  int   `json:"callees,omitempty"`  // different numbers on one day
}

// Limit is what a budget is bounded by: Caps for its account, and bounds for
// each single call. 0 is no bound.
type Limit struct {
	Budget string `json:"budget"` // e.g. "unit/abroad", "extension/201/abroad"
	Caps
	Call      int64         `json:"call,omitempty"`       // money for one call
	PerMinute int64         `json:"per_minute,omitempty"` // price of a minute
	Connect   int64         `json:"connect,omitempty"`    // connect fee
	Length    time.Duration `json:"length,omitempty"`     // of talk, nanoseconds
	Warn      time.Duration `json:"warn,omitempty"`       // after so much of it who talks is told; no bound
	// GrowTo is how far Incident and Day may follow the office's habit by
	// themselves; 0 for not at all.
	GrowTo int64 `json:"grow_to,omitempty"`
	// Until is when these bounds end and the others of that budget hold again;
	// zero for never.
	Until time.Time `json:"until,omitzero"`
}

// Charge names an account that a call is charged to, with the caps that were
// in force.
type Charge struct {
	Account string `json:"account"`
	Caps
}

// Hold is money that is set aside for one leg of a call, in every account that
// it names at once: a verdict sets the leg's first slice aside, a renewal adds
// to it. A write whose Hold is beyond a cap fails alone, with *Exhausted.
type Hold struct {
	Leg     int       `json:"leg"`
	Amount  int64     `json:"amount"`
	Charges []Charge  `json:"charges"`
	Callee  uint32    `json:"callee,omitempty"` // a mark of the number, where numbers are counted
	At      time.Time `json:"at"`               // by the clock of budgets, which takes no steps
}

// Settlement says what a leg cost: what it holds beyond that is free again. A
// leg that nobody set money aside for is charged to the accounts it names.
type Settlement struct {
	Leg     int      `json:"leg"`
	Cost    int64    `json:"cost"`
	Charges []Charge `json:"charges,omitempty"`
}

// The windows that an account can be exhausted in; stable words.
const (
	WindowHour     = "hour"
	WindowIncident = "incident"
	WindowDay      = "day"
	WindowMonth    = "month"
	WindowAtOnce   = "at-once"
	WindowCallees  = "callees"
	WindowShut     = "shut" // it was exhausted earlier, and nobody has let go
)

// Exhausted is why a Hold was not written: the first account without room.
type Exhausted struct {
	Account string
	Window  string // one of the Window words
	Cap     int64
	Room    int64 // what would still have been free, in every account
	// Back is what may come to it yet: set aside in this account for other calls
	// that go on.
	Back  int64
	Epoch int // the account's releases until then
}

// Error names account and window.
func (e *Exhausted) Error() string {
	return fmt.Sprintf("budget %s has no room left (%s)", e.Account, e.Window)
}

// CallRenewed says that more money was set aside for a call that goes on.
type CallRenewed struct {
	Call string `json:"call"`
	Hold Hold   `json:"hold"`
	// Proven is whose PIN, typed in the call, has the accounts of Hold be charged
	// from now on in place of those before, an extension; "" in all other renewals.
	Proven string `json:"proven,omitempty"`
}

// Kind is "call.renewed".
func (CallRenewed) Kind() string { return "call.renewed" }

// Links ties the renewal to its call.
func (f CallRenewed) Links() Links {
	return Links{Subject: "call/" + f.Call, Actor: "gate", Causes: []string{"call/" + f.Call}}
}

// BudgetExhausted says that a budget was used up: it stays shut until
// somebody lets go of it.
type BudgetExhausted struct {
	Account string `json:"account"`
	Window  string `json:"window"` // one of the Window words
	Cap     int64  `json:"cap"`
	Call    string `json:"call"` // for which there was no room
	// Epoch counts the account's releases until then: what was found before a
	// release says nothing about the account after it.
	Epoch int       `json:"epoch,omitempty"`
	At    time.Time `json:"at"`
}

// Kind is "budget.exhausted".
func (BudgetExhausted) Kind() string { return "budget.exhausted" }

// Links ties the exhaustion to the call and to the limit.
func (f BudgetExhausted) Links() Links {
	subject := "budget/" + f.Account
	return Links{Subject: subject, Actor: "gate", Causes: []string{subject, "call/" + f.Call}}
}

// BudgetReleased says that somebody opened an exhausted budget again: what it
// spent until then counts no longer.
type BudgetReleased struct {
	Account string    `json:"account"`
	By      string    `json:"by"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
}

// Kind is "budget.released".
func (BudgetReleased) Kind() string { return "budget.released" }

// Links ties the release to what it releases.
func (f BudgetReleased) Links() Links {
	subject := "budget/" + f.Account
	return Links{Subject: subject, Actor: f.By, Causes: []string{subject}}
}

// BudgetNearing says that much of a budget is spent or set aside, before it is
// used up: the owner hears of it before callers do.
type BudgetNearing struct {
	Account string    `json:"account"`
	Window  string    `json:"window"` // one of the Window words of money
	Share   int       `json:"share"`  // percent that were reached: 50, 80
	Used    int64     `json:"used"`
	Cap     int64     `json:"cap"`
	At      time.Time `json:"at"`
}

// Kind is "budget.nearing".
func (BudgetNearing) Kind() string { return "budget.nearing" }

// Links ties it to the budget.
func (f BudgetNearing) Links() Links {
	subject := "budget/" + f.Account
	return Links{Subject: subject, Actor: "gate", Causes: []string{subject}}
}
