package budget

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// office is a habit of so many yen a day for some days, the last of them so
// many days ago.
func office(days, ago int, amount int64, at time.Time) *Habit {
	h := new(Habit)
	for n := range days {
		h.Add([]fact.Charge{{Account: "a"}}, at.AddDate(0, 0, -ago-n), amount*yen, false)
	}
	return h
}

func TestBudgetsFitTheHabit(t *testing.T) {
	at := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	now := fact.Limit{Budget: "a", Caps: fact.Caps{Incident: 3_000 * yen, Day: 3_000 * yen, Month: 30_000 * yen}}
	const ceiling = 20_000 * yen
	for name, c := range map[string]struct {
		h       *Habit
		ok      bool
		day     int64
		month   int64
		bounded bool
	}{
		"well within":         {office(40, 4, 500, at), false, 3_000, 30_000, false},
		"somewhat more":       {office(40, 4, 2_500, at), true, 4_000, 45_000, true},
		"much more":           {office(40, 4, 9_000, at), true, 4_500, 45_000, true},
		"nine days":           {office(9, 4, 9_000, at), false, 3_000, 30_000, false},
		"the last three days": {office(3, 1, 90_000, at), false, 3_000, 30_000, false},
		"nothing known":       {new(Habit), false, 3_000, 30_000, false},
		"long ago":            {office(40, 60, 9_000, at), false, 3_000, 30_000, false},
	} {
		s, ok := c.h.Suggest("a", now, at, ceiling)
		want := fact.Caps{Incident: c.day * yen, Day: c.day * yen, Month: c.month * yen}
		if ok != c.ok || s.Caps != want || s.Bounded != c.bounded {
			t.Errorf("%s: %+v %v, want %+v", name, s, ok, c)
		}
	}
	// No day in doubt counts, and three dear ones of forty are not usual.
	h := office(40, 4, 1_000, at)
	for _, n := range []int{5, 20, 30} {
		h.Add([]fact.Charge{{Account: "a"}}, at.AddDate(0, 0, -n), 90_000*yen, n != 30)
	}
	if s, _ := h.Suggest("a", now, at, ceiling); s.Usual != 1_000*yen || s.Days != 38 {
		t.Errorf("%+v", s)
	}
	// Whoever stole a phone this week widens nothing.
	h = office(40, 4, 500, at)
	for n := range 4 {
		h.Add([]fact.Charge{{Account: "a"}}, at.AddDate(0, 0, -n), 90_000*yen, false)
	}
	if s, ok := h.Suggest("a", now, at, ceiling); ok || s.Usual != 500*yen {
		t.Errorf("%+v %v", s, ok)
	}
	// What has no bound keeps none, and a ceiling below what is now takes nothing.
	free := fact.Limit{Budget: "a", Caps: fact.Caps{Day: 3_000 * yen}}
	if s, ok := office(40, 4, 9_000, at).Suggest("a", free, at, 1_000*yen); ok || s.Month != 0 || s.Day != free.Day {
		t.Errorf("%+v %v", s, ok)
	}
}

// TestPatienceReachesTheCeilingAtMost: whoever spends the whole budget every
// day has it grow by half a week, and never beyond what the owner agreed to.
func TestPatienceReachesTheCeilingAtMost(t *testing.T) {
	at := time.Date(2026, 1, 5, 3, 0, 0, 0, time.UTC)
	limit := fact.Limit{Budget: "a", Caps: fact.Caps{Day: 3_000 * yen}}
	h := new(Habit)
	for week := range 20 {
		for range 7 {
			h.Add([]fact.Charge{{Account: "a"}}, at, limit.Day, false)
			at = at.AddDate(0, 0, 1)
		}
		s, _ := h.Suggest("a", limit, at, 20_000*yen)
		if s.Day > limit.Day/100*growthPercent || s.Day > 20_000*yen {
			t.Fatalf("week %d: from %d to %d", week, limit.Day, s.Day)
		}
		limit = s.Limit
	}
	if limit.Day != 20_000*yen {
		t.Errorf("an office that needs it has %d after 20 weeks", limit.Day)
	}
}
