package control

import (
	"time"

	"github.com/sekisho/sekisho/fact"
)

// The operations on recordings of calls (通話録音).
var (
	RecordingList   = Op[None, []fact.Recording]{"recording.list"}
	RecordingGive   = Op[RecordingRequest, RecordingGiven]{"recording.give"}
	RecordingPiece  = Op[RecordingPieceRequest, RecordingBytes]{"recording.piece"}
	RecordingDelete = Op[RecordingRequest, None]{"recording.delete"}
	RecordingSwitch = Op[RecordingSwitchRequest, None]{"recording.switch"}
	RecordingAuto   = Op[RecordingAutoRequest, None]{"recording.auto"}
	RecordingRules  = Op[None, []RecordingRule]{"recording.rules"}
)

// RecordingRequest names a recording.
type RecordingRequest struct {
	ID string `json:"id"`
}

// RecordingGiven is what somebody is given, who fetches it by the ticket.
type RecordingGiven struct {
	Recording fact.Recording `json:"recording"`
	Ticket    string         `json:"ticket"`
}

// RecordingPieceRequest asks for what stands at a place of the file.
type RecordingPieceRequest struct {
	Ticket string `json:"ticket"`
	At     int64  `json:"at"`
}

// RecordingBytes is a piece of a file; none at its end.
type RecordingBytes struct {
	Bytes []byte `json:"bytes,omitempty"`
}

// RecordingSwitchRequest wants something of the recording of the call that an extension
// talks in.
type RecordingSwitchRequest struct {
	Extension string `json:"extension"`
	Want      string `json:"want"` // "on", "off", "pause", "resume"
}

// RecordingAutoRequest has calls be recorded from their beginning, or not.
type RecordingAutoRequest struct {
	Scope string `json:"scope"` // an extension, a number of ours, or fact.ScopeUnit: all outside calls
	On    bool   `json:"on"`
}

// RecordingRule says whose calls are recorded from their beginning.
type RecordingRule struct {
	Scope string    `json:"scope"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}
