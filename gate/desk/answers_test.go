package desk_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

// scripted answers one write after the other as it was told to, and then takes
// all.
type scripted struct {
	answers []error
	writes  []fact.Write
}

var _ fact.Committer = (*scripted)(nil)

// Commit implements fact.Committer.
func (s *scripted) Commit(w fact.Write, done func(error)) {
	s.writes = append(s.writes, w)
	var err error
	if len(s.answers) > 0 {
		err, s.answers = s.answers[0], s.answers[1:]
	}
	done(err)
}

// holds lists what writes wanted to set aside, and whether each verdict was
// called the first of its call.
func (s *scripted) holds() (amounts []int64, first []bool) {
	for _, w := range s.writes {
		switch f := w.Facts[0].(type) {
		case fact.CallJudged:
			if f.Hold != nil {
				amounts, first = append(amounts, f.Hold.Amount), append(first, f.First)
			}
		case fact.CallRenewed:
			amounts = append(amounts, f.Hold.Amount)
		}
	}
	return amounts, first
}

// room says that an account has only so much left.
func room(account, window string, left int64) error {
	return &fact.Exhausted{Account: account, Window: window, Room: left, Epoch: 3}
}

// rooms has one account after the other with less.
func rooms(left ...int64) []error {
	var out []error
	for _, n := range left {
		out = append(out, room("unit/abroad", fact.WindowDay, n))
	}
	return out
}

// bySecond is a policy by which a second abroad costs a thousandth of a yen, so
// that a call begins with 60, and from the person's own budget with 180.
func bySecond(t *testing.T, degraded bool, limits ...fact.Limit) *gate.Policy {
	t.Helper()
	rates, err := tariff.NewTable([]tariff.Rate{
		{Prefix: "232", PerUnit: 1, Unit: time.Second},
		{Prefix: "geographic", PerUnit: 1, Unit: time.Second},
		{Prefix: "service", Unit: time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	money, err := budget.New(budget.Settings{Limits: limits, Tariff: func(string) *tariff.Table { return rates }})
	if err != nil {
		t.Fatal(err)
	}
	p, err := gate.NewPolicy(gate.Settings{
		Claimed: true, Lines: map[string]gate.LineRule{"hikari": {}}, Budget: money, DomesticWhenDegraded: degraded,
		Openings: []fact.Opening{{ID: "o1", Extension: "201", Area: "SL", Expires: now.Add(time.Hour)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// asked is a desk on a scripted disk, and what it told whom.
type asked struct {
	*desk.Desk
	disk    *scripted
	shut    []fact.BudgetExhausted
	vouched int
	log     bytes.Buffer
}

func answering(t *testing.T, p *gate.Policy, answers ...error) *asked {
	a := &asked{disk: &scripted{answers: answers}}
	a.Desk = desk.New(desk.Config{
		Committer: a.disk, Policy: p, Now: func() time.Time { return now },
		Exhausted: func(f fact.BudgetExhausted) { a.shut = append(a.shut, f) },
		Vouched:   func() { a.vouched++ }, Log: slog.New(slog.NewTextHandler(&a.log, nil)),
	})
	return a
}

func proved(r gate.Request) gate.Request {
	r.At, r.Proof = now, gate.Proof{Person: r.Origin.Extension, At: now}
	return r
}

// TestHowMuchIsTried: less each time while a call can begin with that, six times
// in all; only the first verdict can be the first record of the call.
func TestHowMuchIsTried(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers []error
		want    []int64
		verb    gate.Verb
		shut    bool
	}{
		{"at once", nil, []int64{60}, gate.VerbPass, false},
		{"less", rooms(50), []int64{60, 50}, gate.VerbPass, false},
		{"the least", rooms(50, 20), []int64{60, 50, 20}, gate.VerbPass, false},
		{"too little", rooms(50, 19), []int64{60, 50}, gate.VerbChallenge, true},
		{"as much as was wanted", rooms(60), []int64{60}, gate.VerbChallenge, false},
		{"five times less", rooms(50, 45, 40, 35, 30), []int64{60, 50, 45, 40, 35, 30}, gate.VerbPass, false},
		{"six times", rooms(50, 45, 40, 35, 30, 25), []int64{60, 50, 45, 40, 35, 30}, gate.VerbChallenge, false},
		{
			"too many at once",
			[]error{room("unit/abroad", fact.WindowAtOnce, 50)},
			[]int64{60},
			gate.VerbChallenge, false,
		},
		{"shut", []error{room("unit/abroad", fact.WindowShut, 0)}, []int64{60}, gate.VerbChallenge, false},
		{
			"held by others",
			[]error{&fact.Exhausted{Account: "unit/abroad", Window: fact.WindowDay, Room: 5, Back: 15}},
			[]int64{60},
			gate.VerbChallenge, false,
		},
	} {
		a := answering(t, bySecond(t, false), c.answers...)
		v, err := ask(a.Desk, leone("c1"))
		amounts, first := a.disk.holds()
		if err != nil || v.Verb != c.verb || !slices.Equal(amounts, c.want) || (len(a.shut) == 1) != c.shut {
			t.Errorf("%s: %v, tried %v, shut %+v, %v; want %v", c.name, v.Verb, amounts, a.shut, err, c.want)
		}
		if v.Verb == gate.VerbPass && int64(v.Meter.Held) != amounts[len(amounts)-1] {
			t.Errorf("%s: %v is held", c.name, v.Meter.Held)
		}
		for i := range first {
			if first[i] != (i == 0) {
				t.Errorf("%s: verdict %d says that it is the first: %v", c.name, i, first[i])
			}
		}
		last := a.disk.writes[len(a.disk.writes)-1]
		if f, ok := last.Facts[0].(fact.CallJudged); !ok || f.Verb != c.verb.String() ||
			last.Behind != (c.verb != gate.VerbPass && !c.shut) {
			t.Errorf("%s: last written %+v", c.name, last)
		}
		passed, asked := a.Tally.Passed.Load(), a.Tally.Challenged.Load()
		if passed+asked != 1 || (passed == 1) != (c.verb == gate.VerbPass) {
			t.Errorf("%s: counted %d passed, %d challenged", c.name, passed, asked)
		}
	}
}

// TestTheOthersBudgetsAreTriedAnew where the person's own has no room.
func TestTheOthersBudgetsAreTriedAnew(t *testing.T) {
	own := []error{room("person/201/abroad", fact.WindowDay, 0)}
	for _, c := range []struct {
		answers []error
		want    []int64
		verb    gate.Verb
	}{
		{own, []int64{180, 60}, gate.VerbPass},
		{append(slices.Clone(own), rooms(50, 45, 40, 35, 30)...), []int64{180, 60, 50, 45, 40, 35, 30}, gate.VerbPass},
		{
			append(slices.Clone(own), rooms(50, 45, 40, 35, 30, 25)...),
			[]int64{180, 60, 50, 45, 40, 35, 30},
			gate.VerbRefuse,
		},
	} {
		a := answering(t, bySecond(t, false), c.answers...)
		v, err := ask(a.Desk, proved(leone("c1")))
		amounts, first := a.disk.holds()
		if err != nil || v.Verb != c.verb || !slices.Equal(amounts, c.want) || a.vouched != 0 || len(a.shut) != 0 {
			t.Errorf("%v, tried %v, vouched %d, shut %+v, %v; want %v", v.Verb, amounts, a.vouched, a.shut, err, c.want)
		}
		if slices.Contains(first[1:], true) {
			t.Errorf("first: %v", first)
		}
	}
}

// TestWhoIsVouchedFor: a number abroad that is paid for from the person's own
// budget, with its PIN; nothing that costs nothing, and nothing at home.
func TestWhoIsVouchedFor(t *testing.T) {
	free := request(number.Service, "JP")
	for name, c := range map[string]struct {
		r    gate.Request
		want int
	}{
		"abroad": {proved(leone("c1")), 1}, "abroad without a PIN": {leone("c1"), 0},
		"at home": {proved(request(number.Geographic, "JP")), 0}, "free": {proved(free), 0},
	} {
		a := answering(t, bySecond(t, false))
		if v, err := ask(a.Desk, c.r); err != nil || v.Verb != gate.VerbPass || !v.Recorded || a.vouched != c.want {
			t.Errorf("%s: %v, recorded %v, vouched %d times, %v", name, v.Verb, v.Recorded, a.vouched, err)
		}
	}
}

// TestRenewalsAreTried as first slices are: less each time while that pays for
// another unit, six times in all. Who asks is answered once.
func TestRenewalsAreTried(t *testing.T) {
	meter := func(pot budget.Pot) budget.Meter {
		return budget.Meter{
			Held: 60, Answered: now.Add(-time.Minute), Need: budget.Need{
				Pot: pot, Rate: tariff.Rate{PerUnit: 1, Unit: time.Second},
				Charges: []fact.Charge{{Account: "unit/abroad"}},
			},
		}
	}
	abroad, home := meter(budget.Abroad), meter(budget.Home)
	spent := abroad
	spent.Most = 60
	lost := errors.New("the disk is strange")
	for _, c := range []struct {
		name     string
		m        budget.Meter
		degraded bool
		answers  []error
		want     []int64 // tried
		more     int64
		shut     int
		logs     bool
	}{
		{"at once", abroad, false, nil, []int64{60}, 60, 0, false},
		{"no more for one call", spent, false, nil, nil, 0, 0, false},
		{"less", abroad, false, rooms(7), []int64{60, 7}, 7, 0, false},
		{"one unit", abroad, false, rooms(1), []int64{60, 1}, 1, 0, false},
		{"nothing", abroad, false, rooms(0), []int64{60}, 0, 1, false},
		{"less, then nothing", abroad, false, rooms(7, 0), []int64{60, 7}, 0, 1, false},
		{"as much as was wanted", abroad, false, rooms(60), []int64{60}, 0, 0, false},
		{"six times", abroad, false, rooms(50, 40, 30, 20, 10, 5), []int64{60, 50, 40, 30, 20, 10}, 0, 0, false},
		{"shut", abroad, false, []error{room("unit/abroad", fact.WindowShut, 0)}, []int64{60}, 0, 0, false},
		{"too many", abroad, false, []error{room("unit/abroad", fact.WindowAtOnce, 7)}, []int64{60}, 0, 0, false},
		{"refused for itself", home, true, []error{lost}, []int64{600}, 0, 0, true},
		{"closed", home, true, []error{fact.ErrClosed}, []int64{600}, 0, 0, true},
		{"nothing is written", home, true, []error{fact.ErrNotWritable}, []int64{600}, 600, 0, false},
		{"the queue is full", home, true, []error{fact.ErrQueueFull}, []int64{600}, 600, 0, false},
		{"nothing is lent", home, false, []error{fact.ErrNotWritable}, []int64{600}, 0, 0, false},
		{"nothing is lent abroad", abroad, true, []error{fact.ErrNotWritable}, []int64{60}, 0, 0, false},
	} {
		a := answering(t, bySecond(t, c.degraded), c.answers...)
		answers := []int64{}
		a.Renew("c1", c.m, func(more tariff.Money) { answers = append(answers, int64(more)) })
		amounts, _ := a.disk.holds()
		if !slices.Equal(answers, []int64{c.more}) || !slices.Equal(amounts, c.want) || len(a.shut) != c.shut {
			t.Errorf("%s: answered %v, tried %v, shut %+v", c.name, answers, amounts, a.shut)
		}
		if logs := strings.Contains(a.log.String(), "can't be renewed"); logs != c.logs {
			t.Errorf("%s: logged %q", c.name, a.log.String())
		}
		if c.shut > 0 && a.shut[0] != (fact.BudgetExhausted{
			Account: "unit/abroad", Window: fact.WindowDay, Call: "c1", Epoch: 3, At: now,
		}) {
			t.Errorf("%s: shut %+v", c.name, a.shut)
		}
	}
}

// TestShutIsNotForgotten: that a budget is used up waits, with the verdict beside
// it, until it can be written; who is told of it waits too.
func TestShutIsNotForgotten(t *testing.T) {
	a := answering(t, bySecond(t, false), append(rooms(0), fact.ErrNotWritable)...)
	if v, err := ask(a.Desk, leone("c1")); err != nil || v.Verb != gate.VerbChallenge {
		t.Fatal(v, err)
	}
	if a.Behind() != 2 || len(a.shut) != 0 {
		t.Fatalf("%d facts wait, told of %+v", a.Behind(), a.shut)
	}
	// A budget that is shut on disk takes along what waits.
	a.disk.answers = rooms(0)
	if v, _ := ask(a.Desk, leone("c2")); v.Verb != gate.VerbChallenge || a.Behind() != 0 || len(a.shut) != 1 {
		t.Errorf("%d facts wait, told of %+v", a.Behind(), a.shut)
	}
	var kinds []string
	for _, f := range a.disk.writes[len(a.disk.writes)-1].Facts {
		kinds = append(kinds, f.Kind())
	}
	if want := []string{"call.judged", "budget.exhausted"}; !slices.Equal(kinds, want) {
		t.Errorf("written late: %v, want %v", kinds, want)
	}
}

// TestWhatWaitedGoesOn to the desk that comes after, in its order; what can't be
// written at all is in the log.
func TestWhatWaitedGoesOn(t *testing.T) {
	a := answering(t, bySecond(t, false))
	a.Later(fact.ErrQueueFull, fact.CallEnded{Call: "c1"}, fact.CallEnded{Call: "c2"})
	a.Later(errors.New("for itself"), fact.CallEnded{Call: "c3"})
	if log := a.log.String(); !strings.Contains(log, "facts can't be recorded") || !strings.Contains(log, "count=1") {
		t.Errorf("logged %q", log)
	}
	next := answering(t, bySecond(t, false), nil, fact.ErrClosed)
	next.Later(fact.ErrNotWritable, a.Unwritten()...)
	if v, err := ask(next.Desk, leone("c4")); err != nil || v.Verb != gate.VerbPass {
		t.Fatal(v, err)
	}
	if next.Behind() != 2 || next.log.Len() > 0 { // a store that is closed refuses no fact for itself
		t.Errorf("%d wait, logged %q", next.Behind(), next.log.String())
	}
	next.disk.answers = []error{nil, errors.New("for itself")}
	if v, err := ask(next.Desk, leone("c5")); err != nil || v.Verb != gate.VerbPass {
		t.Fatal(v, err)
	}
	if log := next.log.String(); !strings.Contains(log, "facts that waited can't be recorded") ||
		!strings.Contains(log, "count=2") || next.Behind() != 0 {
		t.Errorf("%d wait, logged %q", next.Behind(), log)
	}
	last := next.disk.writes[len(next.disk.writes)-2:]
	for i, want := range []string{"c1", "c2"} {
		if f, ok := last[i].Facts[0].(fact.CallEnded); !ok || f.Call != want || len(last[i].Facts) != 1 {
			t.Errorf("written late: %+v, want the end of %s", last[i].Facts, want)
		}
	}
}

// TestEveryVerdictIsCounted once, as what it was in the end, with how long a pass
// took to be on disk.
func TestEveryVerdictIsCounted(t *testing.T) {
	a := answering(t, bySecond(t, true))
	wants := func(what string, passed, refused, recorded uint64) {
		t.Helper()
		c := &a.Tally
		if c.Passed.Load() != passed || c.Refused.Load() != refused || c.Recorded.Read().Count != recorded {
			t.Errorf("%s: %d passed, %d refused, %d recorded", what, c.Passed.Load(), c.Refused.Load(),
				c.Recorded.Read().Count)
		}
	}
	a.Ask(domestic, (&answer{}).take)
	wants("a pass", 1, 0, 1)
	a.Ask(barred, (&answer{}).take)
	wants("a refusal", 1, 1, 1)
	a.Ask(emergency, (&answer{}).take)
	wants("an emergency call", 2, 1, 1)
	a.disk.answers = []error{fact.ErrNotWritable}
	a.Ask(domestic, (&answer{}).take)
	wants("one at home that can't be written", 3, 1, 1)
	a.disk.answers = []error{fact.ErrNotWritable}
	v, err := ask(a.Desk, leone("c1"))
	wants("one abroad that can't be written", 3, 2, 1)
	last := v.Trace[len(v.Trace)-1]
	if !errors.Is(err, desk.ErrNotRecorded) || v.Recorded || last.Rule != v.Rule ||
		last.Said != "gate.said.not-written" {
		t.Errorf("refused by %s, said last %+v, %v", v.Rule, last, err)
	}
}

// TestWhoCalledIsOnRecord, of an emergency call too.
func TestWhoCalledIsOnRecord(t *testing.T) {
	party := fact.Party{
		Origin: "dialed", Extension: "201", Device: "201-1", Credential: "u201", Source: "192.0.2.7:5060",
		Transport: "tls", UserAgent: "phone", Registration: "r1",
	}
	a := answering(t, bySecond(t, false))
	for _, r := range []gate.Request{domestic, emergency} {
		o := &r.Origin
		o.Credential, o.Transport, o.UserAgent, o.Registration = "u201", "tls", "phone", "r1"
		r.Origin.Source = netip.MustParseAddrPort("192.0.2.7:5060")
		r.At = now
		a.Ask(r, (&answer{}).take)
		f, ok := a.disk.writes[len(a.disk.writes)-1].Facts[0].(fact.CallJudged)
		if !ok || f.Party != party || !f.Authenticated {
			t.Errorf("judged: %+v", f)
		}
	}
	want := fact.EmergencyCalled{
		Call: "c1", Party: party, Authenticated: true, Number: emergency.Destination.Digits, Line: "hikari", At: now,
	}
	last := a.disk.writes[len(a.disk.writes)-1].Facts
	if len(last) != 2 || last[1] != fact.Fact(want) {
		t.Errorf("called: %+v, want %+v", last, want)
	}
	a.Ask(domestic, (&answer{}).take)
	if f, ok := a.disk.writes[len(a.disk.writes)-1].Facts[0].(fact.CallJudged); !ok || f.Source != "" {
		t.Errorf("from nowhere: %+v", f.Party)
	}
}

// TestNobodyNeedsToBeTold: a desk without hooks does what one with them does.
func TestNobodyNeedsToBeTold(t *testing.T) {
	disk := &scripted{answers: rooms(0)}
	d := desk.New(desk.Config{Committer: disk, Policy: bySecond(t, false)})
	r := leone("c1")
	r.At = now
	if v, err := ask(d, r); err != nil || v.Verb != gate.VerbChallenge || len(disk.writes) != 2 {
		t.Errorf("%v, %d writes, %v", v.Verb, len(disk.writes), err)
	}
	if v, err := ask(d, proved(leone("c2"))); err != nil || v.Verb != gate.VerbPass {
		t.Errorf("%v, %v", v.Verb, err)
	}
}

// TestApart: the desk knows who is set apart by the policy in force.
func TestApart(t *testing.T) {
	p, err := gate.NewPolicy(gate.Settings{
		Claimed: true, Lines: map[string]gate.LineRule{"hikari": {}},
		Quarantines: []fact.Quarantine{{ID: "q1", Kind: "extension", Value: "201"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := answering(t, bySecond(t, false))
	r := domestic
	r.At = now
	if _, apart := a.Apart(&r); apart {
		t.Error("set apart by nothing")
	}
	a.SetPolicy(p)
	if q, apart := a.Apart(&r); !apart || q.ID != "q1" {
		t.Errorf("set apart is %v, by %+v", apart, q)
	}
}
