package carrier

import "time"

// Limits of the practice carrier.
const (
	callsMax      = 4096                   // calls at once; more are answered 503
	datagramMax   = 65535                  // bytes
	violationsMax = 1000                   // more are not noted
	commandsMax   = 64                     // outgoing calls waiting to be placed
	repeatFirst   = 500 * time.Millisecond // T1
	repeatMax     = 4 * time.Second        // T2
	repeatFor     = 32 * time.Second       // 64*T1
	linger        = 5 * time.Second        // an ended call answers retransmissions for that long
	frame         = 20 * time.Millisecond
	frameBytes    = 160 // G.711, 20 ms
	nonceLife     = 5 * time.Minute
	idlePoll      = 250 * time.Millisecond
	soundIdleTime = 5 * time.Minute // a call whose peer is silent for that long is ended
)
