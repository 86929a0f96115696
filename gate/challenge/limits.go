package challenge

import "time"

// Bounds of PINs and of trying them.
const (
	// DigitsMin and DigitsMax bound how long a PIN is.
	DigitsMin = 6
	DigitsMax = 12
	// WrongMax wrong PINs in a row lock a person's.
	WrongMax = 5
	// PeopleMax is how many people of a unit may have a PIN.
	PeopleMax = 10_000

	triesMax   = 10               // of one person in triesIn
	triesIn    = 10 * time.Minute //
	wrongMax   = 30               // wrong ones of all people in triesIn
	patternMax = 3                // a PIN that repeats so few digits is trivial
)
