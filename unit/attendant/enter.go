package attendant

import (
	"time"

	"github.com/sekisho/sekisho/unit/call"
)

// Doorkeeper tells who may hear a mailbox from elsewhere, or come into a room.
type Doorkeeper interface {
	// Prove compares a PIN with that of a mailbox or a room, wipes it, and calls done once,
	// from any goroutine: with nil where it is right and that is on disk.
	Prove(of string, pin []byte, who Caller, done func(error))
}

// Enter has its caller, who may be anywhere, hear a mailbox by its number and its PIN, or
// come into a room by its PIN. What is said of a wrong PIN is said of a mailbox that is not
// there, or locked, too, and at the same time after it was typed.
type Enter struct {
	door  Doorkeeper
	of    string // the mailbox or the room
	asks  string // how its PIN is asked for
	leads func(of string) Script
	typed []byte
	wrong int // PINs
	state entering
	next  Script // in the end
}

type entering uint8

const (
	asksBox entering = iota
	asksPIN
	proves
	pauses // until it is said that a PIN was wrong
	leaves
)

var _ Script = (*Enter)(nil)

// NewEnter is the script that lets its caller hear a mailbox.
func NewEnter(door Doorkeeper, shelf Shelf) *Enter {
	return &Enter{door: door, asks: "mailbox-pin", leads: func(box string) Script { return listenTo(shelf, box) }}
}

// NewAdmit is the script that lets its caller into a room by its PIN.
func NewAdmit(door Doorkeeper, room string) *Enter {
	return &Enter{
		door: door, of: room, asks: "conference-pin", state: asksPIN,
		leads: func(room string) Script { return NewConference(room) },
	}
}

// Begin asks whose mailbox it is to be, or for the PIN.
func (s *Enter) Begin(h Host) {
	if s.state == asksPIN {
		h.Say(Speech(s.asks))
		return
	}
	h.Say(Speech("mailbox-number"))
}

// Said waits for keys, or hangs up at the end.
func (s *Enter) Said(h Host, whole bool) {
	switch {
	case s.next != nil:
		s.next.Said(h, whole)
	case s.state == leaves:
		h.HangUp(call.Refusal{})
	case s.state == asksBox || s.state == asksPIN:
		h.At(h.Now().Add(ListenWait))
	}
}

// Key takes a digit of the number or of the PIN; # ends it, and * begins it anew.
func (s *Enter) Key(h Host, key byte) {
	switch {
	case s.next != nil:
		s.next.Key(h, key)
		return
	case s.state != asksBox && s.state != asksPIN:
		return
	}
	h.Hush()
	h.At(h.Now().Add(ListenWait))
	switch {
	case key == '*':
		s.forget()
	case key == '#' && len(s.typed) > 0:
		s.typedAll(h)
	case key >= '0' && key <= '9' && len(s.typed) < DialMax:
		s.typed = append(s.typed, key)
	}
}

// forget wipes what was typed.
func (s *Enter) forget() {
	clear(s.typed)
	s.typed = s.typed[:0]
}

func (s *Enter) typedAll(h Host) {
	if s.state == asksBox {
		s.of, s.state = string(s.typed), asksPIN
		s.forget()
		h.Say(Speech(s.asks))
		return
	}
	s.state = proves
	pin, said := append([]byte(nil), s.typed...), h.Now().Add(PINPause)
	s.forget()
	h.At(time.Time{})
	h.Await(func(done func(error)) { s.door.Prove(s.of, pin, h.Caller(), done) }, func(err error) {
		if err == nil {
			s.next = s.leads(s.of)
			s.next.Begin(h)
			return
		}
		s.wrong++
		s.state = pauses
		h.At(said)
	})
}

// Wake says that a PIN was wrong, or hangs up where no key came.
func (s *Enter) Wake(h Host) {
	switch {
	case s.next != nil:
		s.next.Wake(h)
	case s.state != pauses:
		h.HangUp(call.Refusal{})
	case s.wrong < PINTries:
		s.state = asksPIN
		h.Say(Speech("pin-wrong"))
	default:
		s.state = leaves
		h.Say(Speech("mailbox-refused"))
	}
}

// Back never comes: nobody is called.
func (s *Enter) Back(Host, call.Refusal) {}

// End wipes what was typed.
func (s *Enter) End(h Host) {
	s.forget()
	if s.next != nil {
		s.next.End(h)
	}
}
