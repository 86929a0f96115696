package app

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// wrongPINs are those that were typed lately, by who typed them: at a phone that is for
// anybody, or by a caller at the door of a conference room. Whoever stands there could
// lock everybody's PIN otherwise, by typing five wrong ones for each. The zero wrongPINs
// has seen none.
type wrongPINs struct {
	mu    sync.Mutex
	wrong map[string][]time.Time // no more than wrongPINsMax each
}

// others is who types beyond those that are told apart.
const others = ""

// full tells whether somebody may type no PIN now.
func (w *wrongPINs) full(who string, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.lately(w.known(who), now)) >= wrongPINsMax
}

// note counts a wrong PIN.
func (w *wrongPINs) note(who string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wrong == nil {
		w.wrong = make(map[string][]time.Time)
	}
	if len(w.wrong) >= wrongCallersMax {
		for one := range maps.Clone(w.wrong) {
			w.lately(one, now)
		}
	}
	if who = w.known(who); len(w.wrong[who]) < wrongPINsMax {
		w.wrong[who] = append(w.wrong[who], now)
	}
}

// known is somebody as counted: one of others where there are too many.
func (w *wrongPINs) known(who string) string {
	if _, ok := w.wrong[who]; !ok && len(w.wrong) >= wrongCallersMax {
		return others
	}
	return who
}

// lately is when somebody typed wrong PINs that count still; who has none is forgotten.
func (w *wrongPINs) lately(who string, now time.Time) []time.Time {
	lately := slices.DeleteFunc(w.wrong[who], func(at time.Time) bool {
		return now.Sub(at) >= wrongPINsWithin || at.After(now) // the clock was set back
	})
	if len(lately) == 0 {
		delete(w.wrong, who)
		return nil
	}
	w.wrong[who] = lately
	return lately
}
