package app

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/challenge/prover"
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

// tries compares PINs.
type tries interface {
	Try(t prover.Try, done func(why string))
}

// try has a PIN be compared, where somebody may type one now: as many at the same moment
// as may be wrong, and no more. A PIN counts only where it was compared and is wrong.
func (w *wrongPINs) try(with tries, who string, t prover.Try, done func(why string)) {
	at := now()
	if !w.take(who, at) {
		clear(t.PIN)
		done(fact.FailedTooOften)
		return
	}
	with.Try(t, func(why string) {
		if why != fact.FailedWrong {
			w.giveBack(who, at)
		}
		done(why)
	})
}

// take counts a PIN of somebody as wrong until it is given back, and tells whether it may
// be typed.
func (w *wrongPINs) take(who string, now time.Time) bool {
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
	who = w.known(who)
	if len(w.lately(who, now)) >= wrongPINsMax {
		return false
	}
	w.wrong[who] = append(w.wrong[who], now)
	return true
}

// giveBack counts a PIN no more that was taken at a time.
func (w *wrongPINs) giveBack(who string, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range []string{who, others} {
		if i := slices.IndexFunc(w.wrong[one], at.Equal); i >= 0 {
			if w.wrong[one] = slices.Delete(w.wrong[one], i, i+1); len(w.wrong[one]) == 0 {
				delete(w.wrong, one)
			}
			return
		}
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
		return now.Sub(at).Abs() >= wrongPINsWithin // less than 0 where the clock was set back
	})
	if len(lately) == 0 {
		delete(w.wrong, who)
		return nil
	}
	w.wrong[who] = lately
	return lately
}
