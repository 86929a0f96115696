package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/calendar"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
)

// Document is a whole policy. Its zero value is the factory's: ordinary
// domestic calls at any hour, nothing open.
type Document struct {
	Gate       Gate        `toml:"gate"`
	Extensions []Extension `toml:"extension"`
	Lines      []Line      `toml:"line"`
	Calendar   []Span      `toml:"calendar"`
	Hours      []Hours     `toml:"hours"`
	Budgets    []Budget    `toml:"budget"`
	Openings   []Opening   `toml:"opening"`
	Tests      []Test      `toml:"test"`
}

// Gate is what holds for the whole unit.
type Gate struct {
	// DomesticWhenDegraded passes ordinary domestic calls although their verdicts
	// can't be written.
	DomesticWhenDegraded bool     `toml:"domestic_when_degraded"`
	Classes              []string `toml:"classes"`   // that pass; none means all ordinary ones
	Countries            []string `toml:"countries"` // that an opening may open; none means any
}

// Extension narrows what one extension may call.
type Extension struct {
	Extension    string   `toml:"extension"`
	InternalOnly bool     `toml:"internal_only"`
	Classes      []string `toml:"classes"` // none means no narrowing
}

// Line narrows what one line carries beside what it declares.
type Line struct {
	Line    string   `toml:"line"`
	Classes []string `toml:"classes"`
}

// Span gives days of each year a name for Hours; "obon" and "year-end" are
// there without being named.
type Span struct {
	Name string `toml:"name"`
	From string `toml:"from"` // MM-DD
	To   string `toml:"to"`   // MM-DD, the last day
}

// Hours bars calls for a part of the day, in Japan's time.
type Hours struct {
	Name       string   `toml:"name"`
	From       string   `toml:"from"`       // HH:MM
	To         string   `toml:"to"`         // HH:MM, exclusive; before From means over midnight, "24:00" the day's end
	Days       []string `toml:"days"`       // "mon" …, "holiday", names of spans; none means every day
	Classes    []string `toml:"classes"`    // barred then; none means all
	Extensions []string `toml:"extensions"` // bound; none means all
	// PIN lets whoever types its PIN call all the same.
	PIN bool `toml:"pin"`
}

// Opening lets one extension call one country until a time.
type Opening struct {
	Extension string `toml:"extension"`
	Area      string `toml:"area"`
	Until     string `toml:"until"`
	Reason    string `toml:"reason"`
}

// Test is a call that the policy must judge as expected.
type Test struct {
	Name   string `toml:"name"`
	From   string `toml:"from"`   // the extension that dials
	Dial   string `toml:"dial"`   // as dialed
	At     string `toml:"at"`     // when; "" is when the test runs
	Line   string `toml:"line"`   // over which line; "" is the one that would carry it
	Expect string `toml:"expect"` // "pass", "challenge", "refuse", "internal"
	Rule   string `toml:"rule"`   // that decides; "" for any
}

// japan is the zone in which a document's times stand.
var japan = time.FixedZone("JST", 9*60*60)

const (
	minuteLayout = "2006-01-02 15:04"
	secondLayout = "2006-01-02 15:04:05.999999999"
	dayLayout    = "2006-01-02"
	holiday      = "holiday"
)

// ParseTime reads a time of a document: "2026-12-01 18:00" in Japan, seconds
// if need be, the end of a day as "2026-12-01", or RFC 3339.
func ParseTime(s string) (time.Time, error) {
	for _, layout := range []string{minuteLayout, secondLayout, time.RFC3339Nano} {
		if t, err := time.ParseInLocation(layout, s, japan); err == nil {
			return t.UTC(), nil
		}
	}
	t, err := time.ParseInLocation(dayLayout, s, japan)
	if err != nil {
		return time.Time{}, fmt.Errorf("time %.40q: %w", s, err)
	}
	return t.AddDate(0, 0, 1).Add(-time.Second).UTC(), nil
}

// FormatTime writes a time as ParseTime reads it, to the nanosecond.
func FormatTime(t time.Time) string {
	t = t.In(japan)
	if t.Truncate(time.Minute).Equal(t) {
		return t.Format(minuteLayout)
	}
	return t.Format(secondLayout)
}

// OpeningOf is an opening as a document has it.
func OpeningOf(o fact.Opening) Opening {
	return Opening{Extension: o.Extension, Area: o.Area, Until: FormatTime(o.Expires), Reason: o.Reason}
}

// Expires is when the opening ends; the zero time where Until is none.
func (o Opening) Expires() time.Time { return when(o.Until) }

// Time is when the test's call would be made; the zero time where At is none.
func (t Test) Time() time.Time { return when(t.At) }

func when(s string) time.Time {
	t, err := ParseTime(s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Normal is the document with everything written in the one way that Format
// writes it, in its order.
func (d Document) Normal() Document {
	d.Gate.Classes = classNames(d.Gate.Classes)
	if len(d.Gate.Classes) == 0 {
		d.Gate.Classes = ordinaryNames()
	}
	d.Gate.Countries = sorted(d.Gate.Countries)
	d.Extensions = each(d.Extensions, func(e *Extension) { e.Classes = classNames(e.Classes) })
	slices.SortStableFunc(d.Extensions, func(a, b Extension) int { return cmp.Compare(a.Extension, b.Extension) })
	d.Lines = each(d.Lines, func(l *Line) { l.Classes = classNames(l.Classes) })
	slices.SortStableFunc(d.Lines, func(a, b Line) int { return cmp.Compare(a.Line, b.Line) })
	d.Calendar = withUsual(d.Calendar)
	d.Hours = each(d.Hours, func(h *Hours) {
		h.Days, h.Classes, h.Extensions = dayNames(h.Days), classNames(h.Classes), sorted(h.Extensions)
	})
	slices.SortStableFunc(d.Hours, func(a, b Hours) int { return cmp.Compare(a.Name, b.Name) })
	d.Budgets = each(d.Budgets, (*Budget).normal)
	slices.SortStableFunc(d.Budgets, func(a, b Budget) int {
		return cmp.Or(cmp.Compare(a.Budget, b.Budget), a.Expires().Compare(b.Expires()))
	})
	d.Openings = each(d.Openings, func(o *Opening) { o.Until = normalTime(o.Until) })
	slices.SortFunc(d.Openings, func(a, b Opening) int {
		return cmp.Or(cmp.Compare(a.Extension, b.Extension), cmp.Compare(a.Area, b.Area),
			a.Expires().Compare(b.Expires()), cmp.Compare(a.Reason, b.Reason))
	})
	d.Tests = each(d.Tests, func(t *Test) { t.At = normalTime(t.At) })
	return d
}

// each copies a list and puts every entry in order; an empty one is nil.
func each[T any](list []T, order func(*T)) []T {
	list = slices.Clone(list)
	for i := range list {
		order(&list[i])
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

func sorted(list []string) []string {
	list = slices.Compact(slices.Sorted(slices.Values(list)))
	if len(list) == 0 {
		return nil
	}
	return list
}

func normalTime(s string) string {
	if t, err := ParseTime(s); err == nil {
		return FormatTime(t)
	}
	return s
}

// withUsual adds the usual spans that the document does not name itself.
func withUsual(list []Span) []Span {
	out := slices.Clone(list)
	for _, u := range calendar.Usual() {
		if !slices.ContainsFunc(list, func(s Span) bool { return s.Name == u.Name }) {
			out = append(out, Span{Name: u.Name, From: u.First.String(), To: u.Last.String()})
		}
	}
	slices.SortStableFunc(out, func(a, b Span) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// classNames puts names of classes into the order of the classes.
func classNames(list []string) []string {
	var out []string
	for _, c := range number.Classes() {
		if slices.Contains(list, c.String()) {
			out = append(out, c.String())
		}
	}
	return out
}

func ordinaryNames() []string {
	var out []string
	for _, c := range number.Classes() {
		if gate.FactoryClasses.Has(c) {
			out = append(out, c.String())
		}
	}
	return out
}

// weekdays are the names of days of the week, in the order of time.Weekday.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// dayNames puts days of the week in front, from Monday on, then the others.
func dayNames(list []string) []string {
	var out []string
	for i := range weekdays {
		if w := weekdays[(i+1)%len(weekdays)]; slices.Contains(list, w) {
			out = append(out, w)
		}
	}
	for _, d := range sorted(list) {
		if !slices.Contains(weekdays, d) {
			out = append(out, d)
		}
	}
	return out
}

// minutes reads HH:MM as minutes after midnight; "24:00" is the day's end.
func minutes(s string) (int, error) {
	if s == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, fmt.Errorf("time of day %.20q", s)
	}
	return t.Hour()*60 + t.Minute(), nil
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
