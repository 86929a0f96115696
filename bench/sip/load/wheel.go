package load

// wheel holds retransmission timers in slots of slotTime. Timers are not taken
// back: who armed one ignores it when its generation has passed.
type wheel struct {
	slots [slotsMax][]timer
	at    int64 // the next slot to run, counted from the loop's beginning
}

// timer is one entry: owner.fire(gen) when its slot comes.
type timer struct {
	owner timed
	gen   uint32
}

// timed is what waits for time.
type timed interface {
	fire(gen uint32)
}

// arm enters a timer; at is in nanoseconds of the loop's clock.
func (w *wheel) arm(at int64, owner timed, gen uint32) {
	slot := max(at/int64(slotTime)+1, w.at)
	slot = min(slot, w.at+slotsMax-1)
	i := slot % slotsMax
	w.slots[i] = append(w.slots[i], timer{owner, gen})
}

// run fires what is due.
func (w *wheel) run(now int64) {
	for end := now / int64(slotTime); w.at <= end; {
		i := w.at % slotsMax
		w.at++ // before firing: what is armed meanwhile goes behind
		due := w.slots[i]
		w.slots[i] = nil
		for _, t := range due {
			t.owner.fire(t.gen)
		}
		if w.slots[i] == nil {
			clear(due)
			w.slots[i] = due[:0]
		}
	}
}
