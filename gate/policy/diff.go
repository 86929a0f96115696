package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
)

// Change is one thing that differs between two documents.
type Change struct {
	Says    text.Message
	Loosens bool // some call passes that did not before
	Bars    bool // some call is refused that was not before
}

// Loosens tells whether one of the changes does.
func Loosens(list []Change) bool {
	return slices.ContainsFunc(list, func(c Change) bool { return c.Loosens })
}

// differ collects changes.
type differ struct {
	list []Change
	now  time.Time
}

func (d *differ) opens(k text.Key, args ...any) {
	d.list = append(d.list, Change{Says: text.Of(k, args...), Loosens: true})
}

func (d *differ) bars(k text.Key, args ...any) {
	d.list = append(d.list, Change{Says: text.Of(k, args...), Bars: true})
}

// either adds a change that opens or bars.
func (d *differ) either(opens bool, k text.Key, args ...any) {
	if opens {
		d.opens(k+".opens", args...)
	} else {
		d.bars(k+".bars", args...)
	}
}

// Diff says what changes from one document to another, both Normal. Hours are
// compared on the days of a year from now on. A change that may do both, opens
// and bars.
func Diff(before, after Document, now time.Time) []Change {
	d := differ{now: now}
	d.gate(before.Gate, after.Gate)
	d.extensions(before.Extensions, after.Extensions)
	d.lines(before.Lines, after.Lines)
	d.hours(before, after)
	d.budgets(before, after)
	d.openings(before.Openings, after.Openings)
	if !slices.Equal(before.Tests, after.Tests) {
		d.list = append(d.list, Change{Says: text.Of("policy.diff.tests", len(before.Tests), len(after.Tests))})
	}
	return d.list
}

func (d *differ) gate(before, after Gate) {
	if before.DomesticWhenDegraded != after.DomesticWhenDegraded {
		d.either(after.DomesticWhenDegraded, "policy.diff.degraded")
	}
	d.classes("policy.diff.unit", classSet(before.Classes), classSet(after.Classes))
	was, is := before.Countries, after.Countries
	switch {
	case slices.Equal(was, is):
	case len(is) == 0:
		d.opens("policy.diff.countries.any")
	case len(was) == 0:
		d.bars("policy.diff.countries.only", strings.Join(is, ", "))
	default:
		if more := without(is, was); len(more) > 0 {
			d.opens("policy.diff.countries.opens", strings.Join(more, ", "))
		}
		if less := without(was, is); len(less) > 0 {
			d.bars("policy.diff.countries.bars", strings.Join(less, ", "))
		}
	}
}

// without are the entries of a that b has not.
func without(a, b []string) []string {
	var out []string
	for _, v := range a {
		if !slices.Contains(b, v) {
			out = append(out, v)
		}
	}
	return out
}

// classes says which classes are let pass and which are barred; args go before
// the classes in the sentence.
func (d *differ) classes(k text.Key, before, after gate.ClassSet, args ...any) {
	if more := after &^ before; more != 0 {
		d.opens(k+".opens", append(slices.Clone(args), said(more))...)
	}
	if less := before &^ after; less != 0 {
		d.bars(k+".bars", append(slices.Clone(args), said(less))...)
	}
}

// said lists classes for people.
func said(set gate.ClassSet) text.Message {
	var out text.Message
	for _, c := range number.Classes() {
		if !set.Has(c) {
			continue
		}
		one := text.Of(text.Key("number.class." + c.String()))
		if out.IsZero() {
			out = one
		} else {
			out = text.Of("policy.and", out, one)
		}
	}
	return out
}

// narrowed are the classes that a list leaves, all for an empty one.
func narrowed(list []string) gate.ClassSet {
	if set := classSet(list); set != 0 {
		return set
	}
	return outside
}

func (d *differ) extensions(before, after []Extension) {
	was, is := map[string]Extension{}, map[string]Extension{}
	var all []string
	for _, e := range before {
		was[e.Extension] = e
		all = append(all, e.Extension)
	}
	for _, e := range after {
		is[e.Extension] = e
		all = append(all, e.Extension)
	}
	for _, ext := range sorted(all) {
		b, a := was[ext], is[ext]
		if b.InternalOnly != a.InternalOnly {
			d.either(b.InternalOnly, "policy.diff.inside", ext)
		}
		if a.InternalOnly {
			continue
		}
		from := narrowed(b.Classes)
		if b.InternalOnly { // the sentence above has opened all; what follows narrows it
			from = outside
		}
		d.classes("policy.diff.extension", from, narrowed(a.Classes), ext)
	}
}

func (d *differ) lines(before, after []Line) {
	was, is := map[string][]string{}, map[string][]string{}
	var all []string
	for _, l := range before {
		was[l.Line] = l.Classes
		all = append(all, l.Line)
	}
	for _, l := range after {
		is[l.Line] = l.Classes
		all = append(all, l.Line)
	}
	for _, id := range sorted(all) {
		d.classes("policy.diff.line", narrowed(was[id]), narrowed(is[id]), id)
	}
}

// span is a span of hours as a document has it and as the gate does.
type span struct {
	Hours
	gate gate.Hours
}

func (d Document) spans() map[string]span {
	out := map[string]span{}
	for i, g := range d.hours() {
		out[g.Name] = span{Hours: d.Hours[i], gate: g}
	}
	return out
}

func (d *differ) hours(before, after Document) {
	was, is := before.spans(), after.spans()
	var all []string
	for _, h := range slices.Concat(before.Hours, after.Hours) {
		all = append(all, h.Name)
	}
	for _, name := range sorted(all) {
		b, had := was[name]
		a, has := is[name]
		switch {
		case !has:
			d.opens("policy.diff.hours.removed", name, b.says())
		case !had:
			d.bars("policy.diff.hours.added", name, a.says())
		default:
			d.sameHours(name, b, a)
		}
	}
	for _, s := range after.Calendar {
		i := slices.IndexFunc(before.Calendar, func(o Span) bool { return o.Name == s.Name })
		if i < 0 || before.Calendar[i] != s {
			d.list = append(d.list, Change{Says: text.Of("policy.diff.calendar", s.Name, s.From, s.To)})
		}
	}
	for _, s := range before.Calendar {
		if !slices.ContainsFunc(after.Calendar, func(o Span) bool { return o.Name == s.Name }) {
			d.list = append(d.list, Change{Says: text.Of("policy.diff.calendar.removed", s.Name)})
		}
	}
}

// sameHours compares a span of hours with what it was.
func (d *differ) sameHours(name string, b, a span) {
	c := Change{Loosens: d.escapes(b.gate, a.gate), Bars: d.escapes(a.gate, b.gate)}
	was, is := b.says(), a.says()
	switch {
	case was.Say(text.EN) != is.Say(text.EN):
		c.Says = text.Of("policy.diff.hours.changed", name, was, is)
	case c.Loosens || c.Bars:
		c.Says = text.Of("policy.diff.hours.calendar", name, is)
	default:
		return
	}
	d.list = append(d.list, c)
}

// escapes tells whether a call that b bars is free of a, or is with a PIN. Between two ends of
// either span nothing changes, so it looks at each day's ends.
func (d *differ) escapes(b, a gate.Hours) bool {
	if scope(b.Classes)&^scope(a.Classes) != 0 || a.Ask && !b.Ask {
		return true
	}
	if len(a.Extensions) > 0 && (len(b.Extensions) == 0 || len(without(b.Extensions, a.Extensions)) > 0) {
		return true
	}
	year, month, day := d.now.In(japan).Date()
	for n := range comparedDays {
		for _, minute := range []int{0, b.From, b.To, a.From, a.To} {
			at := time.Date(year, month, day+n, 0, minute, 0, 0, japan)
			if b.Covers(at) && !a.Covers(at) {
				return true
			}
		}
	}
	return false
}

// scope are the classes that hours bar, all for none.
func scope(set gate.ClassSet) gate.ClassSet {
	if set == 0 {
		return outside
	}
	return set
}

// says is a span of hours for people.
func (h Hours) says() text.Message {
	days, classes, who := text.Of("policy.hours.daily"), text.Of("policy.hours.all"), text.Of("policy.hours.everybody")
	if len(h.Days) > 0 {
		days = text.Of("policy.hours.days", daysSaid(h.Days))
	}
	if set := classSet(h.Classes); set != 0 {
		classes = said(set)
	}
	if len(h.Extensions) > 0 {
		who = text.Of("policy.hours.extensions", strings.Join(h.Extensions, ", "))
	}
	said := text.Of("policy.hours", days, h.From, h.To, classes, who)
	if h.PIN {
		return text.Of("policy.hours.pin", said)
	}
	return said
}

// daysSaid lists days for people; a span of the owner's has no other name.
func daysSaid(days []string) text.Message {
	var out text.Message
	for _, d := range days {
		one := text.Of("policy.day-named", d)
		if k := text.Key("policy.day." + d); k.Known() {
			one = text.Of(k)
		}
		if out.IsZero() {
			out = one
		} else {
			out = text.Of("policy.and", out, one)
		}
	}
	return out
}

func (d *differ) openings(before, after []Opening) {
	shut := missing(before, after)
	opened := missing(after, before)
	for _, o := range shut {
		i := slices.IndexFunc(opened, func(p Opening) bool { return p.Extension == o.Extension && p.Area == o.Area })
		if i < 0 {
			d.bars("policy.diff.opening.shut", o.Extension, o.Area, o.Until, o.Reason)
			continue
		}
		p := opened[i]
		opened = slices.Delete(opened, i, i+1)
		if p.Until == o.Until {
			d.list = append(d.list, Change{
				Says: text.Of("policy.diff.opening.reason", o.Extension, o.Area, o.Until, p.Reason),
			})
			continue
		}
		d.list = append(d.list, Change{
			Says:    text.Of("policy.diff.opening.changed", o.Extension, o.Area, o.Until, p.Until, p.Reason),
			Loosens: p.Expires().After(o.Expires()), Bars: p.Expires().Before(o.Expires()),
		})
	}
	for _, p := range opened {
		d.opens("policy.diff.opening.opened", p.Extension, p.Area, p.Until, p.Reason)
	}
}

// missing are the openings of a that b has not.
func missing(a, b []Opening) []Opening {
	type key struct{ extension, area, until, reason string }
	has := make(map[key]bool, len(b))
	for _, o := range b {
		has[key{o.Extension, o.Area, o.Until, o.Reason}] = true
	}
	var out []Opening
	for _, o := range a {
		if !has[key{o.Extension, o.Area, o.Until, o.Reason}] {
			out = append(out, o)
		}
	}
	return out
}
