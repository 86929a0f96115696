package fraud

import "time"

// step is something that will happen.
type step struct {
	at     time.Duration // since the world's start
	order  uint64        // of steps at one instant: first planned, first done
	what   uint8
	call   *call
	stream *stream
	n      int // an attack's channel, or an extension
}

// What steps do.
const (
	stepStream  = iota // a stream's next call
	stepRedial         // somebody tries once more
	stepPhase          // the attack's next phase begins
	stepChannel        // a channel's next call
	stepAnswer
	stepEnd
	stepProof
	stepLapse
	stepKeep
	stepMove
	stepReview
)

// queue is a binary heap of steps, the earliest first.
type queue struct {
	steps []step
	order uint64
}

func (q *queue) add(s step) {
	q.order++
	s.order = q.order
	q.steps = append(q.steps, s)
	i := len(q.steps) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !q.before(i, up) {
			return
		}
		q.steps[i], q.steps[up] = q.steps[up], q.steps[i]
		i = up
	}
}

func (q *queue) before(i, j int) bool {
	a, b := &q.steps[i], &q.steps[j]
	return a.at < b.at || a.at == b.at && a.order < b.order
}

func (q *queue) take() step {
	top := q.steps[0]
	last := len(q.steps) - 1
	q.steps[0] = q.steps[last]
	q.steps[last] = step{}
	q.steps = q.steps[:last]
	for i := 0; ; {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < last; c++ {
			if q.before(c, least) {
				least = c
			}
		}
		if least == i {
			return top
		}
		q.steps[i], q.steps[least] = q.steps[least], q.steps[i]
		i = least
	}
}
