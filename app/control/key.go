package control

import "time"

// The operations on outside-line keys (外線キー).
var (
	KeyList = Op[None, []LineKey]{"key.list"}
	KeySet  = Op[KeySetRequest, None]{"key.set"}
)

// LineKey is an outside-line key.
type LineKey struct {
	Key     string    `json:"key"` // "key1": what phones' keys watch and call
	Line    string    `json:"line"`
	Numbers []string  `json:"numbers,omitempty"` // whose calls it takes; none: all of the line's
	Label   string    `json:"label,omitempty"`
	Shows   string    `json:"shows"` // "idle", "seized", "ringing", "talking" or "held"
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// KeySetRequest sets a key; without a line there is no such key any more.
type KeySetRequest struct {
	Key     string   `json:"key"`
	Line    string   `json:"line,omitempty"`
	Numbers []string `json:"numbers,omitempty"`
	Label   string   `json:"label,omitempty"`
}
