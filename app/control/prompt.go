package control

import "time"

// The operations on what the unit says.
var (
	PromptList  = Op[None, []Prompt]{"prompt.list"}
	PromptSet   = Op[PromptSetRequest, None]{"prompt.set"}
	PromptSound = Op[PromptRequest, PromptRecording]{"prompt.sound"}
)

// Prompt is an announcement of the unit in a language, or a word that others are put
// together of.
type Prompt struct {
	Prompt   string    `json:"prompt"` // its name
	Language string    `json:"language"`
	Says     string    `json:"says"` // what it says where it is not the owner's own
	Word     bool      `json:"word,omitempty"`
	Own      bool      `json:"own,omitempty"` // the owner's recording is said
	Tenths   int       `json:"tenths"`        // how long it is, tenths of a second
	By       string    `json:"by,omitempty"`
	At       time.Time `json:"at,omitzero"`
}

// PromptRequest names an announcement.
type PromptRequest struct {
	Prompt   string `json:"prompt"`
	Language string `json:"language"` // "ja", "en"
}

// PromptSetRequest has an announcement be a recording, or be what it was.
type PromptSetRequest struct {
	PromptRequest

	// Sound is µ-law at 8 kHz; none: what the unit says by itself.
	Sound []byte `json:"sound,omitempty"`
}

// PromptRecording is what an announcement sounds like: µ-law at 8 kHz.
type PromptRecording struct {
	Sound []byte `json:"sound"`
}
