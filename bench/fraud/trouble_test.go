package main

import (
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

// TestTroubleStaysWithinTheBudgets: what a carrier bills stays within the budgets
// with a BYE as late as the guard allows, a store that takes nothing and a clock
// that is set back; a kill adds no more than the units that begin meanwhile.
func TestTroubleStaysWithinTheBudgets(t *testing.T) {
	offices, families := shipped(t)
	c := cast{seed: 20150310, offices: offices, families: families[:4]}
	results, err := c.suffer(1, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		t.Logf("%+v", r)
		switch r.What {
		case "none", "BYE 1.5 s late", "store down", "clock set back":
			if r.Over.Max > 0 {
				t.Errorf("%s: %d beyond the budgets, %s", r.What, r.Over.Max, r.Worst)
			}
		case "kill -9":
			if r.Kills == 0 || r.Added > killMost() {
				t.Errorf("%d kills added %d to a call, stated %d", r.Kills, r.Added, killMost())
			}
		}
		if r.Unexplained > 0 {
			t.Errorf("%s: %d beyond what is stated, %s", r.What, r.Unexplained, r.Worst)
		}
		if r.Yen.N != 4 || r.Yen.Max == 0 {
			t.Errorf("%s: %+v", r.What, r.Yen)
		}
	}
}

// Nor does it matter that a person's own budget goes on with a call in talk: the
// office is billed for what it had set aside, the person for the rest.
func TestTroubleWithPINs(t *testing.T) {
	offices, families := shipped(t)
	i := slices.IndexFunc(families, func(f fraud.Family) bool { return f.Name == "daily-allowance" })
	c := cast{seed: 2286387558, offices: offices, families: families[i : i+1], withPIN: 100}
	results, err := c.suffer(3, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Unexplained > 0 {
			t.Errorf("%s: %d beyond what is stated", r.What, r.Unexplained)
		}
	}
}

// TestAudit counts units as they begin, in any 24 hours, anew after a release.
func TestAudit(t *testing.T) {
	s := site(t)
	talk := func(a *audit, at, talk, late, seen time.Duration) int64 {
		e := event(s, 1, at+talk)
		e.Kind, e.Talk = fraud.Ended, talk
		return a.bill(e, late, nobodysOwn, seen)
	}
	unit := s.Prices.Abroad("SL", "").MilliYen
	a := newAudit(s)
	a.unit, a.each = 3*unit, 2*unit
	want := func(when string, most, stated, unexplained int64) {
		t.Helper()
		if m, s, u := a.over(); m != most || s != stated || u != unexplained {
			t.Errorf("%s: over %d, stated %d, unexplained %d; want %d, %d, %d",
				when, m, s, u, most, stated, unexplained)
		}
	}
	if got := talk(a, time.Hour, 59*time.Second, 0, time.Hour); got != unit {
		t.Errorf("59 s cost %d", got)
	}
	if got := talk(a, 2*time.Hour, 59*time.Second, 2*time.Second, time.Hour); got != 2*unit {
		t.Errorf("a late BYE cost %d", got)
	}
	want("with a late BYE", unit, 0, unit)
	talk(a, 26*time.Hour, time.Second, 0, time.Hour)
	want("a day later", unit, 0, unit)
	a.release("extension/201/abroad", s.Start.Add(90*time.Minute))
	want("after a release", 0, 0, 0)
	talk(a, 3*time.Hour, 59*time.Second, 70*time.Second, time.Minute)
	want("with two units that nobody saw begin", 3*unit, 2*unit, unit)
	talk(a, 4*time.Hour, time.Second, time.Minute, time.Hour)
	want("with two that were seen", 5*unit, 2*unit, 3*unit)
	talk(a, 50*time.Hour, 59*time.Second, time.Hour, time.Minute)
	want("on another day", 59*unit, 60*unit, 3*unit)
	a = newAudit(s)
	a.unit, a.each, a.own = unit, unit, [2]int64{unit, unit}
	e := event(s, 1, time.Hour)
	e.Kind, e.Talk = fraud.Ended, 119*time.Second
	a.bill(e, 0, unit, time.Hour)
	want("paid by the office first, then by a person", 0, 0, 0)
	e.Talk = 121 * time.Second
	a.bill(e, 0, 0, time.Hour)
	want("and with a call that the person pays alone", 3*unit, 0, 3*unit)
}
