package plan

import (
	"fmt"
	"slices"

	"github.com/sekisho/sekisho/fact"
)

// addQueue takes a queue. One whose group is gone is no fault: nobody waits there.
func (p *Plan) addQueue(f fact.QueueSet) error {
	if _, ok := p.groups[f.Queue]; !ok {
		return nil
	}
	seconds := []int{f.WaitSeconds, f.EverySeconds, f.WrapSeconds, f.LevelSeconds}
	switch {
	case len(p.queues) == QueuesMax:
		return fmt.Errorf("queue %s: there are %d already", f.Queue, QueuesMax)
	case f.Most < 1 || f.Misses < 0 || slices.Min(seconds) < 0:
		return fmt.Errorf("queue %s: a number is negative", f.Queue)
	case f.Lang != "" && f.Lang != "ja" && f.Lang != "en":
		return fmt.Errorf("queue %s: no language %.8q", f.Queue, f.Lang)
	}
	p.queues[f.Queue] = f
	return nil
}

// Queue is the queue of a group's number, and the group.
func (p *Plan) Queue(number string) (f fact.QueueSet, g *fact.Group, ok bool) {
	if f, ok = p.queues[number]; !ok {
		return f, nil, false
	}
	group := p.groups[number]
	return f, &group, true
}

// Queues are the numbers of all queues, in order.
func (p *Plan) Queues() []string {
	numbers := make([]string, 0, len(p.queues))
	for n := range p.queues {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return numbers
}
