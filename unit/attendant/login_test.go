package attendant

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// doors answers who would log in, in turn.
type doors struct {
	answers []error
	typed   []string
	pins    [][]byte
}

func (d *doors) LogIn(_ string, pin []byte, _ Caller, done func(error)) {
	d.typed, d.pins = append(d.typed, string(pin)), append(d.pins, pin)
	err := d.answers[0]
	d.answers = d.answers[1:]
	done(err)
}

// deskHost is a host that waits for nothing.
type deskHost struct{ fakeHost }

func (h *deskHost) Caller() Caller { return Caller{Call: "c", Extension: "801", Device: "801-1"} }

func (h *deskHost) Await(begin func(done func(error)), then func(error)) { begin(then) }

// TestLogIn: what is typed goes to the door, and whoever logs in hears how it went; no more
// than three PINs are tried.
func TestLogIn(t *testing.T) {
	other := errors.New("not a phone to log in at")
	for _, c := range []struct {
		name, keys string
		answers    []error
		typed      string
		said       string
	}{
		{"right", "4901#", []error{nil}, "4901", " service-on"},
		{"begun anew", "12*4901#", []error{nil}, "4901", " service-on"},
		{"too long", "1234567890123456#", []error{nil}, "123456789012", " service-on"},
		{"nothing", "#", []error{ErrWrong}, "", " pin-wrong"},
		{"wrong, then right", "1#2#", []error{ErrWrong, nil}, "1 2", " pin-wrong service-on"},
		{"wrong", "1#2#3#4#", []error{ErrWrong, ErrWrong, ErrWrong}, "1 2 3", " pin-wrong pin-wrong feature-failed"},
		{"locked", "1#2#", []error{ErrLocked}, "1", " pin-locked"},
		{"elsewhere", "1#2#", []error{other}, "1", " feature-failed"},
	} {
		d := &doors{answers: c.answers}
		h := &deskHost{fakeHost{now: time.Unix(0, 0)}}
		s := NewLogIn(d, "201")
		s.Begin(h)
		for _, key := range []byte(c.keys) {
			s.Key(h, key)
		}
		if typed, said := strings.Join(d.typed, " "), strings.Join(h.said, " "); typed != c.typed || said != c.said {
			t.Errorf("%s: typed %q, said %q", c.name, typed, said)
		}
		s.Said(h, true)
		ends := len(d.answers) == 0 && !strings.HasSuffix(c.said, "pin-wrong")
		if over := h.took() == "hang up"; over != ends {
			t.Errorf("%s: hung up: %t", c.name, over)
		}
	}
}

// TestLogInForgets: who types nothing is hung up on, and what was typed is wiped.
func TestLogInForgets(t *testing.T) {
	h := &deskHost{fakeHost{now: time.Unix(0, 0)}}
	s := NewLogIn(&doors{}, "201")
	s.Begin(h)
	if h.at != h.now.Add(PINWait) {
		t.Errorf("it waits until %s", h.at)
	}
	s.Key(h, '4')
	typed := s.pin
	s.Wake(h)
	if h.took() != "hang up" {
		t.Error("who types nothing is not hung up on")
	}
	s.End(h)
	if s.pin != nil || !slices.Equal(typed, []byte{0}) {
		t.Errorf("the PIN is kept: %v", typed)
	}
}
