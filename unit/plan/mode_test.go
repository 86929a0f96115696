package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", s, japan)
	if err != nil {
		t.Fatal(err)
	}
	return when.UTC() // the plan reads any zone as Japan's time
}

// weekOf is an office that is there from nine to six, on Saturdays until noon,
// and on holidays from ten to eleven as in night 2.
func weekOf(scope string) fact.HoursSet {
	return fact.HoursSet{Scope: scope, Otherwise: "night1", Hours: []fact.Hours{
		{Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "09:00", To: "18:00", Mode: "day"},
		{Days: []string{"sat"}, From: "09:00", To: "12:00", Mode: "day"},
		{Days: []string{"closed"}, From: "10:00", To: "11:00", Mode: "night2"},
	}}
}

func (n Now) brief() string {
	s := fmt.Sprintf("%s %d %s", n.Mode, n.Why, n.Scope)
	if !n.Until.IsZero() {
		s += " until " + n.Until.In(japan).Format("2006-01-02 15:04")
	}
	return s
}

func TestModesFollowTheTimetable(t *testing.T) {
	s := office()
	s.Routing = []fact.Routed{
		weekOf(fact.ScopeUnit),
		fact.DayMarked{Date: "2026-12-28", As: fact.DayClosed, Name: "創立記念日"},
		fact.DayMarked{Date: "2026-11-03", As: fact.DayOpen},
	}
	p := mustNew(t, s)
	for _, c := range []struct{ at, want string }{
		{"2026-12-01 08:59", "night1 1 unit until 2026-12-01 09:00"},
		{"2026-12-01 09:00", "day 1 unit until 2026-12-01 18:00"},
		{"2026-12-01 18:00", "night1 1 unit until 2026-12-02 09:00"},
		{"2026-12-05 11:59", "day 1 unit until 2026-12-05 12:00"},
		{"2026-12-05 12:00", "night1 1 unit until 2026-12-07 09:00"},
		// 23 November is a holiday, 22 a Sunday: the night of Sunday ends at midnight.
		{"2026-11-22 23:59", "night1 1 unit until 2026-11-23 00:00"},
		{"2026-11-23 09:30", "holiday 1 unit until 2026-11-23 10:00"},
		{"2026-11-23 10:30", "night2 1 unit until 2026-11-23 11:00"},
		{"2026-11-23 23:59", "holiday 1 unit until 2026-11-24 00:00"},
		{"2026-11-24 00:00", "night1 1 unit until 2026-11-24 09:00"},
		// Obon, the turn of the year, a substitute holiday, a day between two.
		{"2026-08-14 12:00", "holiday 1 unit until 2026-08-15 10:00"},
		{"2026-12-29 12:00", "holiday 1 unit until 2026-12-30 10:00"},
		{"2027-03-22 12:00", "holiday 1 unit until 2027-03-23 00:00"},
		{"2026-09-22 12:00", "holiday 1 unit until 2026-09-23 10:00"},
		// What a person marked.
		{"2026-12-28 12:00", "holiday 1 unit until 2026-12-29 10:00"},
		{"2026-11-03 12:00", "day 1 unit until 2026-11-03 18:00"},
	} {
		if got := p.Mode(fact.ScopeUnit, at(t, c.at)).brief(); got != c.want {
			t.Errorf("%s: %s, want %s", c.at, got, c.want)
		}
		if got := p.Mode("0312345678", at(t, c.at)).brief(); got != c.want {
			t.Errorf("a number at %s: %s, want %s", c.at, got, c.want)
		}
	}
}

func TestModesThatPeopleSwitched(t *testing.T) {
	s := office()
	s.Routing = []fact.Routed{
		weekOf(fact.ScopeUnit),
		fact.ModeSwitched{Scope: fact.ScopeUnit, Mode: "night2", Until: at(t, "2026-12-01 18:00")},
		fact.ModeSwitched{Scope: "0312345678", Mode: "holiday"},
		fact.HoursSet{Scope: "0312345679", Otherwise: "day", Hours: []fact.Hours{
			{Days: []string{"tue"}, From: "12:00", To: "13:00", Mode: "night1"},
		}},
	}
	p := mustNew(t, s)
	for _, c := range []struct{ scope, at, want string }{
		{"unit", "2026-12-01 12:30", "night2 2 unit until 2026-12-01 18:00"},
		{"unit", "2026-12-01 18:00", "night1 1 unit until 2026-12-02 09:00"},
		{"05012345678", "2026-12-01 12:30", "night2 2 unit until 2026-12-01 18:00"},
		// What a number has of its own follows nothing else.
		{"0312345678", "2027-12-01 12:30", "holiday 2 0312345678"},
		{"0312345679", "2026-12-01 12:30", "night1 1 0312345679 until 2026-12-01 13:00"},
		{"0312345679", "2026-12-01 13:00", "day 1 0312345679 until 2026-12-08 12:00"},
	} {
		if got := p.Mode(c.scope, at(t, c.at)).brief(); got != c.want {
			t.Errorf("%s at %s: %s, want %s", c.scope, c.at, got, c.want)
		}
	}
	for scope, want := range map[string]string{"0312345679": "13:00", "05012345678": "18:00"} {
		next := p.NextChange(scope, at(t, "2026-12-01 12:30"))
		if got := next.In(japan).Format("15:04"); got != want {
			t.Errorf("the next change of %s is at %s", scope, got)
		}
	}
	if n := mustNew(t, office()).Mode("unit", at(t, "2026-12-01 12:30")).brief(); n != "day 0 unit" {
		t.Errorf("without anything set: %s", n)
	}
	if n := mustNew(t, office()).NextChange("unit", at(t, "2026-12-01 12:30")); !n.IsZero() {
		t.Errorf("a change without a timetable at %v", n)
	}
}

// TestTimetablesAreJapans: they are kept in Japan's time, and by no calendar where the
// clock is wrong.
func TestTimetablesAreJapans(t *testing.T) {
	s := office()
	s.Routing = []fact.Routed{weekOf(fact.ScopeUnit)}
	p := mustNew(t, s)
	for _, c := range []struct {
		at   time.Time
		want Mode
	}{
		{time.Date(2026, 12, 1, 0, 30, 0, 0, time.UTC), Day}, // 9:30
		{time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC), Night1},
		{time.Date(1970, 1, 1, 3, 0, 0, 0, time.UTC), Day}, // a Thursday
	} {
		if got := p.Mode(fact.ScopeUnit, c.at).Mode; got != c.want {
			t.Errorf("at %s: %s", c.at, got)
		}
	}
}

// TestNoChangeIsForeseen: a timetable that never changes has no next change.
func TestNoChangeIsForeseen(t *testing.T) {
	s := office()
	all := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun", "closed"}
	s.Routing = []fact.Routed{fact.HoursSet{Scope: "unit", Otherwise: "day", Hours: []fact.Hours{
		{Days: all, From: "00:00", To: "24:00", Mode: "night1"},
	}}}
	if n := mustNew(t, s).Mode("unit", at(t, "2026-12-01 12:30")).brief(); n != "night1 1 unit" {
		t.Errorf("got %s", n)
	}
}

func TestWhatRingsInAMode(t *testing.T) {
	rings := func(scope, mode string, ring ...string) fact.RingsSet {
		return fact.RingsSet{Scope: scope, Mode: mode, Ring: ring}
	}
	s := office()
	s.Routing = []fact.Routed{
		weekOf(fact.ScopeUnit),
		rings("unit", "night1", "300"), rings("0312345678", "night1", "201"), rings("unit", "night2", "999"),
	}
	p := mustNew(t, s)
	for _, c := range []struct{ line, did, at, want string }{
		{"hikari", "0312345678", "2026-12-01 12:00", "internal extension ring 202,203,201"},
		{"hikari", "0312345678", "2026-12-01 20:00", "internal extension ring 201"},
		{"ip", "05012345678", "2026-12-01 20:00", "internal extension ring 300"},
		{"hikari", "0312345678", "2026-11-23 12:00", "internal extension ring 202,203,201"}, // nothing is set
		// 999 is gone: the gate refuses.
		{"hikari", "0312345678", "2026-11-23 10:00", "outside not-understood over ip line-to-line"},
	} {
		if got := p.Incoming(c.line, c.did, nil, at(t, c.at)).brief(); got != c.want {
			t.Errorf("%s at %s leads to %q, want %q", c.did, c.at, got, c.want)
		}
	}
	s.Routing = append(s.Routing, rings("0312345678", "night1", RingsHoliday))
	closed := mustNew(t, s).Incoming("hikari", "0312345678", nil, at(t, "2026-12-01 20:00"))
	if closed.Kind != Service || closed.Asked != (Asked{Action: Announce, Digits: RingsHoliday}) {
		t.Errorf("an announcement: %+v", closed)
	}
	back := p.Incoming("hikari", "0312345678", []string{"202"}, at(t, "2026-12-01 20:00")).brief()
	late := mustNew(t, s).Incoming("hikari", "0312345678", []string{"202"}, at(t, "2026-12-01 20:00")).brief()
	if back != "internal extension ring 202,201" || late != "internal extension ring 202" {
		t.Errorf("who called an emergency number is called back at night: %s", back)
	}
}

func TestFaultsOfRouting(t *testing.T) {
	hours := func(days, from, to, mode string) fact.HoursSet {
		return fact.HoursSet{Scope: "unit", Otherwise: "day", Hours: []fact.Hours{
			{Days: strings.Fields(days), From: from, To: to, Mode: mode},
		}}
	}
	twice := weekOf("unit")
	twice.Hours = append(twice.Hours, fact.Hours{Days: []string{"fri"}, From: "17:59", To: "20:00", Mode: "night2"})
	long := weekOf("unit")
	long.Hours = make([]fact.Hours, MaxHours+1)
	for _, c := range []struct {
		set  fact.Routed
		want string
	}{
		{hours("mon", "9:00", "18:00", "day"), "no span"},
		{hours("mon", "18:00", "09:00", "day"), "no span"},
		{hours("mon", "09:00", "09:00", "day"), "no span"},
		{hours("mon", "09:00", "24:01", "day"), "no span"},
		{hours("mon", "09:00", "18:00", "noon"), "no mode"},
		{hours("someday", "09:00", "18:00", "day"), "no day"},
		{hours("", "09:00", "18:00", "day"), "no day"},
		{fact.HoursSet{Scope: "unit", Otherwise: "", Hours: weekOf("unit").Hours}, "no mode"},
		{twice, "two spans"},
		{long, "at most 64"},
		{fact.ModeSwitched{Scope: "unit", Mode: "noon"}, "no mode"},
		{fact.RingsSet{Scope: "unit", Mode: "noon", Ring: []string{"201"}}, "no mode"},
		{fact.RingsSet{Scope: "unit", Mode: "day", Ring: make([]string, MaxMembers+1)}, "at most 64"},
		{fact.RingsSet{Scope: "unit", Mode: "day", Ring: []string{"201", RingsClosed}}, "nothing rings beside"},
		{fact.KeySet{Key: "key0", Line: "hikari"}, "keys are key1 to key64"},
		{fact.KeySet{Key: "key1", Line: "hikari", Numbers: make([]string, MaxMembers+1)}, "at most 64"},
		{fact.DayMarked{Date: "2026-02-30", As: fact.DayOpen}, "no date"},
		{fact.DayMarked{Date: "2026-02-03", As: "half"}, "no date"},
	} {
		s := office()
		s.Routing = []fact.Routed{c.set}
		_, err := New(s)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.set, err, c.want)
		}
	}
	s := office()
	s.Routing = make([]fact.Routed, MaxRouting+1)
	if _, err := New(s); err == nil || !strings.Contains(err.Error(), "at most 5000") {
		t.Errorf("too many settings: %v", err)
	}
}
