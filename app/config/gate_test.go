package config

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/gate/policy"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
)

// drawDocument draws a policy that Check finds nothing in.
func drawDocument(t *rapid.T) policy.Document {
	var d policy.Document
	ordinary := []string{"geographic", "mobile", "ip-phone", "freephone", "service", "hash-short"}
	outside := append([]string{"international"}, ordinary...)
	some := func(name string, from []string, least int) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), least, 4, rapid.ID[string]).Draw(t, name)
	}
	line := rapid.StringMatching(`[^\x00-\x1f\x7f-\x9f]{1,20}`)
	numbers := rapid.StringMatching(`[1-9][0-9]{2,4}`)
	at := func(name string) string {
		sec := rapid.Int64Range(1.7e9, 2.5e9).Draw(t, name)
		return policy.FormatTime(time.Unix(sec, rapid.SampledFrom([]int64{0, 0, 123456789}).Draw(t, "ns")))
	}
	d.Gate.DomesticWhenDegraded = rapid.Bool().Draw(t, "degraded")
	d.Gate.Classes = some("classes", ordinary, 0)
	d.Gate.Countries = some("countries", []string{"US", "SL", "JM", "FR"}, 0)
	for _, e := range rapid.SliceOfNDistinct(numbers, 0, 4, rapid.ID[string]).Draw(t, "extensions") {
		d.Extensions = append(d.Extensions, policy.Extension{
			Extension: e, InternalOnly: rapid.Bool().Draw(t, "inside"), Classes: some("of extension", outside, 1),
		})
	}
	for _, l := range rapid.SliceOfNDistinct(line, 0, 3, rapid.ID[string]).Draw(t, "lines") {
		d.Lines = append(d.Lines, policy.Line{Line: l, Classes: some("of line", outside, 1)})
	}
	days := []string{"mon", "tue", "sun", "holiday", "obon", "year-end"}
	if rapid.Bool().Draw(t, "own span") {
		d.Calendar = append(d.Calendar, policy.Span{Name: "moving-days", From: "03-30", To: "04-02"})
		days = append(days, "moving-days")
	}
	for _, n := range rapid.SliceOfNDistinct(line, 0, 3, rapid.ID[string]).Draw(t, "hours") {
		d.Hours = append(d.Hours, policy.Hours{
			Name: n, From: rapid.SampledFrom([]string{"00:00", "22:30"}).Draw(t, "from"),
			To:   rapid.SampledFrom([]string{"07:00", "24:00"}).Draw(t, "to"),
			Days: some("days", days, 0), Classes: some("barred", outside, 0),
			Extensions: rapid.SliceOfN(numbers, 0, 3).Draw(t, "bound"), PIN: rapid.Bool().Draw(t, "pin"),
		})
	}
	d.Budgets = drawBudgets(t, at, line)
	for i := range rapid.IntRange(0, 4).Draw(t, "openings") {
		d.Openings = append(d.Openings, policy.Opening{
			Extension: numbers.Draw(t, "opened"), Area: rapid.SampledFrom([]string{"US", "SL"}).Draw(t, "area"),
			Until: at("until"), Reason: fmt.Sprint(i, line.Draw(t, "reason")),
		})
	}
	for range rapid.IntRange(0, 3).Draw(t, "tests") {
		d.Tests = append(d.Tests, policy.Test{
			Name: line.Draw(t, "test"), From: numbers.Draw(t, "dials"), Dial: line.Draw(t, "dialed"),
			At: rapid.SampledFrom([]string{"", at("at")}).Draw(t, "when"), Line: line.Draw(t, "over"),
			Expect: rapid.SampledFrom([]string{"pass", "challenge", "refuse", "internal"}).Draw(t, "expect"),
			Rule:   rapid.SampledFrom([]string{"", "hours", "international"}).Draw(t, "rule"),
		})
	}
	return d
}

// drawBudgets draws lasting entries that are narrower than the factory's, and
// temporary ones of all kinds.
func drawBudgets(t *rapid.T, at func(string) string, line *rapid.Generator[string]) (out []policy.Budget) {
	names := rapid.SampledFrom([]string{"unit/abroad", "extension/abroad", "extension/201/abroad", "group/300/home"})
	for _, n := range rapid.SliceOfNDistinct(names, 0, 3, rapid.ID[string]).Draw(t, "budgets") {
		b := policy.Budget{
			Budget: n, Day: policy.Figure(rapid.SampledFrom([]string{"1", "8.8", "1,000", "0.001"}).Draw(t, "day")),
			AtOnce: policy.Figure(rapid.SampledFrom([]string{"", "1"}).Draw(t, "at once")),
		}
		if rapid.Bool().Draw(t, "temporary") {
			b.Month = policy.Figure(rapid.SampledFrom([]string{"", "0", "1000000"}).Draw(t, "month"))
			b.Length = rapid.SampledFrom([]string{"", "90m", "3h", "61s"}).Draw(t, "length")
			b.Warn = rapid.SampledFrom([]string{"", "59s", "0s"}).Draw(t, "warn")
			b.Until, b.Reason = at("until"), line.Draw(t, "why")+"x"
		}
		out = append(out, b)
	}
	return out
}

// TestAPolicyReadsBackAsItWasWritten: export, then read, gives the same.
func TestAPolicyReadsBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDocument(t)
		if f := d.Check(); f != nil {
			t.Fatalf("drawn wrongly: %v", f)
		}
		want := d.Normal()
		written := policy.Format(want)
		if len(written) > policy.TextBytesMax {
			t.Skip("too long a text")
		}
		got, err := ParseGate("gate.toml", written)
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if !reflect.DeepEqual(got.Normal(), want) || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n got %+v\nwant %+v", written, got, want)
		}
		if len(policy.Diff(want, got, time.Unix(1.8e9, 0))) > 0 {
			t.Fatal("the same policy differs from itself")
		}
	})
}

func TestNoTextIsTheFactorysPolicy(t *testing.T) {
	d, err := ParseGate("gate.toml", "")
	if err != nil || !reflect.DeepEqual(d.Normal(), policy.Document{}.Normal()) {
		t.Errorf("%+v %v", d, err)
	}
	s := d.Settings(nil)
	if s.DomesticWhenDegraded || len(s.Openings)+len(s.Hours)+len(s.Countries) > 0 || s.Classes.Has(number.Premium) {
		t.Errorf("%+v", s)
	}
}

// TestFindingsOfAPolicy: every key that is unknown and every value that is
// wrong is named with its line, in whichever table it stands.
func TestFindingsOfAPolicy(t *testing.T) {
	datadriven.RunTest(t, "testdata/gate-findings", func(t *testing.T, d *datadriven.TestData) string {
		_, err := ParseGate("gate.toml", d.Input)
		if err == nil {
			return "nothing wrong"
		}
		f, ok := err.(Findings)
		if !ok {
			t.Fatalf("not Findings: %T", err)
		}
		return f.Say(text.EN) + "\n" + f.Say(text.JA)
	})
	large := "# " + strings.Repeat("x", policy.TextBytesMax)
	if _, err := ParseGate("gate.toml", large); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a text beyond the limit: %v", err)
	}
}

// TestWhatChanges says each kind of change in both languages, with what opens
// marked. Input is two policies, the one before first.
func TestWhatChanges(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	datadriven.RunTest(t, "testdata/gate-diff", func(t *testing.T, d *datadriven.TestData) string {
		was, is, _ := strings.Cut(d.Input, "====")
		before, err := ParseGate("before", was)
		if err != nil {
			t.Fatal(d.Pos, err)
		}
		after, err := ParseGate("after", is)
		if err != nil {
			t.Fatal(d.Pos, err)
		}
		var b strings.Builder
		for _, c := range policy.Diff(before.Normal(), after.Normal(), now) {
			fmt.Fprintf(&b, "opens=%-5t bars=%-5t %s\n%23s%s\n", c.Loosens, c.Bars, c.Says.Say(text.EN), "",
				c.Says.Say(text.JA))
		}
		if b.Len() == 0 {
			return "nothing"
		}
		return b.String()
	})
}

// TestTheExamplesOfTheReferenceAreRight: what the pages show can be applied.
func TestTheExamplesOfTheReferenceAreRight(t *testing.T) {
	for _, page := range []string{
		"reference/gate.md", "reference/gate.ja.md", "guides/policy.md", "guides/policy.ja.md",
	} {
		b, err := os.ReadFile("../../docs/" + page)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, ok := strings.Cut(string(b), "```toml\n")
		example, _, ended := strings.Cut(rest, "```")
		if !ok || !ended {
			t.Fatalf("%s shows no example", page)
		}
		if _, err := ParseGate(page, example); err != nil {
			t.Error(err)
		}
	}
}
