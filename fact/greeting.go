package fact

import "time"

// GreetingSet says what a mailbox says to callers from now on; without Seconds it is what
// all say of which nothing is set.
type GreetingSet struct {
	Extension string    `json:"extension"`
	Seconds   int       `json:"seconds,omitempty"`
	Sound     Bulk      `json:"sound_mark,omitempty"` // µ-law at 8 kHz
	By        string    `json:"by"`                   // a person, or "phone/201-1"
	Call      string    `json:"call,omitempty"`       // in which it was recorded
	At        time.Time `json:"at"`
}

// Kind is "greeting.set".
func (GreetingSet) Kind() string { return "greeting.set" }

// Links ties the greeting to the one before.
func (f GreetingSet) Links() Links {
	subject := "greeting/" + f.Extension
	return Links{Subject: subject, Actor: f.By, Causes: []string{subject}}
}
