package fact

import "time"

// Routed is a Fact about where calls that come in go. The last one with an ID
// is in force, unless it says that nothing is.
type Routed interface {
	Linked
	// RoutingID names what is set: "hours/unit", "mode/0312345678".
	RoutingID() string
	// Gone says that nothing is in force any more under the ID.
	Gone() bool
}

// ScopeUnit stands for all numbers that have nothing of their own.
const ScopeUnit = "unit"

// Hours is a span of a week in which calls ring as in a mode.
type Hours struct {
	Days []string `json:"days"` // "mon" to "sun", and "closed" for holidays and days like them
	From string   `json:"from"` // "09:00"
	To   string   `json:"to"`   // "18:00"; "24:00" is midnight
	Mode string   `json:"mode"` // "day", "night1", "night2", "holiday"
}

// HoursSet says at which times which mode is on; without Hours the timetable is
// gone.
type HoursSet struct {
	Scope     string    `json:"scope"` // ScopeUnit, or a number of a line
	Hours     []Hours   `json:"hours,omitempty"`
	Otherwise string    `json:"otherwise,omitempty"` // the mode at all other times
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}

// Kind is "hours.set".
func (HoursSet) Kind() string { return "hours.set" }

// RoutingID is one for each scope.
func (f HoursSet) RoutingID() string { return "hours/" + f.Scope }

// Gone tells whether there is no timetable any more.
func (f HoursSet) Gone() bool { return len(f.Hours) == 0 }

// Links ties the timetable to the one before.
func (f HoursSet) Links() Links { return routingLinks(f.RoutingID(), f.By) }

// ModeSwitched says that a person switched the mode, or gave it back to the
// timetable.
type ModeSwitched struct {
	Scope string    `json:"scope"`
	Mode  string    `json:"mode,omitempty"` // "" is the timetable's
	Until time.Time `json:"until,omitzero"` // when the timetable counts again; zero: when a person says so
	By    string    `json:"by"`             // a person, or "phone/201-1" by a feature code
	Call  string    `json:"call,omitempty"` // in which the code was dialed
	At    time.Time `json:"at"`
}

// Kind is "mode.switched".
func (ModeSwitched) Kind() string { return "mode.switched" }

// RoutingID is one for each scope.
func (f ModeSwitched) RoutingID() string { return "mode/" + f.Scope }

// Gone tells whether the timetable counts.
func (f ModeSwitched) Gone() bool { return f.Mode == "" }

// Links ties the switch to the one before.
func (f ModeSwitched) Links() Links { return routingLinks(f.RoutingID(), f.By) }

// RingsSet says what a number rings in a mode; without Ring it has nothing of
// its own any more.
type RingsSet struct {
	Scope string    `json:"scope"`
	Mode  string    `json:"mode"`
	Ring  []string  `json:"ring,omitempty"` // extensions or groups
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

// Kind is "rings.set".
func (RingsSet) Kind() string { return "rings.set" }

// RoutingID is one for each scope and mode.
func (f RingsSet) RoutingID() string { return "rings/" + f.Scope + "/" + f.Mode }

// Gone tells whether the number has nothing of its own in the mode.
func (f RingsSet) Gone() bool { return len(f.Ring) == 0 }

// Links ties the setting to the one before.
func (f RingsSet) Links() Links { return routingLinks(f.RoutingID(), f.By) }

// The ways in which a day can be marked.
const (
	DayClosed = "closed" // like a holiday
	DayOpen   = "open"   // like any other day of the week, holiday or not
)

// DayMarked says that a day is not what the calendar has it for.
type DayMarked struct {
	Date string    `json:"date"`           // "2026-12-28"
	As   string    `json:"as,omitempty"`   // DayClosed, DayOpen; "" is as the calendar has it
	Name string    `json:"name,omitempty"` // e.g. "創立記念日"
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

// Kind is "day.marked".
func (DayMarked) Kind() string { return "day.marked" }

// RoutingID is one for each day.
func (f DayMarked) RoutingID() string { return "day/" + f.Date }

// Gone tells whether the day is as the calendar has it.
func (f DayMarked) Gone() bool { return f.As == "" }

// Links ties the mark to the one before.
func (f DayMarked) Links() Links { return routingLinks(f.RoutingID(), f.By) }

func routingLinks(id, by string) Links {
	subject := "routing/" + id
	return Links{Subject: subject, Actor: by, Causes: []string{subject}}
}
