package queue

import (
	"slices"
	"time"
)

// Counts are what became of the callers of a queue since the unit began.
type Counts struct {
	Came      int // those that waited, and those that could not
	Answered  int
	InTime    int // of them: so soon as the service level says
	Abandoned int
	TooLong   int
	Nobody    int
	Full      int
	Messages  int
	Waited    time.Duration // by all that were answered
}

func (q *Queues) count(queue string) *Counts {
	k := q.counts[queue]
	if k == nil {
		k = &Counts{}
		q.counts[queue] = k
	}
	return k
}

// add counts a caller that is there no more. level is how soon is soon enough.
func (k *Counts) add(why Why, waited, level time.Duration) {
	k.Came++
	switch why {
	case Answered:
		k.Answered++
		k.Waited += waited
		if waited <= level {
			k.InTime++
		}
	case Abandoned:
		k.Abandoned++
	case TooLong:
		k.TooLong++
	case Nobody:
		k.Nobody++
	case Full:
		k.Full++
	case Message:
		k.Messages++
	}
}

// Phase is what an agent does; a stable word.
type Phase string

// The phases of agents.
const (
	Out     Phase = "out"    // logged out
	Absent  Phase = "absent" // no phone of it is there
	Paused  Phase = "paused"
	Rings   Phase = "rings"
	Talks   Phase = "talks"
	WrapsUp Phase = "wraps-up" // it has time after a call
	Unable  Phase = "unable"   // it wants no calls, or sends them elsewhere
	Free    Phase = "free"
)

// Report is a queue as it is now.
type Report struct {
	Queue   string
	Waiting []Waits // whoever is next first
	Agents  []Agent // as they stand in the group
	Counts
}

// Waits is a caller in a Report.
type Waits struct {
	Call  string
	Since time.Time
	Rings []string // agents that do for it
}

// Agent is an agent in a Report.
type Agent struct {
	Extension string
	Phase     Phase
}

// Report tells how it stands with a queue.
func (q *Queues) Report(o Office, queue string, paused func(extension string) bool, now time.Time) Report {
	r := Report{Queue: queue}
	if k := q.counts[queue]; k != nil {
		r.Counts = *k
	}
	for _, w := range q.callers {
		if w.Queue == queue {
			r.Waiting = append(r.Waiting, Waits{Call: w.ID, Since: w.since, Rings: slices.Clone(w.rings)})
		}
	}
	_, group, ok := o.Queue(queue)
	if !ok {
		return r
	}
	for _, e := range group.Members {
		a, s := q.agents[e], o.Agent(e)
		p := Free
		switch {
		case slices.Contains(group.Out, e):
			p = Out
		case paused(e):
			p = Paused
		case !s.There:
			p = Absent
		case a != nil && a.rings != "":
			p = Rings
		case s.Engaged:
			p = Talks
		case !s.Able:
			p = Unable
		case !q.free(e, now):
			p = WrapsUp
		}
		r.Agents = append(r.Agents, Agent{e, p})
	}
	return r
}
