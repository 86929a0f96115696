package budget

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

var (
	wednesday = time.Date(2015, 3, 11, 12, 0, 0, 0, tokyo)
	leone     = number.Destination{Class: number.International, Digits: "23276123456", Area: "SL"}
	geo       = number.Destination{Class: number.Geographic, Digits: "81312345678", Area: "JP"}
)

// rates is a tariff of one price abroad and one at home.
func rates(t *testing.T, abroad, home tariff.Rate) func(string) *tariff.Table {
	t.Helper()
	abroad.Prefix, home.Prefix = "232", "geographic"
	table, err := tariff.NewTable([]tariff.Rate{abroad, home})
	if err != nil {
		t.Fatal(err)
	}
	return func(line string) *tariff.Table {
		if line != "hikari" {
			return nil
		}
		return table
	}
}

func newPlan(t *testing.T, s Settings) *Plan {
	t.Helper()
	p, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func accountsOf(n Need) string {
	var out []string
	for _, c := range n.Charges {
		out = append(out, c.Account)
	}
	return strings.Join(out, " ")
}

// TestWhoIsCharged: from the closest to the farthest, for whom the budget is.
func TestWhoIsCharged(t *testing.T) {
	minute := tariff.Rate{PerUnit: 10_000, Unit: time.Minute}
	p := newPlan(t, Settings{
		Tariff: rates(t, minute, minute),
		Limits: []fact.Limit{
			{Budget: "group/300/abroad", Caps: fact.Caps{Day: 1}},
			{Budget: "group/5/abroad", Caps: fact.Caps{Day: 1}},
			{Budget: "group/4/abroad", Caps: fact.Caps{Day: 1}},
			{Budget: "customer/abroad", Caps: fact.Caps{Day: 7}},
			{Budget: "extension/201/abroad", Caps: fact.Caps{Day: 9}},
		},
		Groups: map[string][]string{"201": {"300", "2", "3", "4", "5"}},
	})
	for _, c := range []struct {
		who  Who
		to   number.Destination
		want string
	}{
		{
			Who{Extension: "201"},
			leone,
			"extension/201/abroad group/300/abroad group/4/abroad unit/abroad customer/abroad",
		},
		{
			Who{Extension: "202", Forwards: true},
			leone,
			"forward/202/abroad extension/202/abroad unit/abroad customer/abroad",
		},
		{Who{}, leone, "unit/abroad customer/abroad"},
		{Who{Site: "osaka"}, leone, "site/osaka/abroad unit/abroad customer/abroad"},
		{Who{Forwards: true}, leone, "unit/abroad customer/abroad"},
		{Who{Extension: "201"}, geo, "extension/201/home unit/home"},
		{Who{Extension: "201"}, number.Destination{Class: number.Emergency, Digits: "110"}, ""},
	} {
		n, refusal := p.Need(c.who, "hikari", c.to, wednesday)
		if got := accountsOf(n); got != c.want || refusal != nil {
			t.Errorf("%+v to %s: %s %+v, want %s", c.who, c.to.Digits, got, refusal, c.want)
		}
	}
	n, _ := p.Need(Who{Extension: "201"}, "hikari", leone, wednesday)
	caps := []int64{9, 1, 1, FactoryOf("unit/abroad").Day, 7}
	for i, c := range n.Charges {
		if c.Caps.Day != caps[i] {
			t.Errorf("%s: %+v", c.Account, c.Caps)
		}
	}
	if n.Callee != mark("23276123456") || n.Callee == 0 || n.Pot != Abroad || n.Nothing() {
		t.Errorf("need: %+v", n)
	}
	if n, _ := p.Need(Who{Extension: "201"}, "hikari", geo, wednesday); n.Callee != 0 {
		t.Errorf("at home numbers are counted: %d", n.Callee)
	}
}

// TestMarks: 20 bits and 1 of FNV-1a, so that evidence can be read again.
func TestMarks(t *testing.T) {
	for digits, want := range map[string]uint32{"": 0x811c9 + 1, "a": 0xe40c2 + 1, "foobar": 0xbf9cf + 1} {
		if got := mark(digits); got != want {
			t.Errorf("%q: %#x, want %#x", digits, got, want)
		}
	}
}

// TestFreeCalls: what costs nothing at all needs nothing; a connect fee or a
// price by the minute alone does.
func TestFreeCalls(t *testing.T) {
	for _, c := range []struct {
		rate tariff.Rate
		free bool
	}{
		{tariff.Rate{Unit: time.Minute}, true},
		{tariff.Rate{Unit: time.Minute, Connect: 1}, false},
		{tariff.Rate{Unit: time.Minute, PerUnit: 1}, false},
		{tariff.Rate{Unit: time.Minute, Minimum: 1}, false},
	} {
		p := newPlan(t, Settings{Tariff: rates(t, c.rate, c.rate)})
		if n, _ := p.Need(Who{Extension: "201"}, "hikari", geo, wednesday); n.Nothing() != c.free {
			t.Errorf("%+v: needs %+v", c.rate, n)
		}
	}
	if n, refusal := (*Plan)(nil).Need(Who{}, "", leone, wednesday); !n.Nothing() || refusal != nil {
		t.Errorf("no plan: %+v %+v", n, refusal)
	}
	p := newPlan(t, Settings{})
	if _, refusal := p.Need(Who{Extension: "201"}, "hikari", leone, wednesday); refusal == nil {
		t.Error("without a tariff a call is not as dear as the dearest")
	}
}

// TestTooDear: a price at the bound is let out, one above is refused by the
// budget that says so, with its bound.
func TestTooDear(t *testing.T) {
	limit := fact.Limit{
		Budget: "extension/201/abroad", Call: 30_000, PerMinute: 60_000, Connect: 5_000, Length: time.Hour,
		Warn: time.Minute,
	}
	wide := fact.Limit{
		Budget: "unit/abroad", Call: 40_000, PerMinute: 70_000, Connect: 6_000, Length: 2 * time.Hour, Warn: time.Hour,
	}
	for _, c := range []struct {
		name string
		rate tariff.Rate
		why  string
		cap  int64
	}{
		{"at the bound by the minute", tariff.Rate{PerUnit: 60_000, Unit: time.Minute}, TooDearForOne, 30_000},
		{"a minute", tariff.Rate{PerUnit: 60_001, Unit: time.Minute}, TooDearPerMinute, 60_000},
		{"for one", tariff.Rate{PerUnit: 15_001, Unit: 20 * time.Second / 2}, TooDearPerMinute, 60_000},
		{"twenty seconds fit", tariff.Rate{PerUnit: 10_000, Unit: 10 * time.Second}, "", 0},
		{"the least call fits just", tariff.Rate{PerUnit: 25_000, Unit: time.Minute, Connect: 5_000}, "", 0},
		{"it does not", tariff.Rate{PerUnit: 25_001, Unit: time.Minute, Connect: 5_000}, TooDearForOne, 30_000},
		{"to connect", tariff.Rate{PerUnit: 1, Unit: time.Minute, Connect: 5_001}, TooDearToConnect, 5_000},
	} {
		p := newPlan(t, Settings{Tariff: rates(t, c.rate, c.rate), Limits: []fact.Limit{limit, wide}})
		n, refusal := p.Need(Who{Extension: "201"}, "hikari", leone, wednesday)
		if c.why == "" {
			if refusal != nil || n.Most != 30_000 || n.Length != time.Hour || n.Warn != time.Minute {
				t.Errorf("%s: %+v, most %v, %s", c.name, refusal, n.Most, n.Length)
			}
			continue
		}
		want := Refusal{Account: "extension/201/abroad", Why: c.why, Cap: c.cap}
		if refusal == nil || *refusal != want {
			t.Errorf("%s: %+v, want %+v", c.name, refusal, want)
		}
	}
	// The narrower bound holds, wherever it stands.
	limit.Budget, wide.Budget = "unit/abroad", "extension/201/abroad"
	p := newPlan(t, Settings{Tariff: rates(t, cheap, cheap), Limits: []fact.Limit{limit, wide}})
	n, _ := p.Need(Who{Extension: "201"}, "hikari", leone, wednesday)
	if n.Most != 30_000 || n.Length != time.Hour || n.Warn != time.Minute {
		t.Errorf("most %v, %s, told at %s", n.Most, n.Length, n.Warn)
	}
}

var (
	cheap = tariff.Rate{PerUnit: 1, Unit: time.Minute}
	dear  = tariff.Rate{PerUnit: 1_000_000, Unit: time.Minute}
)

var shutCases = []struct {
	name string
	shut []string
	rate tariff.Rate
	want *Refusal
}{
	{"none", nil, cheap, nil},
	{"its own alone", []string{"person/201/home"}, cheap, nil},
	{
		"the extension's",
		[]string{"extension/201/home"},
		cheap,
		&Refusal{Account: "extension/201/home", Why: "shut", Asks: true},
	},
	{"the unit's", []string{"unit/home"}, cheap, &Refusal{Account: "unit/home", Why: "shut", Asks: true}},
	{
		"both",
		[]string{"unit/home", "extension/201/home"},
		cheap,
		&Refusal{Account: "extension/201/home", Why: "shut", Asks: true},
	},
	{
		"the extension's and its own",
		[]string{"extension/201/home", "person/201/home"},
		cheap,
		&Refusal{Account: "extension/201/home", Why: "shut"},
	},
	{
		"the unit's and all persons'",
		[]string{"unit/home", "people/home"},
		cheap,
		&Refusal{Account: "unit/home", Why: "shut"},
	},
	{
		"the unit's, and too dear for one call",
		[]string{"unit/home"},
		dear,
		&Refusal{Account: "unit/home", Why: "shut", Asks: true},
	},
	{
		"too dear for one call, and less than its own allows",
		nil,
		dear,
		&Refusal{Account: "extension/201/home", Why: TooDearForOne, Cap: 500_000, Asks: true},
	},
}

// TestShut: a shut budget refuses; a PIN helps where the person's own is open.
func TestShut(t *testing.T) {
	for _, c := range shutCases {
		shut := map[string]string{}
		for _, account := range c.shut {
			shut[account] = "day"
		}
		p := newPlan(t, Settings{
			Tariff: rates(t, c.rate, c.rate), Shut: shut,
			Limits: []fact.Limit{{Budget: "extension/home", Call: 500_000}},
		})
		who := Who{Extension: "201", Dials: true}
		if _, got := p.Need(who, "hikari", geo, wednesday); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// TestLimits: what ends holds until it does; a kind's bounds hold where there
// are none of its own.
func TestLimits(t *testing.T) {
	end := wednesday.Add(time.Hour)
	p := newPlan(t, Settings{Limits: []fact.Limit{
		{Budget: "extension/201/abroad", Caps: fact.Caps{Day: 1}},
		{Budget: "extension/201/abroad", Caps: fact.Caps{Day: 2}, Until: end},
		{Budget: "extension/202/abroad", Caps: fact.Caps{Day: 3}, Until: end},
	}})
	day := func(name string, at time.Time) int64 {
		l, ok := p.Limit(name, at)
		if !ok {
			return -1
		}
		return l.Day
	}
	factory := FactoryOf("extension/abroad").Day
	for name, want := range map[string][2]int64{
		"extension/201/abroad": {2, 1}, "extension/202/abroad": {3, factory},
		"extension/203/abroad": {factory, factory},
		"group/300/abroad":     {-1, -1}, "no/budget": {-1, -1},
	} {
		for i, at := range []time.Time{end.Add(-1), end} {
			if got := day(name, at); got != want[i] {
				t.Errorf("%s at %s: %d, want %d", name, at, got, want[i])
			}
		}
	}
	names := func(at time.Time) (out []string) {
		for _, l := range p.Limits(at) {
			if strings.Contains(l.Budget, "/20") {
				out = append(out, fmt.Sprintf("%s=%d", l.Budget, l.Day))
			}
		}
		return out
	}
	if got := names(wednesday); !slices.Equal(got, []string{"extension/201/abroad=2", "extension/202/abroad=3"}) {
		t.Errorf("listed: %v", got)
	}
	if got := names(end); !slices.Equal(got, []string{"extension/201/abroad=1"}) {
		t.Errorf("listed at the end: %v", got)
	}
	if list := p.Limits(wednesday); len(list) != 20 || !slices.IsSortedFunc(list, func(a, b fact.Limit) int {
		return strings.Compare(a.Budget, b.Budget)
	}) {
		t.Errorf("%d bounds, or out of order", len(list))
	}
	charges := []fact.Charge{{Account: "extension/201/abroad"}, {Account: "group/300/abroad", Caps: fact.Caps{Day: 8}}}
	got := p.Recap(charges, wednesday)
	if got[0].Caps.Day != 2 || got[1].Caps.Day != 8 || charges[0].Caps.Day != 0 {
		t.Errorf("caps of a call that goes on: %+v; of its input: %+v", got, charges)
	}
	if got := (*Plan)(nil).Recap(charges, wednesday); len(got) != 2 || got[1].Caps.Day != 8 {
		t.Errorf("without a plan: %+v", got)
	}
	many := slices.Repeat([]fact.Limit{{Budget: "unit/home"}}, limitsMax+1)
	if _, err := New(Settings{Limits: many[:limitsMax]}); err != nil {
		t.Error(err)
	}
	_, err := New(Settings{Limits: many})
	if err == nil || !strings.Contains(err.Error(), "10001 bounds of budgets, at most 10000") {
		t.Error(err)
	}
	if _, err := New(Settings{Limits: []fact.Limit{{Budget: "unit"}}}); err == nil {
		t.Error("bounds of no budget were taken")
	}
}
