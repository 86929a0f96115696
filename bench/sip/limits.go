package main

import "time"

// Limits and fixed quantities of a run.
const (
	phonesEach      = 200                    // callers, and as many callees
	phoneFirst      = 200                    // their first extension
	lineChannels    = 300                    // as many as a line has
	readyTime       = 15 * time.Second       // for a program to be ready after its start
	stopTime        = 10 * time.Second       // for it to end in good order
	registerRate    = 2000                   // a second, before calls
	setupRate       = 100                    // relayed calls set up a second
	retransmitShare = 0.002                  // above it a step is not clean
	fullShare       = 0.97                   // of the offered, to be done in a clean step
	growthMax       = 2.0                    // from one step of a search to the next
	growthMin       = 1.15                   //
	closeEnough     = 1.10                   // a search ends when its bounds are that near
	searchFill      = 0.85                   // of the core, aimed at by a search's next step
	relayDelayMax   = 20 * time.Millisecond  // p99 of relayed packets in a clean step
	clockTick       = 10 * time.Millisecond  // of CPU times in /proc
	syncProbes      = 50                     // fdatasyncs timed
	noisy           = 0.15                   // cores used by others, above which a run says so
	pollEvery       = 20 * time.Millisecond  //
	netProbeEvery   = 100 * time.Millisecond //
)
