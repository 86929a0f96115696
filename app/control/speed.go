package control

import "time"

// The operations on speed dialing.
var (
	SpeedSet  = Op[SpeedSetRequest, None]{"speed.set"}
	SpeedList = Op[None, []Speed]{"speed.list"}
)

// SpeedSetRequest says what a place of speed dialing leads to.
type SpeedSetRequest struct {
	Extension string `json:"extension,omitempty"` // whose own place it is; "" is everybody's
	Place     string `json:"place"`               // "00" to "99"
	To        string `json:"to,omitempty"`        // as people write it; "" empties the place
}

// Speed is a place of speed dialing that leads somewhere.
type Speed struct {
	Extension string    `json:"extension,omitempty"`
	Place     string    `json:"place"`
	To        string    `json:"to"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}
