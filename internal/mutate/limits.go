package main

import "time"

const (
	// addressSpace is what a mutated test binary may map, in bytes.
	addressSpace = 4 << 30
	// testTimeMin is what the tests get at least before a mutant counts as
	// killed by the clock; otherwise they get testTimeFactor times what they
	// take without a mutant.
	testTimeMin    = 3 * time.Second
	testTimeFactor = 8
	// patience is how many times as long tests that the clock stopped get when
	// they are run once more.
	patience = 4
	// quickTest is how long a test takes at most to be run together with
	// others; a slower one is run alone, after them.
	quickTest = 50 * time.Millisecond
	// killDelay is how long a killed program's output is waited for.
	killDelay = time.Second
)
