package control

import (
	"time"

	"github.com/sekisho/sekisho/fact"
)

// The operations on modes: day, night 1, night 2, holiday.
var (
	ModeList  = Op[None, []Mode]{"mode.list"}
	ModeSet   = Op[ModeSetRequest, Mode]{"mode.set"}
	ModeHours = Op[ModeHoursRequest, None]{"mode.hours"}
	ModeRings = Op[ModeRingsRequest, None]{"mode.rings"}
	DayMark   = Op[DayMarkRequest, None]{"day.mark"}
	DayList   = Op[DayListRequest, []Day]{"day.list"}
)

// Mode is what a number is in now; fact.ScopeUnit stands for all that have
// nothing of their own.
type Mode struct {
	Scope string       `json:"scope"`
	Mode  string       `json:"mode"`
	Why   string       `json:"why"`            // "nothing", "timetable", "person"
	From  string       `json:"from,omitempty"` // whose timetable or switch it is, where that is not its own
	By    string       `json:"by,omitempty"`   // who switched it
	At    time.Time    `json:"at,omitzero"`
	Until time.Time    `json:"until,omitzero"` // when it ends by itself; zero: not to be foreseen
	Hours []fact.Hours `json:"hours,omitempty"`
	// Otherwise is the mode outside of Hours.
	Otherwise string              `json:"otherwise,omitempty"`
	Rings     map[string][]string `json:"rings,omitempty"` // in a mode, where that is set
}

// ModeSetRequest switches a mode.
type ModeSetRequest struct {
	Scope string `json:"scope"`
	Mode  string `json:"mode"`           // "" gives it back to the timetable
	Stay  bool   `json:"stay,omitempty"` // until somebody says otherwise, and not until the timetable's next change
}

// ModeHoursRequest sets a timetable; without hours there is none.
type ModeHoursRequest struct {
	Scope     string       `json:"scope"`
	Hours     []fact.Hours `json:"hours,omitempty"`
	Otherwise string       `json:"otherwise,omitempty"`
}

// ModeRingsRequest says what rings in a mode; without Ring nothing of its own
// does.
type ModeRingsRequest struct {
	Scope string   `json:"scope"`
	Mode  string   `json:"mode"`
	Ring  []string `json:"ring,omitempty"`
}

// DayMarkRequest marks a day; without As it is what the calendar has it for.
type DayMarkRequest struct {
	Date string `json:"date"`
	As   string `json:"as,omitempty"`
	Name string `json:"name,omitempty"`
}

// DayListRequest asks for the days of a year on which the office is closed.
type DayListRequest struct {
	Year int `json:"year"`
}

// Day is a day on which the office is closed, or open though the calendar says
// otherwise.
type Day struct {
	Date    string `json:"date"`
	Weekday string `json:"weekday"`
	As      string `json:"as"` // "closed", "open"
	Marked  bool   `json:"marked,omitempty"`
	Name    string `json:"name,omitempty"`
	By      string `json:"by,omitempty"`
}
