package tempo

import (
	"strings"
	"time"
)

// Watch remembers how one unit's extensions telephone.
type Watch struct {
	zone  *time.Location
	now   int64 // Unix seconds: never goes back, even where a clock does
	names map[string]int
	seats []seat // of subjects, in a ring by when they were last heard of
	head  int    // the seat heard of last; -1 while there is none
	unit  office
	look  look // what signs look at; here so that no attempt takes memory
}

// seat is a subject's place in the order of who was heard of.
type seat struct {
	name         string
	newer, older int
	of           *subject
}

// New makes the Watch of a unit that stands in a time zone, nil for UTC.
func New(zone *time.Location) *Watch {
	if zone == nil {
		zone = time.UTC
	}
	return &Watch{zone: zone, names: map[string]int{}, head: -1}
}

// Attempt says what is odd about an outside call that somebody wants to make,
// and remembers it. Ask about every one: ordinary calls teach when and from
// where an office telephones. Asked again about the same call, for another
// line, it looks again and counts nothing twice. Emergency calls it leaves
// alone.
func (w *Watch) Attempt(now time.Time, e *Event) (o Opinion) {
	if e.who() == "" || costless(e) {
		return o
	}
	w.turn(now)
	s := w.subject(e.who())
	w.unit.heard(e, w.now)
	l := &w.look
	*l = look{w: w, s: s, e: e, now: w.now, hour: slot(now.In(w.zone))}
	s.come(e, w.now)
	if !Costs(&e.Destination) {
		w.unit.Hours.learn(l.hour)
		return o
	}
	l.take()
	l.recall()
	for i := range signals {
		sign := &signals[i]
		if strength, a, b := sign.ask(l); strength > None {
			o.add(Sign{Name: sign.name, Group: sign.group, Strength: strength, Figures: [2]int64{a, b}})
		}
	}
	o.weigh()
	if o.Level < Challenge {
		w.unit.Hours.learn(l.hour)
	}
	return o
}

// Note takes in something that happened.
func (w *Watch) Note(now time.Time, e *Event) {
	if e.who() == "" && e.Kind != Missed {
		return
	}
	w.turn(now)
	if e.Kind == Missed {
		w.unit.missed(e, w.now)
		return
	}
	s := w.subject(e.who())
	switch e.Kind {
	case Answered, Ended, Refused:
		w.noteCall(s, e)
	case Registered:
		w.unit.heard(e, w.now)
		s.come(e, w.now)
		s.Contacts = int64(e.Contacts)
	case Fetched:
		if from := network(e.Source); !s.knows(from) && !w.unit.own(from) {
			s.Fetched, s.FetchedBy = w.now, from
		}
	case Forwarded:
		s.Forwarded = w.now
	case Lapsed:
		w.noteLapsed(s, e)
	case Proved:
		s.prove(w.now)
		if Costs(&e.Destination) {
			w.unit.Areas.trust(ground(&e.Destination), w.now)
		}
	case Released:
		s.Lapses = 0
		s.prove(w.now)
	}
}

// noteCall takes in what became of a call.
func (w *Watch) noteCall(s *subject, e *Event) {
	if e.Kind == Refused && e.Destination.Digits == "" {
		s.unread(w.now)
	}
	c := s.find(hash(e.Call))
	if c == nil {
		return
	}
	switch {
	case c.State == talked || c.State == failed: // over, and counted
	case e.Kind == Answered:
		c.State, c.Answered = up, w.now
		w.unit.Areas.know(c.Area, w.now)
	case e.Kind != Ended:
		c.State = barred
	case c.Answered > 0:
		c.State, c.Talk, c.Silent = talked, min(max(0, int64(e.Talk/time.Second)), talkMost), e.Silent
		w.unit.Spent.add(c.Rate*c.Talk/minute, w.now)
	default:
		c.State = failed
	}
}

// noteLapsed takes in that nobody answered a challenge. Of those for what the
// office knows only one counts: a fax machine answers none, and must not be
// shut out by that.
func (w *Watch) noteLapsed(s *subject, e *Event) {
	s.LapsedAt = w.now
	if c := s.find(hash(e.Call)); c != nil && c.New {
		s.Lapses++
		w.unit.doubts(c.Area, w.now)
	}
	s.Lapses = max(s.Lapses, 1)
	w.noteCall(s, e)
}

// turn takes the time in. A clock that was put back stands still until it has
// caught up.
func (w *Watch) turn(now time.Time) {
	w.now = max(w.now, now.Unix())
	w.unit.turn(w.now)
}

// subject gives what is remembered of an extension, and makes room for a new
// one.
func (w *Watch) subject(name string) *subject {
	name = named(name)
	i, known := w.names[name]
	switch {
	case known:
		w.unlink(i)
	case len(w.seats) < subjectsMax:
		i = len(w.seats)
		name = strings.Clone(name)
		w.seats = append(w.seats, seat{name: name, of: &subject{record: record{Last: -1}}})
		w.names[name] = i
	default:
		i = w.seats[w.head].newer // the ring closes on the oldest
		w.unlink(i)
		delete(w.names, w.seats[i].name)
		name = strings.Clone(name)
		w.seats[i].name = name
		w.names[name] = i
		*w.seats[i].of = subject{record: record{Last: -1}}
	}
	w.link(i)
	return w.seats[i].of
}

// named is what counts of an extension's name.
func named(extension string) string { return extension[:min(len(extension), nameMax)] }

// link puts a seat to the head of the ring.
func (w *Watch) link(i int) {
	if w.head < 0 {
		w.seats[i].newer, w.seats[i].older = i, i
	} else {
		oldest := w.seats[w.head].newer
		w.seats[i].older, w.seats[i].newer = w.head, oldest
		w.seats[w.head].newer, w.seats[oldest].older = i, i
	}
	w.head = i
}

func (w *Watch) unlink(i int) {
	s := &w.seats[i]
	if s.newer == i {
		w.head = -1
		return
	}
	w.seats[s.newer].older, w.seats[s.older].newer = s.older, s.newer
	if w.head == i {
		w.head = s.older
	}
}
