package recorder

import "time"

const (
	checkpointWithin = 50 * time.Second // after any fact: well below the promised 60 s
	checkpointApart  = time.Second      // between two, so that a flood of refusals costs little
	wakeSize         = 1                // one pending wake-up says it all
	keyBytesMax      = 1024
	noteBytesMax     = 1 << 14
)
