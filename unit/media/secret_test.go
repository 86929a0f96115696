package media

import (
	"testing"
)

// What a peer types for the unit alone is told and not passed on, and from its
// first key on nor is its voice; afterwards all is, as one stream.
func TestSecretKeysAreNotPassed(t *testing.T) {
	w := newWorld(t)
	_, a, _, x, y := connected(w, Policy{}, Policy{}, "0 101", "0 101")
	x.say(make([]int16, 160))
	list := y.hear(1)
	a.Secret(true)
	settle(a)
	x.say(make([]int16, 160))
	list = append(list, y.hear(1)...)
	press(t, x, '7')
	if e := w.await("a", Digit); e.Digit != '7' || e.Passed {
		t.Errorf("%+v", e)
	}
	x.say(make([]int16, 800))
	settle(a)
	y.nothing("that was typed, or said after it")
	press(t, x, '#')
	w.await("a", Digit)
	last := x.h
	a.Secret(false)
	settle(a)
	x.h.PT, x.h.Timestamp = 101, last.Timestamp-800 // its end once more
	x.packet([]byte{11, 0x80 | 10, 800 >> 8, 800 & 0xff})
	x.h.PT, x.h.Timestamp = last.PT, last.Timestamp
	settle(a)
	y.nothing("that was typed")
	x.say(make([]int16, 160))
	press(t, x, '9')
	list = append(list, y.hear(8)...)
	if e := w.await("a", Digit); e.Digit != '9' || !e.Passed {
		t.Errorf("%+v", e)
	}
	for i, p := range list {
		if i > 0 && p.Seq != list[i-1].Seq+1 {
			t.Errorf("%d: %d after %d", i, p.Seq, list[i-1].Seq)
		}
	}
}

// A peer that sends no telephone-events is not passed on at all while it types:
// its keys may be in its voice.
func TestSecretOfAVoice(t *testing.T) {
	w := newWorld(t)
	_, a, _, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	x.say(make([]int16, 160))
	y.hear(1)
	a.Secret(true)
	settle(a)
	x.say(make([]int16, 800))
	settle(a)
	y.nothing("that was said")
	a.Secret(false)
	settle(a)
	x.say(make([]int16, 160))
	y.hear(1)
}
