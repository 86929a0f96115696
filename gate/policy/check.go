package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sekisho/sekisho/calendar"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
)

// Fault is one thing wrong in a document.
type Fault struct {
	Path string // "gate.classes"; "opening[2].until" for that of the third opening; "opening[2]" for all of it
	What text.Message
}

// checker collects faults.
type checker struct{ faults []Fault }

func (c *checker) wrong(path string, what text.Key, args ...any) {
	c.faults = append(c.faults, Fault{Path: path, What: text.Of(what, args...)})
}

// Check finds everything wrong with a document that does not depend on the
// unit or the time: nil for none.
func (d Document) Check() []Fault {
	var c checker
	c.count("extension", len(d.Extensions), extensionsMax)
	c.count("line", len(d.Lines), linesMax)
	c.count("calendar", len(d.Calendar), spansMax)
	c.count("hours", len(d.Hours), hoursMax)
	c.count("budget", len(d.Budgets), budgetsMax)
	c.count("opening", len(d.Openings), OpeningsMax)
	c.count("test", len(d.Tests), testsMax)
	if len(c.faults) > 0 {
		return c.faults
	}
	c.classes("gate.classes", d.Gate.Classes, gate.FactoryClasses)
	c.count("gate.countries", len(d.Gate.Countries), countriesMax)
	for _, area := range d.Gate.Countries {
		c.area("gate.countries", area)
	}
	for i, e := range d.Extensions {
		c.extension(d, i, e)
	}
	for i, l := range d.Lines {
		path := fmt.Sprintf("line[%d]", i)
		c.unique(path+".line", l.Line, slices.IndexFunc(d.Lines, func(o Line) bool { return o.Line == l.Line }) < i)
		if len(l.Classes) == 0 {
			c.wrong(path+".classes", "policy.missing")
		}
		c.classes(path+".classes", l.Classes, outside)
	}
	for i, s := range d.Calendar {
		c.span(d, i, s)
	}
	for i, h := range d.Hours {
		c.hours(d, i, h)
	}
	for i, b := range d.Budgets {
		c.budget(d, i, b)
	}
	for i, o := range d.Openings {
		c.opening(d, i, o)
	}
	for i, t := range d.Tests {
		c.test(i, t)
	}
	return c.faults
}

// outside are the classes that an extension, a line or a span of hours may
// name: those of which a call may pass at all. Nothing bars emergency calls.
var outside = gate.FactoryClasses | gate.Classes(number.International)

func names(set gate.ClassSet) string {
	var out []string
	for _, c := range number.Classes() {
		if set.Has(c) {
			out = append(out, c.String())
		}
	}
	return strings.Join(out, ", ")
}

func (c *checker) count(path string, n, most int) {
	if n > most {
		c.wrong(path, "policy.too-many", n, most)
	}
}

func (c *checker) classes(path string, list []string, allowed gate.ClassSet) {
	for _, name := range list {
		class, err := number.ParseClass(name)
		if err != nil || !allowed.Has(class) {
			c.wrong(path, "policy.class", clip(name), names(allowed))
		}
	}
}

func (c *checker) area(path, area string) {
	if a, ok := number.AreaOf(area); !ok || a.Code != area || area == number.AreaUnknown {
		c.wrong(path, "policy.area", clip(area))
	}
}

// unique wants a name that no entry before had.
func (c *checker) unique(path, name string, taken bool) {
	switch {
	case name == "":
		c.wrong(path, "policy.missing")
	case len(name) > nameBytesMax || !plain(name):
		c.wrong(path, "policy.name", nameBytesMax)
	case taken:
		c.wrong(path, "policy.twice", name)
	}
}

// plain tells whether a text is one line of valid letters.
func plain(s string) bool { return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0 }

// clip keeps what somebody else wrote to a length that a sentence bears.
func clip(s string) string {
	if len(s) <= nameBytesMax {
		return s
	}
	return strings.ToValidUTF8(s[:nameBytesMax], "") + "…"
}

func (c *checker) extension(d Document, i int, e Extension) {
	path := fmt.Sprintf("extension[%d]", i)
	c.unique(path+".extension", e.Extension,
		slices.IndexFunc(d.Extensions, func(o Extension) bool { return o.Extension == e.Extension }) < i)
	if e.Extension != "" && !digits(e.Extension) {
		c.wrong(path+".extension", "policy.extension", clip(e.Extension))
	}
	if !e.InternalOnly && len(e.Classes) == 0 {
		c.wrong(path, "policy.extension.nothing")
	}
	c.classes(path+".classes", e.Classes, outside)
}

var spanName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (c *checker) span(d Document, i int, s Span) {
	path := fmt.Sprintf("calendar[%d]", i)
	c.unique(path+".name", s.Name, slices.IndexFunc(d.Calendar, func(o Span) bool { return o.Name == s.Name }) < i)
	if s.Name != "" && (!spanName.MatchString(s.Name) || s.Name == holiday || slices.Contains(weekdays, s.Name)) {
		c.wrong(path+".name", "policy.span-name", clip(s.Name))
	}
	for _, v := range [][2]string{{"from", s.From}, {"to", s.To}} {
		if _, err := calendar.ParseDay(v[1]); err != nil {
			c.wrong(path+"."+v[0], "policy.day-of-year", clip(v[1]))
		}
	}
}

func (c *checker) hours(d Document, i int, h Hours) {
	path := fmt.Sprintf("hours[%d]", i)
	c.unique(path+".name", h.Name, slices.IndexFunc(d.Hours, func(o Hours) bool { return o.Name == h.Name }) < i)
	from, err := minutes(h.From)
	if err != nil || from == 24*60 {
		c.wrong(path+".from", "config.time-of-day", clip(h.From))
	}
	to, err := minutes(h.To)
	if err != nil {
		c.wrong(path+".to", "config.time-of-day", clip(h.To))
	} else if to == from {
		c.wrong(path+".to", "policy.hours.empty")
	}
	var known []string
	for _, s := range withUsual(d.Calendar) {
		known = append(known, s.Name)
	}
	for _, day := range h.Days {
		if day != holiday && !slices.Contains(weekdays, day) && !slices.Contains(known, day) {
			c.wrong(path+".days", "policy.day", clip(day), strings.Join(known, ", "))
		}
	}
	c.classes(path+".classes", h.Classes, outside)
	c.count(path+".extensions", len(h.Extensions), listMax)
	for _, e := range h.Extensions {
		if !digits(e) {
			c.wrong(path+".extensions", "policy.extension", clip(e))
		}
	}
}

func (c *checker) opening(d Document, i int, o Opening) {
	path := fmt.Sprintf("opening[%d]", i)
	if !digits(o.Extension) {
		c.wrong(path+".extension", "policy.extension", clip(o.Extension))
	}
	c.area(path+".area", o.Area)
	switch _, err := ParseTime(o.Until); {
	case o.Until == "":
		c.wrong(path+".until", "policy.opening.no-until")
	case err != nil:
		c.wrong(path+".until", "policy.time", clip(o.Until))
	}
	if what, bad := CheckReason(o.Reason); bad {
		c.faults = append(c.faults, Fault{Path: path + ".reason", What: what})
	}
	if slices.IndexFunc(d.Openings, func(p Opening) bool { return same(p, o) }) < i {
		c.wrong(path, "policy.twice", o.Extension+" "+o.Area)
	}
}

// CheckReason says what is wrong with a reason: that it is none, too long or
// more than a line.
func CheckReason(reason string) (what text.Message, bad bool) {
	switch {
	case strings.TrimSpace(reason) == "":
		return text.Of("policy.no-reason"), true
	case len(reason) > reasonBytesMax || !plain(reason):
		return text.Of("policy.reason", reasonBytesMax), true
	}
	return text.Message{}, false
}

// same tells whether two openings are one.
func same(a, b Opening) bool {
	return a.Extension == b.Extension && a.Area == b.Area && a.Reason == b.Reason && a.Expires().Equal(b.Expires())
}

func (c *checker) test(i int, t Test) {
	path := fmt.Sprintf("test[%d]", i)
	if !digits(t.From) {
		c.wrong(path+".from", "policy.extension", clip(t.From))
	}
	if t.Dial == "" {
		c.wrong(path+".dial", "policy.missing")
	}
	for _, v := range [][2]string{{"name", t.Name}, {"dial", t.Dial}, {"line", t.Line}} {
		if len(v[1]) > reasonBytesMax || !plain(v[1]) {
			c.wrong(path+"."+v[0], "policy.name", reasonBytesMax)
		}
	}
	if _, err := ParseTime(t.At); t.At != "" && err != nil {
		c.wrong(path+".at", "policy.time", clip(t.At))
	}
	if expected := []string{"pass", "challenge", "refuse", "internal"}; !slices.Contains(expected, t.Expect) {
		c.wrong(path+".expect", "config.one-of", clip(t.Expect), strings.Join(expected, ", "))
	}
	rules := []string{"", "plan"}
	for _, r := range gate.Order() {
		rules = append(rules, r.Name)
	}
	if !slices.Contains(rules, t.Rule) {
		c.wrong(path+".rule", "policy.rule", clip(t.Rule))
	}
}
