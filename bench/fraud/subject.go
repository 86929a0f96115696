package main

import (
	"errors"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

// Answer is what a Subject says to an attempt.
type Answer uint8

// The answers.
const (
	Refuse    Answer = iota // judged: this call looks wrong
	Barred                  // a standing list says so, whoever calls
	Challenge               // the caller must prove more
	Pass
)

// Subject is what is measured: a gate, or what others have in its place. One
// is made for each office.
type Subject interface {
	// Ask answers an attempt; one that was challenged comes again with Proved.
	Ask(e *fraud.Event) Answer
	// Tell is told of everything else that happens.
	Tell(e *fraud.Event)
	// Due is when it wants to look again by itself; false for never.
	Due() (time.Time, bool)
	// Tick is that look, and names the calls to be cut. The next Due is later,
	// or there is none.
	Tick(at time.Time) (cut []uint64)
}

// prompter is a Subject that has people asked for a PIN while they talk.
type prompter interface {
	// Prompts names the calls whose caller is to be asked, since it was called last.
	// fraud.Kept tells of the answers.
	Prompts() []uint64
}

// Policy is what the owner opened.
type Policy string

// The policies.
const (
	Closed Policy = "closed" // as delivered: nothing abroad
	Listed Policy = "listed" // countries that the office calls, for the telephones that do
	Open   Policy = "open"   // every country, for everybody
	// Fitted is Listed with budgets that the owner set once by the month before.
	Fitted Policy = "fitted"
	// Dialed has each country opened for a telephone before it calls there, as if
	// the owner had meant it: a thief who knows what is open.
	Dialed Policy = "dialed"
)

// contestant is a kind of subject under a policy.
type contestant struct {
	Name   string `json:"name"`
	Policy Policy `json:"policy"`
	make   func(site *fraud.Site, p Policy) (Subject, error)
}

func (c *contestant) key() string { return c.Name + " " + string(c.Policy) }

// subject makes one for a site. Only the gate has lists of its own; the others
// stand behind the same list, which is not counted as their judgment.
func (c *contestant) subject(site *fraud.Site) (Subject, error) {
	s, err := c.make(site, c.Policy)
	if err != nil || ours(c.Name) {
		return s, err
	}
	return &behind{Subject: s, open: openings(site, c.Policy), all: c.Policy == Open}, nil
}

// openings lists which extension may call which countries.
func openings(site *fraud.Site, p Policy) map[[2]string]bool {
	open := map[[2]string]bool{}
	for _, e := range site.Extensions {
		for _, area := range e.Usual {
			open[[2]string{e.Number, area}] = p == Listed
		}
	}
	return open
}

// behind is a subject behind a list. Emergency calls go by it, as anybody
// would see to.
type behind struct {
	Subject
	open map[[2]string]bool
	all  bool
}

// Ask bars what is not on the list.
func (b *behind) Ask(e *fraud.Event) Answer {
	if e.Emergency() {
		return Pass
	}
	if e.Abroad() && !b.all && !b.open[[2]string{e.Extension, e.Area}] {
		return Barred
	}
	return b.Subject.Ask(e)
}

var errStuck = errors.New("a subject wants to look again at the same moment without end")

// play has a subject answer a world until it ends, or until the office has
// made so many calls; 0 for all.
func play(w *fraud.World, s Subject, calls int) (fraud.Books, error) {
	for ticks := 0; ; {
		next, ok := w.Peek()
		if !ok {
			return w.Books(), nil
		}
		if due, has := s.Due(); has && !due.After(next) {
			if ticks++; ticks > ticksMax {
				return w.Books(), errStuck
			}
			for _, c := range s.Tick(due) {
				if e := w.Cut(c, due); e != nil {
					s.Tell(e)
				}
			}
			if p, asks := s.(prompter); asks {
				for _, c := range p.Prompts() {
					w.Prompt(c, due)
				}
			}
			continue
		}
		e, ok := w.Next()
		if !ok {
			return w.Books(), nil
		}
		switch {
		case e == nil:
			continue
		case e.Kind != fraud.Attempt:
			s.Tell(e)
			continue
		}
		switch s.Ask(e) {
		case Pass:
			w.Pass()
		case Challenge:
			w.Challenge()
		case Barred:
			w.Refuse(true)
		case Refuse:
			w.Refuse(false)
		}
		if calls > 0 && w.OfficeCalls() >= calls {
			return w.Books(), nil
		}
	}
}
