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
	return b.extension != "" && now.Sub(b.at) <= CallbackLife
}

// callbacks are of who is here, and of whom another site has at its phones: neither takes
// the place of the other.
type callbacks struct{ here, afar callback }

// EmergencyCalled remembers that an extension, here or afar at another site, called an
// emergency number on a line: when the police or the fire brigade call back, they want
// that phone.
func (l *Lines) EmergencyCalled(id, extension string, afar bool, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.byID[id]
	switch {
	case n == nil || extension == "":
	case afar:
		n.callbacks.afar = callback{extension, now}
	default:
		n.callbacks.here = callback{extension, now}
	}
}

// Callbacks gives the extensions that an incoming call on a line may be meant for, because
// they called an emergency number within CallbackLife, the last first; none as a rule.
// The caller's number does not matter: control rooms call back from others than 110, and
// often without one.
func (l *Lines) Callbacks(id string, now time.Time) (extensions []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.byID[id]
	if n == nil {
		return nil
	}
	all := []callback{n.callbacks.here, n.callbacks.afar}
	slices.SortStableFunc(all, func(a, b callback) int { return b.at.Compare(a.at) })
	for _, b := range all {
		if b.stands(now) {
			extensions = append(extensions, b.extension)
		}
	}
	return extensions
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
