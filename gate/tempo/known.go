package tempo

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/number/tariff"
)

// Copy is a Watch that remembers the same: for who looks at it, or writes it
// down, while this one is asked again.
func (w *Watch) Copy() *Watch {
	c := *w
	c.names, c.seats = maps.Clone(w.names), slices.Clone(w.seats)
	subjects := make([]subject, len(w.seats))
	for i := range c.seats {
		subjects[i] = c.seats[i].of.copy()
		c.seats[i].of = &subjects[i]
	}
	c.look = look{}
	return &c
}

// Preview says what Attempt would, and remembers nothing.
func (w *Watch) Preview(now time.Time, e *Event) Opinion {
	probe := New(w.zone)
	probe.now, probe.unit = w.now, w.unit
	if i, known := w.names[named(e.who())]; known {
		*probe.subject(e.who()) = w.seats[i].of.copy()
	}
	return probe.Attempt(now, e)
}

// Known is what a Watch remembers about an extension, in numbers.
type Known struct {
	Networks int       // that it telephones from
	Here     time.Time // since when it does from where it was last heard from
	Contacts int       // places that its credential is registered from, if more than one was seen
	// Of the last day: calls that cost, those of them that were answered, and
	// those to areas that were new to the office; and what they cost.
	Calls, Answered, New int
	Money                tariff.Money
	// What is odd for some days; the zero time for what was not.
	Forwarded, Fetched, Lapsed time.Time
	Lapses                     int
	Proved                     time.Time // when somebody last proved to be its owner
}

// Extensions lists those that a Watch remembers, in order.
func (w *Watch) Extensions() []string {
	all := slices.Sorted(maps.Keys(w.names))
	return slices.DeleteFunc(all, func(name string) bool { return strings.HasPrefix(name, siteNames) })
}

// Sites lists the other sites that a Watch remembers, in order.
func (w *Watch) Sites() (out []string) {
	for _, name := range slices.Sorted(maps.Keys(w.names)) {
		if site, ok := strings.CutPrefix(name, siteNames); ok {
			out = append(out, site)
		}
	}
	return out
}

// Known tells what is remembered about an extension; ok is false for one that
// was never heard of.
func (w *Watch) Known(now time.Time, extension string) (Known, bool) { return w.known(now, extension) }

// KnownSite is Known for another site.
func (w *Watch) KnownSite(now time.Time, site string) (Known, bool) {
	return w.known(now, siteNames+site)
}

func (w *Watch) known(now time.Time, name string) (k Known, ok bool) {
	i, ok := w.names[named(name)]
	if !ok {
		return Known{}, false
	}
	s := w.seats[i].of
	for i := range s.Places {
		if s.Places[i].Network != 0 {
			k.Networks++
		}
	}
	if here := &s.Places[s.Here]; here.Network != 0 {
		k.Here = instant(here.First)
	}
	k.Contacts, k.Lapses = int(s.Contacts), int(s.Lapses)
	k.Forwarded, k.Fetched = instant(s.Forwarded), instant(s.Fetched)
	k.Lapsed, k.Proved = instant(s.LapsedAt), instant(s.Proved)
	for i := int64(0); ; i++ {
		c := s.newest(i)
		if c == nil || c.At < now.Unix()-day {
			return k, true
		}
		k.Calls++
		if c.Answered > 0 {
			k.Answered++
		}
		if c.New {
			k.New++
		}
		k.Money += tariff.Money(c.Rate * c.Talk / minute)
	}
}

// Areas lists the areas that the office has known for so long that no call
// there is new, in order.
func (w *Watch) Areas() (out []string) {
	for i := range w.unit.Areas.Of {
		k := &w.unit.Areas.Of[i]
		if k.Days == 0 || w.unit.Areas.isNew(k.Area, w.now) {
			continue
		}
		out = append(out, areaOf(k.Area))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// areaOf takes the area out of a ground, "" where there is none in it.
func areaOf(g uint32) string {
	var b []byte
	for shift := 16; shift >= 0; shift -= 8 {
		if c := byte(g >> shift); c >= '0' && c <= 'Z' {
			b = append(b, c)
		}
	}
	return string(b)
}

// instant is a remembered time; the zero time for one that never was.
func instant(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.Unix(at, 0).UTC()
}
