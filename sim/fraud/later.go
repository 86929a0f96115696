package fraud

import "time"

// Who plays a world on a real network (bench/fraud -sip) can't answer an attempt
// in the moment it is made, and others dial meanwhile: Later puts it aside, and
// Decide takes it up again. Such a player also stands in for whoever is called,
// which needs to know what they do: Fate.

// Fate says what becomes of the attempt that Next returned last if it is put
// through: how long it rings, and how long the callee would talk, 0 where nobody
// picks up. It is for those who stand in for the callee, not for those who
// judge.
func (w *World) Fate() (ring, talk time.Duration) {
	if w.asked == nil {
		return 0, 0
	}
	if w.asked.talk == 0 {
		return w.hurried(ringGivenUp), 0
	}
	return w.asked.ring, w.asked.talk
}

// Later puts the attempt that Next returned last aside. A channel of an intruder
// makes no other one until it was decided.
func (w *World) Later() {
	if c := w.asked; c != nil {
		w.later[c.Call], w.asked = c, nil
	}
}

// Decide takes an attempt up that was put aside, at a time that is not before the
// world's and not after its next step; then Pass, Refuse or Challenge. False
// where there is none.
func (w *World) Decide(call uint64, at time.Time) bool {
	c := w.later[call]
	if c == nil {
		return false
	}
	delete(w.later, call)
	w.now = max(w.now, at.Sub(w.opt.Start))
	w.asked = c
	return true
}
