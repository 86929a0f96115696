package fraud_test

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

// TestLaterIsTheSame: a world whose attempts are put aside and decided at once is
// the one that is answered at once; nothing is decided twice.
func TestLaterIsTheSame(t *testing.T) {
	world := func(later bool) uint64 {
		w := newWorld(t, office(t, "trading-firm"), plan(t, "test-pump", 3), fraud.Options{Seed: 3})
		return trace(t, w, func(e *fraud.Event) {
			if later {
				w.Later()
				if w.Fate(); !w.Decide(e.Call, e.At) || w.Decide(e.Call, e.At) {
					t.Fatal("an attempt is not decided once")
				}
			}
			if e.Call%7 == 0 {
				w.Refuse(false)
				return
			}
			w.Pass()
		})
	}
	if world(false) != world(true) {
		t.Error("putting attempts aside changes the world")
	}
}

// TestOthersDialMeanwhile: while attempts are put aside an intruder's other channels
// go on, and what was decided goes on from then.
func TestOthersDialMeanwhile(t *testing.T) {
	p := plan(t, "race", 2)
	p.Phases[0].Channels, p.Phases[0].Answered = 20, 100
	begin := 90 * time.Minute
	w := newWorld(t, office(t, "small-firm"), p, fraud.Options{Seed: 2, Begin: begin, Hurry: 10})
	var aside []*fraud.Event
	for len(aside) < 20 {
		e, ok := w.Next()
		switch {
		case !ok:
			t.Fatalf("only %d channels dial", len(aside))
		case e == nil || e.Kind != fraud.Attempt:
		case !w.Intruding():
			w.Refuse(true)
		default:
			if e.At.Before(monday.Add(begin)) || e.At.After(monday.Add(begin+time.Minute)) {
				t.Fatalf("the attack is at %s", e.At)
			}
			if ring, talk := w.Fate(); ring > time.Second || talk == 0 {
				t.Errorf("it rings for %s, and somebody talks for %s", ring, talk)
			}
			w.Later()
			aside = append(aside, e)
		}
	}
	now := w.Time().Add(50 * time.Millisecond)
	if !w.Decide(aside[7].Call, now) {
		t.Fatal("what was put aside is not there")
	}
	w.Pass()
	for e, ok := w.Next(); ok; e, ok = w.Next() {
		if e != nil && e.Kind == fraud.Answered && e.Call == aside[7].Call {
			if e.At.Before(now) {
				t.Errorf("answered at %s, decided at %s", e.At, now)
			}
			return
		}
	}
	t.Error("what was passed is not answered")
}

// TestStopped: the books say from when on an intruder got nothing more.
func TestStopped(t *testing.T) {
	tries := 0
	w := newWorld(t, office(t, "small-firm"), plan(t, "setagaya", 4), fraud.Options{Seed: 4})
	var third time.Time
	run(t, w, func(e *fraud.Event) {
		if !w.Intruding() {
			w.Refuse(true)
			return
		}
		if tries++; tries == 2 || tries >= 5 {
			if tries == 5 {
				third = e.At
			}
			w.Refuse(false)
			return
		}
		w.Pass()
	}, nil)
	if b := w.Books(); tries < 6 || !b.Stopped.Equal(third) {
		t.Errorf("after %d attempts stopped at %s, want %s", tries, b.Stopped, third)
	}
}
