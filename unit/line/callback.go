package line

import (
	"slices"
	"time"
)

// callback remembers who called an emergency number on a line.
type callback struct {
	extension string
	at        time.Time
}

func (b callback) stands(now time.Time) bool {
	return !b.at.IsZero() && now.Sub(b.at) <= CallbackLife
}

// callbacks are of who is here, of whom another site has at its phones, and of who has no
// extension that is known: none takes the place of another.
type callbacks struct{ here, afar, unknown callback }

// EmergencyCalled remembers that an extension, here or afar at another site, called an
// emergency number on a line: when the police or the fire brigade call back, they want
// that phone. Without an extension, as a caller of another site may be whose number is
// not ours to call, there is none to want, but they call back all the same.
func (l *Lines) EmergencyCalled(id, extension string, afar bool, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.byID[id]
	switch {
	case n == nil:
	case extension == "":
		n.callbacks.unknown = callback{at: now}
	case afar:
		n.callbacks.afar = callback{extension, now}
	default:
		n.callbacks.here = callback{extension, now}
	}
}

// Callbacks tells whether an incoming call on a line may be a call-back, because somebody
// called an emergency number there within CallbackLife, and gives the extensions that it
// may be meant for, the last first: none where that is not known. The caller's number does
// not matter: control rooms call back from others than 110, and often without one.
func (l *Lines) Callbacks(id string, now time.Time) (extensions []string, may bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.byID[id]
	if n == nil {
		return nil, false
	}
	all := []callback{n.callbacks.here, n.callbacks.afar}
	slices.SortStableFunc(all, func(a, b callback) int { return b.at.Compare(a.at) })
	for _, b := range all {
		if b.stands(now) {
			extensions = append(extensions, b.extension)
		}
	}
	return extensions, len(extensions) > 0 || n.callbacks.unknown.stands(now)
}

// SiteCallsBack tells whether a call of another site may be meant for an extension,
// because that called an emergency number over the site's lines within CallbackLife.
func (l *Lines) SiteCallsBack(site, extension string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.byID {
		b := n.callbacks.here
		if n.profile.Site && n.row.Registrar == site && b.extension == extension && b.stands(now) {
			return true
		}
	}
	return false
}
