package main

import "time"

// Fixed quantities and limits.
const (
	phones       = 20
	lines        = 16
	ringsEach    = 2   // phones at which the calls of a line ring
	watchedExts  = 4   // extensions that each phone watches beside all keys
	lossyPhones  = 4   // the last ones, whose network is bad
	firstExt     = 201 //
	firstNet     = 130 // second byte of the first office's addresses
	officesEach  = 5   // of a processor, where nothing else is said
	officesMost  = 60
	eventsPreset = 1_000_000
	eventsQuick  = 3_000
	officesQuick = 3
	ratePreset   = 28.0 // events a second of an office: a phone is told 40 changes a second

	// wrongMost is how long a lamp may show what is not so.
	wrongMost = 300 * time.Millisecond
	// wrongTroubled is that where a datagram was lost on purpose, or a phone not reached:
	// the next try can take so long.
	wrongTroubled = 4*time.Second + wrongMost
	troubleLasts  = 5 * time.Second // after a loss
	lossesMost    = 3               // times wrongTroubled, however often a datagram is lost again
	// wrongRestarted is that of a unit that has just started.
	wrongRestarted = 3 * time.Second
	// wrongStalled is that where the bench had no processor for stallMost, within stallLasts: the
	// unit may have had none either.
	wrongStalled = 3 * time.Second
	stallMost    = 40 * time.Millisecond
	stallLasts   = time.Second
	// promised is how long before kill -9 a subscription must have begun to be remembered:
	// the unit writes it down 50 ms later at most.
	promised = 200 * time.Millisecond
	// darkMost is how long a phone waits for its first NOTIFY of a lamp.
	darkMost = time.Second
	// openMost is how long it may be that what is so at a key is not clear, because a change is
	// under way; openTroubled where something was lost, or a phone has started anew.
	openMost     = 2 * time.Second
	openTroubled = 12 * time.Second
	// steady is how long something must have been so that it is wrong of the unit to
	// refuse what fits it.
	steady = 400 * time.Millisecond
	// heldWaits is how long somebody waits at least whose phone has forgotten that it
	// holds a call, if nobody else takes it.
	heldWaits = 5 * time.Second
	// confirmed is how long the unit says at most that somebody is parked, before it hangs up.
	confirmed = 1500 * time.Millisecond
	// explains is how long after somebody has hung up others of the call are hung up on.
	explains = 3 * time.Second
	// drainMost is how long it takes at most until nothing is left of any call.
	drainMost = 40 * time.Second

	lookEvery       = 50 * time.Millisecond // at what changes by time alone
	restartsWaiting = 1
	restartLeast    = 100 // events of an office between two restarts of its unit
	restartEvery    = 6_000
	tickEvery       = 20 * time.Millisecond
	tellEvery       = 10 * time.Second
	saveApart       = 10 * time.Second // traces that are saved at failures …
	savesMost       = 20               // … of one office
	gcPercent       = 400              // there is little that lives long, and whoever collects is late
	traceShown      = 20
	failuresMost    = 12     // shown
	traceMost       = 20_000 // lines of what happened before a failure
	bucket          = 100 * time.Microsecond
	buckets         = 50_000
)
