package fact

import "time"

// LineAdded says that a line was set up.
type LineAdded struct {
	Line
}

// Kind is "line.added".
func (LineAdded) Kind() string { return "line.added" }

// Links ties the line to its creator.
func (f LineAdded) Links() Links { return Links{Subject: "line/" + f.ID, Actor: f.CreatedBy} }

// LineRemoved says that a line is gone.
type LineRemoved struct {
	Line string    `json:"line"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

// Kind is "line.removed".
func (LineRemoved) Kind() string { return "line.removed" }

// Links ties the removal to the line.
func (f LineRemoved) Links() Links { return lineLinks(f.Line, f.By) }

// LineRegistered says that the carrier took our registration after it had
// none of ours.
type LineRegistered struct {
	Line      string    `json:"line"`
	Registrar string    `json:"registrar"`
	Expires   time.Time `json:"expires"`
	At        time.Time `json:"at"`
}

// Kind is "line.registered".
func (LineRegistered) Kind() string { return "line.registered" }

// Links ties the registration to the line.
func (f LineRegistered) Links() Links { return lineLinks(f.Line, "") }

// LineFailed says that a line's registration was refused or not answered.
type LineFailed struct {
	Line      string    `json:"line"`
	Registrar string    `json:"registrar"`
	Status    int       `json:"status,omitempty"` // 0: no answer
	Why       string    `json:"why"`
	At        time.Time `json:"at"`
}

// Kind is "line.failed".
func (LineFailed) Kind() string { return "line.failed" }

// Links ties the failure to the line.
func (f LineFailed) Links() Links { return lineLinks(f.Line, "") }

// LineUp says that a line can be used again.
type LineUp struct {
	Line string    `json:"line"`
	At   time.Time `json:"at"`
}

// Kind is "line.up".
func (LineUp) Kind() string { return "line.up" }

// Links ties the fact to the line.
func (f LineUp) Links() Links { return lineLinks(f.Line, "") }

// LineDown says that a line can't be used.
type LineDown struct {
	Line   string    `json:"line"`
	Why    string    `json:"why"`              // a stable word, e.g. "registrar-silent"
	Status int       `json:"status,omitempty"` // what the registrar answered
	At     time.Time `json:"at"`
}

// Kind is "line.down".
func (LineDown) Kind() string { return "line.down" }

// Links ties the fact to the line.
func (f LineDown) Links() Links { return lineLinks(f.Line, "") }

func lineLinks(line, actor string) Links {
	subject := "line/" + line
	return Links{Subject: subject, Actor: actor, Causes: []string{subject}}
}
