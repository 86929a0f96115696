package control

import (
	"time"

	"github.com/sekisho/sekisho/fact"
)

// The operations on budgets.
var (
	BudgetList    = Op[None, []Budget]{"budget.list"}
	BudgetSet     = Op[BudgetSetRequest, Preview]{"budget.set"}
	BudgetSuggest = Op[BudgetSuggestRequest, BudgetSuggestions]{"budget.suggest"}
	BudgetRelease = Op[BudgetReleaseRequest, None]{"budget.release"}
)

// Budget is one budget: its bounds, and what it has spent and set aside. Money
// is in thousandths of yen.
type Budget struct {
	fact.Limit
	// Kind says that the bounds are those of each budget of that kind that has
	// none of its own: nothing is charged to it itself.
	Kind     bool   `json:"kind,omitempty"`
	Set      bool   `json:"set,omitempty"` // somebody set the bounds
	UsedHour int64  `json:"used_hour"`
	Used24   int64  `json:"used_24_hours"`
	UsedDay  int64  `json:"used_day"`
	UsedMon  int64  `json:"used_month"`
	Held     int64  `json:"held"`           // of it, for calls that go on
	Calls    int    `json:"calls"`          // those calls
	Shut     string `json:"shut,omitempty"` // the window that was exhausted, while nobody has let go
}

// BudgetSetRequest gives a budget other bounds: those of the fields that are
// not nil. It is a change of the policy.
type BudgetSetRequest struct {
	Budget    string `json:"budget"`
	Hour      *int64 `json:"hour,omitempty"`
	Incident  *int64 `json:"incident,omitempty"`
	Day       *int64 `json:"day,omitempty"`
	Month     *int64 `json:"month,omitempty"`
	Call      *int64 `json:"call,omitempty"`
	PerMinute *int64 `json:"per_minute,omitempty"`
	Connect   *int64 `json:"connect,omitempty"`
	AtOnce    *int64 `json:"at_once,omitempty"`
	Callees   *int64 `json:"callees,omitempty"`
	Length    *int64 `json:"length,omitempty"` // nanoseconds
	Warn      *int64 `json:"warn,omitempty"`   // nanoseconds
	GrowTo    *int64 `json:"grow_to,omitempty"`
	// Until makes the bounds temporary; they must be where they are wider than
	// the factory's. The zero time is for the lasting ones.
	Until  time.Time `json:"until,omitzero"`
	Reason string    `json:"reason"`
}

// BudgetReleaseRequest opens an exhausted budget again.
type BudgetReleaseRequest struct {
	Budget string `json:"budget"`
	Reason string `json:"reason"`
}

// BudgetSuggestRequest asks for budgets that fit what the office spends. With
// Apply they are put in force until a time.
type BudgetSuggestRequest struct {
	// Ceiling is of a day, thousandths of yen; 0 is what the owner agreed to, or
	// the preset.
	Ceiling int64     `json:"ceiling,omitempty"`
	Apply   bool      `json:"apply,omitempty"`
	Until   time.Time `json:"until,omitzero"`
	Reason  string    `json:"reason,omitempty"`
}

// BudgetSuggestions are budgets that should be wider.
type BudgetSuggestions struct {
	Since       time.Time          `json:"since"`
	Calls       int                `json:"calls"` // that cost something
	Suggestions []BudgetSuggestion `json:"suggestions"`
	Text        string             `json:"text"` // the same as entries of gate.toml
	Preview     *Preview           `json:"preview,omitempty"`
}

// BudgetSuggestion is one budget, as it is and as it should be. Money is in
// thousandths of yen.
type BudgetSuggestion struct {
	Budget   string `json:"budget"`
	Days     int    `json:"days"`  // with calls
	Usual    int64  `json:"usual"` // spent on nineteen days of twenty, at most
	Day      int64  `json:"day"`
	DayTo    int64  `json:"day_to"`
	Month    int64  `json:"month"`
	MonthTo  int64  `json:"month_to"`
	Bounded  bool   `json:"bounded"` // by the ceiling, or by the growth of a week
	Incident int64  `json:"incident"`
	ToIn24   int64  `json:"incident_to"`
}
