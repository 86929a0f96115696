package policy

// What a document may hold.
const (
	extensionsMax  = 10_000
	linesMax       = 1_000
	spansMax       = 50
	hoursMax       = 100
	countriesMax   = 300
	budgetsMax     = 1_000
	listMax        = 1_000 // entries of one list
	testsMax       = 500
	nameBytesMax   = 64
	reasonBytesMax = 300
	// OpeningsMax is how many openings a document holds at most.
	OpeningsMax = 10_000
	// OpeningDays is how many days ahead an opening may last at most.
	OpeningDays = 366
	// TextBytesMax is how long a policy's text may be: it stands in one leaf of
	// the evidence, which holds 64 KiB.
	TextBytesMax = 24 << 10
)

// comparedDays is how many days ahead two spans of hours are compared: every
// weekday, holiday and day of the year comes up.
const comparedDays = 366
