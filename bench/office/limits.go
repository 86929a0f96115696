package main

import "time"

// Fixed quantities and limits.
const (
	staff       = 60
	firstExt    = 211
	netFirst    = 100 // second byte of the addresses, with netCount for runs beside each other
	netCount    = 28
	number      = 99 // of the unit's media ports
	lineCount   = 3
	channels    = 24
	keyCount    = 6
	parkPlaces  = 8
	watchedExts = 8
	ratePreset  = 4.0 // scenes a second: the day of such an office has some 1,500
	forPreset   = 30 * time.Minute
	forShort    = 20 * time.Second
	lullEvery   = 2 * time.Minute
	lullsLeast  = 5 // in a run
	patience    = 10 * time.Second
	pollEvery   = 5 * time.Millisecond
	drainMost   = 45 * time.Second // until nobody talks any more
	settleTime  = time.Second      // after that, before the unit is looked at
	// wholeTime is that after which ports rest no more and as many are open as the unit has ready.
	wholeTime  = 22 * time.Second
	scenesMost = 16 // at the same time
	failsShown = 10
	greeting   = 6 * time.Second // a mailbox asks for a message about so long

	// What may be more in a lull than in the first of those that count: a collection may
	// just run, and a database may open one more connection.
	goroutinesMore = 3
	filesMore      = 3
	// memoryMore is by how much of itself memory may grow from the middle third of the lulls to
	// the last, beside memoryBytes; a run of less than memoryLeast says nothing about it.
	memoryMore  = 0.05
	memoryBytes = 2 << 20
	memoryLeast = 10 * time.Minute
)
