package app

import "time"

// Limits of a unit's administration.
const (
	claimTriesMax  = 10               // wrong claim codes in claimWindow
	claimWindow    = time.Minute      //
	openingDaysMax = 366              // an opening lasts at most that long
	openingsCheck  = 15 * time.Second // how often expired openings are looked for
	linesRetry     = 5 * time.Second  // addresses of lines are looked up again after a failure
	stopTimeMax    = 5 * time.Second  // calls get that long to hang up
	callsListedMax = 10_000           // call records in one answer
	claimCodeBytes = 10               // 80 bits, typed once, tried at most claimTriesMax times a minute
	// portsPerResting: of so many ports one pair rests at most after its call,
	// so that others on this host find some.
	portsPerResting = 8

	voiceLoops    = 1                     // that move packets of calls
	shardsDefault = 4                     // at most, when the configuration leaves it open
	signalingDSCP = 24                    // CS3 (RFC 4594 §2.3), where no line wants another
	commitTimeMax = 10 * time.Second      // a change waits that long for the disk
	startBytes    = 1 << 20               // a disk that does not take that much takes no unit
	headroomMin   = 64 << 20              // bytes that the heap may always grow by between two collections
	liveMin       = 4 << 20               // bytes that count as live at least
	gcPercentMin  = 100                   // Go's own GOGC
	headroomCheck = time.Second           // how often the collector is told
	behindPoll    = 10 * time.Millisecond // while what the desk writes behind is waited for

	// floodMin is how many strangers the unit turns away while it is asked, at
	// least, if a flood may be why nothing answers: scanners alone are fewer.
	floodMin  = 200
	askedWord = 10 // random bytes of a branch, tag or Call-ID
	askedHops = 70 // Max-Forwards (RFC 3261 §8.1.1.6)
)
