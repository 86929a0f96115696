package lamp

import "time"

// Limits of a board.
const (
	// EntitiesMax is how many entities may have a state, or a watcher.
	EntitiesMax = 16_384
	// WatchersMax is how many watchers there may be; WatchersPerDevice how many
	// of them on one phone.
	WatchersMax       = 32_768
	WatchersPerDevice = 512
	// TellEvery and TellAtOnce pace what one phone is told: so many NOTIFYs at
	// once, and one each so long.
	TellEvery  = 25 * time.Millisecond
	TellAtOnce = 40
	// BlinkEvery is how often a lamp changes that the unit has blink, because the
	// phone can't.
	BlinkEvery = 2 * time.Second
	// TextMax bounds number and name in a body, in bytes.
	TextMax = 32
	// BodyMax is how long a body is at most, so that it fits into a datagram with
	// its head (RFC 3261 §18.1.1): else the name is left out, then the
	// dialog for pickup, then the number.
	BodyMax = 690
	// ReadMax is how long a body of another unit may be that is read, in bytes.
	ReadMax = 4096
	// InfoMax is how long what a row is told may be with the other parties in it: else
	// they are left out.
	InfoMax = 600
	// TagMax bounds the parts of a dialog's name; a longer one is left out.
	TagMax = 128
	// SpareMax is how much room of entities that nothing is known of any more is kept
	// for others.
	SpareMax = 64
)
