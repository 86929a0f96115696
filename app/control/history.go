package control

import "time"

// History gives calls as extensions had to do with them, the latest first.
var History = Op[HistoryRequest, []PastCall]{"calls.history"}

// HistoryRequest chooses them.
type HistoryRequest struct {
	How       string `json:"how"`                 // "missed", "received", "dialed"
	Extension string `json:"extension,omitempty"` // "" for what everybody missed
	Limit     int    `json:"limit,omitempty"`
}

// PastCall is a call as extensions had to do with it.
type PastCall struct {
	Call       string   `json:"call"`
	How        string   `json:"how"`
	Extensions []string `json:"extensions"` // that missed, took or made it
	Number     string   `json:"number"`     // who called or was called, "" for who withheld it
	Name       string   `json:"name,omitempty"`
	Mark       string   `json:"mark,omitempty"` // as CallRecord has it
	// CallsBack is what a phone dials to call it, "" where nothing does.
	CallsBack string    `json:"calls_back,omitempty"`
	Started   time.Time `json:"started"`
	RangMS    int64     `json:"rang_ms,omitempty"` // where it was missed
	Message   bool      `json:"message,omitempty"` // one that was left then is in the mailbox
	// CalledBack is when one of the extensions called the number since, zero for never.
	CalledBack time.Time `json:"called_back,omitzero"`
}
