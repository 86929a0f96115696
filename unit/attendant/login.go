package attendant

import (
	"errors"
	"time"

	"github.com/sekisho/sekisho/unit/call"
)

// Desks log people in at phones that are free for anybody.
type Desks interface {
	// LogIn logs an extension in at the phone of a caller, if the PIN is right, and calls
	// done once, from any goroutine, when that is on disk: with ErrWrong where the PIN is
	// not, ErrLocked where none is tried any more, and other errors where nobody can log in
	// so. The PIN is LogIn's to wipe.
	LogIn(extension string, pin []byte, by Caller, done func(error))
}

// Errors of logging in.
var (
	ErrWrong  = errors.New("wrong PIN")
	ErrLocked = errors.New("PIN is locked")
)

// LogIn asks for the PIN of an extension with a beep, and logs it in at the caller's phone
// (フリーアドレス).
type LogIn struct {
	doors     Desks
	extension string
	pin       []byte
	tries     int
	busy      bool // it is looked whether the PIN is right
	over      bool
}

var _ Script = (*LogIn)(nil)

// NewLogIn is the script that logs an extension in.
func NewLogIn(doors Desks, extension string) *LogIn {
	return &LogIn{doors: doors, extension: extension}
}

// Begin asks.
func (s *LogIn) Begin(h Host) { s.ask(h, Sound{Tone: Beep}) }

func (s *LogIn) ask(h Host, sounds ...Sound) {
	s.wipe()
	h.At(h.Now().Add(PINWait))
	h.Say(sounds...)
}

// wipe forgets what was typed.
func (s *LogIn) wipe() {
	clear(s.pin)
	s.pin = nil
}

// Key takes the PIN; # ends it, * begins anew.
func (s *LogIn) Key(h Host, key byte) {
	switch {
	case s.busy || s.over:
	case key == '*':
		s.wipe()
	case key == '#':
		s.submit(h)
	case key >= '0' && key <= '9' && len(s.pin) < PINMax:
		if s.pin == nil {
			h.Hush()
			s.pin = make([]byte, 0, PINMax)
		}
		s.pin = append(s.pin, key)
		h.At(h.Now().Add(PINWait))
	}
}

// submit has it be looked whether the PIN is right.
func (s *LogIn) submit(h Host) {
	pin := s.pin
	s.pin, s.busy = nil, true
	s.tries++
	h.At(time.Time{})
	by := h.Caller()
	h.Await(func(done func(error)) { s.doors.LogIn(s.extension, pin, by, done) }, func(err error) {
		s.busy = false
		switch {
		case err == nil:
			s.end(h, "service-on")
		case errors.Is(err, ErrLocked):
			s.end(h, "pin-locked")
		case errors.Is(err, ErrWrong) && s.tries < PINTries:
			s.ask(h, Speech("pin-wrong"))
		default:
			s.end(h, "feature-failed")
		}
	})
}

// end says how it went.
func (s *LogIn) end(h Host, said string) {
	s.over = true
	h.At(time.Time{})
	h.Say(Speech(said))
}

// Said hangs up when all is said.
func (s *LogIn) Said(h Host, _ bool) {
	if s.over {
		h.HangUp(call.Refusal{})
	}
}

// Wake hangs up on who types nothing.
func (s *LogIn) Wake(h Host) { h.HangUp(call.Refusal{}) }

// Back never comes: nobody is called.
func (*LogIn) Back(Host, call.Refusal) {}

// End forgets what was typed.
func (s *LogIn) End(Host) { s.wipe() }
