package subscription

import "time"

// Limits of a subscription.
const (
	triesMax      = 4                // NOTIFYs in a row that are refused for now
	retryFirst    = 2 * time.Second  // after the first of them; twice as long after each
	retryAfterMax = 60 * time.Second // of a Retry-After that is followed
	packageMax    = 64               // bytes of an event package's name
	idMax         = 64               // and of its id parameter
	seqMax        = 1<<31 - 1        // of a NOTIFY (RFC 3261 §8.1.1.5)
	spreadFrom    = 2 * time.Minute  // an expiry as long as this is granted a little shorter …
	spreadPart    = 16               // … by up to so small a part, so that refreshes don't come together
)
