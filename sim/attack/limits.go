package attack

import "time"

// The measures of a replay.
const (
	wave1Calls    = 4000                  // Urasoe: about 4,000 calls in 43 h 50 min
	wave1Numbers  = 7                     // distinct numbers, one after another
	channels      = 2                     // calls under way at once; the victims' units had one or two
	pace          = 4 * time.Millisecond  // between two attempts of a channel: the office needs time to work
	talkTime      = 60 * time.Millisecond // of an office call, time-lapsed
	officePause   = 150 * time.Millisecond
	emergencyTurn = 5 // every fifth office call is an emergency call
	officeCallMax = 60 * time.Second
	dialsMax      = 8 // of one call, where the unit asks for patience
)
