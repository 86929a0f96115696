package fact

import "time"

// QueueSet says that the callers of a ring group wait until an agent, one of its members,
// is free (待ち呼); without Most they do no more. Where they go who can't wait, or waited
// for too long, is where the group overflows to.
type QueueSet struct {
	Queue        string `json:"queue"` // the number of the group
	Most         int    `json:"most,omitempty"`
	WaitSeconds  int    `json:"wait_seconds,omitempty"`  // for which one waits at most
	EverySeconds int    `json:"every_seconds,omitempty"` // how often a caller hears its place, 0 for once
	Quiet        bool   `json:"quiet,omitempty"`         // it does not hear its place
	WrapSeconds  int    `json:"wrap_seconds,omitempty"`  // for which an agent does not ring after a call
	// Misses is how many calls, one after the other, an agent leaves unanswered before it
	// is paused, 0 for never.
	Misses int `json:"misses,omitempty"`
	// LevelSeconds is how soon a call is to be answered: what is reported as the service
	// level goes by it.
	LevelSeconds int       `json:"level_seconds,omitempty"`
	Mailbox      string    `json:"mailbox,omitempty"` // an extension: with the key 1 a caller leaves it a message
	Lang         string    `json:"lang,omitempty"`    // "ja" or "en", "" for the unit's
	By           string    `json:"by"`
	At           time.Time `json:"at"`
}

// Kind is "queue.set".
func (QueueSet) Kind() string { return "queue.set" }

// RoutingID is one for each queue.
func (f QueueSet) RoutingID() string { return "queue/" + f.Queue }

// Gone tells whether callers wait no more.
func (f QueueSet) Gone() bool { return f.Most == 0 }

// Links ties the queue to what it was before.
func (f QueueSet) Links() Links { return routingLinks(f.RoutingID(), f.By) }
