package digest

import "time"

// Limits of what is read and kept.
const (
	// FieldMax is the longest header value read, in bytes.
	FieldMax = 2048
	// ParamsMax is how many parameters one value may have.
	ParamsMax = 32
	// WindowNonces is how many nonces of one credential a Window remembers.
	WindowNonces = 256
	// WindowCounts is how far behind the highest nonce count a late request
	// may come and still be told apart from a replay.
	WindowCounts = 64
	// ClockSkew is how far in the future a nonce of our own may lie: clocks
	// are set back, and several nodes share one key.
	ClockSkew = 2 * time.Second
)
