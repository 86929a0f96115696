package gate

import "time"

// What a policy may hold.
const (
	openingsMax   = 10_000
	extensionsMax = 100_000
	linesMax      = 10_000
	hoursMax      = 100

	expectedMost = 16 // openings of an extension that its calls there can be expected by
)

// proofLife is how long a proof is good for: until the call for which it was
// given has been tried on every line.
const proofLife = 5 * time.Minute
