package desk_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

// till is a committer with accounts.
type till struct {
	ledger *budget.Ledger
	facts  []fact.Fact
	down   error
	asked  int // writes
}

var _ fact.Committer = (*till)(nil)

// Commit implements fact.Committer.
func (c *till) Commit(w fact.Write, done func(error)) {
	c.asked++
	if c.down != nil {
		done(c.down)
		return
	}
	c.ledger.Begin()
	for _, f := range w.Facts {
		if _, err := c.ledger.Follow(f, 0); err != nil {
			c.ledger.Undo()
			done(err)
			return
		}
	}
	c.facts = append(c.facts, w.Facts...)
	done(nil)
}

type nothing struct{}

func (nothing) Account(string) (*budget.Account, error) { return nil, nil }
func (nothing) Hour() (int64, error)                    { return 0, nil }
func (nothing) Calls() (map[string][]budget.Leg, error) { return nil, nil }
func (nothing) Ended(string) (bool, error)              { return false, nil }

const minute = int64(175_000)

// counter is a desk with a budget of so much a day for calls abroad.
func counter(t *testing.T, c *till, day int64) (*desk.Desk, *[]fact.BudgetExhausted) {
	t.Helper()
	c.ledger = budget.NewLedger(nothing{})
	shut := new([]fact.BudgetExhausted)
	return desk.New(desk.Config{
		Committer: c, Policy: policyOf(t, fact.Limit{Budget: "unit/abroad", Caps: fact.Caps{Day: day}}),
		Now:       func() time.Time { return now },
		Exhausted: func(f fact.BudgetExhausted) { *shut = append(*shut, f) },
	}), shut
}

// policyOf opens a country, within some bounds.
func policyOf(t *testing.T, limits ...fact.Limit) *gate.Policy {
	t.Helper()
	return policyWith(t, budget.Settings{Limits: limits})
}

// policyWith opens a country, with budgets.
func policyWith(t *testing.T, s budget.Settings) *gate.Policy {
	t.Helper()
	rates, err := tariff.NewTable([]tariff.Rate{
		{Prefix: "232", PerUnit: tariff.Money(minute), Unit: time.Minute},
		{Prefix: "geographic", PerUnit: 8_800, Unit: 3 * time.Minute},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Tariff = func(string) *tariff.Table { return rates }
	money, err := budget.New(s)
	if err != nil {
		t.Fatal(err)
	}
	p, err := gate.NewPolicy(gate.Settings{
		Claimed: true, Lines: map[string]gate.LineRule{"hikari": {}}, Budget: money, DomesticWhenDegraded: true,
		Openings: []fact.Opening{{ID: "o1", Extension: "201", Area: "SL", Expires: now.Add(time.Hour)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ask(d *desk.Desk, r gate.Request) (v gate.Verdict, err error) {
	d.Ask(r, func(got gate.Verdict, _ gate.Pass, e error) { v, err = got, e })
	return v, err
}

func leone(call string) gate.Request {
	r := request(number.International, "SL")
	r.Call, r.First, r.Destination.Digits = call, true, "23276123456"
	return r
}

// TestMoneyIsSetAsideWithTheVerdict, and when there is none the budget is shut
// at once, for all who come after.
func TestMoneyIsSetAsideWithTheVerdict(t *testing.T) {
	c := &till{}
	d, shut := counter(t, c, 2*minute+1)
	for _, call := range []string{"c1", "c2"} {
		v, err := ask(d, leone(call))
		if err != nil || v.Verb != gate.VerbPass || v.Meter == nil || int64(v.Meter.Held) != minute {
			t.Fatalf("%s: %+v %v", call, v, err)
		}
	}
	if v, _ := ask(d, leone("c3")); v.Verb != gate.VerbChallenge || v.Rule != "budget" || v.Meter != nil {
		t.Errorf("the third of two at once: %+v", v)
	}
	if len(*shut) != 0 {
		t.Errorf("too many at once shut %+v", *shut)
	}
	for _, call := range []string{"c1", "c2"} {
		end := fact.CallEnded{Call: call, Settled: []fact.Settlement{{Cost: minute}}}
		c.Commit(fact.Write{Facts: []fact.Fact{end}}, func(error) {})
	}
	v, err := ask(d, leone("c4"))
	if err != nil || v.Verb != gate.VerbChallenge || v.Rule != "budget" || v.Phrase != "Budget Exhausted" {
		t.Errorf("without money: %+v %v", v, err)
	}
	if len(*shut) != 1 || (*shut)[0].Account != "unit/abroad" || (*shut)[0].Window != fact.WindowDay {
		t.Errorf("shut: %+v", *shut)
	}
}

// TestPINsOwnBudget: where the accounts have no room, or are shut, the caller is
// asked; with its proof the call is the person's own, and charged to no account
// that others call from. What it vouched for so goes on without being asked. When
// its own is used up, too, it is refused, and nothing is shut by that.
func TestPINsOwnBudget(t *testing.T) {
	c := &till{}
	_, shut := counter(t, c, 2*minute)
	vouched := 0
	limits := []fact.Limit{
		{Budget: "extension/201/abroad", Caps: fact.Caps{Day: 2 * minute}},
		{Budget: "person/201/abroad", Caps: fact.Caps{Day: 7 * minute}},
	}
	d := desk.New(desk.Config{
		Committer: c, Now: func() time.Time { return now }, Policy: policyOf(t, limits...),
		Exhausted: func(f fact.BudgetExhausted) { *shut = append(*shut, f) },
		Vouched:   func() { vouched++ },
	})
	spend := func(call string, want gate.Verb, proof gate.Proof, account string) fact.CallJudged {
		t.Helper()
		return spends(t, c, d, call, want, proof, account)
	}
	const phones, own = "extension/201/abroad", "person/201/abroad"
	none, mine := gate.Proof{}, gate.Proof{Person: "201", At: now}
	for _, call := range []string{"c1", "c2"} {
		if f := spend(call, gate.VerbPass, none, phones); f.Proven != "" {
			t.Errorf("recorded %+v", f)
		}
	}
	if f := spend("c3", gate.VerbChallenge, none, ""); f.Verb != "challenge" || f.Rule != "budget" {
		t.Errorf("recorded %+v", f)
	}
	if len(*shut) != 1 || (*shut)[0].Account != phones {
		t.Errorf("shut: %+v", *shut)
	}
	spend("c3", gate.VerbChallenge, gate.Proof{Person: "202", At: now}, "")
	if f := spend("c3", gate.VerbPass, mine, own); f.Proven != "201" || f.Hold == nil || vouched != 1 {
		t.Errorf("recorded %+v, told %d times", f, vouched)
	}
	spend("c4", gate.VerbChallenge, none, "") // the phone's budget is nobody's but shut
	vouches := map[string][]budget.Vouch{}
	err := c.ledger.Write(func(a budget.Changed) error {
		vouches[a.ID] = a.Vouched
		return nil
	}, func(int64, uint64) error { return nil })
	if err != nil || len(vouches[own]) != 1 {
		t.Fatalf("vouched for: %+v %v", vouches, err)
	}
	d.SetPolicy(policyWith(t, budget.Settings{
		Limits: limits, Vouched: vouches, Shut: map[string]string{phones: fact.WindowDay},
	}))
	if f := spend("c4", gate.VerbPass, gate.Proof{Person: "202", At: now}, own); f.Proven != "" || vouched != 1 {
		t.Errorf("recorded %+v, told %d times", f, vouched)
	}
	// A minute is left, less than a call may begin with.
	spend("c5", gate.VerbRefuse, none, "")
	spend("c5", gate.VerbRefuse, mine, "")
	if len(*shut) != 1 {
		t.Errorf("shut: %+v", *shut)
	}
	d.SetPolicy(policyWith(t, budget.Settings{Limits: limits, Vouched: vouches}))
	// Released by a person, the phone's budget serves who has none of its own left.
	c.Commit(fact.Write{Facts: []fact.Fact{fact.BudgetReleased{Account: phones, By: "owner", At: now}}}, func(error) {})
	if f := spend("c6", gate.VerbPass, mine, phones); f.Proven != "" {
		t.Errorf("recorded %+v", f)
	}
}

// spends has a call cost what was set aside for it, and gives its verdict.
func spends(t *testing.T, c *till, d *desk.Desk, call string, want gate.Verb, proof gate.Proof, account string,
) fact.CallJudged {
	t.Helper()
	r := leone(call)
	r.At, r.Proof = now, proof
	v, err := ask(d, r)
	if err != nil || v.Verb != want || (v.Meter == nil) != (want != gate.VerbPass) {
		t.Fatalf("%s: %+v %v", call, v, err)
	}
	if v.Meter != nil {
		if v.Meter.Charges[0].Account != account {
			t.Errorf("%s: charged to %+v, want %s", call, v.Meter.Charges, account)
		}
		end := fact.CallEnded{Call: call, Settled: []fact.Settlement{{Cost: int64(v.Meter.Held)}}}
		c.Commit(fact.Write{Facts: []fact.Fact{end}}, func(error) {})
	}
	for _, f := range slices.Backward(c.facts) {
		if f, ok := f.(fact.CallJudged); ok {
			return f
		}
	}
	return fact.CallJudged{}
}

// TestRenewing: a leg gets more while there is some, then less, then none.
func TestRenewing(t *testing.T) {
	c := &till{}
	d, shut := counter(t, c, 4*minute)
	v, err := ask(d, leone("c1"))
	if err != nil || v.Meter == nil {
		t.Fatal(v, err)
	}
	m := *v.Meter
	m.Answered = now.Add(-3 * time.Minute) // the next slice is two minutes long
	for i, want := range []int64{2 * minute, minute, 0} {
		var more tariff.Money
		d.Renew("c1", m, func(got tariff.Money) { more = got })
		if int64(more) != want {
			t.Fatalf("renewal %d: %v, want %d", i, more, want)
		}
		m.Held += more
	}
	if len(*shut) != 1 {
		t.Errorf("shut: %+v", *shut)
	}
	c.down = fact.ErrNotWritable
	d.Renew("c1", m, func(more tariff.Money) {
		if more != 0 {
			t.Errorf("%v more abroad that can't be written", more)
		}
	})
}

// TestLessIsTaken where a whole slice has no room, but a shorter call.
func TestLessIsTaken(t *testing.T) {
	c := &till{}
	d, shut := counter(t, c, minute)
	r := request(number.Geographic, "JP")
	r.Call = "c1"
	spent := fact.CallEnded{Call: "c0", Settled: []fact.Settlement{{
		Cost: 9_980_000, Charges: []fact.Charge{{Account: "extension/201/home"}},
	}}}
	c.Commit(fact.Write{Facts: []fact.Fact{fact.BudgetReleased{Account: "unit/home", At: now}, spent}}, func(error) {})
	v, err := ask(d, r)
	if err != nil || v.Verb != gate.VerbPass || int64(v.Meter.Held) != 2*8_800 {
		t.Fatalf("with ¥20 left at home: %+v %v", v, err)
	}
	if r.Call = "c2"; len(*shut) != 0 {
		t.Errorf("shut: %+v", *shut)
	}
	end := fact.CallEnded{Call: "c1", Settled: []fact.Settlement{{Cost: 2 * 8_800}}}
	c.Commit(fact.Write{Facts: []fact.Fact{end}}, func(error) {})
	if v, err := ask(d, r); err != nil || v.Verb != gate.VerbChallenge || len(*shut) != 1 {
		t.Errorf("with ¥2.4 left: %+v %v, shut %+v", v, err, *shut)
	}
}

// TestDegradedHoldsNothing: what passes although nothing can be written is
// charged at its end; abroad nothing passes.
func TestDegradedHoldsNothing(t *testing.T) {
	c := &till{down: fact.ErrNotWritable}
	d, _ := counter(t, c, 10*minute)
	v, err := ask(d, request(number.Geographic, "JP"))
	if err != nil || v.Meter == nil || !v.Meter.Unrecorded || len(v.Meter.Settle(now).Charges) != 2 {
		t.Errorf("at home: %+v %v", v.Meter, err)
	}
	if v, err := ask(d, leone("c1")); !errors.Is(err, desk.ErrNotRecorded) || v.Meter != nil {
		t.Errorf("abroad: %+v %v", v, err)
	}
}

// TestOtherCallsDoNotShutABudget: what other calls have set aside may come
// back, so that the budget is not used up.
func TestOtherCallsDoNotShutABudget(t *testing.T) {
	c := &till{}
	d, shut := counter(t, c, 2*minute-1)
	v, err := ask(d, leone("c1"))
	if err != nil || v.Verb != gate.VerbPass {
		t.Fatal(v, err)
	}
	if v, _ := ask(d, leone("c2")); v.Verb != gate.VerbChallenge || v.Phrase != "Budget Exhausted" || len(*shut) != 0 {
		t.Errorf("while the other call rings: %+v, shut %+v", v, *shut)
	}
	c.Commit(fact.Write{Facts: []fact.Fact{fact.CallEnded{Call: "c1", Settled: []fact.Settlement{{}}}}}, func(error) {})
	if v, err := ask(d, leone("c3")); err != nil || v.Verb != gate.VerbPass {
		t.Errorf("after that call cost nothing: %+v %v", v, err)
	}
	if len(*shut) != 0 {
		t.Errorf("shut: %+v", *shut)
	}
}

// TestNarrowedBudgetsBindRunningCalls: who narrows a budget in an attack must
// not wait for its calls to end.
func TestNarrowedBudgetsBindRunningCalls(t *testing.T) {
	c := &till{}
	d, shut := counter(t, c, 40*minute)
	v, err := ask(d, leone("c1"))
	if err != nil || v.Meter == nil {
		t.Fatal(v, err)
	}
	m := *v.Meter
	m.Answered = now.Add(-50 * time.Second)
	d.SetPolicy(policyOf(t, fact.Limit{Budget: "unit/abroad", Caps: fact.Caps{Day: 2*minute - 1}}))
	d.Renew("c1", m, func(more tariff.Money) {
		if more != 0 {
			t.Errorf("%v more", more)
		}
	})
	if len(*shut) != 1 {
		t.Errorf("shut: %+v", *shut)
	}
}

// TestLentMoneyIsBounded: while nothing can be written, ordinary calls go on
// with no more than their budgets allow on one day, in pieces or as one call.
func TestLentMoneyIsBounded(t *testing.T) {
	const slice, cap24 = 4 * 8_800, 10_000_000 // ten minutes; an extension's day
	for name, renewed := range map[string]bool{"many calls": false, "one call": true} {
		c := &till{down: fact.ErrNotWritable}
		d, _ := counter(t, c, minute)
		lent, m := int64(0), budget.Meter{}
		for range cap24/slice + 2 {
			if renewed && m.Held > 0 {
				m.Answered = now
				d.Renew("c0", m, func(more tariff.Money) { lent, m.Held = lent+int64(more), m.Held+more })
				continue
			}
			v, err := ask(d, request(number.Geographic, "JP"))
			if err == nil {
				lent, m = lent+int64(v.Meter.Held), *v.Meter
			}
		}
		if lent > cap24 || lent < cap24-int64(5*slice) {
			t.Errorf("%s: %d lent, at most %d", name, lent, cap24)
		}
	}
}

// TestEndsThatCouldNotBeWritten are written when the store takes writes again:
// what a call cost is not forgotten, nor what it held.
func TestEndsThatCouldNotBeWritten(t *testing.T) {
	c := &till{}
	d, _ := counter(t, c, 10*minute)
	if _, err := ask(d, leone("c1")); err != nil {
		t.Fatal(err)
	}
	d.Later(fact.ErrNotWritable, fact.CallEnded{Call: "c1", Settled: []fact.Settlement{{Cost: minute}}})
	d.Later(errors.New("for itself"), fact.CallEnded{Call: "c0"})
	if d.Behind() != 1 {
		t.Fatalf("%d facts wait", d.Behind())
	}
	if _, err := ask(d, leone("c2")); err != nil { // a write that succeeds
		t.Fatal(err)
	}
	if d.Behind() != 0 || len(c.ledger.Holding("c1")) != 0 || len(c.ledger.Holding("c2")) != 1 {
		t.Errorf("%d facts wait, c1 holds %+v", d.Behind(), c.ledger.Holding("c1"))
	}
}

// TestOneFactDoesNotHoldUpOthers: what can't be written at all is left out, and
// what waits behind it is written.
func TestOneFactDoesNotHoldUpOthers(t *testing.T) {
	c := &till{}
	d, _ := counter(t, c, 10*minute)
	never := fact.CallRenewed{Call: "c0"} // nothing is set aside for it
	d.Later(fact.ErrNotWritable, fact.CallEnded{Call: "c8"}, never, fact.CallEnded{Call: "c9"})
	if _, err := ask(d, leone("c1")); err != nil {
		t.Fatal(err)
	}
	written := 0
	for _, f := range c.facts {
		if e, ok := f.(fact.CallEnded); ok && (e.Call == "c8" || e.Call == "c9") {
			written++
		}
	}
	if d.Behind() != 0 || written != 2 {
		t.Errorf("%d facts wait, %d ends were written", d.Behind(), written)
	}
}
