package stack

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestWheelAgainstList arms, moves, stops and runs timers at random and
// compares with a plain list.
func TestWheelAgainstList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Unix(1_000_000, 0)
		w, now := newWheel(start), start
		const timers = 20
		var at [timers]time.Time // zero: not armed
		var tm [timers]timer
		fired := func(i int) wakeFunc {
			return func(now time.Time) {
				if at[i].IsZero() || at[i].After(now) {
					t.Fatalf("timer %d fired at %v, set to %v", i, now.Sub(start), at[i].Sub(start))
				}
				at[i] = time.Time{}
			}
		}
		for i := range tm {
			tm[i].owner = fired(i)
		}
		spans := []time.Duration{
			time.Millisecond, 20 * time.Millisecond, time.Second, 40 * time.Second, time.Hour, 80 * time.Hour,
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			i := rapid.IntRange(0, timers-1).Draw(t, "timer")
			span := rapid.SampledFrom(spans).Draw(t, "span")
			d := time.Duration(rapid.Int64Range(0, int64(span)).Draw(t, "duration"))
			switch rapid.SampledFrom([]string{"arm", "arm", "stop", "run"}).Draw(t, "what") {
			case "arm":
				at[i] = now.Add(d)
				w.arm(&tm[i], at[i])
			case "stop":
				at[i] = time.Time{}
				w.stop(&tm[i])
			case "run":
				now = now.Add(d)
				w.run(now)
				late := now.Add(-2 * wheelTick)
				for i := range at {
					if !at[i].IsZero() && at[i].Before(late) {
						t.Fatalf("timer %d, set to %v, has not fired at %v", i, at[i].Sub(start), now.Sub(start))
					}
				}
			}
			checkDeadline(t, w, at[:], now)
		}
	})
}

// checkDeadline finds the wheel's next deadline not later than it must be.
func checkDeadline(t *rapid.T, w *wheel, at []time.Time, now time.Time) {
	var first time.Time
	armed := 0
	for _, a := range at {
		if a.IsZero() {
			continue
		}
		armed++
		if first.IsZero() || a.Before(first) {
			first = a
		}
	}
	if w.count != armed {
		t.Fatalf("%d armed, want %d", w.count, armed)
	}
	d := w.deadline()
	if armed == 0 != d.IsZero() {
		t.Fatalf("deadline %v with %d timers", d, armed)
	}
	limit := first
	if limit.Before(now) {
		limit = now
	}
	if armed > 0 && d.After(limit.Add(2*wheelTick)) {
		t.Fatalf("deadline %v, first timer %v", d.Sub(now), first.Sub(now))
	}
}

// wakeFunc is a function to be woken.
type wakeFunc func(now time.Time)

func (f wakeFunc) wake(_ *timer, now time.Time) { f(now) }

// TestWheelFiresFromFire arms timers from within others.
func TestWheelFiresFromFire(t *testing.T) {
	start := time.Unix(0, 0)
	w := newWheel(start)
	var tm timer
	count, now := 0, start
	tm.owner = wakeFunc(func(now time.Time) {
		count++
		w.arm(&tm, now.Add(time.Second))
	})
	w.arm(&tm, start.Add(time.Second))
	for range 100 {
		now = now.Add(1100 * time.Millisecond)
		w.run(now)
	}
	if count != 100 {
		t.Errorf("fired %d times, want 100", count)
	}
}
