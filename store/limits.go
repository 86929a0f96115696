package store

import "time"

const (
	queueMax         = 8192                   // entries waiting for the writer, and those it writes
	batchMax         = 512                    // entries in one transaction
	commitsApart     = 2 * time.Millisecond   // beginnings of transactions: under load each serves many …
	paceMany         = 4_500                  // … and from so many entries a second on, three for an outside call, …
	paceMost         = 9_000                  // … to so many …
	paceMemory       = 100 * time.Millisecond // … of this time …
	commitsApartMost = 8 * time.Millisecond   // … they are farther apart, up to this
	behindMax        = 50 * time.Millisecond  // what nobody waits for is kept back that long
	burstMax         = 8                      // entries written before others get the processor
	latestMax        = 1 << 15                // subjects whose latest leaf is remembered
	wakeSize         = 1                      // one pending wake-up says it all
	hashBytes        = 32                     // of one hash of the tree
	probeEvery       = 500 * time.Millisecond // while degraded
	pageMax          = 256                    // leaves read at once
	policiesMax      = 1_000                  // changes of the policy in one answer
	callTimeMax      = 24 * time.Hour         // a call's first leaf comes at most so long after its beginning
	racesMax         = 5                      // tries of a transaction that others come between
	callsMax         = 10_000                 // call records of one answer
	shapesMax        = 128                    // statements that insert a whole call
	spareBytesMax    = 256 << 20              // of what is kept beside a store
)
