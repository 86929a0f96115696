package prover

// Limits.
const (
	queueMax = 64 // PINs that wait to be compared
	drawsMax = 64 // times that a PIN is drawn until it is not trivial

	// GeneratedDigits is how long a PIN is that the unit draws.
	GeneratedDigits = 8

	// What one hash costs (RFC 9106 §4): some 30 ms of a core.
	hashPasses  = 2
	hashKiB     = 19 << 10
	hashThreads = 1
	hashBytes   = 32
	saltBytes   = 16
)
