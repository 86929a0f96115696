package main

import "time"

// Limits and fixed quantities of a run.
const (
	phonesEach        = 400                   // callers, and as many callees
	registeringEach   = 700                   // the same of the row of registrations: each has one under way at a time
	talkersEach       = 100                   // phones whose calls stay up, and as many that they call
	phoneFirst        = 200                   // their first extension
	phonesShort       = 700                   // more phones than that have long extensions
	phoneFirstLong    = 20_000                //
	relayPortFirst    = 20_000                // media ports of the unit and of other relays …
	relayPortLast     = 60_000                // … more than its defaults, which allow 2,500 calls
	plentyYen         = 1_000_000_000         // of a budget for calls within Japan, a day
	plentyTime        = 30 * 24 * time.Hour   // of such a budget
	askTime           = 10 * time.Second      // for the unit to say what it has in use
	lineChannels      = 300                   // as many as a line has
	readyTime         = 15 * time.Second      // for a program to be ready after its start
	leftTime          = 2 * time.Second       // for the unit to end calls that the generator has given up
	stopTime          = 10 * time.Second      // for it to end in good order
	registerRate      = 2000                  // a second, before calls
	setupRate         = 500                   // relayed calls set up a second
	retransmitShare   = 0.002                 // above it a step is not clean
	behindShare       = 16                    // a step is not clean when its p90 is above this part
	behindMin         = 50 * time.Millisecond // of its length, and above this
	growthMax         = 2.0                   // from one step of a search to the next
	growthMin         = 1.30                  //
	growthRelay       = 1.15                  // where the calls of the last step stay up
	againFrom         = 0.75                  // of what the round before found, a search begins there
	closeEnough       = 1.06                  // a search ends when its bounds are that near
	closeQuick        = 1.12                  // that of a quick run
	generatorFill     = 0.95                  // of its core, above which the generator may be the limit
	latencyRate       = 1000                  // calls a second at which the added delay is judged
	latencyTime       = 10 * time.Second      // at least, for a p99 of some worth
	searchFill        = 0.85                  // of the core, aimed at by a search's next step
	relayDelayOver    = 5.0                   // ms of p99 above the generator's own in a clean step
	sustainShare      = 0.7                   // of the clean rate, offered for long
	drainTime         = 8 * time.Second       // for calls under way when a step ends
	drainQuick        = 1500 * time.Millisecond
	quickTime         = 43 * time.Second        // a quick run ends by then, once everything is built and installed
	quickSteps        = 5                       // of one of its searches at most …
	quickStepsLeast   = 3                       // … and at least, however slow the machine is
	quickRowEnd       = 2 * time.Second         // kept of a row's time, to stop its systems and verify the evidence
	furnishAtOnce     = 8                       // phones added to a unit at the same time, so that they share commits
	relayNothing      = 2600                    // calls that the generator hears itself with, at most
	relaySettle       = 300 * time.Millisecond  // relayed calls talk before they are counted
	relayRest         = 1500 * time.Millisecond // they are silent after a step that was not clean
	relayNothingSteps = 2
	relaySteps        = 4                     // of a quick run
	relayTries        = 2                     // measurements of a step until one is clean
	overloadCalls     = 500                   // calls with sound up while more is offered than can be done
	overloadPhones    = 50                    // that make them, and as many that take them
	overloadTime      = 6 * time.Second       // at least, of each multiple of the capacity: 2 s flatter
	overloadTurns     = 5                     // at the last multiple, each between two peaks
	peakTimes         = 1.2                   // of the capacity, where goodput is highest
	junkSources       = 300_000               // and at first as many datagrams
	junkRate          = 100_000.0             // datagrams a second
	junkTime          = 30 * time.Second      // for which they go on
	junkCalls         = 200                   // calls with sound up meanwhile
	settleTime        = 35 * time.Second      // longer than SIP's transactions last: then what is kept is kept
	memoryPhones      = 10_000                // registered for their memory, and before a restart
	memoryQuiet       = 7                     // the part of settleTime that is waited where nothing was registered yet
	restartRate       = 500                   // calls a second to all of them after it
	restormRate       = 5000                  // registrations a second when all come back
	soakCalls         = 50                    // calls with sound up during a soak
	soakSettle        = 5 * time.Minute       // then its memory is what it stays at
	soakWindow        = 10                    // samples whose mean is compared
	soakGone          = 10 * time.Second      // for which a soak's peers are gone at a time
	offeredEnough     = 0.95                  // of what should be offered, below which a check says nothing
	clockTick         = 10 * time.Millisecond // of CPU times in /proc
	syncProbes        = 50                    // fdatasyncs timed
	othersMin         = 0.01                  // of a core, that a program must use to be named
	othersShown       = 5                     // programs named
	noisy             = 0.15                  // cores used by others, above which a run says so
	pollEvery         = 20 * time.Millisecond //
)
