package fact

import "time"

// CallMoved says that somebody took a side of a call elsewhere while it was up, or
// took a call that rang elsewhere; or wanted to, and might not.
type CallMoved struct {
	Call      string `json:"call"`
	How       string `json:"how"` // one of the Moved words
	Device    string `json:"device,omitempty"`
	Extension string `json:"extension,omitempty"`
	To        string `json:"to,omitempty" private:"yes"` // whom it was handed over to, as dialed
	Place     string `json:"place,omitempty"`            // where it was parked
	// With is the call that a leg came from, or went on in.
	With string    `json:"with,omitempty"`
	At   time.Time `json:"at"`
}

// How a call was moved.
const (
	MovedOver   = "handed over" // to a number
	MovedJoined = "joined"      // with whom the phone talked in another call
	MovedTaken  = "taken"       // by a phone that took it from others, or from where it waited
	MovedParked = "parked"      // at a place
	MovedNot    = "not joined"  // with whom the phone talked in another call: both are outside
)

// Kind is "call.moved".
func (CallMoved) Kind() string { return "call.moved" }

// Links ties it to its call, and to the other one.
func (f CallMoved) Links() Links {
	l := Links{Subject: "call/" + f.Call, Causes: []string{"call/" + f.Call}}
	if f.With != "" {
		l.Causes = append(l.Causes, "call/"+f.With)
	}
	if f.Device != "" {
		l.Actor = "phone/" + f.Device
	}
	return l
}
