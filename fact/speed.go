package fact

import "time"

// SpeedSet says what a place of speed dialing leads to.
type SpeedSet struct {
	Extension string    `json:"extension,omitempty"` // whose own place it is; "" is everybody's
	Place     string    `json:"place"`               // "00" to "99"
	To        string    `json:"to,omitempty"`        // an extension, a group, "+" and an outside number; "" is nothing
	By        string    `json:"by"`                  // a person, or "phone/201-1" by a feature code
	Call      string    `json:"call,omitempty"`      // in which the code was dialed
	At        time.Time `json:"at"`
}

// Kind is "speed.set".
func (SpeedSet) Kind() string { return "speed.set" }

// RoutingID is one for each place.
func (f SpeedSet) RoutingID() string { return bookSubject("speed/", f.Extension) + "/" + f.Place }

// Gone tells whether the place is empty.
func (f SpeedSet) Gone() bool { return f.To == "" }

// Links ties the place to what it led to before.
func (f SpeedSet) Links() Links { return routingLinks(f.RoutingID(), f.By) }
