package fact

import "time"

// BookChanged says that somebody changed a telephone book. Who stands in it is
// personal, may have to be forgotten one day, and is told by no fact.
type BookChanged struct {
	Book    string    `json:"book"`              // an extension's own; "" is the common one
	Added   int       `json:"added,omitempty"`   // entries, new ones and those that were changed
	Removed int       `json:"removed,omitempty"` // entries
	Entries int       `json:"entries"`           // that it has now
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// Kind is "book.changed".
func (BookChanged) Kind() string { return "book.changed" }

// Links ties the change to the book.
func (f BookChanged) Links() Links { return Links{Subject: bookSubject("book/", f.Book), Actor: f.By} }

// ScreenChanged says that somebody changed which callers are turned away.
type ScreenChanged struct {
	At string `json:"number"` // of the office; "" is the unit, all of its numbers
	// Change is what was done: "block", "unblock", "allow", "unallow", "anonymous-on",
	// "anonymous-off", "only-on", "only-off".
	Change  string    `json:"change"`
	Caller  string    `json:"caller,omitempty" private:"yes"` // where it is about one
	Callers int       `json:"callers,omitempty"`
	Call    string    `json:"call,omitempty"` // that of the caller who is blocked for it
	By      string    `json:"by"`
	When    time.Time `json:"at"`
}

// Kind is "screen.changed".
func (ScreenChanged) Kind() string { return "screen.changed" }

// Links ties the change to the screen, and to the call that brought it about.
func (f ScreenChanged) Links() Links {
	l := Links{Subject: bookSubject("screen/", f.At), Actor: f.By}
	if f.Call != "" {
		l.Causes = []string{"call/" + f.Call}
	}
	return l
}

func bookSubject(kind, of string) string {
	if of == "" {
		of = "unit"
	}
	return kind + of
}
