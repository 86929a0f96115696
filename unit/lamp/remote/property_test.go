package remote

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sekisho/sekisho/unit/lamp"
)

// TestWhateverHappens plays phones that come and go and a site that answers, tells, cuts and
// says nothing as it likes, in any order. Whatever happens: a lamp shows what the site has
// told last since its way was made, or nothing; the site is not asked too much; and when all
// is well again every lamp that is watched comes right by itself.
func TestWhateverHappens(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := &wild{
			t: t, seed: seed, subject: begin(t), r: r, open: map[ID]Ask{}, said: map[ID]lamp.Phase{},
			asked: map[ID]time.Time{},
		}
		for range 400 {
			w.step()
			w.check()
		}
		w.mend()
	}
}

// wild is one run.
type wild struct {
	*subject
	t     *testing.T
	seed  uint64
	r     *rand.Rand
	up    bool
	way   uint64
	open  map[ID]Ask        // questions
	said  map[ID]lamp.Phase // since the way was made
	asked map[ID]time.Time
}

func (w *wild) watched() (all []string) {
	for i := range 30 {
		if w.r.IntN(2) == 0 {
			all = append(all, fmt.Sprint(300+i))
		}
	}
	return all
}

// any is a question that is out, or a lamp that was asked for once.
func (w *wild) any() (id ID, ok bool) {
	if len(w.asked) == 0 {
		return 0, false
	}
	n := w.r.IntN(len(w.asked))
	for id = range w.asked {
		if n--; n < 0 {
			break
		}
	}
	return id, true
}

func (w *wild) step() {
	switch w.r.IntN(8) {
	case 0:
		w.wants(w.watched()...)
	case 1:
		if w.up = !w.up; w.r.IntN(2) == 0 {
			w.way++
		}
		w.Way("osaka", w.up, w.way, w.now)
		clear(w.said)
	case 2:
		w.now = w.now.Add(time.Duration(w.r.IntN(5000)) * time.Millisecond)
	case 3:
		w.now = w.now.Add(time.Duration(w.r.IntN(10)) * time.Minute)
	case 4, 5:
		w.ask()
	case 6:
		for id := range w.open {
			w.answer(id, Outcome(1+w.r.IntN(4)))
			break
		}
	case 7:
		if id, ok := w.any(); ok {
			w.tell(id, Told{Phase: lamp.Phase(w.r.IntN(6)), Over: w.r.IntN(8) == 0, Again: w.r.IntN(2) == 0})
		}
	}
}

func (w *wild) ask() {
	for _, a := range w.Due(w.now) {
		if before, ok := w.asked[a.ID]; ok && w.now.Sub(before) < AskAgain && a.Op != Begin {
			w.t.Fatalf("seed %d: %s is asked for twice in %s", w.seed, a.Extension, w.now.Sub(before))
		}
		if _, ok := w.open[a.ID]; ok || !w.up {
			w.t.Fatalf("seed %d: %+v, up %v", w.seed, a, w.up)
		}
		w.open[a.ID], w.asked[a.ID] = a, w.now
	}
	if len(w.open) > AskAtOnce {
		w.t.Fatalf("seed %d: %d questions are out", w.seed, len(w.open))
	}
}

func (w *wild) answer(id ID, o Outcome) {
	op := w.open[id].Op
	delete(w.open, id)
	w.Answered(id, o, time.Duration(w.r.IntN(1200))*time.Second, w.now)
	if o != Granted || op == End {
		delete(w.said, id)
	}
}

func (w *wild) tell(id ID, t Told) {
	switch ok := w.Told(id, t, w.now); {
	case !ok || t.Over || !w.up:
		delete(w.said, id)
	default:
		w.said[id] = t.Phase
	}
}

// check wants every lamp to show what was said of it, or nothing.
func (w *wild) check() {
	if kept, now := w.Deadline(), w.soonest(); !kept.Equal(now) {
		w.t.Fatalf("seed %d: the deadline is %v, and was kept as %v", w.seed, now, kept)
	}
	w.t.Helper()
	for _, e := range w.shown {
		want, ok := w.said[e.id]
		if !ok {
			want = lamp.Unknown
		}
		if got, _ := w.State(e.Extension); got != want {
			w.t.Fatalf("seed %d: %s shows %v, not %v", w.seed, e.Extension, got, want)
		}
	}
}

// mend has the site answer as it should from now on, and wants all lamps to be known soon.
func (w *wild) mend() {
	w.wants("300", "301", "302")
	w.up = true
	w.way++
	w.Way("osaka", true, w.way, w.now)
	clear(w.said)
	for end := w.now.Add(2 * RetryMost); w.now.Before(end); {
		w.ask()
		for id, a := range w.open {
			w.answer(id, Granted)
			if a.Op != End {
				w.tell(id, Told{Phase: lamp.Held})
			}
		}
		at := w.Deadline()
		if at.IsZero() || at.After(end) {
			break
		}
		w.now = at
	}
	for _, ext := range []string{"300", "301", "302"} {
		if got, ok := w.State(ext); !ok || got != lamp.Held {
			w.t.Fatalf("seed %d: %s never comes right: %v, %v", w.seed, ext, got, ok)
		}
	}
}
