package phone

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever is put, dropped and taken, and however the clock is set: no phone
// is taken twice for one put, and none is taken a second or more later than it
// was due.
func TestAgendaProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a agenda
		now := testStart
		phones := make([]phone, 6)
		due := map[*phone]time.Time{}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			p := &phones[rapid.IntRange(0, len(phones)-1).Draw(t, "phone")]
			switch rapid.IntRange(0, 4).Draw(t, "do") {
			case 0, 1:
				at := now.Add(time.Duration(rapid.IntRange(-5, 2*agendaSlots).Draw(t, "due")) * time.Second)
				if old, ok := due[p]; !ok || at.Before(old) {
					due[p] = at
				}
				a.put(p, at, now)
			case 2:
				a.drop(p)
				delete(due, p)
			case 3:
				now = now.Add(time.Duration(rapid.IntRange(0, 10_000_000).Draw(t, "pass")) * time.Millisecond)
			case 4:
				now = now.Add(-time.Duration(rapid.IntRange(0, 10_000).Draw(t, "back")) * time.Second)
			}
			if next := a.next(now); next.After(now.Add(TickEvery)) || !next.After(now) {
				t.Fatalf("at %s the next look is at %s", now, next)
			}
			for batch := a.take(now, make([]*phone, 0, 2)); len(batch) > 0; batch = a.take(now, batch[:0]) {
				for _, p := range batch {
					if _, ok := due[p]; !ok {
						t.Fatal("a phone was taken that is not in the agenda")
					}
					delete(due, p)
				}
			}
			for _, at := range due {
				if !at.After(now.Add(-time.Second)) {
					t.Fatalf("what was due at %s is not taken at %s", at, now)
				}
			}
		}
	})
}
