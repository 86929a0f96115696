package app

import (
	"context"
	"slices"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/metrics"
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/unit/queue"
)

// queueSet has the callers of a group wait, or wait no more.
func (a *App) queueSet(ctx context.Context, by control.Caller, f fact.QueueSet) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f.By, f.At = by.Actor(), now()
	switch {
	case f.Gone() && !a.routed(f.RoutingID()):
		return control.None{}, control.NewProblem(control.ExitNotFound, "cli.queue.none", "cli.queue.none.do", f.Queue)
	case f.Gone():
	case !a.isGroup(f.Queue):
		return control.None{}, control.NewProblem(control.ExitNotFound,
			"cli.queue.nogroup", "cli.queue.nogroup.do", f.Queue)
	case f.Mailbox != "" && !slices.Contains(a.phones.Extensions(), f.Mailbox):
		return control.None{}, noPhone(f.Mailbox)
	default:
		if err := checkQueue(f); err != nil {
			return control.None{}, err
		}
	}
	return control.None{}, a.setRouting(ctx, f)
}

// checkQueue says what of a queue is beyond its limits.
func checkQueue(f fact.QueueSet) error {
	seconds := func(d time.Duration) int { return int(d / time.Second) }
	for _, n := range []struct {
		flag            string
		is, least, most int
	}{
		{"--most", f.Most, 1, queue.MostMax},
		{"--wait", f.WaitSeconds, queueWaitMin, seconds(queue.WaitMax)},
		{"--every", f.EverySeconds, 0, seconds(queue.WaitMax)},
		{"--wrap-up", f.WrapSeconds, 0, seconds(queue.WrapMax)},
		{"--misses", f.Misses, 0, queue.MissesMax},
		{"--level", f.LevelSeconds, 0, seconds(queue.WaitMax)},
	} {
		if n.is < n.least || n.is > n.most {
			return control.NewProblem(control.ExitUsage, "cli.queue.limit", "", n.flag, n.is, n.least, n.most)
		}
	}
	if f.EverySeconds > 0 && f.EverySeconds < queueEveryMin {
		return control.NewProblem(control.ExitUsage, "cli.queue.every", "", queueEveryMin)
	}
	return nil
}

// queueList tells how it stands with the queues.
func (a *App) queueList(context.Context, control.Caller, control.None) ([]control.Queue, error) {
	all, ok := a.unit.Queues(lampWait)
	if !ok {
		return nil, control.NewProblem(control.ExitFailed, "cli.lamps.busy", "cli.lamps.busy.do")
	}
	out := []control.Queue{}
	for i := range all {
		out = append(out, queueOf(a.unit.Plan(), &all[i]))
	}
	return out, nil
}

func queueOf(p *plan.Plan, s *unit.QueueState) control.Queue {
	set, _, _ := p.Queue(s.Queue)
	q := control.Queue{QueueSet: set, Name: s.Name, Waiting: []control.QueueWait{}, Agents: []control.QueueAgent{}}
	q.Queue = s.Queue
	for i, w := range s.Waiting {
		q.Waiting = append(q.Waiting, control.QueueWait{
			Call: w.Call, From: s.Callers[i], Since: w.Since.UTC(), Rings: w.Rings,
		})
	}
	for _, g := range s.Agents {
		q.Agents = append(q.Agents, control.QueueAgent{Extension: g.Extension, Does: string(g.Phase)})
	}
	k := s.Counts
	q.Counts = control.QueueCounts{
		Came: k.Came, Answered: k.Answered, InTime: k.InTime, Abandoned: k.Abandoned, TooLong: k.TooLong,
		Nobody: k.Nobody, Full: k.Full, Messages: k.Messages, WaitedMS: k.Waited.Milliseconds(),
	}
	return q
}

// measureQueues reads the queues; where the unit's loop does not answer they have no
// figures this time.
func (a *App) measureQueues(s *metrics.Set, now time.Time) {
	all, _ := a.unit.Queues(lampWait)
	for i := range all {
		q := &all[i]
		longest := time.Duration(0)
		if len(q.Waiting) > 0 {
			longest = now.Sub(q.Waiting[0].Since)
		}
		s.Put(metrics.QueueWaiting, float64(len(q.Waiting)), q.Queue)
		s.Put(metrics.QueueLongest, longest.Seconds(), q.Queue)
		free := 0
		for _, g := range q.Agents {
			if g.Phase == queue.Free {
				free++
			}
		}
		s.Put(metrics.QueueFree, float64(free), q.Queue)
		for why, n := range map[queue.Why]int{
			queue.Answered: q.Answered, queue.Abandoned: q.Abandoned, queue.TooLong: q.TooLong,
			queue.Nobody: q.Nobody, queue.Full: q.Full, queue.Message: q.Messages,
		} {
			s.Put(metrics.QueueCalls, float64(n), q.Queue, string(why))
		}
		s.Put(metrics.QueueInTime, float64(q.InTime), q.Queue)
	}
}
