package ground

import "time"

const (
	ExtensionsMax = 20 // of an office that is played here
	eventsMax     = 1024
	openForAll    = 24 * time.Hour // a country, once it was dialed
	askTime       = 20 * time.Second
	settleTime    = 8 * time.Second // after the end, until the carrier has heard of it
	pollEvery     = 10 * time.Millisecond
	dialTime      = 40 * time.Second
	staffRing     = 20 * time.Millisecond
	staffTalk     = 80 * time.Millisecond
	staffPause    = 250 * time.Millisecond
	emergencyTurn = 4 // every fourth call of the staff's is one
	voiceEvery    = 500 * time.Millisecond
	recordsMax    = 10_000          // calls that went out
	dialsMax      = 4               // of one call of the staff's, where the unit asks for patience
	killPatience  = 3 * time.Second // for a call to be up
	spareChannels = 4               // of the line, for the staff
	smallDisk     = 12              // MiB, of a disk that is to become full
	fillBytes     = 64 << 10
	badMax        = 8 // calls of the office that failed, of which the words are kept

	portCarrier = 5060
)
