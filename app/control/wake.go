package control

import "time"

// The operations on wake-up calls.
var (
	WakeSet  = Op[WakeSetRequest, WakeUp]{"wakeup.set"}
	WakeList = Op[None, []WakeUp]{"wakeup.list"}
)

// WakeSetRequest has the unit call an extension at a time of day.
type WakeSetRequest struct {
	Extension string `json:"extension"`
	Daily     bool   `json:"daily,omitempty"`
	Clock     string `json:"clock,omitempty"` // "0630" or "06:30", Japan's time; "" for no more
}

// WakeUp is a time at which the unit calls an extension.
type WakeUp struct {
	Extension string    `json:"extension"`
	Daily     bool      `json:"daily,omitempty"`
	Clock     string    `json:"clock"`
	Next      time.Time `json:"next,omitzero"`
	By        string    `json:"by"`
}
