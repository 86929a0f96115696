package fact

import "time"

// WakeUpSet says when the unit calls an extension to wake somebody up.
type WakeUpSet struct {
	Extension string    `json:"extension"`
	Daily     bool      `json:"daily,omitempty"` // every day, else once
	Clock     string    `json:"clock,omitempty"` // "06:30", Japan's time; "" is not
	Next      time.Time `json:"next,omitzero"`   // it is called next
	By        string    `json:"by"`              // a person, "phone/201-1" by a code, or "unit" once it has called
	Call      string    `json:"call,omitempty"`  // in which the code was dialed
	At        time.Time `json:"at"`
}

// Kind is "wakeup.set".
func (WakeUpSet) Kind() string { return "wakeup.set" }

// RoutingID is one for each extension, once and daily.
func (f WakeUpSet) RoutingID() string {
	if f.Daily {
		return "wakeup/" + f.Extension + "/daily"
	}
	return "wakeup/" + f.Extension + "/once"
}

// Gone tells whether nobody is woken.
func (f WakeUpSet) Gone() bool { return f.Clock == "" }

// Links ties the call to the one set before.
func (f WakeUpSet) Links() Links { return routingLinks(f.RoutingID(), f.By) }
