package peer

import "time"

const (
	// startTimeout bounds how long a program may take until its sockets stand.
	startTimeout = 20 * time.Second
	// stopTimeout is how long a program may take to end by itself before it is killed.
	stopTimeout = 3 * time.Second
	// pollPeriod is the time between two looks at something that has no event.
	pollPeriod = 20 * time.Millisecond
	// transcriptLines is how many lines of a program's output are kept.
	transcriptLines = 200_000
	// controlMessageMax bounds one netstring of baresip's control connection.
	controlMessageMax = 64 << 10
	// eventsMax is how many of baresip's events are kept.
	eventsMax = 10_000
)
