package line

import "time"

// callback remembers who called an emergency number on a line.
type callback struct {
	extension string
	at        time.Time
}

// EmergencyCalled remembers that an extension called an emergency number on a
// line: when the police or the fire brigade call back, they want that phone. Who has no
// extension here does not take the place of one that has.
func (l *Lines) EmergencyCalled(id, extension string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.byID[id]; n != nil && extension != "" {
		n.callback = callback{extension, now}
	}
}

// Callback gives the extension that an incoming call on a line may be meant
// for, because it called an emergency number within CallbackLife; "" for none.
// The caller's number does not matter: control rooms call back from others
// than 110, and often without one.
func (l *Lines) Callback(id string, now time.Time) (extension string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.byID[id]
	if n == nil || n.callback.extension == "" || now.Sub(n.callback.at) > CallbackLife {
		return "", time.Time{}
	}
	return n.callback.extension, n.callback.at
}
