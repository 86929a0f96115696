package main

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/sim/fraud"
)

// TestFit: the owner sets twice the dearest day, of the office and of the extension
// that spent most on one; a call that nobody answered costs nothing.
func TestFit(t *testing.T) {
	s := site(t)
	r := &records{site: s, days: map[day]*used{}}
	minutes := func(n int64) time.Duration { return time.Duration(n) * time.Minute }
	per := s.Prices.Abroad("SL", "23276123456").MilliYen
	for _, c := range []struct {
		extension, number string
		day               int
		talk              int64
	}{
		{"201", "23276123456", 3, 30},
		{"202", "23276123457", 3, 50},
		{"202", "23276123457", 3, 10},
		{"202", "23276123458", 4, 70},
		{"203", "23276123459", 5, 0},
	} {
		r.up++
		r.ended(&fraud.Event{
			Kind: fraud.Ended, At: s.Start.AddDate(0, 0, c.day).Add(15 * time.Hour), Extension: c.extension,
			Dialed: "010" + c.number, Area: "SL", Number: c.number, Talk: minutes(c.talk),
			Source: netip.MustParseAddr("192.168.1.9"),
		})
	}
	r.atOnce = 5
	limits := r.fit()
	office, each := limits[0], limits[1]
	up := func(yen int64) int64 { return (yen + fitStep - 1) / fitStep * fitStep }
	if want := up(2 * 90 * per); office.Day != want || office.Incident != want || office.Month != 22*want {
		t.Errorf("the office's budget is %+v, want %d a day", office, want)
	}
	if want := up(2 * 70 * per); each.Day != want || each.Incident != want || each.Call != want {
		t.Errorf("an extension's budget is %+v, want %d a day", each, want)
	}
	if office.AtOnce != 5 || each.AtOnce != budget.FactoryOf("extension/abroad").AtOnce || r.up != 0 {
		t.Errorf("%d calls at once of the office, %d of an extension, %d up", office.AtOnce, each.AtOnce, r.up)
	}
	quiet := (&records{site: s, days: map[day]*used{}}).fit()
	for i, name := range []string{unitAbroad, "extension/abroad"} {
		if factory := budget.FactoryOf(name); quiet[i] != factory {
			t.Errorf("who calls nobody has %+v, want the factory's %+v", quiet[i], factory)
		}
	}
}

// TestFittedKnowsNoFuture: the owner goes by the month before, the judged calls
// begin after it, and the same month gives the same budgets whatever follows.
func TestFittedKnowsNoFuture(t *testing.T) {
	offices, families := shipped(t)
	at := 0
	for i := range offices {
		if offices[i].Name == "trading-firm" {
			at = i
		}
	}
	who := contestant{Name: unitName, Policy: Fitted, make: newUnit(pinsPreset)}
	enter := func(plan *fraud.Plan, history int) (*purse, *fraud.World) {
		opt := who.later(fraud.Options{
			Seed: 5, Start: time.Date(2026, 5, 1, 0, 0, 0, 0, jst), History: history, Days: 90,
		})
		w, err := fraud.New(&offices[at], plan, opt)
		if err != nil {
			t.Fatal(err)
		}
		s, err := who.enter(w)
		if err != nil {
			t.Fatal(err)
		}
		return s.(*purse), w
	}
	plan := families[0].Draw(dice(1, 1))
	peace, w := enter(nil, 0)
	next, _ := w.Peek()
	for _, history := range []int{-1, 0, 3} {
		attacked, struck := enter(&plan, history)
		if len(peace.limits) != 2 || !slices.Equal(peace.limits, attacked.limits) {
			t.Errorf("an attack after the month changes the budgets: %+v, %+v", peace.limits, attacked.limits)
		}
		b := struck.Books()
		if next.Before(w.Site().Start.Add(fitTime)) || b.Intruder.Calls.All > 0 || b.Office.Calls.All == 0 {
			t.Errorf("judged from %s on, after %d calls of an intruder", next, b.Intruder.Calls.All)
		}
	}
	if peace.daily() <= budget.FactoryOf(unitAbroad).Incident {
		t.Errorf("a trading firm's budget is %d", peace.daily())
	}
	r := peace.request(&fraud.Event{
		Call: 1, At: next, Extension: "201", Path: fraud.Dialed, Dialed: "01023276123456", Area: "SL",
		Number: "23276123456",
	})
	if need, _ := peace.policy.Need(&r); len(need.Charges) != 2 || need.Charges[0].Caps != peace.limits[1].Caps {
		t.Errorf("the gate goes by %+v", need.Charges)
	}
}
