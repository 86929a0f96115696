package control

import (
	"time"

	"github.com/sekisho/sekisho/text"
)

// QuarantineAddRequest sets something apart and cuts its live calls.
type QuarantineAddRequest struct {
	Kind   string    `json:"kind"` // "phone", "credential", "extension", "line", "destination", "unit"
	Value  string    `json:"value,omitempty"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until,omitzero"` // zero: until somebody releases it
}

// Quarantine is one thing set apart.
type Quarantine struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	Value     string    `json:"value,omitempty"`
	Since     time.Time `json:"since"`
	Until     time.Time `json:"until,omitzero"`
	CreatedBy string    `json:"created_by"`
	Reason    string    `json:"reason"` // a person's words, or a text key of the unit's own
}

// What says to a person what is set apart.
func (q Quarantine) What() text.Message {
	kind := text.Of(text.Key("quarantine.kind." + q.Kind))
	if q.Value == "" {
		return kind
	}
	if k := text.Key("quarantine.destination." + q.Value); q.Kind == "destination" && k.Known() {
		return text.Of(k)
	}
	return text.Of("quarantine.what", kind, q.Value)
}

// QuarantineAdded is a quarantine just set, and how many calls were cut for it.
type QuarantineAdded struct {
	Quarantine
	Cut int `json:"cut"`
}

// QuarantineReleaseRequest ends quarantines: that of an ID or, without one, all
// of a kind and value.
type QuarantineReleaseRequest struct {
	ID     string `json:"id,omitempty"`
	Kind   string `json:"kind,omitempty"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

// CallsCutRequest cuts live outside calls, once.
type CallsCutRequest struct {
	Kind   string `json:"kind"` // as in QuarantineAddRequest
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

// CallsCut is how many calls were cut.
type CallsCut struct {
	Cut int `json:"cut"`
}
