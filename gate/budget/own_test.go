package budget

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

var ownNoon = time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)

// sierra is a mobile number in Sierra Leone.
func sierra(n int) number.Destination {
	return number.Destination{Class: number.International, Area: "SL", Digits: fmt.Sprintf("23276%06d", n)}
}

// pricesForTest has every call cost ten yen a minute.
func pricesForTest(t testing.TB) func(string) *tariff.Table {
	t.Helper()
	table, err := tariff.NewTable([]tariff.Rate{{Prefix: "232", PerUnit: 10 * tariff.Yen, Unit: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	return func(string) *tariff.Table { return table }
}

func mustPlan(t testing.TB, s Settings) *Plan {
	t.Helper()
	p, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// vouchedBy is what a ledger's account of 201 vouches for, as a plan takes it.
func vouchedBy(l *Ledger) map[string][]Vouch {
	const account = "person/201/abroad"
	if a := l.accounts[account]; a != nil {
		return map[string][]Vouch{account: a.Vouched}
	}
	return nil
}

// TestOwnBudget: who proves to be the person, or calls a number that it has
// vouched for, calls from its own budget, and nobody else does.
func TestOwnBudget(t *testing.T) {
	vouched := func(ago time.Duration) map[string][]Vouch {
		return map[string][]Vouch{"person/201/abroad": {{mark(sierra(1).Digits), hourOf(ownNoon.Add(-ago))}}}
	}
	const days90 = 90 * 24 * time.Hour
	dials, proves := Who{Extension: "201", Dials: true}, Who{Extension: "201", Dials: true, Proves: true}
	for _, c := range []struct {
		name    string
		who     Who
		to      int
		vouched map[string][]Vouch
		shut    string
		own     bool
	}{
		{name: "dialed", who: dials},
		{name: "proved", who: proves, own: true},
		{name: "proved, and its own is shut", who: proves, shut: "person/201/abroad"},
		{name: "proved, and all persons' are", who: proves, shut: "people/abroad"},
		{name: "vouched for", who: dials, to: 1, vouched: vouched(0), own: true},
		{name: "vouched for three months ago", who: dials, to: 1, vouched: vouched(days90), own: true},
		{name: "and an hour more", who: dials, to: 1, vouched: vouched(days90 + time.Hour)},
		{name: "another number", who: dials, to: 2, vouched: vouched(0)},
		{name: "another's", who: Who{Extension: "202", Dials: true}, to: 1, vouched: vouched(0)},
		{name: "sent on", who: Who{Extension: "201", Forwards: true}, to: 1, vouched: vouched(0)},
	} {
		s := Settings{Tariff: pricesForTest(t), Vouched: c.vouched}
		if c.shut != "" {
			s.Shut = map[string]string{c.shut: fact.WindowDay}
		}
		n, refusal := mustPlan(t, s).Need(c.who, "", sierra(c.to), ownNoon)
		if refusal != nil {
			t.Errorf("%s: %+v", c.name, refusal)
			continue
		}
		want := []string{"extension/" + c.who.Extension + "/abroad", "unit/abroad"}
		switch {
		case c.own:
			want = []string{"person/201/abroad", "people/abroad"}
		case c.who.Forwards:
			want = append([]string{"forward/201/abroad"}, want...)
		}
		var got []string
		for _, charge := range n.Charges {
			got = append(got, charge.Account)
		}
		if n.Own != c.own || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: own %v, charged to %v, want %v", c.name, n.Own, got, want)
		}
	}
}

// TestWhoIsAsked: whoever can type a PIN and has not, for a call that costs; with
// it the others' budgets serve where the own one does not.
func TestWhoIsAsked(t *testing.T) {
	p := mustPlan(t, Settings{
		Tariff: pricesForTest(t), Limits: []fact.Limit{{Budget: "extension/201/abroad", PerMinute: 1}},
	})
	dials := Who{Extension: "202", Dials: true}
	free := number.Destination{Class: number.Extension, Digits: "203"}
	for _, c := range []struct {
		name string
		who  Who
		to   number.Destination
		want bool
	}{
		{"dials", dials, sierra(1), true},
		{"has typed it", Who{Extension: "202", Dials: true, Proves: true}, sierra(1), false},
		{"sends on", Who{Extension: "202", Forwards: true}, sierra(1), false},
		{"nobody", Who{Dials: true}, sierra(1), false},
		{"for nothing", dials, free, false},
		{"too dear for its own", Who{Extension: "201", Dials: true}, sierra(1), false},
	} {
		if got := p.Asks(c.who, "", c.to, ownNoon); got != c.want {
			t.Errorf("%s: asked is %v", c.name, got)
		}
	}
	dials.Proves = true
	n, refusal := p.Without(dials, "", sierra(1), ownNoon)
	if refusal != nil || n.Own || n.Charges[0].Account != "extension/202/abroad" {
		t.Errorf("without its own: %+v, %+v", n, refusal)
	}
	if _, refusal := p.Without(Who{Extension: "201"}, "", sierra(1), ownNoon); refusal == nil ||
		*refusal != (Refusal{Account: "extension/201/abroad", Why: TooDearPerMinute, Cap: 1}) {
		t.Errorf("too dear: %+v", refusal)
	}
}

// TestOwnBudgetGoesByTheExtensions: where nobody set it, it is twice what the
// extension's is, and all persons' together once the unit's. What a minute may
// cost stays.
func TestOwnBudgetGoesByTheExtensions(t *testing.T) {
	const mine = "person/201/abroad"
	set := func(name string, day int64) fact.Limit {
		return fact.Limit{Budget: name, Caps: fact.Caps{Day: day}, PerMinute: 7, GrowTo: 9}
	}
	for _, c := range []struct {
		limits []fact.Limit
		name   string
		want   fact.Limit
	}{
		{nil, mine, fact.Limit{
			Caps: fact.Caps{Incident: 6000 * yen, Day: 6000 * yen, Month: 132_000 * yen, AtOnce: 2, Callees: 20},
			Call: 6000 * yen, PerMinute: 300 * yen, Connect: 500 * yen, Length: 3 * time.Hour,
		}},
		{nil, "people/abroad", fact.Limit{
			Caps: fact.Caps{Incident: 10_000 * yen, Day: 10_000 * yen, Month: 220_000 * yen, AtOnce: 4},
		}},
		{[]fact.Limit{set("extension/abroad", 5)}, mine, fact.Limit{Caps: fact.Caps{Day: 10}, PerMinute: 7}},
		{[]fact.Limit{set("extension/201/abroad", 5)}, mine, fact.Limit{Caps: fact.Caps{Day: 10}, PerMinute: 7}},
		{[]fact.Limit{set("unit/abroad", 5)}, "people/abroad", fact.Limit{Caps: fact.Caps{Day: 5}, PerMinute: 7}},
		{[]fact.Limit{set("person/abroad", 5), set("extension/abroad", 1)}, mine, set("person/abroad", 5)},
		{[]fact.Limit{set("people/abroad", 5)}, "people/abroad", set("people/abroad", 5)},
	} {
		got, ok := mustPlan(t, Settings{Limits: c.limits}).Limit(c.name, ownNoon)
		if c.want.Budget == "" {
			c.want.Budget = c.name
		}
		if !ok || got != c.want {
			t.Errorf("%s with %+v:\n%+v, want\n%+v", c.name, c.limits, got, c.want)
		}
		if c.limits == nil && FactoryOf(c.name) != c.want {
			t.Errorf("the factory's %s: %+v", c.name, FactoryOf(c.name))
		}
	}
}

// TestVouched: a PIN vouches for the number that was called with it, until there
// is another PIN, or too many numbers.
func TestVouched(t *testing.T) {
	l := NewLedger(newDisk())
	calls := 0
	call := func(callee uint32, proven string) {
		t.Helper()
		calls++
		id := fmt.Sprint(calls)
		h := fact.Hold{Amount: 1, At: ownNoon, Callee: callee, Charges: []fact.Charge{{Account: "person/201/abroad"}}}
		for _, f := range []fact.Fact{
			fact.CallJudged{Call: id, First: true, Proven: proven, Hold: &h}, fact.CallEnded{Call: id},
		} {
			if _, err := l.Follow(f, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	expect := func(what string, want ...uint32) {
		t.Helper()
		var got []uint32
		for _, v := range vouchedBy(l)["person/201/abroad"] {
			got = append(got, v.Callee)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	call(1, "201")
	call(2, "")
	call(3, "201")
	call(1, "201")
	expect("with a PIN", 3, 1)
	if _, err := l.Follow(fact.PINSet{PIN: fact.PIN{Extension: "202"}}, 0); err != nil {
		t.Fatal(err)
	}
	expect("another's new PIN", 3, 1)
	for _, gone := range []fact.Fact{fact.PINSet{PIN: fact.PIN{Extension: "201"}}, fact.PINRemoved{Extension: "201"}} {
		if _, err := l.Follow(gone, 0); err != nil {
			t.Fatal(err)
		}
		expect("after " + gone.Kind())
		call(4, "201")
	}
	for reads := range 3 {
		b := &broken{disk: newDisk(), reads: reads}
		if _, err := NewLedger(b).Follow(fact.PINRemoved{Extension: "201"}, 0); !errors.Is(err, errDisk) {
			t.Errorf("a disk that breaks after %d reads: %v", reads, err)
		}
	}
	for n := range uint32(vouchedMax) {
		call(100+n, "201")
	}
	list := vouchedBy(l)["person/201/abroad"]
	if len(list) != vouchedMax || list[0].Callee != 100 {
		t.Errorf("%d are vouched for, from %d on", len(list), list[0].Callee)
	}
}

// TestPINsAreBounded: whoever has two phones, both PINs or none, and calls as
// much as goes spends in any 24 hours no more than the unit's budget without them,
// and as much again with them; of one phone, one of its budgets and two more.
func TestPINsAreBounded(t *testing.T) {
	const each, all = int64(1000), int64(2500)
	caps := func(n int64) fact.Caps { return fact.Caps{Incident: n, Day: n} }
	s := Settings{Tariff: pricesForTest(t), Limits: []fact.Limit{
		{Budget: "extension/abroad", Caps: caps(each)}, {Budget: "unit/abroad", Caps: caps(all)},
	}}
	rapid.Check(t, func(rt *rapid.T) {
		l := NewLedger(newDisk())
		now := ownNoon
		var sums []spending
		for call := range rapid.IntRange(1, 60).Draw(rt, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(rt, "minutes")) * time.Minute)
			who := Who{Extension: rapid.SampledFrom([]string{"201", "202"}).Draw(rt, "phone"), Dials: true}
			who.Proves = rapid.Bool().Draw(rt, "proves")
			to := sierra(rapid.IntRange(0, 3).Draw(rt, "number"))
			s.Vouched = map[string][]Vouch{}
			for id, a := range l.accounts {
				s.Vouched[id] = a.Vouched
			}
			n, refusal := mustPlan(t, s).Need(who, "", to, now)
			if refusal != nil {
				rt.Fatalf("%+v", refusal)
			}
			amount := int64(rapid.IntRange(1, 1000).Draw(rt, "amount"))
			if spend(rt, l, fmt.Sprint(call), who, &n, amount, now) {
				sums = append(sums, spending{now, amount, who.Extension, n.Own})
			}
		}
		for _, first := range sums {
			var total, strange, phone int64
			for _, s := range sums {
				if s.at.Before(first.at) || !s.at.Before(first.at.Add(24*time.Hour)) {
					continue
				}
				total += s.amount
				if !s.own {
					strange += s.amount
				}
				if s.who == first.who {
					phone += s.amount
				}
			}
			if total > 2*all || strange > all || phone > 3*each {
				rt.Fatalf("%d in all, %d without a PIN, %d of %s", total, strange, phone, first.who)
			}
		}
	})
}

// spending is one call's money.
type spending struct {
	at     time.Time
	amount int64
	who    string
	own    bool
}

// spend has a call cost an amount; false where there is no room for it.
func spend(rt *rapid.T, l *Ledger, call string, who Who, n *Need, amount int64, at time.Time) bool {
	h := fact.Hold{Amount: amount, At: at, Charges: n.Charges, Callee: n.Callee}
	f := fact.CallJudged{Call: call, First: true, Hold: &h}
	if n.Own && who.Proves {
		f.Proven = who.Extension
	}
	l.Begin()
	_, err := l.Follow(f, 0)
	if full := new(fact.Exhausted); errors.As(err, &full) {
		l.Undo()
		return false
	}
	if err == nil {
		_, err = l.Follow(fact.CallEnded{Call: call, Settled: []fact.Settlement{{Cost: amount}}}, 0)
	}
	if err != nil {
		rt.Fatal(err)
	}
	return true
}
