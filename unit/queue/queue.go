package queue

import (
	"cmp"
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
)

// Caller is who waits.
type Caller struct {
	ID    string // of its call
	Queue string // the number of the group
	// Extension is that of a phone, "" for a line: no phone of it rings.
	Extension string
}

// Office is what queues ask about everything else.
type Office interface {
	// Queue is how a queue is set now, and its group; ok is false where there is none.
	Queue(number string) (set fact.QueueSet, group *fact.Group, ok bool)
	// Agent says how it stands with an extension.
	Agent(extension string) Stand
	// Idle is since when an extension has no call.
	Idle(extension string) time.Time
}

// Stand is how it stands with an agent, beside what queues know themselves.
type Stand struct {
	There   bool // its phone is there, and the unit has not paused it for not answering
	Able    bool // it could ring: it is there, wants calls and is not paused
	Engaged bool // it is in a call
}

// Offer is a caller for whom agents ring.
type Offer struct {
	Caller
	Waves []plan.Wave
}

// Late is a caller that waits no longer.
type Late struct {
	Caller
	Why    Why
	Waited time.Duration
}

// Why says why a caller waits no longer; a stable word.
type Why string

// The reasons.
const (
	Answered  Why = "answered"
	Abandoned Why = "abandoned" // it hung up
	TooLong   Why = "too-long"  // it waited for as long as anybody may
	Nobody    Why = "nobody"    // no agent is there
	Full      Why = "full"      // as many wait as may
	Message   Why = "message"   // it wanted to leave a message
)

// waiting is a caller with what was tried for it.
type waiting struct {
	Caller
	since time.Time
	rings []string // agents that do for it
	tried []string // agents that did, and are not asked again before all others were
}

// agent is what queues know of one.
type agent struct {
	rings  string    // the caller for whom it does, "" for none
	talks  bool      // with a caller of a queue
	queue  string    // of whom it talks with, or did last
	free   time.Time // from when on it may ring
	misses int       // calls that it did not answer, one after the other
}

// Queues are all queues of a unit.
type Queues struct {
	callers []*waiting // in the order in which they came
	agents  map[string]*agent
	turns   map[string]int // by queue: whose turn is next
	counts  map[string]*Counts
}

// New makes queues in which nobody waits.
func New() *Queues {
	return &Queues{agents: map[string]*agent{}, turns: map[string]int{}, counts: map[string]*Counts{}}
}

func (q *Queues) agent(extension string) *agent {
	a := q.agents[extension]
	if a == nil {
		a = &agent{}
		q.agents[extension] = a
	}
	return a
}

func (q *Queues) find(id string) int {
	return slices.IndexFunc(q.callers, func(w *waiting) bool { return w.ID == id })
}

// Enter has a caller wait, behind all who came before; why it can't is "" where it can.
func (q *Queues) Enter(o Office, c Caller, now time.Time) (why Why) {
	set, group, ok := o.Queue(c.Queue)
	if !ok || q.find(c.ID) >= 0 {
		return Nobody
	}
	switch k := q.count(c.Queue); {
	case !there(o, group):
		k.add(Nobody, 0, 0)
		return Nobody
	case q.Waiting(c.Queue) >= min(set.Most, MostMax):
		k.add(Full, 0, 0)
		return Full
	}
	q.callers = append(q.callers, &waiting{Caller: c, since: now})
	return ""
}

// there tells whether an agent of a group is, who could be waited for.
func there(o Office, g *fact.Group) bool {
	return slices.ContainsFunc(g.Members, func(e string) bool {
		return !slices.Contains(g.Out, e) && o.Agent(e).There
	})
}

// Waiting is how many wait in a queue.
func (q *Queues) Waiting(queue string) (n int) {
	for _, w := range q.callers {
		if w.Queue == queue {
			n++
		}
	}
	return n
}

// Anybody tells whether somebody waits anywhere.
func (q *Queues) Anybody() bool { return len(q.callers) > 0 }

// Place is whose turn a caller is, 1 for the next one, 0 for one that does not wait.
func (q *Queues) Place(id string) (n int) {
	i := q.find(id)
	if i < 0 {
		return 0
	}
	for _, w := range q.callers[:i+1] {
		if w.Queue == q.callers[i].Queue {
			n++
		}
	}
	return n
}

// Look says for whom which agents are to ring, and who waits no longer. They do so from
// then on.
func (q *Queues) Look(o Office, now time.Time) (offers []Offer, late []Late) {
	q.settle(o, now)
	for _, w := range slices.Clone(q.callers) {
		if len(w.rings) > 0 {
			continue
		}
		set, group, ok := o.Queue(w.Queue)
		switch {
		case !ok || !there(o, group):
			late = append(late, Late{w.Caller, Nobody, q.Left(w.ID, Nobody, now)})
			continue
		case now.Sub(w.since) >= min(time.Duration(set.WaitSeconds)*time.Second, WaitMax):
			late = append(late, Late{w.Caller, TooLong, q.Left(w.ID, TooLong, now)})
			continue
		}
		if waves := q.choose(o, w, group, now); len(waves) > 0 {
			offers = append(offers, Offer{w.Caller, waves})
		}
	}
	return offers, late
}

// settle lets go of agents who talk with nobody any more, should nobody have said so.
func (q *Queues) settle(o Office, now time.Time) {
	for extension, a := range q.agents {
		if a.talks && !o.Agent(extension).Engaged {
			q.Freed(o, extension, now)
		}
	}
}

// choose has agents ring for a caller.
func (q *Queues) choose(o Office, w *waiting, g *fact.Group, now time.Time) []plan.Wave {
	var able []string
	for _, e := range g.Members {
		if s := o.Agent(e); e != w.Extension && !slices.Contains(g.Out, e) && s.Able && !s.Engaged && q.free(e, now) {
			able = append(able, e)
		}
	}
	fresh := slices.DeleteFunc(slices.Clone(able), func(e string) bool { return slices.Contains(w.tried, e) })
	if len(fresh) == 0 { // all were asked: once more
		fresh, w.tried = able, nil
	}
	waves := plan.Arrange(g, fresh, q.turns[w.Queue], o.Idle)
	if g.Strategy == "" || g.Strategy == fact.RingAll {
		waves = waves[:min(len(waves), AgentsMax)]
	} else {
		waves = waves[:min(len(waves), 1)]
	}
	for i := range waves {
		e := waves[i].Extension
		waves[i].For = cmp.Or(waves[i].For, plan.MemberSeconds*time.Second)
		q.agent(e).rings = w.ID
		w.rings, w.tried = append(w.rings, e), append(w.tried, e)
		q.turns[w.Queue] = slices.Index(g.Members, e) + 1
	}
	return waves
}

// free tells whether nothing of the queues keeps an agent from ringing.
func (q *Queues) free(extension string, now time.Time) bool {
	a := q.agents[extension]
	return a == nil || a.rings == "" && !a.talks && !now.Before(a.free)
}

// quiet has no agent ring for a caller any more.
func (q *Queues) quiet(w *waiting) {
	for _, e := range w.rings {
		if a := q.agents[e]; a.rings == w.ID {
			a.rings = ""
		}
	}
	w.rings = nil
}

// Missed says that no agent has answered a caller. Those of rung did ring; to be paused
// are those who have left too many calls unanswered.
func (q *Queues) Missed(o Office, id string, rung []string, now time.Time) (pause []string) {
	i := q.find(id)
	if i < 0 {
		return nil
	}
	w := q.callers[i]
	set, _, _ := o.Queue(w.Queue)
	for _, e := range w.rings {
		a := q.agent(e)
		a.free = now.Add(MissRest)
		if !slices.Contains(rung, e) {
			continue
		}
		if a.misses++; set.Misses > 0 && a.misses >= set.Misses {
			a.misses = 0
			pause = append(pause, e)
		}
	}
	q.quiet(w)
	return pause
}

// Took says that somebody talks with a caller from now on: an agent, or whoever took its
// call. waited is how long that was.
func (q *Queues) Took(o Office, id, extension string, now time.Time) (waited time.Duration) {
	i := q.find(id)
	if i < 0 {
		return 0
	}
	w := q.callers[i]
	set, group, ok := o.Queue(w.Queue)
	waited = now.Sub(w.since)
	q.count(w.Queue).add(Answered, waited, time.Duration(set.LevelSeconds)*time.Second)
	q.out(i)
	if ok && slices.Contains(group.Members, extension) {
		a := q.agent(extension)
		a.talks, a.misses, a.queue = true, 0, w.Queue
	}
	return waited
}

// Left says that a caller waits no longer, and why.
func (q *Queues) Left(id string, why Why, now time.Time) (waited time.Duration) {
	i := q.find(id)
	if i < 0 {
		return 0
	}
	w := q.callers[i]
	waited = now.Sub(w.since)
	q.count(w.Queue).add(why, waited, 0)
	q.out(i)
	return waited
}

// out takes a caller out.
func (q *Queues) out(i int) {
	q.quiet(q.callers[i])
	q.callers = slices.Delete(q.callers, i, i+1)
}

// Talks tells whether an agent does with a caller of a queue.
func (q *Queues) Talks(extension string) bool {
	a := q.agents[extension]
	return a != nil && a.talks
}

// Freed says that an agent talks with nobody any more: it has the time after a call that
// its queue gives it.
func (q *Queues) Freed(o Office, extension string, now time.Time) {
	a := q.agents[extension]
	if a == nil || !a.talks {
		return
	}
	set, _, _ := o.Queue(a.queue)
	a.talks = false
	a.free = now.Add(min(time.Duration(set.WrapSeconds)*time.Second, WrapMax))
}
