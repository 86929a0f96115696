package main

import (
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
			if r.Kills == 0 {
				t.Error("nothing was killed")
			}
		}
		if r.Yen.N != 4 || r.Yen.Max == 0 {
			t.Errorf("%s: %+v", r.What, r.Yen)
		}
	}
}

// TestAudit counts units as they begin, in any 24 hours, anew after a release.
func TestAudit(t *testing.T) {
	s := site(t)
	talk := func(a *audit, at, talk, late time.Duration) int64 {
		e := event(s, 1, at+talk)
		e.Kind, e.Talk = fraud.Ended, talk
		return a.bill(e, late, false)
	}
	unit := s.Prices.Abroad("SL", "").MilliYen
	a := newAudit(s)
	a.unit, a.each = 3*unit, 2*unit
	if got := talk(a, time.Hour, 59*time.Second, 0); got != unit {
		t.Errorf("59 s cost %d", got)
	}
	if got := talk(a, 2*time.Hour, 59*time.Second, 2*time.Second); got != 2*unit || a.over() != unit {
		t.Errorf("a late BYE cost %d, over %d", got, a.over())
	}
	if talk(a, 26*time.Hour, time.Second, 0); a.over() != unit {
		t.Errorf("a day later over %d", a.over())
	}
	a.release("extension/201/abroad", s.Start.Add(90*time.Minute))
	if a.over() != 0 {
		t.Errorf("after a release over %d", a.over())
	}
}
