package gate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/calendar"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/quarantine"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
)

// TestOrder is the golden list: a rule that moves is a change of what the gate
// promises, and wants a decision record.
func TestOrder(t *testing.T) {
	want := "emergency, unclaimed, quarantine, not-understood, origin, line-to-line, site, alert-call, " +
		"international, premium, global-code, carrier-feature, carrier-selection, extension-class, line-class, " +
		"hours, tempo, budget, ordinary, everything-else"
	var names []string
	for _, r := range Order() {
		names = append(names, r.Name)
		if _, ok := text.Lookup(text.Key(r.Why())); !ok {
			t.Errorf("rule %s: no sentence %s", r.Name, r.Why())
		}
	}
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("the order is\n%s\nwant\n%s", got, want)
	}
}

// noon is a Wednesday at noon in Japan.
var (
	japan = time.FixedZone("JST", 9*60*60)
	noon  = time.Date(2015, 3, 11, 12, 0, 0, 0, japan)
)

// settings are those of a claimed unit with one line and one opening.
func settings() Settings {
	return Settings{
		Version: "v1", Claimed: true,
		Lines: map[string]LineRule{"hikari": {}},
		Openings: []fact.Opening{
			{ID: "o1", Extension: "201", Area: "SL", Expires: noon.Add(time.Hour)},
		},
	}
}

// ordinary is a request that every rule leaves alone.
func ordinary() Request {
	return Request{
		Call: "c1", Line: "hikari", Dialed: "0312345678", At: noon,
		Origin: Origin{
			Kind: OriginDialed, Extension: "201", Device: "201-1", Credential: "reception", Authenticated: true,
		},
		Destination: number.Destination{Class: number.Geographic, Digits: "81312345678", Area: "JP"},
	}
}

func abroad(area string, r number.Range) func(*Settings, *Request) {
	return func(_ *Settings, q *Request) {
		q.Destination = number.Destination{Class: number.International, Digits: "23276123456", Area: area, Range: r}
	}
}

func class(c number.Class) func(*Settings, *Request) {
	return func(_ *Settings, q *Request) { q.Destination.Class = c }
}

func apart(kind, value string) func(*Settings, *Request) {
	return func(s *Settings, _ *Request) {
		s.Quarantines = append(s.Quarantines, fact.Quarantine{ID: "q1", Kind: kind, Value: value})
	}
}

type fixture struct {
	name   string
	change func(*Settings, *Request)
	rule   string
	verb   Verb
	status int
	prompt string
}

var fixtures = slices.Concat(officeFixtures, alertFixtures, siteFixtures)

// officeFixtures take the ordinary request and change one thing.
var officeFixtures = []fixture{
	{"ordinary", func(*Settings, *Request) {}, "ordinary", VerbPass, 0, ""},
	{"mobile", class(number.Mobile), "ordinary", VerbPass, 0, ""},
	{"ip phone", class(number.IPPhone), "ordinary", VerbPass, 0, ""},
	{"freephone", class(number.Freephone), "ordinary", VerbPass, 0, ""},
	{"service", class(number.Service), "ordinary", VerbPass, 0, ""},
	{"emergency", class(number.Emergency), "emergency", VerbPass, 0, ""},
	{"emergency of no phone", func(_ *Settings, q *Request) {
		q.Destination.Class, q.Origin = number.Emergency, Origin{Kind: OriginLineTest, Authenticated: true}
	}, "emergency", VerbRefuse, 403, ""},
	{"unclaimed", func(s *Settings, _ *Request) { s.Claimed = false }, "unclaimed", VerbRefuse, 603, "unit-unclaimed"},
	{"phone set apart", apart("phone", "201-1"), "quarantine", VerbRefuse, 603, promptBarred},
	{"credential set apart", apart("credential", "reception"), "quarantine", VerbRefuse, 603, promptBarred},
	{"extension set apart", apart("extension", "201"), "quarantine", VerbRefuse, 603, promptBarred},
	{"line set apart", apart("line", "hikari"), "quarantine", VerbRefuse, 603, promptBarred},
	{"number set apart", apart("destination", "+8131"), "quarantine", VerbRefuse, 603, promptBarred},
	{"everything set apart", apart("unit", ""), "quarantine", VerbRefuse, 603, promptBarred},
	{"anywhere set apart", apart("destination", "anywhere"), "quarantine", VerbRefuse, 603, promptBarred},
	{"abroad set apart, and open", func(s *Settings, q *Request) {
		abroad("SL", number.RangeMobile)(s, q)
		apart("destination", "abroad")(s, q)
	}, "quarantine", VerbRefuse, 603, promptBarred},
	{"abroad set apart", apart("destination", "abroad"), "ordinary", VerbPass, 0, ""},
	{"other phone set apart", apart("phone", "201-2"), "ordinary", VerbPass, 0, ""},
	{"other line set apart", apart("line", "other"), "ordinary", VerbPass, 0, ""},
	{"caller set apart whose call is sent on", func(s *Settings, q *Request) {
		apart("phone", "203-1")(s, q)
		q.Caller = Origin{Extension: "203", Device: "203-1"}
	}, "quarantine", VerbRefuse, 603, promptBarred},
	{"set apart until before", func(s *Settings, q *Request) {
		apart("unit", "")(s, q)
		s.Quarantines[0].Until = noon
	}, "ordinary", VerbPass, 0, ""},
	{"set apart until later", func(s *Settings, q *Request) {
		apart("unit", "")(s, q)
		s.Quarantines[0].Until = noon.Add(time.Second)
	}, "quarantine", VerbRefuse, 603, promptBarred},
	{"set apart until before, no time", func(s *Settings, q *Request) {
		apart("unit", "")(s, q)
		s.Quarantines[0].Until, q.At = noon, time.Time{}
	}, "quarantine", VerbRefuse, 603, promptBarred},
	{"emergency, everything set apart", func(s *Settings, q *Request) {
		apart("unit", "")(s, q)
		q.Destination = number.Destination{Class: number.Emergency, Digits: "110"}
	}, "emergency", VerbPass, 0, ""},
	{"not understood", class(number.NotUnderstood), "not-understood", VerbRefuse, 404, "number-not-understood"},
	{"extension", class(number.Extension), "not-understood", VerbRefuse, 404, "number-not-understood"},
	{"feature", class(number.Feature), "not-understood", VerbRefuse, 404, "number-not-understood"},
	{"unknown class", class(200), "not-understood", VerbRefuse, 404, "number-not-understood"},
	{"no digits", func(_ *Settings, q *Request) {
		q.Destination.Digits = ""
	}, "not-understood", VerbRefuse, 404, "number-not-understood"},
	{"unknown origin", func(_ *Settings, q *Request) { q.Origin.Kind = "" }, "origin", VerbRefuse, 403, ""},
	{"no extension", func(_ *Settings, q *Request) { q.Origin.Extension = "" }, "origin", VerbRefuse, 403, ""},
	{"not authenticated", func(_ *Settings, q *Request) {
		q.Origin.Authenticated = false
	}, "origin", VerbRefuse, 403, ""},
	{"line to line", func(_ *Settings, q *Request) {
		q.Origin.Kind = OriginLineToLine
	}, "line-to-line", VerbRefuse, 403, "barred"},
	{"abroad", abroad("US", number.RangeFixed), "international", VerbRefuse, 603, promptInternational},
	{"abroad, open", abroad("SL", number.RangeMobile), "ordinary", VerbPass, 0, ""},
	{"abroad, premium", abroad("SL", number.RangePremium), "international", VerbRefuse, 603, promptInternational},
	{"unallocated", abroad("SL", number.RangeUnallocated), "international", VerbRefuse, 603, promptInternational},
	{"abroad, unknown range", abroad("SL", number.RangeUnknown), "international", VerbRefuse, 603, promptInternational},
	{"abroad, other extension", func(s *Settings, q *Request) {
		abroad("SL", number.RangeMobile)(s, q)
		q.Origin.Extension = "202"
	}, "international", VerbRefuse, 603, promptInternational},
	{"abroad, opening expired", func(s *Settings, q *Request) {
		abroad("SL", number.RangeMobile)(s, q)
		q.At = noon.Add(time.Hour)
	}, "international", VerbRefuse, 603, promptInternational},
	{"abroad, no time", func(s *Settings, q *Request) {
		abroad("SL", number.RangeMobile)(s, q)
		q.At = time.Time{}
	}, "international", VerbRefuse, 603, promptInternational},
	{"abroad, not on the list", func(s *Settings, q *Request) {
		abroad("SL", number.RangeMobile)(s, q)
		s.Countries = []string{"US"}
	}, "international", VerbRefuse, 603, promptInternational},
	{"premium", class(number.Premium), "premium", VerbRefuse, 603, "premium-barred"},
	{"navi", class(number.Navi), "premium", VerbRefuse, 603, "premium-barred"},
	{"telegong", class(number.Telegong), "premium", VerbRefuse, 603, "premium-barred"},
	{"pager", class(number.Pager), "premium", VerbRefuse, 603, "premium-barred"},
	{"navi on the unit's list", func(s *Settings, q *Request) {
		s.Classes, q.Destination.Class = FactoryClasses|Classes(number.Navi), number.Navi
		q.Destination.Range = number.RangeShared
	}, "ordinary", VerbPass, 0, ""},
	{"premium range", func(_ *Settings, q *Request) {
		q.Destination.Range = number.RangePremium
	}, "premium", VerbRefuse, 603, "premium-barred"},
	{"satellite", class(number.Satellite), "global-code", VerbRefuse, 603, promptInternational},
	{"global code", class(number.GlobalCode), "global-code", VerbRefuse, 603, promptInternational},
	{"carrier feature", class(number.CarrierFeature), "carrier-feature", VerbRefuse, 603, "barred"},
	{"carrier code", func(_ *Settings, q *Request) {
		q.Destination.Carrier = "0033"
	}, "carrier-selection", VerbRefuse, 603, "barred"},
	{"carrier code declared", func(s *Settings, q *Request) {
		q.Destination.Carrier, s.Lines["hikari"] = "0033", LineRule{Carriers: []string{"0033"}}
	}, "ordinary", VerbPass, 0, ""},
	{"carrier selection", class(number.CarrierSelect), "carrier-selection", VerbRefuse, 603, "barred"},
	{"carrier selection declared, not on the unit's list", func(s *Settings, q *Request) {
		q.Destination.Class, q.Destination.Carrier = number.CarrierSelect, "0033"
		s.Lines["hikari"] = LineRule{Carriers: []string{"0033"}}
	}, "everything-else", VerbRefuse, 603, "barred"},
	{"no employee's", func(_ *Settings, q *Request) {
		q.Opinion = &tempo.Opinion{Level: tempo.Cut}
	}, "tempo", VerbRefuse, 603, "barred"},
	{"internal only", func(s *Settings, _ *Request) {
		s.Extensions = map[string]ExtensionRule{"201": {InternalOnly: true}}
	}, "extension-class", VerbRefuse, 603, "barred"},
	{"not a class of the extension", func(s *Settings, _ *Request) {
		s.Extensions = map[string]ExtensionRule{"201": {Classes: Classes(number.Mobile)}}
	}, "extension-class", VerbRefuse, 603, "barred"},
	{"other extension's rule", func(s *Settings, _ *Request) {
		s.Extensions = map[string]ExtensionRule{"202": {InternalOnly: true}}
	}, "ordinary", VerbPass, 0, ""},
	{"line not known", func(_ *Settings, q *Request) { q.Line = "other" }, "line-class", VerbRefuse, 603, "barred"},
	{"not a class of the line", func(s *Settings, _ *Request) {
		s.Lines["hikari"] = LineRule{Classes: Classes(number.Mobile)}
	}, "line-class", VerbRefuse, 603, "barred"},
	{"# short number", class(number.HashShort), "line-class", VerbRefuse, 603, "barred"},
	{"# short number declared", func(s *Settings, q *Request) {
		q.Destination.Class = number.HashShort
		s.Lines["hikari"] = LineRule{Classes: FactoryClasses}
	}, "ordinary", VerbPass, 0, ""},
	{"hours", func(s *Settings, q *Request) {
		s.Hours = []Hours{{Name: "lunch", From: 12 * 60, To: 13 * 60, Zone: japan}}
	}, "hours", VerbRefuse, 603, "hours-barred"},
	{"hours, other extension", func(s *Settings, q *Request) {
		s.Hours = []Hours{{Name: "lunch", From: 12 * 60, To: 13 * 60, Zone: japan, Extensions: []string{"299"}}}
	}, "ordinary", VerbPass, 0, ""},
	{"hours of the extension", func(s *Settings, q *Request) {
		s.Hours = []Hours{{
			Name: "lunch", From: 12 * 60, To: 13 * 60, Zone: japan, Extensions: []string{q.Origin.Extension},
		}}
	}, "hours", VerbRefuse, 603, "hours-barred"},
	{"hours, other class", func(s *Settings, q *Request) {
		s.Hours = []Hours{{Name: "lunch", From: 12 * 60, To: 13 * 60, Zone: japan, Classes: Classes(number.Mobile)}}
	}, "ordinary", VerbPass, 0, ""},
	{"too dear", func(s *Settings, q *Request) {
		s.Budget = plan(budget.Settings{})
		q.Destination = number.Destination{
			Class: number.International, Digits: "23276123456", Area: "SL", Range: number.RangeMobile,
		}
	}, "budget", VerbRefuse, 603, "barred"},
	{"exhausted", func(s *Settings, _ *Request) {
		s.Budget = plan(budget.Settings{Shut: map[string]string{
			"extension/201/home": fact.WindowMonth, "person/201/home": fact.WindowMonth,
		}})
	}, "budget", VerbRefuse, 603, "barred"},
	{"another's is exhausted", func(s *Settings, _ *Request) {
		s.Budget = plan(budget.Settings{Shut: map[string]string{"extension/202/home": fact.WindowDay}})
	}, "ordinary", VerbPass, 0, ""},
	{"forwarded, and exhausted", func(s *Settings, q *Request) {
		q.Origin.Kind = OriginForward
		s.Budget = plan(budget.Settings{Shut: map[string]string{"forward/201/home": fact.WindowDay}})
	}, "budget", VerbRefuse, 603, "barred"},
	{"emergency, and everything is exhausted", func(s *Settings, q *Request) {
		q.Destination = number.Destination{Class: number.Emergency, Digits: "110"}
		s.Budget = plan(budget.Settings{Shut: map[string]string{"unit/home": fact.WindowDay}})
	}, "emergency", VerbPass, 0, ""},
	{"not on the unit's list", func(s *Settings, q *Request) {
		s.Classes = Classes(number.Mobile)
	}, "everything-else", VerbRefuse, 603, "barred"},
}

// plan is one of budgets where nobody knows what calls cost.
func plan(s budget.Settings) *budget.Plan {
	p, err := budget.New(s)
	if err != nil {
		panic(err)
	}
	return p
}

// TestOverBudget: every reason for which there is no money has its words.
func TestOverBudget(t *testing.T) {
	for _, window := range []string{
		fact.WindowHour, fact.WindowIncident, fact.WindowDay, fact.WindowMonth, fact.WindowAtOnce,
		fact.WindowCallees, fact.WindowShut,
	} {
		full := &fact.Exhausted{Account: "unit/abroad", Window: window}
		r := ordinary()
		v := (*Policy)(nil).OverBudget(&r, Verdict{Verb: VerbPass, Rule: "ordinary"}, full, true)
		if v.Verb != VerbRefuse || v.Rule != "budget" || v.Status != 603 || v.Reason != "gate.budget" {
			t.Errorf("%s: %+v", window, v)
		}
		checkSaid(t, window, v.Trace[len(v.Trace)-1])
	}
}

func TestFixtures(t *testing.T) {
	violated := map[string]bool{}
	for _, f := range fixtures {
		s, r := settings(), ordinary()
		f.change(&s, &r)
		p, err := NewPolicy(s)
		if err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		v := Judge(p, r)
		if v.Verb != f.verb || v.Rule != f.rule || v.Status != f.status || v.Prompt != f.prompt {
			t.Errorf("%s: %v by %s, %d %q; want %v by %s, %d %q", f.name,
				v.Verb, v.Rule, v.Status, v.Prompt, f.verb, f.rule, f.status, f.prompt)
		}
		violated[v.Rule] = true
		ofLine := v.Verb == VerbRefuse &&
			(v.Rule == "line-class" || v.Rule == "carrier-selection" || f.name == "line set apart")
		if v.OfLine != ofLine {
			t.Errorf("%s: refused for this line alone: %v", f.name, v.OfLine)
		}
		for i, step := range v.Trace {
			last := i == len(v.Trace)-1
			if last != (step.Rule == v.Rule) || last != (step.Said != "") {
				t.Errorf("%s: step %d of the trace is %+v", f.name, i, step)
			}
		}
		checkSaid(t, f.name, v.Trace[len(v.Trace)-1])
		if v.Verb == VerbRefuse && (v.Phrase == "" || strings.ContainsFunc(v.Phrase, notPlain)) {
			t.Errorf("%s: reason phrase %q", f.name, v.Phrase)
		}
		if v.Policy != "v1" || v.Reason != "gate."+v.Rule {
			t.Errorf("%s: policy %q, reason %q", f.name, v.Policy, v.Reason)
		}
	}
	for _, r := range Order() {
		if _, ok := text.Lookup(text.Key("gate.rule." + r.Name)); !ok {
			t.Errorf("rule %s has no name for people", r.Name)
		}
		if !violated[r.Name] {
			t.Errorf("rule %s: no fixture is answered by it", r.Name)
		}
	}
}

func notPlain(r rune) bool { return r < ' ' || r > '~' || r == '"' }

// TestEachRuleStandsAlone takes one rule out of the order at a time: the
// fixtures that it refuses must then be answered by another, so that no rule
// is there for nothing.
func TestEachRuleStandsAlone(t *testing.T) {
	whole := slices.Clone(order)
	defer func() { order = whole }()
	for i, rule := range whole {
		order = slices.Delete(slices.Clone(whole), i, i+1)
		for _, f := range fixtures {
			if f.rule != rule.Name {
				continue
			}
			s, r := settings(), ordinary()
			f.change(&s, &r)
			p, err := NewPolicy(s)
			if err != nil {
				t.Fatal(err)
			}
			if v := Judge(p, r); v.Rule == rule.Name || (v.Verb == VerbPass && v.Rule != "ordinary") {
				t.Errorf("%s without rule %s: %v by %s", f.name, rule.Name, v.Verb, v.Rule)
			}
		}
	}
}

func TestNoPolicyPassesEmergencyOnly(t *testing.T) {
	for _, f := range fixtures {
		s, r := settings(), ordinary()
		f.change(&s, &r)
		want := VerbRefuse
		if r.Destination.Class == number.Emergency && (r.Origin.Extension != "" || r.Origin.Site != "") {
			want = VerbPass
		}
		for name, p := range map[string]*Policy{"nil": nil, "zero": {}} {
			if v := Judge(p, r); v.Verb != want {
				t.Errorf("%s under a %s policy: %v by %s", f.name, name, v.Verb, v.Rule)
			}
		}
	}
}

func TestHours(t *testing.T) {
	at := func(day, hour, minute int) time.Time { return time.Date(2015, 3, day, hour, minute, 0, 0, japan) }
	night := Hours{From: 22 * 60, To: 7 * 60, Zone: japan, Days: []time.Weekday{time.Wednesday}}
	day := Hours{From: 9 * 60, To: 17 * 60, Zone: japan}
	for _, c := range []struct {
		name  string
		hours Hours
		at    time.Time
		want  bool
	}{
		{"before the night", night, at(11, 21, 59), false},
		{"night begins", night, at(11, 22, 0), true},
		{"after midnight", night, at(12, 6, 59), true},
		{"night ends", night, at(12, 7, 0), false},
		{"night that began on a day not meant", night, at(11, 3, 0), false},
		{"day begins", day, at(11, 9, 0), true},
		{"day ends", day, at(11, 17, 0), false},
		{"other zone", day, at(11, 9, 0).UTC(), true},
		{"whole day", Hours{Days: []time.Weekday{time.Wednesday}, Zone: japan}, at(11, 23, 59), true},
		{"whole other day", Hours{Days: []time.Weekday{time.Thursday}, Zone: japan}, at(11, 23, 59), false},
		{"on a holiday", Hours{Holidays: true, Zone: japan}, time.Date(2026, 9, 22, 12, 0, 0, 0, japan), true},
		{"on a substitute", Hours{Holidays: true, Zone: japan}, time.Date(2027, 3, 22, 0, 0, 0, 0, japan), true},
		{"on a working day", Hours{Holidays: true, Zone: japan}, time.Date(2027, 3, 23, 0, 0, 0, 0, japan), false},
		{"in Obon", Hours{Spans: calendar.Usual(), Zone: japan}, time.Date(2027, 8, 16, 23, 0, 0, 0, japan), true},
		{"after Obon", Hours{Spans: calendar.Usual(), Zone: japan}, time.Date(2027, 8, 17, 0, 0, 0, 0, japan), false},
		{
			"the night after a holiday",
			Hours{From: 22 * 60, To: 7 * 60, Holidays: true, Zone: japan},
			time.Date(2027, 1, 2, 6, 59, 0, 0, japan), true,
		},
		{
			"the night after a working day",
			Hours{From: 22 * 60, To: 7 * 60, Holidays: true, Zone: japan},
			time.Date(2027, 1, 1, 6, 59, 0, 0, japan), false,
		},
	} {
		if got := c.hours.Covers(c.at); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestNewPolicyRefuses(t *testing.T) {
	for name, s := range map[string]Settings{
		"an opening for nobody":   {Openings: []fact.Opening{{ID: "o", Area: "SL"}}},
		"an opening of nowhere":   {Openings: []fact.Opening{{ID: "o", Extension: "201"}}},
		"too many openings":       {Openings: make([]fact.Opening, openingsMax+1)},
		"too many quarantines":    {Quarantines: make([]fact.Quarantine, quarantine.EntriesMax+1)},
		"quarantine of nothing":   {Quarantines: []fact.Quarantine{{ID: "q", Kind: "phone"}}},
		"a spelling of its own":   {Quarantines: []fact.Quarantine{{ID: "q", Kind: "destination", Value: "sl"}}},
		"too many hours":          {Hours: make([]Hours, hoursMax+1)},
		"hours beyond the day":    {Hours: []Hours{{From: 0, To: minutesADay + 1}}},
		"hours before the day":    {Hours: []Hours{{From: -1, To: 10}}},
		"hours that begin at end": {Hours: []Hours{{From: minutesADay, To: 10}}},
	} {
		if _, err := NewPolicy(s); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestPolicyDoesNotChange(t *testing.T) {
	s := settings()
	p, err := NewPolicy(s)
	if err != nil {
		t.Fatal(err)
	}
	s.Lines["other"], s.Openings[0].Area = LineRule{}, "US"
	r := ordinary()
	r.Line = "other"
	if v := Judge(p, r); v.Verb == VerbPass {
		t.Error("a line added to the settings later is in the policy")
	}
	r = ordinary()
	abroad("US", number.RangeFixed)(nil, &r)
	if v := Judge(p, r); v.Verb == VerbPass {
		t.Error("an opening changed in the settings later is in the policy")
	}
}

// checkSaid wants a sentence for what a rule said, with the arguments it takes.
func checkSaid(t *testing.T, name string, step Step) {
	t.Helper()
	args := make([]any, len(step.Args))
	for i, a := range step.Args {
		args[i] = a
	}
	for _, l := range []text.Lang{text.JA, text.EN} {
		said := text.Say(l, text.Key(step.Said), args...)
		if said == step.Said || strings.Contains(said, "%!") {
			t.Errorf("%s: %s says %q", name, step.Rule, said)
		}
	}
}
