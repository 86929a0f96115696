package attendant

import (
	"time"

	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/text/speech"
	"github.com/sekisho/sekisho/unit/call"
)

// Line is the queue in which a caller waits, as its script sees it.
type Line interface {
	// Place is whose turn the caller is, 1 for the next one; 0 where it waits no longer.
	Place() int
	// Missed says that nobody took the caller. waits is false where it waits no longer.
	Missed(r call.Refusal) (waits bool)
	// Message has the caller leave a message instead, and wait no longer.
	Message()
}

// Waiting is what a caller of a queue hears.
type Waiting struct {
	Lang    string        // of what is said
	Every   time.Duration // how often it hears its place, 0 for once
	Quiet   bool          // it does not
	Message bool          // the key 1 leaves a message
}

// Wait has its caller wait in a queue (待ち呼): it hears that it does and whose turn it is,
// then music, and from time to time whose turn it is by then.
type Wait struct {
	line Line
	set  Waiting
	said waitSaid
}

// waitSaid is what is played to a caller of a queue.
type waitSaid uint8

const (
	saysPlace waitSaid = iota
	playsMusic
	saysSorry
)

var _ Script = (*Wait)(nil)

// NewWait makes a script for a caller of a queue.
func NewWait(l Line, w Waiting) *Wait { return &Wait{line: l, set: w} }

// Begin says that the caller has to wait, and its place.
func (s *Wait) Begin(h Host) { s.tell(h, "queue-wait") }

// tell says something and the caller's place.
func (s *Wait) tell(h Host, clips ...string) {
	place := s.line.Place()
	if place == 0 {
		return
	}
	lang, _ := text.ParseLang(s.set.Lang)
	if !s.set.Quiet {
		clips = append(clips, "", "word-place-now")
		clips = append(append(clips, speech.Count(lang, int64(place), speech.Place)...), "word-place-end")
	}
	if s.set.Message {
		clips = append(clips, "", "queue-message")
	}
	s.said = saysPlace
	h.Say(Sound{Clips: clips, Lang: s.set.Lang})
	if s.set.Every > 0 {
		h.At(h.Now().Add(s.set.Every))
	}
}

// Wake says the caller's place by now.
func (s *Wait) Wake(h Host) { s.tell(h, "queue-still") }

// Said goes on with music, or hangs up after the last word.
func (s *Wait) Said(h Host, _ bool) {
	switch {
	case s.said == saysSorry:
		h.HangUp(call.Refusal{Status: 480, Phrase: "No Answer"})
	case s.said == saysPlace && s.line.Place() > 0:
		s.said = playsMusic
		h.Say(Sound{Music: true})
	}
}

// Key has the caller leave a message, where it may.
func (s *Wait) Key(_ Host, key byte) {
	if key == '1' && s.set.Message && s.line.Place() > 0 {
		s.line.Message()
	}
}

// Back goes on waiting; where the caller does no longer, it hears that nobody is free.
func (s *Wait) Back(h Host, r call.Refusal) {
	if s.line.Missed(r) {
		return
	}
	s.said = saysSorry
	h.At(time.Time{})
	h.Say(Sound{Clips: []string{"queue-nobody"}, Lang: s.set.Lang})
}

// End has nothing to tidy up: the queue is told by the call.
func (s *Wait) End(Host) {}
