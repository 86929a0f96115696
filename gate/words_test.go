package gate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/calendar"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/number"
)

// TestVerbWords: the evidence keeps these words.
func TestVerbWords(t *testing.T) {
	for v, want := range map[Verb]string{
		VerbRefuse: "refuse", VerbPass: "pass", VerbChallenge: "challenge", VerbCut: "cut",
		VerbQuarantine: "quarantine", 200: "refuse",
	} {
		if v.String() != want {
			t.Errorf("%d is %q, want %q", v, v, want)
		}
	}
}

// TestOverBudgetWords: phone, trace and arguments name the budget and the reason.
func TestOverBudgetWords(t *testing.T) {
	for why, want := range map[string]string{
		budget.TooDearPerMinute: "Call Too Dear", budget.TooDearToConnect: "Call Too Dear",
		budget.TooDearForOne: "Call Too Dear", fact.WindowAtOnce: "Too Many Calls",
		fact.WindowCallees: "Too Many Numbers", fact.WindowHour: "Budget Exhausted",
		fact.WindowShut: "Budget Exhausted",
	} {
		phrase, said, args := overBudget(&budget.Refusal{Account: "unit/abroad", Why: why})
		if phrase != want || said != "gate.said.budget."+why || !slices.Equal(args, []string{"unit/abroad"}) {
			t.Errorf("%s: %q, %q, %q", why, phrase, said, args)
		}
	}
}

// TestNoPolicy: without one there is no money to ask for, nothing set apart,
// and nothing goes on without a record but emergency calls.
func TestNoPolicy(t *testing.T) {
	var p *Policy
	r := ordinary()
	charges := []fact.Charge{{Account: "unit/home", Caps: fact.Caps{Day: 5}}}
	if need, refusal := p.Need(&r); !need.Nothing() || refusal != nil {
		t.Errorf("money: %+v %+v", need, refusal)
	}
	if got := p.Recap(charges, noon); len(got) != 1 || got[0] != charges[0] {
		t.Errorf("charges: %+v", got)
	}
	if _, apart := p.Apart(&r); apart || p.Claimed() || p.Version() != "" || p.OrdinaryWhenDegraded() {
		t.Error("no policy sets apart, is claimed, has a name or passes what can't be written")
	}
	v := Judge(nil, r)
	if len(v.Trace) != 2 || v.Trace[0].Rule != "emergency" || v.Trace[1].Rule != "unclaimed" {
		t.Errorf("trace: %+v", v.Trace)
	}
}

func TestAPolicyTellsOfItself(t *testing.T) {
	s, r := settings(), ordinary()
	p, err := NewPolicy(s)
	if err != nil {
		t.Fatal(err)
	}
	if need, refusal := p.Need(&r); !need.Nothing() || refusal != nil || !p.Claimed() || p.Version() != "v1" {
		t.Errorf("without budgets: %+v %+v; %v %q", need, refusal, p.Claimed(), p.Version())
	}
	s.Claimed, s.Budget = false, plan(budget.Settings{})
	if p, err = NewPolicy(s); err != nil || p.Claimed() {
		t.Errorf("an unclaimed unit: %v", err)
	}
	got := p.Recap([]fact.Charge{{Account: "unit/abroad", Caps: fact.Caps{Day: 5}}}, noon)
	if len(got) != 1 || got[0].Caps != budget.FactoryOf("unit/abroad").Caps {
		t.Errorf("a call that goes on gets the caps %+v", got)
	}
}

// TestWhenDegraded is invariant G6.
func TestWhenDegraded(t *testing.T) {
	for _, wanted := range []bool{false, true} {
		s := settings()
		s.DomesticWhenDegraded = wanted
		p, err := NewPolicy(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range number.Classes() {
			r := ordinary()
			r.Destination.Class = c
			want := c == number.Emergency || wanted && FactoryClasses.Has(c)
			if got := p.WhenDegraded(&r); got != want {
				t.Errorf("%s where the owner wants %v: %v", c, wanted, got)
			}
		}
		if p.OrdinaryWhenDegraded() != wanted {
			t.Errorf("the owner wants %v", wanted)
		}
	}
}

// TestLimitsOfAPolicy: what is exactly the limit is taken; a refusal names the
// limit.
func TestLimitsOfAPolicy(t *testing.T) {
	openings := slices.Repeat([]fact.Opening{{ID: "o", Extension: "201", Area: "SL"}}, openingsMax+1)
	extensions, lines := map[string]ExtensionRule{}, map[string]LineRule{}
	for i := range extensionsMax {
		extensions[fmt.Sprint(i)] = ExtensionRule{}
	}
	for i := range linesMax {
		lines[fmt.Sprint(i)] = LineRule{}
	}
	most := Settings{
		Openings: openings[:openingsMax], Extensions: extensions, Lines: lines, Hours: make([]Hours, hoursMax),
	}
	if _, err := NewPolicy(most); err != nil {
		t.Errorf("all at the limit: %v", err)
	}
	refused := func(s Settings, want string) {
		t.Helper()
		if _, err := NewPolicy(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	refused(Settings{Openings: openings}, "10001 openings, at most 10000")
	refused(Settings{Hours: make([]Hours, hoursMax+1)}, "101 spans of hours, at most 100")
	refused(Settings{Hours: []Hours{{To: -1}}}, "from 0 to -1")
	extensions["one more"], lines["one more"] = ExtensionRule{}, LineRule{}
	refused(Settings{Extensions: extensions}, "100001 extension rules, at most 100000")
	refused(Settings{Lines: lines}, "10001 lines, at most 10000")
}

// TestPolicyKeepsItsOwn: rules changed in the settings later are not in the
// policy.
func TestPolicyKeepsItsOwn(t *testing.T) {
	s := settings()
	s.Extensions = map[string]ExtensionRule{"202": {}}
	s.Hours = []Hours{{Name: "closed", From: 0, To: 60, Zone: japan}}
	p, err := NewPolicy(s)
	if err != nil {
		t.Fatal(err)
	}
	s.Extensions["201"] = ExtensionRule{InternalOnly: true}
	s.Hours[0].To = 0
	if v := Judge(p, ordinary()); v.Verb != VerbPass {
		t.Errorf("%v by %s", v.Verb, v.Rule)
	}
}

// TestRulesOfExtensions: an extension's classes narrow, none do not, and those
// of hours bar what they name, or all.
func TestRulesOfExtensions(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Settings, *Request)
		rule   string
	}{
		{"no classes of its own", func(s *Settings, _ *Request) {
			s.Extensions = map[string]ExtensionRule{"201": {}}
		}, "ordinary"},
		{"its class", func(s *Settings, _ *Request) {
			s.Extensions = map[string]ExtensionRule{"201": {Classes: Classes(number.Geographic)}}
		}, "ordinary"},
		{"another class", func(s *Settings, _ *Request) {
			s.Extensions = map[string]ExtensionRule{"201": {Classes: Classes(number.Mobile)}}
		}, "extension-class"},
		{"hours of its class", func(s *Settings, _ *Request) {
			s.Hours = []Hours{{Classes: Classes(number.Geographic)}}
		}, "hours"},
		{"hours of another class", func(s *Settings, _ *Request) {
			s.Hours = []Hours{{Classes: Classes(number.Mobile)}}
		}, "ordinary"},
		{"hours that are over", func(s *Settings, _ *Request) {
			s.Hours = []Hours{{From: 1, To: 2}}
		}, "ordinary"},
		{"hours that are over, at no time", func(s *Settings, q *Request) {
			s.Hours = []Hours{{From: 1, To: 2}}
			q.At = time.Time{}
		}, "hours"},
		{"a country on the list", func(s *Settings, q *Request) {
			abroad("SL", number.RangeMobile)(s, q)
			s.Countries = []string{"US", "SL"}
		}, "ordinary"},
		{"a shared-cost range at home", func(_ *Settings, q *Request) {
			q.Destination.Range = number.RangeShared
		}, "premium"},
		{"a carrier that the line does not declare", func(s *Settings, q *Request) {
			s.Lines["hikari"] = LineRule{Carriers: []string{""}}
			q.Destination.Class = number.CarrierSelect
		}, "carrier-selection"},
	} {
		s, r := settings(), ordinary()
		c.change(&s, &r)
		p, err := NewPolicy(s)
		if err != nil {
			t.Fatal(err)
		}
		if v := Judge(p, r); v.Rule != c.rule {
			t.Errorf("%s: %v by %s, want %s", c.name, v.Verb, v.Rule, c.rule)
		}
	}
}

// TestFirstHoursThatAskAreNamed: of two spans that ask, the trace and the
// announcement are those of the first.
func TestFirstHoursThatAskAreNamed(t *testing.T) {
	s, r := settings(), ordinary()
	s.Hours = []Hours{{Name: "first", Ask: true}, {Name: "second", Ask: true}}
	s.Classes = FactoryClasses
	r.Opinion = opinion(t, tempo.Challenge)
	p, err := NewPolicy(s)
	if err != nil {
		t.Fatal(err)
	}
	v := Judge(p, r)
	if v.Verb != VerbChallenge || v.Rule != "hours" || v.Prompt != promptHours {
		t.Errorf("%v by %s, prompt %q", v.Verb, v.Rule, v.Prompt)
	}
	for _, step := range v.Trace {
		if step.Rule == "hours" && !slices.Equal(step.Args, []string{"first"}) {
			t.Errorf("the trace names %q", step.Args)
		}
	}
	s.Hours = nil
	if p, err = NewPolicy(s); err != nil {
		t.Fatal(err)
	}
	if v := Judge(p, r); v.Status != 603 || v.Rule != RuleTempo || v.Phrase != PhraseOdd {
		t.Errorf("odd: %d %q by %s", v.Status, v.Phrase, v.Rule)
	}
	r.Opinion = &tempo.Opinion{}
	for _, step := range Judge(p, r).Trace {
		if step.Rule == RuleTempo && step.Said != "" {
			t.Errorf("of nothing odd the trace says %q", step.Said)
		}
	}
}

// TestOrdinaryLooksAgain: askOrdinary passes nothing abroad that
// askInternational would not, whatever the order.
func TestOrdinaryLooksAgain(t *testing.T) {
	p, err := NewPolicy(settings())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		area string
		kind number.Range
		want bool
	}{
		{"SL", number.RangeMobile, true},
		{"SL", number.RangePremium, false},
		{"US", number.RangeMobile, false},
		{"US", number.RangePremium, false},
	} {
		r := ordinary()
		abroad(c.area, c.kind)(nil, &r)
		if a := askOrdinary(p, &r); a.given != c.want || a.opening == "o1" != c.want {
			t.Errorf("%s %v: %+v", c.area, c.kind, a)
		}
	}
}

// TestWhyNotUnderstood: the reason of the number grammar is said.
func TestWhyNotUnderstood(t *testing.T) {
	p, err := NewPolicy(settings())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []number.Destination{{}, {Why: number.WhySymbol}} {
		r := ordinary()
		r.Destination = d
		v := Judge(p, r)
		step := v.Trace[len(v.Trace)-1]
		want := "gate.said.nothing"
		if d.Why != "" {
			want = "number.why." + d.Why
		}
		if v.Rule != "not-understood" || step.Said != want {
			t.Errorf("%+v: %s says %q", d, v.Rule, step.Said)
		}
		checkSaid(t, d.Why, step)
	}
}

func TestProofLasts(t *testing.T) {
	r := ordinary()
	r.Proof = Proof{Person: "201", At: noon.Add(-proofLife)}
	if !r.Proves() {
		t.Error("a proof is gone before its time")
	}
	r.Proof.At = noon
	if !r.Proves() {
		t.Error("a proof of this moment does not hold")
	}
	r.Origin.Kind = OriginRedirect
	if r.Proves() {
		t.Error("the proof of nobody on the phone holds")
	}
	r = ordinary()
	r.Origin.Extension = ""
	r.Proof.At = noon
	if r.Proves() {
		t.Error("nobody's proof holds for nobody")
	}
}

func TestClassSet(t *testing.T) {
	all := ^ClassSet(0)
	if !all.Has(31) || all.Has(32) || all.Has(200) || ClassSet(0).Has(0) {
		t.Error("a class beyond the set is in it, or one of it is not")
	}
}

// TestHoursToTheMinute: From is in a span, To is not; one that begins at its
// end lasts a day; without a zone it is UTC.
func TestHoursToTheMinute(t *testing.T) {
	wednesday := []time.Weekday{time.Wednesday}
	for _, c := range []struct {
		from, to int
		days     []time.Weekday
		at       string // UTC, in the week of Wednesday 11 March 2015
		want     bool
	}{
		{9*60 + 30, 17 * 60, nil, "11 09:29", false},
		{9*60 + 30, 17 * 60, nil, "11 09:30", true},
		{9*60 + 30, 17 * 60, nil, "11 16:59", true},
		{9*60 + 30, 17 * 60, nil, "11 17:00", false},
		{9*60 + 30, 17 * 60, wednesday, "11 10:00", true},
		{9*60 + 30, 17 * 60, wednesday, "12 10:00", false},
		{9 * 60, 9 * 60, wednesday, "11 00:00", true},
		{9 * 60, 9 * 60, wednesday, "11 23:59", true},
		{9 * 60, 9 * 60, wednesday, "12 00:00", false},
		{22 * 60, 6 * 60, wednesday, "11 05:00", false},
		{22 * 60, 6 * 60, wednesday, "11 22:00", true},
		{22 * 60, 6 * 60, wednesday, "12 05:59", true},
		{22 * 60, 6 * 60, wednesday, "12 06:00", false},
		{22 * 60, 6 * 60, wednesday, "12 22:00", false},
	} {
		at, err := time.Parse("2006-01-02 15:04", "2015-03-"+c.at)
		if err != nil {
			t.Fatal(err)
		}
		h := Hours{From: c.from, To: c.to, Days: c.days}
		if got := h.Covers(at.In(japan)); got != c.want {
			t.Errorf("%d to %d on %v at %s: %v", c.from, c.to, c.days, c.at, got)
		}
	}
	tenth := calendar.Day{Month: time.March, Day: 10}
	h := Hours{Holidays: true, Spans: []calendar.Span{{First: tenth, Last: tenth}}}
	for day, want := range map[string]bool{"2026-03-10": true, "2026-03-20": true, "2026-03-11": false} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if h.Covers(at) != want {
			t.Errorf("%s: want %v", day, want)
		}
	}
}
