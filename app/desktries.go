package app

import (
	"slices"
	"sync"
	"time"
)

// deskTries are the wrong PINs that were typed at phones that are for anybody. Whoever
// stands there could lock everybody's PIN otherwise, by typing five wrong ones for each.
// The zero deskTries has seen none.
type deskTries struct {
	mu    sync.Mutex
	wrong map[string][]time.Time // by phone, no more than deskWrongMax each
}

// full tells whether nobody may try to log in at a phone now.
func (d *deskTries) full(device string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	lately := slices.DeleteFunc(d.wrong[device], func(at time.Time) bool {
		return now.Sub(at) >= deskWrongWithin || at.After(now) // the clock was set back
	})
	if len(lately) == 0 {
		delete(d.wrong, device)
		return false
	}
	d.wrong[device] = lately
	return len(lately) >= deskWrongMax
}

// note counts a wrong PIN.
func (d *deskTries) note(device string, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.wrong == nil {
		d.wrong = make(map[string][]time.Time)
	}
	if len(d.wrong[device]) < deskWrongMax {
		d.wrong[device] = append(d.wrong[device], now)
	}
}
