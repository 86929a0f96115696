package control

import (
	"time"

	"github.com/sekisho/sekisho/fact"
)

// The operations on queues (待ち呼).
var (
	QueueList = Op[None, []Queue]{"queue.list"}
	QueueSet  = Op[fact.QueueSet, None]{"queue.set"} // without Most there is no such queue any more
)

// Queue is a queue as it is set, and how it stands with it.
type Queue struct {
	fact.QueueSet
	Name    string       `json:"name,omitempty"` // of its group
	Waiting []QueueWait  `json:"waiting"`        // whoever is next first
	Agents  []QueueAgent `json:"agents"`
	Counts  QueueCounts  `json:"counts"`
}

// QueueWait is a caller that waits.
type QueueWait struct {
	Call  string    `json:"call"`
	From  string    `json:"from,omitempty"` // its number
	Since time.Time `json:"since"`
	Rings []string  `json:"rings,omitempty"` // extensions that do for it
}

// QueueAgent is an agent of a queue.
type QueueAgent struct {
	Extension string `json:"extension"`
	// Does is "out", "absent", "paused", "rings", "talks", "wraps-up", "unable" or "free".
	Does string `json:"does"`
}

// QueueCounts are what became of callers since the unit began.
type QueueCounts struct {
	Came      int   `json:"came"`
	Answered  int   `json:"answered"`
	InTime    int   `json:"in_time"` // of them, as soon as the service level says
	Abandoned int   `json:"abandoned"`
	TooLong   int   `json:"too_long"`  // waited for as long as anybody may
	Nobody    int   `json:"nobody"`    // no agent was there
	Full      int   `json:"full"`      // as many waited as may
	Messages  int   `json:"messages"`  // left a message
	WaitedMS  int64 `json:"waited_ms"` // by all that were answered
}
