package cast

import "time"

// Limits and fixed quantities.
const (
	timerT1       = 500 * time.Millisecond // RFC 3261 §17.1.1.1
	timerT2       = 4 * time.Second
	timerB        = 32 * time.Second // a request without an answer is over
	tickEvery     = 5 * time.Millisecond
	datagramMax   = 4096
	readyTime     = 30 * time.Second // for a unit to be ready, on a busy machine
	stopTime      = 20 * time.Second // for it to end in good order
	pollEvery     = 10 * time.Millisecond
	mediaFirst    = 16_384 // media ports of the first unit
	mediaPorts    = 400    // of each
	mediaRanges   = 100
	portLines     = 16_080
	portParty     = 16_070
	probeLast     = 6 // times that a leg speaks in quick succession after a change
	probeFirst    = 20 * time.Millisecond
	probeSteady   = time.Second      // afterwards
	unitSound     = 2                // packets without a number until a leg is sure that it hears the unit
	rememberFor   = 40 * time.Second // answers, for requests that come again, and legs that are over
	authTriesMax  = 3
	settingsTries = 8 // phones added at the same time
)

// Quantities that scripts need.
const (
	// PortPhones is where units listen to phones.
	PortPhones = 16_060
	// RetransmitMax is how long the next try of a request may take when the network
	// was mended that lost the last one.
	RetransmitMax = timerT2
	// SubscribedFor and RegisteredFor are asked for by phones, in seconds.
	SubscribedFor = 3600
	RegisteredFor = 3600
)
