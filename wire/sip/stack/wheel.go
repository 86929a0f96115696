package stack

import (
	"math/bits"
	"time"
)

// A wheel is a hierarchical timing wheel: arming, moving and stopping a timer
// are a few pointer writes, whatever the number of timers. It belongs to one
// shard's loop. Timers fire up to one tick late and never early.
type wheel struct {
	start time.Time
	tick  int64 // ticks already run
	slots [wheelLevels][wheelSlots]timer
	used  [wheelLevels]uint64 // bit per slot that may hold timers
	count int
}

// waker is what a timer is embedded in; it may have several.
type waker interface{ wake(t *timer, now time.Time) }

// timer is an entry of the wheel, embedded in what it wakes. The zero timer
// is ready to use and not armed.
type timer struct {
	next, prev *timer
	at         int64 // tick
	level      uint8
	slot       uint8
	owner      waker
}

const (
	wheelBits   = 6
	wheelSlots  = 1 << wheelBits
	wheelLevels = 5
	wheelTick   = 4 * time.Millisecond
	// wheelReach is the farthest a timer can be set, about 49 days; a farther
	// one fires then, and its owner arms it again.
	wheelReach = 1<<(wheelBits*wheelLevels) - wheelSlots
)

func newWheel(start time.Time) *wheel {
	w := &wheel{start: start}
	for l := range w.slots {
		for i := range w.slots[l] {
			head := &w.slots[l][i]
			head.next, head.prev = head, head
		}
	}
	return w
}

// ticks converts a time to ticks, rounding up so that nothing fires early.
func (w *wheel) ticks(t time.Time) int64 {
	d := t.Sub(w.start)
	if d < 0 {
		return 0
	}
	return int64((d + wheelTick - 1) / wheelTick)
}

// arm sets t to fire at the time, moving it if it was armed. A zero time
// stops it.
func (w *wheel) arm(t *timer, at time.Time) {
	if at.IsZero() {
		w.stop(t)
		return
	}
	tick := max(w.ticks(at), w.tick+1)
	if t.next != nil {
		if t.at == tick {
			return
		}
		w.stop(t)
	}
	t.at = min(tick, w.tick+wheelReach)
	w.insert(t)
	w.count++
}

// insert puts t into the slot where its tick will be found.
func (w *wheel) insert(t *timer) {
	delta := t.at - w.tick
	level := 0
	for level < wheelLevels-1 && delta >= 1<<(wheelBits*(level+1)) {
		level++
	}
	slot := (t.at >> (wheelBits * level)) & (wheelSlots - 1)
	head := &w.slots[level][slot]
	t.level, t.slot = uint8(level), uint8(slot)
	t.prev, t.next = head.prev, head
	head.prev.next = t
	head.prev = t
	w.used[level] |= 1 << slot
}

// stop disarms t; stopping a timer that is not armed does nothing.
func (w *wheel) stop(t *timer) {
	if t.next == nil {
		return
	}
	w.unlink(t)
	w.count--
}

func (w *wheel) unlink(t *timer) {
	t.prev.next, t.next.prev = t.next, t.prev
	t.next, t.prev = nil, nil
	head := &w.slots[t.level][t.slot]
	if head.next == head {
		w.used[t.level] &^= 1 << t.slot
	}
}

// run fires everything due at now, in order of ticks.
func (w *wheel) run(now time.Time) {
	d := now.Sub(w.start)
	if d < 0 {
		return
	}
	target := int64(d / wheelTick)
	for w.tick < target {
		if w.count == 0 {
			w.tick = target
			return
		}
		next := w.nextTick()
		if next > target {
			w.tick = target
			return
		}
		w.tick = next
		w.cascade()
		w.fireSlot(now)
	}
}

// nextTick is the first tick after w.tick at which a slot fires or spills.
func (w *wheel) nextTick() int64 {
	best := int64(1)<<62 - 1
	for level := range wheelLevels {
		if w.used[level] == 0 {
			continue
		}
		shift := wheelBits * level
		cur := w.tick >> shift
		// Rotate so that bit 0 is the slot after the current one.
		rot := bits.RotateLeft64(w.used[level], -int((cur+1)&(wheelSlots-1)))
		steps := int64(bits.TrailingZeros64(rot)) + 1
		best = min(best, (cur+steps)<<shift)
	}
	return best
}

// cascade moves timers of higher levels down when their slot is reached.
func (w *wheel) cascade() {
	for level := wheelLevels - 1; level > 0; level-- {
		shift := wheelBits * level
		if w.tick&(1<<shift-1) != 0 {
			continue
		}
		head := &w.slots[level][(w.tick>>shift)&(wheelSlots-1)]
		for head.next != head {
			t := head.next
			w.unlink(t)
			w.insert(t)
		}
	}
}

func (w *wheel) fireSlot(now time.Time) {
	head := &w.slots[0][w.tick&(wheelSlots-1)]
	for head.next != head {
		t := head.next
		w.unlink(t)
		w.count--
		t.owner.wake(t, now)
	}
}

// deadline is when run should be called next; zero when no timer is armed.
func (w *wheel) deadline() time.Time {
	if w.count == 0 {
		return time.Time{}
	}
	return w.start.Add(time.Duration(w.nextTick()) * wheelTick)
}
