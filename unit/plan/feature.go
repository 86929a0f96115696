package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/number"
)

// Action is what a feature code does: a stable word.
type Action string

// The actions. Those that switch the mode do so until the timetable changes it
// the next time, if there is a timetable.
const (
	ModeToggle    Action = "mode-toggle" // day, or night 1 where it is day
	ModeTimetable Action = "mode-timetable"
	ModeDay       Action = "mode-day"
	ModeNight1    Action = "mode-night1"
	ModeNight2    Action = "mode-night2"
	ModeHoliday   Action = "mode-holiday"
	ModeKeep      Action = "mode-keep" // what is on now stays until somebody says otherwise
	ModeSay       Action = "mode-say"
)

// actions are all there are, each with the code that it has by default.
var actions = []struct {
	action Action
	code   string
	takes  argument
}{
	{ModeToggle, "*8228", none},
	{ModeTimetable, "*820", none},
	{ModeDay, "*821", none},
	{ModeNight1, "*822", none},
	{ModeNight2, "*823", none},
	{ModeHoliday, "*824", none},
	{ModeKeep, "*825", none},
	{ModeSay, "*829", none},
}

// argument says whether digits follow a code.
type argument uint8

const (
	none argument = iota
	digits
)

// Feature is a code of the unit, and what it does.
type Feature struct {
	Code   string
	Action Action
}

// Asked is what a feature code that was dialed asks of the unit.
type Asked struct {
	Action Action
	Digits string // that follow the code
}

// Features are the codes of a unit of which nothing else is said.
func Features() []Feature {
	out := make([]Feature, 0, len(actions))
	for _, a := range actions {
		out = append(out, Feature{Code: a.code, Action: a.action})
	}
	return out
}

// features is a table of feature codes, the longest codes first.
type features []Feature

// add takes the table, and says what is wrong with it.
func (f *features) add(table []Feature, prefix string) (faults []error) {
	for _, one := range table {
		if err := number.CheckFeature(one.Code, prefix); err != nil {
			faults = append(faults, err)
		}
		if _, ok := one.Action.takes(); !ok {
			faults = append(faults, fmt.Errorf("feature code %s: no action %.20q", one.Code, one.Action))
		}
	}
	if one, other, ok := Clash(table); ok {
		faults = append(faults, fmt.Errorf("feature code %s: %s is a code too", one, other))
	}
	*f = slices.Clone(table)
	slices.SortStableFunc(*f, func(x, y Feature) int { return cmp.Compare(len(y.Code), len(x.Code)) })
	return faults
}

// Clash finds two codes that are the same, or of which one takes digits and is
// how the other begins: nobody could tell them apart.
func Clash(table []Feature) (one, other string, found bool) {
	for i, x := range table {
		takes, _ := x.Action.takes()
		for k, y := range table {
			if k != i && (y.Code == x.Code || takes == digits && strings.HasPrefix(y.Code, x.Code)) {
				return x.Code, y.Code, true
			}
		}
	}
	return "", "", false
}

func (a Action) takes() (argument, bool) {
	for _, one := range actions {
		if one.action == a {
			return one.takes, true
		}
	}
	return none, false
}

// read finds the code that a dialed string is, whole, with digits behind it
// only where it takes some.
func (f features) read(dialed string) (Asked, bool) {
	for _, one := range f {
		rest, ok := strings.CutPrefix(dialed, one.Code)
		if !ok {
			continue
		}
		takes, _ := one.Action.takes()
		switch {
		case takes == none && rest == "":
			return Asked{Action: one.Action}, true
		case takes == digits && rest != "" && len(rest) <= MaxArgument && strings.Trim(rest, "0123456789") == "":
			return Asked{Action: one.Action, Digits: rest}, true
		}
	}
	return Asked{}, false
}

func (f features) codes() []string {
	out := make([]string, 0, len(f))
	for _, one := range f {
		out = append(out, one.Code)
	}
	return out
}
