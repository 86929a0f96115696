package queue

import "time"

// Limits of queues.
const (
	// MostMax is how many callers wait in one queue at most, and WaitMax for how long.
	MostMax = 100
	WaitMax = time.Hour
	// WrapMax is how long an agent has after a call at most.
	WrapMax = 10 * time.Minute
	// MissesMax is how many calls an agent leaves unanswered at most before it is paused,
	// where it is paused for that at all.
	MissesMax = 20
	// AgentsMax is how many agents ring for one caller at once.
	AgentsMax = 16
	// MissRest is how long an agent that did not answer is left alone.
	MissRest = 5 * time.Second
)
