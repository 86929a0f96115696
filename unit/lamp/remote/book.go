package remote

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/unit/lamp"
)

// Lamp is the lamp of an extension of another site.
type Lamp struct {
	Site, Extension string
}

// ID names a lamp that is asked for, for as long as it is.
type ID uint64

// Op is what is asked of a site.
type Op uint8

// The questions: to be told of a lamp, to be told of it longer, and not to be any more.
const (
	Begin Op = iota + 1
	Refresh
	End
)

// Ask is one question. Answered is owed for each.
type Ask struct {
	ID ID
	Lamp
	Op  Op
	For time.Duration // 0 of End
}

// Outcome is what came of a question.
type Outcome uint8

// The outcomes.
const (
	Granted Outcome = iota + 1
	Strange         // the site knows nothing of what it was asked to tell of longer
	Refused         // it will not tell
	Failed          // it did not say, or can't for now
)

// Told is what a site tells of a lamp.
type Told struct {
	Phase lamp.Phase // lamp.Unknown for what can't be read
	Over  bool       // it tells no more …
	Again bool       // … but may be asked at once
}

// Book is what is known of the lamps of all sites.
type Book struct {
	sites  map[string]*site
	all    map[ID]*entry
	shown  map[string]*entry // by extension, those that somebody watches
	beyond map[string]bool   // watched, and not asked for: there are too many
	// refused are those of beyond that had a place and were refused, until when: such a
	// one takes no other's place.
	refused map[Lamp]time.Time
	last    ID
	changed []string
	// deadline is what Deadline gives, worked out anew where stale: a site that says very
	// much must not have all lamps be gone through each time.
	deadline time.Time
	stale    bool
}

// site is one of them.
type site struct {
	name  string
	up    bool
	way   uint64
	lamps map[string]*entry
	out   int       // questions
	full  time.Time // by when all of ToldAtOnce may come at once again
}

// entry is one lamp.
type entry struct {
	Lamp
	id     ID
	site   *site
	wanted bool
	begun  bool   // the site tells, as far as is known
	out    Op     // the question that is out
	way    uint64 // of the site, when that was asked
	told   bool   // the site has told of it since
	asked  time.Time
	due    time.Time
	later  time.Time // when it is due again once the site has told of it
	failed int       // questions in a row
	no     bool      // the site has refused it
	phase  lamp.Phase
}

// New makes a Book of nothing.
func New() *Book {
	return &Book{
		sites: map[string]*site{}, all: map[ID]*entry{}, shown: map[string]*entry{}, beyond: map[string]bool{},
		refused: map[Lamp]time.Time{},
	}
}

// State is what the lamp of an extension shows; ok is false for one that was not wanted.
func (b *Book) State(extension string) (p lamp.Phase, ok bool) {
	if e := b.shown[extension]; e != nil {
		return e.phase, true
	}
	return lamp.Unknown, b.beyond[extension]
}

// Changed gives the extensions of which State says something else than before, once.
func (b *Book) Changed() []string {
	c := b.changed
	b.changed = nil
	return c
}

func (b *Book) siteOf(name string) *site {
	s := b.sites[name]
	if s == nil {
		s = &site{name: name, lamps: map[string]*entry{}}
		b.sites[name] = s
	}
	return s
}

// Want says which lamps somebody watches: these, and no others. Of what a site has too
// many of, those that were asked for before stay, but for those that it refuses: whoever
// watches what is not there must not keep others from what is.
func (b *Book) Want(all []Lamp, now time.Time) {
	b.stale = true
	wanted := make(map[Lamp]bool, len(all))
	for _, l := range all {
		wanted[l] = true
	}
	for _, e := range b.shown {
		if !wanted[e.Lamp] {
			b.unwant(e, now)
		}
	}
	for ext := range b.beyond {
		delete(b.beyond, ext)
		b.changed = append(b.changed, ext)
	}
	for _, l := range all {
		s := b.siteOf(l.Site)
		switch e := s.lamps[l.Extension]; {
		case e != nil && e.wanted:
		case b.count(s) >= PerSite && !b.makeRoom(s, l, now):
			b.beyond[l.Extension] = true
			b.changed = append(b.changed, l.Extension)
		case e != nil: // it was about to end
			e.wanted, b.shown[l.Extension] = true, e
			if e.begun && e.due.Before(e.later) {
				e.due = e.later
			}
			b.changed = append(b.changed, l.Extension)
		default:
			b.add(s, l, now)
		}
	}
	maps.DeleteFunc(b.refused, func(l Lamp, until time.Time) bool { return !wanted[l] || !until.After(now) })
	maps.DeleteFunc(b.sites, func(name string, s *site) bool { return len(s.lamps) == 0 && !s.up })
}

// makeRoom has a lamp that the site refuses give up its place to another one.
func (b *Book) makeRoom(s *site, to Lamp, now time.Time) bool {
	if b.refused[to].After(now) {
		return false
	}
	for _, e := range s.sorted() {
		if e.wanted && e.no {
			b.refused[e.Lamp] = now.Add(RefusedAgain)
			b.unwant(e, now)
			b.beyond[e.Extension] = true
			return true
		}
	}
	return false
}

// Crowded tells whether some lamp has no place: then Want is to be asked again when one has
// been refused.
func (b *Book) Crowded() bool { return len(b.beyond) > len(b.refused) }

// count is how many lamps of a site are wanted.
func (b *Book) count(s *site) (n int) {
	for _, e := range s.lamps {
		if e.wanted {
			n++
		}
	}
	return n
}

func (b *Book) add(s *site, l Lamp, now time.Time) {
	b.last++
	e := &entry{Lamp: l, id: b.last, site: s, wanted: true, due: now, phase: lamp.Unknown}
	s.lamps[l.Extension], b.all[e.id], b.shown[l.Extension] = e, e, e
	b.changed = append(b.changed, l.Extension)
}

// unwant has a lamp be asked for no longer.
func (b *Book) unwant(e *entry, now time.Time) {
	e.wanted, e.due = false, now
	delete(b.shown, e.Extension)
	b.changed = append(b.changed, e.Extension)
	// Of too many that end the site hears when it tells of them: nobody knows them here.
	if e.out == 0 && (!e.begun || !e.site.up) || len(e.site.lamps)-b.count(e.site) > PerSite {
		b.drop(e)
	}
}

func (b *Book) drop(e *entry) {
	if e.out != 0 {
		e.out = 0
		e.site.out--
	}
	delete(e.site.lamps, e.Extension)
	delete(b.all, e.id)
}

// Known tells whether a lamp is still asked for, or about to end; Len is how many are.
func (b *Book) Known(id ID) bool { return b.all[id] != nil }

// Len is how many lamps are Known.
func (b *Book) Len() int { return len(b.all) }

// Way says how it stands with a site. way is another number each time a connection with
// it has ended: what it has said before may be no longer so.
func (b *Book) Way(name string, up bool, way uint64, now time.Time) {
	s := b.sites[name]
	if s == nil && up {
		s = b.siteOf(name)
	}
	if s == nil || s.up == up && (s.way == way || !up) {
		return
	}
	s.up, s.way, b.stale = up, way, true
	for _, e := range s.sorted() {
		b.set(e, lamp.Unknown)
		e.failed, e.later = 0, time.Time{}
		switch {
		case up:
			e.due = now
		case !e.wanted && e.out == 0:
			b.drop(e)
		}
	}
}

// Keep says which sites there are: what is known of others is forgotten.
func (b *Book) Keep(names []string) {
	for name, s := range b.sites {
		if slices.Contains(names, name) {
			continue
		}
		b.stale = true
		for _, e := range s.lamps {
			if e.wanted {
				delete(b.shown, e.Extension)
				b.changed = append(b.changed, e.Extension)
			}
			b.drop(e)
		}
		delete(b.sites, name)
	}
}

func (s *site) sorted() []*entry {
	return slices.SortedFunc(maps.Values(s.lamps), func(x, y *entry) int {
		return strings.Compare(x.Extension, y.Extension)
	})
}

func (b *Book) set(e *entry, p lamp.Phase) {
	if e.phase != p {
		e.phase = p
		if e.wanted {
			b.changed = append(b.changed, e.Extension)
		}
	}
}

// Due gives what is to be asked now.
func (b *Book) Due(now time.Time) (out []Ask) {
	if at := b.Deadline(); at.IsZero() || at.After(now) {
		return nil
	}
	b.stale = true
	for _, name := range slices.Sorted(maps.Keys(b.sites)) {
		s := b.sites[name]
		if !s.up || s.out >= AskAtOnce {
			continue
		}
		for _, e := range s.sorted() {
			if s.out >= AskAtOnce {
				break
			}
			if e.out != 0 || e.next().After(now) {
				continue
			}
			a := Ask{ID: e.id, Lamp: e.Lamp, Op: Begin, For: AskFor}
			switch {
			case !e.wanted && !e.begun:
				b.drop(e)
				continue
			case !e.wanted:
				a.Op, a.For = End, 0
			case e.begun:
				a.Op = Refresh
			}
			e.out, e.asked, e.way, e.told = a.Op, now, s.way, false
			s.out++
			out = append(out, a)
		}
	}
	return out
}

// next is when a lamp may be asked for.
func (e *entry) next() time.Time {
	if soonest := e.asked.Add(AskAgain); !e.asked.IsZero() && soonest.After(e.due) {
		return soonest
	}
	return e.due
}

// Deadline is when Due is to be asked again, if nothing happens before; zero means never.
func (b *Book) Deadline() time.Time {
	if b.stale {
		b.deadline, b.stale = b.soonest(), false
	}
	return b.deadline
}

func (b *Book) soonest() (at time.Time) {
	for _, s := range b.sites {
		if !s.up || s.out >= AskAtOnce {
			continue // a way, or an answer, comes first
		}
		for _, e := range s.lamps {
			if next := e.next(); e.out == 0 && (at.IsZero() || next.Before(at)) {
				at = next
			}
		}
	}
	return at
}

// Answered takes what came of a question: for how long it was Granted, or how long the
// site wants to be left alone.
func (b *Book) Answered(id ID, o Outcome, d time.Duration, now time.Time) {
	e := b.all[id]
	if e == nil || e.out == 0 {
		return
	}
	b.stale = true
	op := e.out
	e.out = 0
	e.site.out--
	switch {
	case op == End:
		e.begun, e.due = false, now
		b.set(e, lamp.Unknown)
	case o == Granted && e.way != e.site.way: // what it tells of that may be lost
		e.begun, e.due, e.no = true, now, false
	case o == Granted:
		e.begun, e.failed, e.no = true, 0, false
		if e.later = now.Add(max(min(d, AskFor)/2, RefreshLeast)); e.told {
			e.due = e.later
		} else {
			e.due = now.Add(DoubtAfter)
		}
	case o == Strange && op == Refresh:
		e.begun, e.due = false, now
		e.asked = time.Time{} // it is another question
		b.set(e, lamp.Unknown)
	case o == Failed:
		b.set(e, lamp.Unknown)
		e.due = now.Add(e.pause(d))
		e.failed++
	default:
		e.begun, e.due, e.no = false, now.Add(RefusedAgain), true
		b.set(e, lamp.Unknown)
	}
	if !e.wanted {
		if e.due = now; !e.begun || !e.site.up {
			b.drop(e)
		}
	}
}

// pause is how long a site is left alone that did not answer.
func (e *entry) pause(asked time.Duration) time.Duration {
	if asked > 0 {
		return min(asked, RetryMost)
	}
	if p := RetryFirst << min(e.failed, 8); p < RetryMost {
		return p
	}
	return RetryMost
}

// Told takes what a site tells of a lamp; false where it tells too much: it is to tell
// that later.
func (b *Book) Told(id ID, t Told, now time.Time) bool {
	e := b.all[id]
	if e == nil {
		return true
	}
	if !e.site.spend(now) {
		b.set(e, lamp.Unknown)
		if at := now.Add(DoubtAfter); at.Before(e.due) {
			e.due, b.stale = at, true
		}
		return false
	}
	if e.told = true; e.begun && e.out == 0 && e.due.Before(e.later) {
		e.due, b.stale = e.later, true
	}
	switch {
	case t.Over && t.Again:
		e.begun, e.due, b.stale = false, now, true
		b.set(e, lamp.Unknown)
	case t.Over:
		e.begun, e.due, b.stale = false, now.Add(RefusedAgain), true
		b.set(e, lamp.Unknown)
	case !e.site.up:
		b.set(e, lamp.Unknown)
	default:
		b.set(e, t.Phase)
	}
	if !e.wanted && !e.begun && e.out == 0 {
		b.stale = true
		b.drop(e)
	}
	return true
}

// spend takes one of what a site may tell.
func (s *site) spend(now time.Time) bool {
	if s.full.Before(now) {
		s.full = now
	}
	if s.full.Sub(now) > (ToldAtOnce-1)*ToldEvery {
		return false
	}
	s.full = s.full.Add(ToldEvery)
	return true
}
