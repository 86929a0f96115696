package gate

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sekisho/sekisho/calendar"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/quarantine"
	"github.com/sekisho/sekisho/number"
)

// Settings is what a policy is made of. The zero Settings gives a unit that
// nobody has claimed: emergency calls only.
type Settings struct {
	Version string // names the policy in verdicts, e.g. a short hash of its sources
	Claimed bool   // the owner has finished set-up
	// DomesticWhenDegraded passes ordinary domestic calls although their
	// verdicts can't be written. International never.
	DomesticWhenDegraded bool
	Classes              ClassSet // classes that pass; 0 means FactoryClasses
	Openings             []fact.Opening
	// Countries narrows which areas an opening may open; empty means any.
	Countries  []string
	Extensions map[string]ExtensionRule // those with a rule of their own
	Lines      map[string]LineRule      // every line; one that is not here carries emergency calls only
	Hours      []Hours
	// Sites are the other sites that may call outside over our lines.
	Sites  map[string]bool
	Budget *budget.Plan // nil: no budgets
	// Quarantines is what is set apart; those whose time is over count for nothing.
	Quarantines []fact.Quarantine
	// AlertNumbers are what the unit itself may call to tell its owner something,
	// as number.Destination.Digits has them.
	AlertNumbers []string
}

// ExtensionRule is what one extension may call. The zero rule adds nothing to
// the unit's.
type ExtensionRule struct {
	InternalOnly bool     // no outside calls (emergency stays open)
	Classes      ClassSet // narrows the unit's classes; 0 means no narrowing
}

// LineRule is what one line carries.
type LineRule struct {
	Classes  ClassSet // 0 means everything but # short numbers and carrier selection
	Carriers []string // 00XY codes and "122" that the line takes; none by default
}

// Hours bars calls for a span of the day.
type Hours struct {
	Name string // for the trace, e.g. "night"
	From int    // minutes after midnight, 0–1439
	To   int    // exclusive; before From means over midnight, equal the whole day
	// Days, Holidays (of Japan) and Spans of the year are the days on which the
	// span begins: those in any of them; with none of them every day.
	Days     []time.Weekday
	Holidays bool
	Spans    []calendar.Span
	Zone     *time.Location // nil means UTC
	Classes  ClassSet       // what is barred then; 0 means everything
	// Extensions are those it binds; none means every origin.
	Extensions []string
	// Ask has the caller asked for its PIN instead of barred.
	Ask bool
}

// Policy is an immutable snapshot of everything a verdict depends on.
type Policy struct {
	s         Settings
	openings  map[string][]fact.Opening // by extension
	countries map[string]bool
	apart     *quarantine.Set
}

// NewPolicy makes a policy; later changes to s don't reach it. It refuses
// settings that are beyond the limits or not meaningful.
func NewPolicy(s Settings) (*Policy, error) {
	switch {
	case len(s.Openings) > openingsMax:
		return nil, fmt.Errorf("%d openings, at most %d", len(s.Openings), openingsMax)
	case len(s.Extensions) > extensionsMax:
		return nil, fmt.Errorf("%d extension rules, at most %d", len(s.Extensions), extensionsMax)
	case len(s.Lines) > linesMax:
		return nil, fmt.Errorf("%d lines, at most %d", len(s.Lines), linesMax)
	case len(s.Hours) > hoursMax:
		return nil, fmt.Errorf("%d spans of hours, at most %d", len(s.Hours), hoursMax)
	}
	p := &Policy{s: s, openings: map[string][]fact.Opening{}}
	if s.Classes == 0 {
		p.s.Classes = FactoryClasses
	}
	for _, o := range s.Openings {
		if o.Extension == "" || o.Area == "" {
			return nil, fmt.Errorf("opening %q: needs an extension and an area", o.ID)
		}
		p.openings[o.Extension] = append(p.openings[o.Extension], o)
	}
	if len(s.Countries) > 0 {
		p.countries = map[string]bool{}
		for _, c := range s.Countries {
			p.countries[c] = true
		}
	}
	for _, h := range s.Hours {
		if h.From < 0 || h.From >= minutesADay || h.To < 0 || h.To > minutesADay {
			return nil, fmt.Errorf("hours %q: from %d to %d is no span of a day", h.Name, h.From, h.To)
		}
	}
	var err error
	if p.apart, err = quarantine.New(s.Quarantines); err != nil {
		return nil, err
	}
	p.s.Openings, p.s.Countries, p.s.Quarantines = nil, nil, nil
	p.s.Extensions = maps.Clone(s.Extensions)
	p.s.Lines = maps.Clone(s.Lines)
	p.s.Hours = slices.Clone(s.Hours)
	p.s.Sites = maps.Clone(s.Sites)
	p.s.AlertNumbers = slices.Clone(s.AlertNumbers)
	return p, nil
}

// Claimed tells whether the unit's owner has finished set-up.
func (p *Policy) Claimed() bool { return p != nil && p.s.Claimed }

// Apart gives the quarantine that a request falls under, or a call that was
// one; for calls that come in, the phone that is called stands for Origin, and
// there is no Destination. Emergency calls fall under none.
func (p *Policy) Apart(r *Request) (fact.Quarantine, bool) {
	if p == nil {
		return fact.Quarantine{}, false
	}
	c := r.Subject()
	return p.apart.Find(&c, r.At)
}

// Version names the policy.
func (p *Policy) Version() string {
	if p == nil {
		return ""
	}
	return p.s.Version
}

// WhenDegraded tells whether a request that a verdict passed may go on
// although the verdict can't be written: emergency always, international
// never, domestic if the owner wants that (invariant G6).
func (p *Policy) WhenDegraded(r *Request) bool {
	switch r.Destination.Class {
	case number.Emergency:
		return true
	case number.Geographic, number.Mobile, number.IPPhone, number.Freephone, number.Service,
		number.HashShort:
		return p.OrdinaryWhenDegraded()
	}
	return false
}

// OrdinaryWhenDegraded tells whether ordinary calls within Japan may go on
// although that can't be written.
func (p *Policy) OrdinaryWhenDegraded() bool { return p != nil && p.s.DomesticWhenDegraded }

// opening finds the opening that lets r go abroad.
func (p *Policy) opening(r *Request) (fact.Opening, bool) {
	if r.At.IsZero() {
		return fact.Opening{}, false // without a time nothing is unexpired
	}
	for _, o := range p.openings[r.Origin.Extension] {
		if o.Area == r.Destination.Area && r.At.Before(o.Expires) {
			return o, true
		}
	}
	return fact.Opening{}, false
}

func (p *Policy) line(id string) (LineRule, bool) {
	l, ok := p.s.Lines[id]
	if l.Classes == 0 {
		l.Classes = lineFactoryClasses
	}
	return l, ok
}

const minutesADay = 24 * 60

// Covers tells whether t falls into the span.
func (h Hours) Covers(t time.Time) bool {
	zone := h.Zone
	if zone == nil {
		zone = time.UTC
	}
	local := t.In(zone)
	minute := local.Hour()*60 + local.Minute()
	switch {
	case h.From == h.To:
		return h.on(local)
	case h.From < h.To:
		return minute >= h.From && minute < h.To && h.on(local)
	case minute >= h.From:
		return h.on(local)
	default: // after midnight, in a span that began the day before
		return minute < h.To && h.on(local.AddDate(0, 0, -1))
	}
}

// on tells whether the span begins on the day of t.
func (h Hours) on(t time.Time) bool {
	if len(h.Days) == 0 && !h.Holidays && len(h.Spans) == 0 {
		return true
	}
	year, month, day := t.Date()
	return slices.Contains(h.Days, t.Weekday()) || h.Holidays && calendar.Holiday(year, month, day) ||
		slices.ContainsFunc(h.Spans, func(s calendar.Span) bool { return s.Covers(month, day) })
}
