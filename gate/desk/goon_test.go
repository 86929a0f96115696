package desk_test

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/number"
)

// goer is a leg that has no more money from its budgets, and may go on.
type goer struct {
	*till
	*desk.Desk
	r gate.Request
	m budget.Meter
}

func newGoer(t *testing.T, proof string) *goer {
	t.Helper()
	g := &goer{till: &till{}}
	g.Desk, _ = counter(t, g.till, minute)
	g.SetPolicy(ownPolicy(t, 0))
	g.r = leone("c1")
	v, err := ask(g.Desk, g.r)
	if err != nil || v.Meter == nil {
		t.Fatal(v, err)
	}
	g.m = *v.Meter
	g.m.Answered = now.Add(-40 * time.Second)
	g.r.Proof = gate.Proof{Person: proof, At: now}
	return g
}

// ownPolicy has people talk for so long at most; 0 for no bound.
func ownPolicy(t *testing.T, length time.Duration) *gate.Policy {
	t.Helper()
	return policyOf(t, fact.Limit{Budget: "unit/abroad", Caps: fact.Caps{Day: minute}},
		fact.Limit{Budget: "person/abroad", Caps: fact.Caps{Day: 3*minute - 1}, Length: length},
		fact.Limit{Budget: "people/abroad", Caps: fact.Caps{Day: 9 * minute}})
}

// apart sets the leg's extension apart.
func (g *goer) apart() {
	p, err := gate.NewPolicy(gate.Settings{
		Claimed: true, Quarantines: []fact.Quarantine{{ID: "q1", Kind: "extension", Value: "201"}},
	})
	if err == nil {
		g.SetPolicy(p)
	}
}

// TestGoingOnFromTheOwnBudget: with a proof, and only then, a leg goes on from the
// person's own budget as long as that has room, whatever became of the others; what
// can't be written changes nothing.
func TestGoingOnFromTheOwnBudget(t *testing.T) {
	for _, c := range []struct {
		name   string
		proof  string
		change func(*goer)
		more   int64
		may    bool
	}{
		{name: "proved", proof: "201", more: 2 * minute, may: true},
		{name: "not proved", may: true},
		{name: "another's PIN", proof: "202", may: true},
		{name: "sent on", proof: "201", change: func(g *goer) { g.r.Origin.Kind = gate.OriginForward }},
		{name: "from its own already", proof: "201", change: func(g *goer) { g.m.Own = true }},
		{name: "not recorded", proof: "201", change: func(g *goer) { g.m.Unrecorded = true }},
		{name: "not answered", proof: "201", change: func(g *goer) { g.m.Answered = time.Time{} }},
		{name: "no disk", proof: "201", may: true, change: func(g *goer) { g.down = fact.ErrNotWritable }},
		{name: "it has ended", proof: "201", may: true, change: func(g *goer) { g.r.Call = "c9" }},
		{name: "as long as it may be", proof: "201", change: func(g *goer) {
			g.SetPolicy(ownPolicy(t, 30*time.Second))
		}},
		{name: "set apart", proof: "201", change: (*goer).apart},
		{name: "no policy", proof: "201", change: func(g *goer) { g.SetPolicy(nil) }},
	} {
		g := newGoer(t, c.proof)
		if c.change != nil {
			c.change(g)
		}
		if got := g.MayGoOn(g.r, g.m); got != c.may {
			t.Errorf("%s: may go on: %v", c.name, got)
		}
		asked, writes := 0, g.asked
		g.GoOn(g.r, g.m, func(got budget.Meter, ok bool) {
			asked++
			if more := int64(got.Held - g.m.Held); more != c.more || ok != (c.more > 0) || got.Own != (ok || g.m.Own) {
				t.Errorf("%s: %d more, %v: %+v", c.name, more, ok, got)
			}
			if last, _ := g.facts[len(g.facts)-1].(fact.CallRenewed); ok != (last.Proven == "201") {
				t.Errorf("%s: %+v", c.name, last)
			}
		})
		if asked != 1 {
			t.Errorf("%s: answered %d times", c.name, asked)
		}
		if tries := c.may && c.proof == "201"; tries != (g.asked > writes) {
			t.Errorf("%s: %d writes", c.name, g.asked-writes)
		}
	}
}

// TestGoingOnIsNotLent: an ordinary call, which is lent money while nothing can be
// written, goes on from no account that is not on disk.
func TestGoingOnIsNotLent(t *testing.T) {
	g := newGoer(t, "201")
	r := request(number.Geographic, "JP")
	r.Call = "c2"
	v, err := ask(g.Desk, r)
	if err != nil || v.Meter == nil {
		t.Fatal(v, err)
	}
	m := *v.Meter
	r.Proof = g.r.Proof
	m.Answered, g.down = now.Add(-10*time.Minute), fact.ErrNotWritable
	if !g.MayGoOn(r, m) {
		t.Error("it may not go on at all")
	}
	g.GoOn(r, m, func(got budget.Meter, ok bool) {
		if ok || got.Own || got.Held != m.Held {
			t.Errorf("%v %+v", ok, got)
		}
	})
}

// TestGoingOnKeepsThePrice: a call goes on at the price that it went out at, whatever
// has come into force since.
func TestGoingOnKeepsThePrice(t *testing.T) {
	g := newGoer(t, "201")
	g.m.Rate.PerUnit /= 2
	g.GoOn(g.r, g.m, func(got budget.Meter, ok bool) {
		if !ok || got.Rate.PerUnit != g.m.Rate.PerUnit || got.Held != 5*g.m.Rate.PerUnit {
			t.Errorf("%v at %d a unit, %d is set aside", ok, got.Rate.PerUnit, got.Held)
		}
	})
}

// TestGoingOnVouches: whom a person called when it typed its PIN in a call is told
// of as vouched for.
func TestGoingOnVouches(t *testing.T) {
	g, vouched := newGoer(t, "201"), 0
	d := desk.New(desk.Config{
		Committer: g.till, Policy: g.Policy(), Now: func() time.Time { return now }, Vouched: func() { vouched++ },
	})
	d.GoOn(g.r, g.m, func(budget.Meter, bool) {})
	if vouched != 1 {
		t.Errorf("told %d times", vouched)
	}
}
