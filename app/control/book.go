package control

// The operations on telephone books, and on who is turned away.
var (
	BookChange   = Op[BookChangeRequest, BookChanged]{"book.change"}
	BookFind     = Op[BookFindRequest, []BookEntry]{"book.find"}
	ScreenChange = Op[ScreenChangeRequest, None]{"screen.change"}
	ScreenList   = Op[None, []Screen]{"screen.list"}
	ScreenLast   = Op[ScreenLastRequest, ScreenBlocked]{"screen.last"}
)

// BookEntry is a number and whose it is.
type BookEntry struct {
	Name   string `json:"name"`
	Kana   string `json:"kana,omitempty"`
	Number string `json:"number"`
}

// BookChangeRequest changes a book: that of an extension, or the common one.
type BookChangeRequest struct {
	Extension string      `json:"extension,omitempty"`
	Add       []BookEntry `json:"add,omitempty"`    // in place of those with the same numbers
	Remove    []string    `json:"remove,omitempty"` // numbers
}

// BookChanged is what became of a book.
type BookChanged struct {
	Added   int `json:"added"`
	Removed int `json:"removed"`
	Entries int `json:"entries"` // that it has now
}

// BookFindRequest asks for the entries of a book that hold a part, in order; "" is
// in all of them.
type BookFindRequest struct {
	Extension string `json:"extension,omitempty"`
	Part      string `json:"part,omitempty"`
}

// ScreenChangeRequest changes who is turned away, at a number of the office or at
// all of them.
type ScreenChangeRequest struct {
	Number    string   `json:"number,omitempty"` // of the office; "" is the unit
	Block     []string `json:"block,omitempty"`
	Unblock   []string `json:"unblock,omitempty"`
	Allow     []string `json:"allow,omitempty"`
	Unallow   []string `json:"unallow,omitempty"`
	Anonymous *bool    `json:"anonymous,omitempty"` // turn away who shows no number
	Only      *bool    `json:"only,omitempty"`      // turn away all that are not allowed
}

// Screen is who is turned away at a number of the office, or at all of them.
type Screen struct {
	Number    string   `json:"number,omitempty"`
	Blocked   []string `json:"blocked,omitempty"`
	Allowed   []string `json:"allowed,omitempty"`
	Anonymous bool     `json:"anonymous"`
	Only      bool     `json:"only"`
}

// ScreenLastRequest has the last caller from outside be turned away from now on: the
// last one of all, or the last that an extension talked with.
type ScreenLastRequest struct {
	Extension string `json:"extension,omitempty"`
}

// ScreenBlocked is who is turned away from now on.
type ScreenBlocked struct {
	Caller string `json:"caller"`
}
