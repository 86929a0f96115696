package attendant

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/unit/call"
)

// fakeHost notes what a script does.
type fakeHost struct {
	Host // nil: a menu asks for nothing else

	now  time.Time
	at   time.Time
	said []string
	done []string // "connect 201", "hang up"
}

func (h *fakeHost) Now() time.Time { return h.now }

func (h *fakeHost) Say(sounds ...Sound) {
	for _, s := range sounds {
		h.said = append(h.said, string(s.Mu)+strings.Join(s.Clips, "+"))
	}
}

func (h *fakeHost) Hush() {}

func (h *fakeHost) Connect(to string, _ call.Hear) { h.done = append(h.done, "connect "+to) }

func (h *fakeHost) HangUp(call.Refusal) { h.done = append(h.done, "hang up") }

func (h *fakeHost) At(t time.Time) { h.at = t }

// took gives what was done since the last time.
func (h *fakeHost) took() string {
	out := strings.Join(h.done, ", ")
	h.done = nil
	return out
}

// office are the numbers that a menu of the tests may lead to.
var office = []string{"201", "202", "31", "400", "700"}

func testMenu(otherwise string) *Menu {
	return NewMenu(Choices{
		Greeting: []byte("welcome"), To: map[byte]string{'1': "201", '2': "400", '3': "202", '9': "0312345678"},
		Otherwise: otherwise,
		Inside:    func(n string) bool { return slices.Contains(office, n) },
		Begins: func(n string) bool {
			begins := func(o string) bool { return len(o) > len(n) && strings.HasPrefix(o, n) }
			return slices.ContainsFunc(office, begins)
		},
	})
}

// TestMenuChoices: a key leads where it says, an extension is dialed as it is, and where
// a key may be either, the time tells.
func TestMenuChoices(t *testing.T) {
	for keys, want := range map[string]string{
		"1": "connect 201", "201": "connect 201", "31": "connect 31", "3": "connect 202", "2": "connect 400",
		"400": "connect 400", "*1": "connect 201", "#1": "connect 201",
	} {
		h, m := &fakeHost{now: time.Unix(1_800_000_000, 0)}, testMenu("")
		m.Begin(h)
		for i := range len(keys) {
			m.Key(h, keys[i])
		}
		if got := h.took(); got == "" && !h.at.IsZero() {
			m.Wake(h)
		} else if got != "" {
			h.done = []string{got}
		}
		if got := h.took(); got != want {
			t.Errorf("%s comes to %q, want %q", keys, got, want)
		}
	}
}

// TestMenuAsksAgain: who chooses nothing is asked again, and put through in the end.
func TestMenuAsksAgain(t *testing.T) {
	for otherwise, want := range map[string]string{"202": "connect 202", "": "hang up", "299": "hang up"} {
		h, m := &fakeHost{}, testMenu(otherwise)
		m.Begin(h)
		for range MenuTries {
			m.Said(h, true)
			m.Wake(h)
			if got := h.took(); got != "" {
				t.Fatalf("too early: %s", got)
			}
		}
		m.Key(h, '8') // leads nowhere
		if got := h.took(); got != want || len(h.said) != 1+MenuTries {
			t.Errorf("otherwise %q: %q after %d times", otherwise, got, len(h.said))
		}
	}
	h, m := &fakeHost{}, testMenu("")
	m.Begin(h)
	m.Key(h, '1')
	m.Back(h, call.Refusal{Status: 486})
	if got := h.took(); got != "connect 201" || !slices.Equal(h.said, []string{"welcome", "busy", "welcome"}) {
		t.Errorf("%s, said %v", got, h.said)
	}
	m.Said(h, false) // it can't be spoken to
	if got := h.took(); got != "hang up" {
		t.Errorf("who can't be spoken to: %q", got)
	}
}

// TestMenuLeadsInside: whatever is typed, and whatever comes of it, a menu leads to
// numbers of the office only.
func TestMenuLeadsInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		otherwise := rapid.SampledFrom([]string{"", "201", "010"}).Draw(t, "otherwise")
		h, m := &fakeHost{now: time.Unix(1_800_000_000, 0)}, testMenu(otherwise)
		m.Begin(h)
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				m.Said(h, rapid.Bool().Draw(t, "whole"))
			case 1:
				m.Wake(h)
			case 2:
				m.Back(h, call.Refusal{Status: rapid.SampledFrom([]int{403, 480, 486, 600}).Draw(t, "status")})
			default:
				m.Key(h, rapid.SampledFrom([]byte("0123456789*#A")).Draw(t, "key"))
			}
			for _, did := range h.done {
				if to, ok := strings.CutPrefix(did, "connect "); ok && !slices.Contains(office, to) {
					t.Fatalf("it leads to %s", to)
				}
			}
			h.done = nil
		}
	})
}
