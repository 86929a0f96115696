package book

// Limits of books and screens.
const (
	// EntriesMax is how many entries a book has.
	EntriesMax = 10_000
	// OwnMax is how many the book of an extension has.
	OwnMax = 1_000
	// NameBytesMax is how long a name or its reading is.
	NameBytesMax = 120
	// DigitsMax is how long a number is, its sign included (E.164 has 15 digits).
	DigitsMax = 24
	// NumbersMax is how many numbers a screen turns away, and how many it lets in.
	NumbersMax = 20_000
	// FileMax is the longest file read.
	FileMax = 4 << 20
	// FaultsMax is how many faults of a file are told.
	FaultsMax = 20
)
