package attendant

import (
	"time"

	"github.com/sekisho/sekisho/unit/call"
)

// Greeter has what mailboxes say to callers.
type Greeter interface {
	// Greeting calls done once, from any goroutine, with what a mailbox says; nil where it
	// says what all say.
	Greeting(extension string, done func(mu []byte, err error))
	// SetGreeting has a mailbox say something else, nil for what all say, and calls done
	// once, from any goroutine, when that is on disk.
	SetGreeting(extension string, mu []byte, by Caller, at time.Time, done func(error))
}

// Greet lets an extension hear and record what its mailbox says.
type Greet struct {
	box   string
	shelf Greeter
	state greeting
}

type greeting uint8

const (
	offers greeting = iota // what can be done is said, or was
	works                  // something is done elsewhere
	readies
	toneGoes
	records
)

var _ Script = (*Greet)(nil)

// NewGreet is the script that lets an extension hear and record its greeting.
func NewGreet(shelf Greeter, extension string) *Greet { return &Greet{shelf: shelf, box: extension} }

// Begin says what can be done.
func (s *Greet) Begin(h Host) { s.offer(h) }

// offer says what can be done, after something else.
func (s *Greet) offer(h Host, clips ...string) {
	s.state = offers
	h.At(time.Time{})
	h.Say(Speech(append(clips, "greeting-menu")...))
}

// Key does what it stands for; # ends the recording.
func (s *Greet) Key(h Host, key byte) {
	switch {
	case s.state == records && key == '#':
		h.Recorded()
	case s.state == readies && key == '#':
		s.Said(h, true)
	case s.state != offers:
	case key == '1':
		s.hear(h)
	case key == '2':
		s.state = readies
		h.At(time.Time{})
		h.Say(Speech("greeting-record"))
	case key == '3':
		s.keep(h, nil, "greeting-usual")
	case key == '*':
		h.HangUp(call.Refusal{})
	}
}

// hear plays the greeting as callers hear it.
func (s *Greet) hear(h Host) {
	s.state = works
	h.Hush()
	h.At(time.Time{})
	var mu []byte
	get := func(done func(error)) {
		s.shelf.Greeting(s.box, func(b []byte, err error) { mu = b; done(err) })
	}
	h.Await(get, func(err error) {
		s.state = offers
		switch {
		case err != nil:
			h.Say(Speech("feature-failed"))
		case mu == nil:
			h.Say(Speech("mailbox-leave"))
		default:
			h.Say(Sound{Mu: mu})
		}
	})
}

// keep has the mailbox say something else.
func (s *Greet) keep(h Host, mu []byte, said string) {
	s.state = works
	h.Hush()
	h.At(time.Time{})
	who, at := h.Caller(), h.Now()
	h.Await(func(done func(error)) { s.shelf.SetGreeting(s.box, mu, who, at, done) }, func(err error) {
		if err != nil {
			said = "feature-failed"
		}
		s.offer(h, said, "")
	})
}

// Said goes on with the recording, or waits for a key.
func (s *Greet) Said(h Host, _ bool) {
	switch s.state {
	case readies:
		s.state = toneGoes
		h.Say(Sound{Tone: Beep})
	case toneGoes:
		s.state = records
		h.Record(GreetingMax, MessageQuiet, func(mu []byte) {
			if len(mu) < MessageLeast {
				s.offer(h)
				return
			}
			s.keep(h, mu, "greeting-kept")
		})
	case offers:
		h.At(h.Now().Add(ListenWait))
	case works, records:
	}
}

// Wake hangs up: no key came.
func (s *Greet) Wake(h Host) { h.HangUp(call.Refusal{}) }

// Back never comes: nobody is called.
func (s *Greet) Back(Host, call.Refusal) {}

// End has nothing to tidy up: what was said until then is the greeting.
func (s *Greet) End(Host) {}
