package gate

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

func asking(s *Settings, _ *Request) {
	s.Hours = append(s.Hours, Hours{Name: "closed", Zone: japan, Ask: true})
}

func proven(_ *Settings, q *Request) {
	q.Proof = Proof{Person: "201", At: noon.Add(-10 * time.Second)}
}

// TestChallenge: a rule that asks turns a pass into a challenge, the proof of
// who stands behind the call lifts it, and nothing else does.
func TestChallenge(t *testing.T) {
	type changes = []func(*Settings, *Request)
	for _, c := range []struct {
		name    string
		changes changes
		verb    Verb
		rule    string
	}{
		{"asked", changes{asking}, VerbChallenge, "hours"},
		{"asked by two", changes{asking, asking}, VerbChallenge, "hours"},
		{"proved", changes{asking, proven}, VerbPass, "ordinary"},
		{"proved and not asked", changes{proven}, VerbPass, "ordinary"},
		{"another's proof", changes{asking, proven, func(_ *Settings, q *Request) {
			q.Proof.Person = "202"
		}}, VerbChallenge, "hours"},
		{"nobody's proof", changes{asking, proven, func(_ *Settings, q *Request) {
			q.Proof.Person, q.Origin.Extension = "", ""
		}}, VerbRefuse, "origin"},
		{"old proof", changes{asking, proven, func(_ *Settings, q *Request) {
			q.Proof.At = noon.Add(-proofLife - time.Second)
		}}, VerbChallenge, "hours"},
		{"proof of a time to come", changes{asking, proven, func(_ *Settings, q *Request) {
			q.Proof.At = noon.Add(time.Second)
		}}, VerbChallenge, "hours"},
		{"nobody to ask", changes{asking, func(_ *Settings, q *Request) {
			q.Origin.Kind = OriginRedirect
		}}, VerbRefuse, "hours"},
		{"proof of who sent the call on", changes{asking, proven, func(_ *Settings, q *Request) {
			q.Origin.Kind = OriginForward
		}}, VerbRefuse, "hours"},
		{"asked, and barred at another hour", changes{asking, proven, func(s *Settings, _ *Request) {
			s.Hours = append(s.Hours, Hours{Name: "holiday", Zone: japan})
		}}, VerbRefuse, "hours"},
		{"asked, and too dear", changes{asking, abroad("SL", number.RangeMobile), func(s *Settings, _ *Request) {
			s.Budget = plan(budget.Settings{}) // without a tariff every call is
		}}, VerbRefuse, "budget"},
		{"asked, and of no class that passes", changes{asking, func(s *Settings, _ *Request) {
			s.Classes = Classes(number.Mobile)
		}}, VerbRefuse, "everything-else"},
		{"an emergency call", changes{asking, class(number.Emergency)}, VerbPass, "emergency"},
	} {
		s, r := settings(), ordinary()
		for _, change := range c.changes {
			change(&s, &r)
		}
		p, err := NewPolicy(s)
		if err != nil {
			t.Fatal(err)
		}
		v := Judge(p, r)
		if v.Verb != c.verb || v.Rule != c.rule {
			t.Errorf("%s: %v by %s, want %v by %s", c.name, v.Verb, v.Rule, c.verb, c.rule)
		}
		if v.Verb == VerbChallenge && (v.Status != 603 || v.Prompt != promptHours || v.Opening != "") {
			t.Errorf("%s: %+v", c.name, v)
		}
		for _, step := range v.Trace {
			if step.Said != "" {
				checkSaid(t, c.name, step)
			}
		}
	}
}

// TestBudgetAsks: where a budget is used up, or has too little for one call, the
// caller is asked for its PIN to go on from its own budget; not where that has no
// room either, where another bar stands behind it, or where nobody can be asked.
func TestBudgetAsks(t *testing.T) {
	const mine, ours, own = "extension/201/home", "unit/home", "person/201/home"
	shut := func(accounts ...string) budget.Settings {
		s := budget.Settings{Shut: map[string]string{}}
		for _, account := range accounts {
			s.Shut[account] = fact.WindowDay
		}
		return s
	}
	sent := func(_ *Settings, q *Request) { q.Origin.Kind = OriginRedirect }
	rate, _ := (*tariff.Table)(nil).Rate(ordinary().Destination, noon)
	dear := int64(rate.Cost(20 * time.Second)) // what the shortest call costs
	limits := func(l ...fact.Limit) budget.Settings { return budget.Settings{Limits: l} }
	for _, c := range []struct {
		name    string
		s       budget.Settings
		changes []func(*Settings, *Request)
		verb    Verb
	}{
		{"the phone's", shut(mine), nil, VerbChallenge},
		{"the unit's", shut(ours), nil, VerbChallenge},
		{"both", shut(mine, ours), nil, VerbChallenge},
		{"its own, too", shut(mine, own), nil, VerbRefuse},
		{"all persons', too", shut(mine, "people/home"), nil, VerbRefuse},
		{"its own alone", shut(own), nil, VerbPass},
		{"proved", shut(mine, ours), []func(*Settings, *Request){proven}, VerbPass},
		{"proved, and its own is used up", shut(mine, own), []func(*Settings, *Request){proven}, VerbRefuse},
		{"sent on", shut(mine), []func(*Settings, *Request){sent}, VerbRefuse},
		{"set apart", shut(mine), []func(*Settings, *Request){proven, apart("destination", "anywhere")}, VerbRefuse},
		{"too dear for the phone", limits(fact.Limit{Budget: mine, Call: dear / 2}), nil, VerbChallenge},
		{"and for its own", limits(fact.Limit{Budget: mine, Call: dear/2 - 1}), nil, VerbRefuse},
		{"too dear for the unit", limits(fact.Limit{Budget: ours, Call: 1}), nil, VerbRefuse},
		{
			"too dear for the customer", limits(fact.Limit{Budget: "customer/home", Call: 1}),
			[]func(*Settings, *Request){proven},
			VerbRefuse,
		},
	} {
		s, r := settings(), ordinary()
		s.Budget = plan(c.s)
		for _, change := range c.changes {
			change(&s, &r)
		}
		p, err := NewPolicy(s)
		if err != nil {
			t.Fatal(err)
		}
		if v := Judge(p, r); v.Verb != c.verb {
			t.Errorf("%s: %v by %s, want %v", c.name, v.Verb, v.Rule, c.verb)
		}
	}
}

// TestOverBudgetAsks: what only the accounts know makes a challenge, too, and
// only where the person's own budget may have room and was not tried yet.
func TestOverBudgetAsks(t *testing.T) {
	pass := Verdict{Verb: VerbPass, Rule: "ordinary"}
	for _, c := range []struct {
		what  string
		shut  string
		tried bool
		alter func(*Request)
		want  Verb
	}{
		{"asked", "", false, func(*Request) {}, VerbChallenge},
		{"its own had no room", "", true, func(*Request) {}, VerbRefuse},
		{"its own is shut", "person/201/home", false, func(*Request) {}, VerbRefuse},
		{"asked again", "", false, func(r *Request) { r.Proof = Proof{Person: "201", At: r.At} }, VerbRefuse},
		{"nobody to ask", "", false, func(r *Request) { r.Origin.Kind = OriginForward }, VerbRefuse},
	} {
		s, r := settings(), ordinary()
		s.Budget = plan(budget.Settings{Shut: map[string]string{c.shut: fact.WindowDay}})
		p, err := NewPolicy(s)
		if err != nil {
			t.Fatal(err)
		}
		c.alter(&r)
		for _, window := range []string{fact.WindowDay, fact.WindowShut, fact.WindowAtOnce, fact.WindowCallees} {
			full := &fact.Exhausted{Account: "unit/home", Window: window}
			if v := p.OverBudget(&r, pass, full, c.tried); v.Verb != c.want || v.Rule != "budget" || v.Status != 603 {
				t.Errorf("%s, %s: %+v", c.what, window, v)
			}
		}
	}
}

// TestBarsStayBars: whatever the policy and the request, a proof only turns
// challenges into passes, and what is challenged would pass with it.
func TestBarsStayBars(t *testing.T) {
	challenged := 0
	look := func(t *rapid.T) {
		p, r := drawChanges(t, asking)
		if rapid.Bool().Draw(t, "anything") {
			p, r = drawPolicy(t), drawRequest(t)
		}
		if r.At.IsZero() {
			r.At = noon
		}
		before := Judge(p, r)
		r.Proof = Proof{Person: r.Origin.Extension, At: r.At}
		after := Judge(p, r)
		switch before.Verb {
		case VerbChallenge:
			challenged++
			if after.Verb != VerbPass {
				t.Fatalf("challenged by %s, and with the proof %v by %s", before.Rule, after.Verb, after.Rule)
			}
		default:
			if after.Verb != before.Verb || after.Rule != before.Rule {
				t.Fatalf("%v by %s, and with a proof %v by %s", before.Verb, before.Rule, after.Verb, after.Rule)
			}
		}
	}
	const roundsMax = 100
	for round := 0; round == 0 || round < roundsMax && challenged == 0; round++ {
		rapid.Check(t, look)
	}
	if challenged == 0 {
		t.Error("nothing was challenged: the property looked at nothing")
	}
}

// TestWithoutItsOwnBudget: a proof does not help where its budget has no room.
func TestWithoutItsOwnBudget(t *testing.T) {
	s, r := settings(), ordinary()
	s.Budget = plan(budget.Settings{})
	proven(&s, &r)
	p, err := NewPolicy(s)
	if err != nil {
		t.Fatal(err)
	}
	for want, need := range map[string]func(*Request) (budget.Need, *budget.Refusal){
		"person/201/home": p.Need, "extension/201/home": p.Without,
	} {
		if n, refusal := need(&r); refusal != nil || n.Charges[0].Account != want {
			t.Errorf("charged to %+v, %+v, want %s first", n.Charges, refusal, want)
		}
	}
}

// TestOwnBudgetOfACallThatIsUp: whoever dialed it may go on from its own budget,
// not from one that is shut, and not where it is set apart; an unclaimed unit
// has none.
func TestOwnBudgetOfACallThatIsUp(t *testing.T) {
	for name, c := range map[string]struct {
		shut   string
		change func(*Settings, *Request)
		want   bool
	}{
		"dialed":    {"", func(*Settings, *Request) {}, true},
		"shut":      {"person/201/home", func(*Settings, *Request) {}, false},
		"sent on":   {"", func(_ *Settings, q *Request) { q.Origin.Kind = OriginForward }, false},
		"set apart": {"", apart("destination", "anywhere"), false},
	} {
		s, r := settings(), ordinary()
		s.Budget = plan(budget.Settings{Shut: map[string]string{c.shut: fact.WindowDay}})
		c.change(&s, &r)
		p, err := NewPolicy(s)
		if err != nil {
			t.Fatal(err)
		}
		need, ok := p.Own(&r)
		if ok != c.want || ok && (!need.Own || need.Charges[0].Account != "person/201/home") {
			t.Errorf("%s: %v, %+v", name, ok, need)
		}
	}
	var none *Policy
	r := ordinary()
	if _, ok := none.Own(&r); ok {
		t.Error("an unclaimed unit has budgets")
	}
}

// TestAnUnclaimedUnitHasNoBudgets, and what is up keeps the caps that it has.
func TestAnUnclaimedUnitHasNoBudgets(t *testing.T) {
	var none *Policy
	need, refusal := none.Need(&Request{Line: "hikari", At: noon})
	if refusal != nil || !need.Nothing() {
		t.Errorf("it needs %+v, %+v", need, refusal)
	}
	charges := []fact.Charge{{Account: "unit/abroad", Caps: fact.Caps{Day: 1}}}
	if got := none.Recap(charges, noon); len(got) != 1 || got[0] != charges[0] {
		t.Errorf("it is charged %+v", got)
	}
}
