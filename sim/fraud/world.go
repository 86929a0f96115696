package fraud

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

// Options are a world's circumstances.
type Options struct {
	Seed uint64
	// Start is a midnight at the office's place.
	Start time.Time
	// History is for how many days the office telephones in peace before the
	// week in which the attack begins; 0 for an attack in the first week, and
	// below 0 for one at the moment of installation.
	History int
	// Begin, above 0, is when after Start the attack begins, instead of when its
	// plan and History say.
	Begin time.Duration
	// Hurry, above 1, is how many times as fast a phone is picked up, and a full
	// line tried again.
	Hurry int
	// Days is how long a world without an attack lasts.
	Days int
	// Permute deals the prices out to other countries.
	Permute bool
}

// The purposes that sources of randomness are kept apart by.
const (
	purposeOffice = iota
	purposePrices
	purposeAttack
	purposePeople
	purposeCheck
	purposeStream // and one for each stream
	purposeTalk   = 1 << 32
)

// World is one office, with or without an attack, as time goes by.
type World struct {
	opt     Options
	site    Site
	atlas   atlas
	queue   queue
	now     time.Duration
	end     time.Duration // of a world in peace
	calls   map[uint64]*call
	asked   *call            // an attempt that waits for its answer
	later   map[uint64]*call // those that were put aside
	last    uint64
	up      int // channels taken
	moved   int
	seen    bool // the intruder has tried
	over    bool
	people  *rand.Rand // who are asked before a call; talking: while they talk
	talking *rand.Rand
	attack  *attack
	review  map[int]time.Duration // by extension: the next time a manager looks
	books   Books
	bills   []bill // of the intruder
}

// call is one attempt and what comes of it.
type call struct {
	Event
	stream    *stream // of the office's calls
	channel   int     // of the attack's
	intruder  bool
	person    bool // somebody is there who may answer a prompt
	proves    int  // percent
	rate      Rate
	ring      time.Duration
	talk      time.Duration // 0: nobody picks up
	began     time.Duration
	passed    bool
	busy      bool
	answered  bool
	emergency bool
	redials   int
	target    int
}

// New makes a world of an office, with an attack unless plan is nil. It says
// what is wrong with the plan or the options.
func New(o *Office, plan *Plan, opt Options) (*World, error) {
	t, err := readTariff()
	if err != nil {
		return nil, err
	}
	a, err := readAtlas()
	if err != nil {
		return nil, err
	}
	if h, m, s := opt.Start.Clock(); opt.Start.IsZero() || h+m+s > 0 {
		return nil, fmt.Errorf("a world starts at midnight, not at %s", opt.Start)
	}
	if plan == nil && opt.Days < 1 {
		return nil, errors.New("a world in peace lasts a day at least")
	}
	if opt.Begin < 0 || opt.Hurry < 0 {
		return nil, errors.New("begin and hurry are not below 0")
	}
	w := &World{
		opt: opt, atlas: a, end: time.Duration(opt.Days) * day,
		calls: map[uint64]*call{}, later: map[uint64]*call{}, review: map[int]time.Duration{},
		people: newRand(opt.Seed, purposePeople), talking: newRand(opt.Seed, purposeTalk),
	}
	w.furnish(o, t)
	if plan != nil {
		if err := plan.Check(); err != nil {
			return nil, err
		}
		w.end = time.Duration(max(opt.History, 0))*day + attackDaysMax
		w.begin(plan)
	}
	return w, nil
}

// Site is the office as an installer sees it.
func (w *World) Site() *Site { return &w.site }

// Books is what was counted so far.
func (w *World) Books() Books { return w.books }

// OfficeCalls is how many calls the office has tried to make.
func (w *World) OfficeCalls() int { return w.books.Office.Calls.All }

// Intruding tells whether the attempt that Next returned last is an intruder's.
// It is for teaching on development seeds, and not for those who judge.
func (w *World) Intruding() bool { return w.asked != nil && w.asked.intruder }

// Time is what the world's clock says.
func (w *World) Time() time.Time { return w.opt.Start.Add(w.now) }

// Peek gives the time of the next step, and whether there is one.
func (w *World) Peek() (time.Time, bool) {
	if w.over || len(w.queue.steps) == 0 || w.queue.steps[0].at > w.end {
		return time.Time{}, false
	}
	return w.opt.Start.Add(w.queue.steps[0].at), true
}

// Next takes the next step and gives its event, nil where nobody sees anything
// of it; false when the world has ended. It takes one step only, so that Cut may
// come in time before each. An attempt that was not answered is refused.
func (w *World) Next() (*Event, bool) {
	if w.asked != nil {
		w.Refuse(false)
	}
	if _, ok := w.Peek(); !ok {
		return nil, false
	}
	s := w.queue.take()
	w.now = s.at
	return w.do(&s), true
}

// do does one step; nil where nobody sees anything of it.
func (w *World) do(s *step) *Event {
	switch s.what {
	case stepStream:
		return w.streams(s.stream)
	case stepRedial:
		return w.redial(s.call)
	case stepPhase:
		return w.phase()
	case stepChannel:
		return w.channel(s.n)
	case stepAnswer:
		return w.pickUp(s.call)
	case stepEnd:
		return w.hangUp(s.call)
	case stepProof:
		return w.proof(s.call)
	case stepLapse:
		return w.lapse(s.call)
	case stepKeep:
		return w.keep(s.call)
	case stepMove:
		w.moved = 1
		return w.event(Registered, s.n, w.source(s.n))
	}
	delete(w.review, s.n)
	e := w.event(Reviewed, s.n, w.source(s.n))
	e.Intruder = w.seen
	return e
}

func (w *World) event(k Kind, ext int, from netip.Addr) *Event {
	return &Event{Kind: k, At: w.Time(), Extension: w.site.Extensions[ext].Number, Source: from}
}

// ask hands an attempt over.
func (w *World) ask(c *call) *Event {
	w.last++
	c.Call, c.Kind, c.At = w.last, Attempt, w.Time()
	w.asked = c
	l := w.ledger(c)
	l.Calls.one(c.Abroad())
	if c.emergency = c.Emergency(); c.emergency {
		l.Emergency.one(false)
	}
	if c.intruder {
		if !w.seen {
			w.seen, w.books.First = true, c.At
		}
	}
	e := c.Event
	return &e
}

func (w *World) ledger(c *call) *Ledger {
	if c.intruder {
		return &w.books.Intruder
	}
	return &w.books.Office
}
