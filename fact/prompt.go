package fact

import "time"

// PromptSet says that a unit says the owner's own recording in place of one of its
// announcements; without Sound it says the announcement again. The recording is beside
// the evidence, which has the hash of it.
type PromptSet struct {
	Prompt   string    `json:"prompt"`          // its name in package prompt
	Language string    `json:"language"`        // "ja", "en"
	Sound    string    `json:"sound,omitempty"` // SHA-256 of the recording, hexadecimal
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// Kind is "prompt.set".
func (PromptSet) Kind() string { return "prompt.set" }

// RoutingID is one for each announcement in each language.
func (f PromptSet) RoutingID() string { return "prompt/" + f.Language + "/" + f.Prompt }

// Gone tells whether there is no such recording.
func (f PromptSet) Gone() bool { return f.Sound == "" }

// Links ties the recording to what was said before.
func (f PromptSet) Links() Links { return routingLinks(f.RoutingID(), f.By) }
