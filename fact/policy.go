package fact

import "time"

// PolicyApplied says that a person changed the gate's policy: by a text of
// their own, by opening or shutting a country, or by taking the last change
// back. What it opened and shut follows as facts of their own.
type PolicyApplied struct {
	ID      string    `json:"id"`
	Command string    `json:"command"` // "apply", "open", "shut", "budget", "habit", "undo", "doubt"
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`
	Loosens bool      `json:"loosens"` // some call passes that did not before
	// SHA256 is that of the whole policy from now on, as `sekisho gate export`
	// writes it, in hex.
	SHA256 string `json:"sha256"`
	// Text is the policy as it was handed in, gate.toml; "" where all but the
	// openings stays as it was.
	Text   string    `json:"text,omitempty"`
	Opened []Opening `json:"opened,omitempty"`
	Shut   []Opening `json:"shut,omitempty"`
}

// The Commands of changes of budgets: by a person, and of those that follow the
// office's habit.
const (
	PolicyByBudget = "budget"
	PolicyByHabit  = "habit"
)

// Kind is "policy.applied".
func (PolicyApplied) Kind() string { return "policy.applied" }

// Links ties the change to the one before and to whoever made it.
func (f PolicyApplied) Links() Links {
	return Links{Subject: "policy", Actor: f.By, Causes: []string{"policy"}}
}
