package control

import (
	"time"

	"github.com/sekisho/sekisho/text"
)

// The operations on alerts.
var (
	AlertList = Op[None, Alerts]{"alert.list"}
	AlertTest = Op[AlertTestRequest, []AlertTried]{"alert.test"}
)

// Alerts is what the owner is told of, and how.
type Alerts struct {
	Kinds    []AlertKind    `json:"kinds"`
	Channels []AlertChannel `json:"channels"`
}

// AlertKind is one kind of alert.
type AlertKind struct {
	Kind      string    `json:"kind"`
	Threshold int       `json:"threshold"`
	Seconds   bool      `json:"seconds,omitempty"` // the threshold is in seconds, not a number of times
	LastSent  time.Time `json:"last_sent,omitzero"`
}

// AlertChannel is one way to the owner.
type AlertChannel struct {
	Name       string    `json:"name"`
	Type       string    `json:"type"`
	Target     string    `json:"target"`
	Owed       int       `json:"owed"` // alerts that it has not delivered yet
	LastSent   time.Time `json:"last_sent,omitzero"`
	LastFailed time.Time `json:"last_failed,omitzero"`
	// Why says what was wrong at the last failure, nil when there was none or
	// something was sent since.
	Why *text.Message `json:"why,omitempty"`
}

// AlertTestRequest asks for a test alert on one channel, "" for all.
type AlertTestRequest struct {
	Channel string `json:"channel,omitempty"`
}

// AlertTried is what came of a test alert.
type AlertTried struct {
	Channel string        `json:"channel"`
	Type    string        `json:"type"`
	OK      bool          `json:"ok"`
	Answer  string        `json:"answer,omitempty"` // what the server said
	Why     *text.Message `json:"why,omitempty"`    // what went wrong
	TookMS  int64         `json:"took_ms"`
}
