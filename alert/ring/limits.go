package ring

import "time"

// Limits of alerts by telephone.
const (
	// NumbersMax is how many numbers one channel has.
	NumbersMax = 4
	// TriesMax is how often each may be called.
	TriesMax = 10
	// HourlyMax is how many such calls a unit makes in an hour, over all channels.
	HourlyMax = 12
	// ItemsMax is how many alerts are told in one call; the count of those that
	// wait is told with each.
	ItemsMax = 9
	// CallTimeMax bounds one call, from its first ring.
	CallTimeMax = 6 * time.Minute
	// waitMax bounds the wait of a test alert for a call that goes on.
	waitMax = 30 * time.Second
)
