package office

import "time"

// Limits of a simulated phone.
const (
	repliesMax   = 32    // responses waiting for one transaction
	datagramMax  = 65535 // bytes
	ringsMax     = 64    // calls taken and not ended; more are busy
	timerT1      = 500 * time.Millisecond
	timerT2      = 4 * time.Second
	timeToAnswer = 32 * time.Second // Timer B and F: 64*T1
)
