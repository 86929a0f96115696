package fraud

import "time"

// What files and plans may ask for.
const (
	extensionsMax = 2000
	channelsMax   = 500 // of a line, and calls at once of an attack
	streamsMax    = 32  // of an office file
	phasesMax     = 16  // of a family
	callsADayMax  = 1000
	bookMax       = 100_000
	areasMax      = 60
	numbersMax    = 1000     // different numbers of a phase
	attemptsMax   = 30_000   // of a phase
	fileBytesMax  = 64 << 10 // of a family or office
	filesMax      = 1000
)

// The manners of people and networks.
const (
	ringLeast     = 2 * time.Second
	ringMost      = 20 * time.Second
	ringGivenUp   = 45 * time.Second // nobody answers
	promptLeast   = 5 * time.Second
	promptMost    = 40 * time.Second
	promptEnd     = 60 * time.Second // a challenge without an answer
	promptPercent = 80               // of people's prompts are answered
	redialLeast   = 10 * time.Second
	redialPercent = 60 // of calls that nobody answered, or that were refused
	redialMost    = 90 * time.Second
	misdialBook   = 3                // of a misdialed number's six last digits, which is wrong
	busyLeast     = 30 * time.Second // an intruder waits where the line is full
	busyMost      = 5 * time.Minute
	reviewAt      = 9*time.Hour + 30*60e9  // a manager looks at the next working day
	attackDaysMax = 62 * 24 * time.Hour    // then the world ends
	instant       = 50 * time.Millisecond  // between a pass and its busy
	jitter        = 400 * time.Millisecond // of everything done by programs
)

// day is a day of an office: Japan has no summer time.
const day = 24 * time.Hour
