package attendant

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media/prompt"
)

// fakeLine is a queue of the tests.
type fakeLine struct {
	place    int
	missed   int
	messages int
}

func (l *fakeLine) Place() int { return l.place }

func (l *fakeLine) Missed(call.Refusal) bool {
	l.missed++
	return l.place > 0
}

func (l *fakeLine) Message() {
	l.place = 0
	l.messages++
}

// TestWaitSaysThePlace: who waits hears so and its place, then music, and so again each
// time; not the place where it is not to, and nothing of a queue that it has left.
func TestWaitSaysThePlace(t *testing.T) {
	h, l := &fakeHost{now: time.Unix(1_800_000_000, 0)}, &fakeLine{place: 23}
	s := NewWait(l, Waiting{Lang: "ja", Every: time.Minute, Message: true})
	s.Begin(h)
	want := "queue-wait++word-place-now+num-20+digit-3+banme+word-place-end++queue-message"
	if !slices.Equal(h.said, []string{want}) || !h.at.Equal(h.now.Add(time.Minute)) {
		t.Errorf("said %q, again at %s", h.said, h.at)
	}
	s.Said(h, false) // it could not be said: music all the same
	s.Said(h, false) // nor could that be played: nothing more
	if len(h.said) != 2 || h.said[1] != "" {
		t.Errorf("said %q", h.said)
	}
	l.place, s.set.Quiet, s.set.Message = 1, true, false
	s.Wake(h)
	if got := h.said[len(h.said)-1]; got != "queue-still" {
		t.Errorf("said %q", got)
	}
	s.Key(h, '1') // no message is to be left
	s.Back(h, call.Refusal{Status: 486})
	if l.missed != 1 || l.messages != 0 || len(h.said) != 3 {
		t.Errorf("missed %d, messages %d, said %q", l.missed, l.messages, h.said)
	}
	l.place = 0
	s.Wake(h)
	s.Said(h, true)
	if len(h.said) != 3 {
		t.Errorf("said %q to who waits no longer", h.said)
	}
	s.Back(h, call.Refusal{Status: 480})
	s.Said(h, true)
	if got := h.took(); got != "hang up" || h.said[3] != "queue-nobody" || !h.at.IsZero() {
		t.Errorf("%s, said %q", got, h.said)
	}
}

// TestWaitLeavesAMessage: by the key 1 and no other, once.
func TestWaitLeavesAMessage(t *testing.T) {
	h, l := &fakeHost{}, &fakeLine{place: 2}
	s := NewWait(l, Waiting{Lang: "en", Message: true})
	s.Begin(h)
	for _, key := range []byte("023456789*#11") {
		s.Key(h, key)
	}
	if l.messages != 1 {
		t.Errorf("%d messages", l.messages)
	}
}

// TestEveryPlaceCanBeSaid in both languages.
func TestEveryPlaceCanBeSaid(t *testing.T) {
	for _, lang := range []string{"ja", "en"} {
		for place := 1; place <= 100; place++ {
			h := &fakeHost{}
			NewWait(&fakeLine{place: place}, Waiting{Lang: lang, Message: true}).Begin(h)
			for clip := range strings.SplitSeq(h.said[0], "+") {
				if _, err := prompt.Open(clip, lang); clip != "" && err != nil {
					t.Errorf("place %d: %v", place, err)
				}
			}
		}
	}
}
