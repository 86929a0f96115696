package attendant

import (
	"time"

	"github.com/sekisho/sekisho/unit/call"
)

// Seize is the dial tone of an outside-line key: the caller dials, and is put through
// to it. What it dials is nothing to the script: that is read and judged elsewhere.
type Seize struct {
	whole   func(dialed string) bool
	dialed  []byte
	calling bool
}

var _ Script = (*Seize)(nil)

// NewSeize makes a script; whole tells that nothing can follow what was dialed.
func NewSeize(whole func(dialed string) bool) *Seize { return &Seize{whole: whole} }

// Begin gives dial tone.
func (s *Seize) Begin(h Host) {
	h.Say(Sound{Tone: DialTone})
	h.At(h.Now().Add(DialFirst))
}

// Key takes a digit; # ends the number.
func (s *Seize) Key(h Host, key byte) {
	switch {
	case s.calling:
	case key == '#' && len(s.dialed) > 0:
		s.dial(h)
	case key >= '0' && key <= '9' || key == '*':
		if len(s.dialed) == 0 {
			h.Hush()
		}
		if len(s.dialed) == DialMax {
			return
		}
		s.dialed = append(s.dialed, key)
		h.At(h.Now().Add(DialNext))
		if s.whole(string(s.dialed)) {
			s.dial(h)
		}
	}
}

func (s *Seize) dial(h Host) {
	s.calling = true
	h.At(time.Time{})
	h.Connect(string(s.dialed), call.HearRinging)
}

// Wake dials what was dialed so far, or gives up where that is nothing.
func (s *Seize) Wake(h Host) {
	switch {
	case s.calling:
		h.HangUp(call.Refusal{})
	case len(s.dialed) > 0:
		s.dial(h)
	default:
		s.refused(h)
	}
}

// Back says why nobody answered, and ends.
func (s *Seize) Back(h Host, r call.Refusal) {
	if r.Prompt == "" {
		s.refused(h)
		return
	}
	h.At(h.Now().Add(call.DefaultAnnounce))
	h.Say(Speech(r.Prompt))
}

// refused gives busy tone for a while.
func (s *Seize) refused(h Host) {
	s.calling = true
	h.Say(Sound{Tone: Busy})
	h.At(h.Now().Add(BusyFor))
}

// Said hangs up when all is said, or nothing can be.
func (s *Seize) Said(h Host, _ bool) { h.HangUp(call.Refusal{}) }

// End has nothing to tidy up.
func (s *Seize) End(Host) {}
