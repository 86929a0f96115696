package budget

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number/tariff"
)

// TestHabitCounts: a day adds up, a doubt stays, nothing negative counts, and
// accounts beyond the limit are left out.
func TestHabitCounts(t *testing.T) {
	var h Habit
	day := DayOf(wednesday)
	both := []fact.Charge{{Account: "b"}, {Account: "a"}}
	h.Add(both, wednesday, 5, false)
	h.Add(both[:1], wednesday, 7, true)
	h.Add(both[:1], wednesday, -9, false)
	if d := h.accounts["b"][day]; d.amount != 12 || !d.doubt {
		t.Errorf("b: %+v", d)
	}
	if d := h.accounts["a"][day]; d.amount != 5 || d.doubt {
		t.Errorf("a: %+v", d)
	}
	if got := h.Accounts(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("accounts: %q", got)
	}
	for i := range accountsMax - 2 {
		h.accounts[fmt.Sprint(i)] = map[int64]*spent{}
	}
	h.Add([]fact.Charge{{Account: "one more"}, {Account: "a"}}, wednesday, 1, false)
	if len(h.accounts) != accountsMax || h.accounts["a"][day].amount != 6 {
		t.Errorf("%d accounts, a: %+v", len(h.accounts), h.accounts["a"][day])
	}
}

// TestDaysThatCount: from four days ago to eight weeks, newer ones more; a
// month is the dearest thirty in a row.
func TestDaysThatCount(t *testing.T) {
	today := DayOf(wednesday)
	h := Habit{accounts: map[string]map[int64]*spent{"a": {
		today - 3: {amount: 1}, today - 4: {amount: 10}, today - 33: {amount: 100}, today - 34: {amount: 1000},
		today - 56: {amount: 10_000}, today - 57: {amount: 100_000}, today - 85: {amount: 1_000_000},
		today - 86: {amount: 10_000_000}, today - 5: {amount: 5, doubt: true}, today - 6: {amount: 0},
		today - 8: {amount: 7}, today - 60: {amount: 3, doubt: true},
	}}}
	days, month := h.days("a", today)
	weight := func(age int) int64 {
		w := int64(1 << 40)
		for range age {
			w = w / 100 * 95
		}
		return w
	}
	want := []weighed{{10, weight(4)}, {7, weight(8)}, {100, weight(33)}, {1000, weight(34)}, {10_000, weight(56)}}
	if !slices.Equal(days, want) {
		t.Errorf("days: %v, want %v", days, want)
	}
	if month != 1_000_000+100_000+10_000 {
		t.Errorf("month: %d", month)
	}
}

// TestQuantile: nineteen days of twenty are within it.
func TestQuantile(t *testing.T) {
	days := make([]weighed, 0, 100)
	for i := range int64(100) {
		days = append(days, weighed{100 - i, 1})
	}
	if got := quantile(days); got != 95 {
		t.Errorf("of 1 to 100: %d", got)
	}
	if got := quantile([]weighed{{1, 9_500}, {2, 500}}); got != 1 {
		t.Errorf("just within: %d", got)
	}
	if got := quantile([]weighed{{1, 9_499}, {2, 501}}); got != 2 {
		t.Errorf("just beyond: %d", got)
	}
	for usual, want := range map[int64]int64{
		0: 0, 100_000: 500_000, 333_300: 500_000, 333_400: 1_000_000, 1_000_000: 1_500_000,
	} {
		if got := margin(usual); got != want {
			t.Errorf("margin of %d: %d, want %d", usual, got, want)
		}
	}
}

// TestSuggestionIsBounded: by the ceiling, by the growth of a week, never
// narrower than now, and no bound stays none.
func TestSuggestionIsBounded(t *testing.T) {
	h := office(10, 4, 2_000, wednesday) // fits ¥3,000, ¥30,000 a month
	caps := func(day, month int64) fact.Limit {
		return fact.Limit{Caps: fact.Caps{Day: day * yen, Incident: day * yen, Month: month * yen}}
	}
	for name, c := range map[string]struct {
		now        fact.Limit
		ceiling    int64
		day, month int64
		ok         bool
		bounded    bool
	}{
		"as it fits":         {caps(2_000, 20_000), 10_000, 3_000, 30_000, true, false},
		"by the growth":      {caps(1_000, 20_000), 10_000, 1_500, 30_000, true, true},
		"by the ceiling":     {caps(2_000, 29_000), 2_500, 2_500, 30_000, true, true},
		"by a month's":       {caps(3_000, 25_000), 1_200, 3_000, 26_400, true, true},
		"above the ceiling":  {caps(4_000, 40_000), 1_000, 4_000, 40_000, false, true},
		"wide enough":        {caps(3_000, 30_000), 10_000, 3_000, 30_000, false, false},
		"no bounds":          {caps(0, 0), 10_000, 0, 0, false, false},
		"a bound of nothing": {fact.Limit{Caps: fact.Caps{Day: 1}}, 10_000, 0, 0, false, true},
	} {
		s, ok := h.Suggest("a", c.now, wednesday, c.ceiling*yen)
		day, month := s.Day/yen, s.Month/yen
		if ok != c.ok || day != c.day || s.Incident/yen != c.day || month != c.month || s.Bounded != c.bounded {
			t.Errorf("%s: %d and %d, %v, bounded %v: %+v", name, day, month, ok, s.Bounded, s)
		}
		if s.Days != 10 || s.Usual != 2_000*yen || s.Fits != 3_000*yen {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestRehearsalCounts: to the unit, with the carrier's two seconds, and only
// what a call cost stays.
func TestRehearsalCounts(t *testing.T) {
	for _, c := range []struct {
		name   string
		need   Need
		day    int64
		talk   time.Duration
		want   Outcome
		charge int64 // what is spent in the end
	}{
		{"not answered", Need{}, 100, 0, Outcome{}, 0},
		{"just paid", Need{}, 100, 98 * time.Second, Outcome{}, 100},
		{"a second more", Need{}, 100, 99 * time.Second, Outcome{Account: "x/home", Cut: true}, 100},
		{"the least", Need{}, 20, 0, Outcome{}, 0},
		{"less than the least", Need{}, 19, 0, Outcome{Account: "x/home"}, 0},
		{"just the least", Need{}, 20, time.Minute, Outcome{Account: "x/home", Cut: true}, 20},
		{"as long as it may", Need{Length: 30 * time.Second}, 100, 30 * time.Second, Outcome{}, 32},
		{"longer", Need{Length: 30 * time.Second}, 100, 31 * time.Second, Outcome{Account: "x/home", Cut: true}, 32},
		{"as dear as it may", Need{Most: 50}, 100, 48 * time.Second, Outcome{}, 50},
		{"dearer", Need{Most: 50}, 100, 49 * time.Second, Outcome{Account: "x/home", Cut: true}, 50},
	} {
		n := c.need
		n.Rate = tariff.Rate{PerUnit: 1, Unit: time.Second}
		n.Charges = []fact.Charge{{Account: "x/home", Caps: fact.Caps{Day: c.day}}}
		r := NewRehearsal()
		if got := r.Take("c", n, wednesday, c.talk); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		r.end(wednesday.Add(time.Hour))
		a := r.ledger.accounts["x/home"]
		if got := a.Used(wednesday).Day; got != c.charge || a.Held != 0 || a.Open != 0 || len(r.open) != 0 {
			t.Errorf("%s: spent %d, want %d: %+v", c.name, got, c.charge, a)
		}
	}
}

// TestRehearsalShuts: what is used up is shut for the day; what other calls
// hold, or too many calls at once, shut nothing.
func TestRehearsalShuts(t *testing.T) {
	rate := tariff.Rate{PerUnit: 1, Unit: time.Second}
	need := func(caps fact.Caps) Need {
		return Need{Rate: rate, Charges: []fact.Charge{{Account: "x/home", Caps: caps}}}
	}
	r := NewRehearsal()
	take := func(caps fact.Caps, after, talk time.Duration) Outcome {
		return r.Take(fmt.Sprint(after, talk), need(caps), wednesday.Add(after), talk)
	}
	none, refused := Outcome{}, Outcome{Account: "x/home"}
	if o := take(fact.Caps{Day: 100, AtOnce: 1}, 0, 88*time.Second); o != none {
		t.Errorf("the first: %+v", o)
	}
	if o := take(fact.Caps{Day: 100, AtOnce: 1}, time.Second, time.Second); o != refused || len(r.shut) != 0 {
		t.Errorf("one at once: %+v, shut %v", o, r.shut)
	}
	if o := take(fact.Caps{Day: 100}, 2*time.Second, time.Second); o != refused || len(r.shut) != 0 {
		t.Errorf("while ninety are held: %+v, shut %v", o, r.shut)
	}
	if o := take(fact.Caps{Day: 100}, time.Hour, time.Second); o != refused || r.shut["x/home"] != DayOf(wednesday) {
		t.Errorf("with ten left: %+v, shut %v", o, r.shut)
	}
	if a := r.ledger.accounts["x/home"]; a.Shut != fact.WindowDay {
		t.Errorf("the account: %+v", a)
	}
	if o := take(fact.Caps{Day: 1000}, 2*time.Hour, time.Second); o != refused {
		t.Errorf("the same day, with more room: %+v", o)
	}
	if o := take(fact.Caps{Day: 100}, 13*time.Hour, time.Second); o != none || len(r.shut) != 0 {
		t.Errorf("the next day: %+v, shut %v", o, r.shut)
	}
	full := r.follow(fact.CallRenewed{Call: "never begun"})
	if full == nil || full.Window != fact.WindowShut {
		t.Errorf("what can't be played: %+v", full)
	}
	if ended, err := (noAccounts{}).Ended("c"); ended || err != nil {
		t.Errorf("with no accounts a call has ended: %v", err)
	}
}

// TestLedgerLetsGoOfMemory: after a write it keeps no more accounts than the
// limit.
func TestLedgerLetsGoOfMemory(t *testing.T) {
	for _, c := range []struct{ have, keeps int }{{accountsMax, accountsMax}, {accountsMax + 1, 0}} {
		l := NewLedger(noAccounts{})
		for i := range c.have - 1 {
			l.accounts[fmt.Sprint(i)] = new(Account)
		}
		f := fact.CallJudged{Call: "c", First: true, Hold: &fact.Hold{
			Amount: 1, At: wednesday, Charges: []fact.Charge{{Account: "x/home"}},
		}}
		if _, err := l.Follow(f, 1); err != nil {
			t.Fatal(err)
		}
		var wrote []string
		err := l.Write(func(c Changed) error {
			wrote = append(wrote, c.ID)
			return nil
		}, func(int64, uint64) error { return nil })
		if err != nil || strings.Join(wrote, " ") != "x/home" || len(l.accounts) != c.keeps {
			t.Errorf("%d accounts: wrote %v, keeps %d, %v", c.have, wrote, len(l.accounts), err)
		}
	}
}
