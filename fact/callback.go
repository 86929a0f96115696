package fact

import "time"

// CallbackChanged says that an extension wants to be called when another one is free
// again, or wants it no more, or that it came to its end.
type CallbackChanged struct {
	Extension string    `json:"extension"`
	To        string    `json:"to"`             // the extension that was busy
	Change    string    `json:"change"`         // one of the Callback words
	By        string    `json:"by"`             // "phone/201-1", or "unit"
	Call      string    `json:"call,omitempty"` // in which the code was dialed, or by which it was called
	At        time.Time `json:"at"`
}

// What became of a callback.
const (
	CallbackBooked   = "booked"
	CallbackCanceled = "canceled"
	CallbackCalled   = "called"
	CallbackExpired  = "expired"
)

// Kind is "callback.changed".
func (CallbackChanged) Kind() string { return "callback.changed" }

// Links ties it to the extension that wants it, and to the call.
func (f CallbackChanged) Links() Links {
	l := Links{Subject: "callback/" + f.Extension + "/" + f.To, Actor: f.By}
	if f.Call != "" {
		l.Causes = []string{"call/" + f.Call}
	}
	return l
}
