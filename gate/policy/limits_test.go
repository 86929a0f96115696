package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// TestLimitsOfADocument: at the limit nothing is said of the length of a list,
// one more is found, and then nothing else.
func TestLimitsOfADocument(t *testing.T) {
	for _, c := range []struct {
		path string
		most int
		fill func(*Document, int)
	}{
		{"extension", 10_000, func(d *Document, n int) { d.Extensions = times(n, Extension{}) }},
		{"line", 1_000, func(d *Document, n int) { d.Lines = times(n, Line{}) }},
		{"calendar", 50, func(d *Document, n int) { d.Calendar = times(n, Span{}) }},
		{"hours", 100, func(d *Document, n int) { d.Hours = times(n, Hours{}) }},
		{"budget", 1_000, func(d *Document, n int) { d.Budgets = times(n, Budget{}) }},
		{"opening", 10_000, func(d *Document, n int) { d.Openings = times(n, Opening{}) }},
		{"test", 500, func(d *Document, n int) { d.Tests = times(n, Test{}) }},
		{"gate.countries", 300, func(d *Document, n int) { d.Gate.Countries = times(n, "US") }},
		{"hours[0].extensions", 1_000, func(d *Document, n int) {
			d.Hours = []Hours{{Name: "h", From: "00:00", To: "24:00", Extensions: times(n, "201")}}
		}},
	} {
		var d Document
		c.fill(&d, c.most)
		if said := faults(d.Check()); strings.Contains(said, "at most "+fmt.Sprint(c.most)) {
			t.Errorf("%s at its limit: %.200s", c.path, said)
		}
		c.fill(&d, c.most+1)
		got := d.Check()
		want := text.Of("policy.too-many", c.most+1, c.most).Say(text.EN)
		if len(got) != 1 || got[0].Path != c.path || got[0].What.Say(text.EN) != want {
			t.Errorf("%s beyond its limit: %.200s; want %s", c.path, faults(got), want)
		}
	}
}

func times[T any](n int, v T) []T { return slices.Repeat([]T{v}, n) }

// TestLongAndBadTexts: what fits is taken to the byte, and what is shown of
// more ends in a whole letter.
func TestLongAndBadTexts(t *testing.T) {
	for reason, bad := range map[string]bool{
		"": true, " \t": true, strings.Repeat("r", 300): false, strings.Repeat("r", 301): true,
		"bad \xff": true, "\x07": true, "\x07 bell": true, "訪問": false,
	} {
		if what, got := CheckReason(reason); got != bad || what.IsZero() == bad {
			t.Errorf("%.20q: %v %s", reason, got, what.Say(text.EN))
		}
	}
	for s, want := range map[string]string{
		strings.Repeat("a", 64):       strings.Repeat("a", 64),
		strings.Repeat("a", 65):       strings.Repeat("a", 64) + "…",
		strings.Repeat("a", 63) + "あ": strings.Repeat("a", 63) + "…",
	} {
		if got := clip(s); got != want {
			t.Errorf("%q is shown as %q", s, got)
		}
	}
	long := Document{Tests: []Test{{
		Name: strings.Repeat("n", 301), From: "201", Dial: strings.Repeat("1", 300), Expect: "pass",
	}}}
	if got := long.Check(); len(got) != 1 || got[0].Path != "test[0].name" {
		t.Errorf("of a long name and a dial that just fits: %s", faults(got))
	}
	if got := (Document{Gate: Gate{Classes: []string{"nonsense"}, Countries: []string{"??"}}}).Check(); len(got) != 2 {
		t.Errorf("no class and no country: %s", faults(got))
	}
}

// TestOpeningsAndTestsHaveTimes: what an opening of the database says stays the
// same as text, and a test without a time has none.
func TestOpeningsAndTestsHaveTimes(t *testing.T) {
	for _, at := range []time.Time{now, now.Add(time.Second), now.Add(time.Nanosecond)} {
		o := OpeningOf(fact.Opening{ID: "o1", Extension: "201", Area: "SL", Reason: "visit", Expires: at})
		if o.Extension != "201" || o.Area != "SL" || o.Reason != "visit" || !o.Expires().Equal(at) {
			t.Errorf("%s: %+v", at, o)
		}
	}
	if !(Opening{Until: "odd"}).Expires().IsZero() || !(Test{}).Time().IsZero() {
		t.Error("without a time there is one")
	}
	if got := (Test{At: "2026-12-01 09:00"}).Time(); !got.Equal(now) || got.Location() != time.UTC {
		t.Errorf("a test is at %s", got)
	}
}

func TestFormatBudgets(t *testing.T) {
	got := FormatBudgets([]Budget{
		{Budget: "unit/abroad", Day: "100"}, {Budget: "unit/home", AtOnce: "2", Length: "3h"},
	})
	want := "[[budget]]\nbudget = \"unit/abroad\"\nday = 100\n\n" +
		"[[budget]]\nbudget = \"unit/home\"\nat_once = 2\nlength = \"3h\"\n"
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestFigures: a number of TOML is kept as a person would write it.
func TestFigures(t *testing.T) {
	for want, v := range map[string]any{
		"1000000000000": int64(1e12), "0.001": 0.001, "1000000.5": 1000000.5, "0.125": 0.125, "true": true, "x": "x",
	} {
		var f Figure
		if err := f.UnmarshalTOML(v); err != nil || string(f) != want {
			t.Errorf("%v: %q %v", v, f, err)
		}
	}
	most := Document{Budgets: []Budget{{Budget: "unit/home", AtOnce: "2147483647", Callees: "2147483648"}}}
	if got := most.Check(); len(got) != 1 || got[0].Path != "budget[0].callees" {
		t.Errorf("counts at the limit and beyond: %s", faults(got))
	}
}

// TestNormalLeavesItsInput: a document is a value.
func TestNormalLeavesItsInput(t *testing.T) {
	d := Document{
		Extensions: []Extension{{Extension: "202", Classes: []string{"mobile", "geographic"}}, {Extension: "201"}},
		Openings:   []Opening{{Extension: "201", Area: "SL", Until: "2026-12-24"}},
	}
	before := Document{
		Extensions: []Extension{{Extension: "202", Classes: []string{"mobile", "geographic"}}, {Extension: "201"}},
		Openings:   []Opening{{Extension: "201", Area: "SL", Until: "2026-12-24"}},
	}
	d.Normal()
	if !reflect.DeepEqual(d, before) {
		t.Errorf("%+v", d)
	}
}
