package main

import "time"

// Limits and fixed quantities of a run.
const (
	phonesEach      = 400                   // callers, and as many callees
	phoneFirst      = 200                   // their first extension
	lineChannels    = 300                   // as many as a line has
	readyTime       = 15 * time.Second      // for a program to be ready after its start
	leftTime        = 2 * time.Second       // for the unit to end calls that the generator has given up
	stopTime        = 10 * time.Second      // for it to end in good order
	registerRate    = 2000                  // a second, before calls
	setupRate       = 300                   // relayed calls set up a second
	retransmitShare = 0.002                 // above it a step is not clean
	behindShare     = 16                    // a step is not clean when its p90 is above this part
	behindMin       = 50 * time.Millisecond // of its length, and above this
	growthMax       = 2.0                   // from one step of a search to the next
	growthMin       = 1.30                  //
	growthRelay     = 1.15                  // where the calls of the last step stay up
	closeEnough     = 1.12                  // a search ends when its bounds are that near
	searchFill      = 0.85                  // of the core, aimed at by a search's next step
	relayDelayMax   = 20 * time.Millisecond // p99 of relayed packets in a clean step
	sustainShare    = 0.7                   // of the clean rate, offered for long
	drainTime       = 8 * time.Second       // for calls under way when a step ends
	drainQuick      = 1500 * time.Millisecond
	relaySettle     = 300 * time.Millisecond // relayed calls talk before they are counted
	relaySteps      = 4                      // of a quick run
	relayTries      = 2                      // measurements of a step until one is clean
	clockTick       = 10 * time.Millisecond  // of CPU times in /proc
	syncProbes      = 50                     // fdatasyncs timed
	noisy           = 0.15                   // cores used by others, above which a run says so
	pollEvery       = 20 * time.Millisecond  //
)
