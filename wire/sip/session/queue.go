package session

// Queue lends the sessions of one loop the room for their effects, so that
// each need not have its own. The zero Queue is ready to use.
type Queue struct{ free [][]Effect }

// take gives empty room.
func (q *Queue) take() []Effect {
	if q == nil || len(q.free) == 0 {
		return make([]Effect, 0, effectsHint)
	}
	n := len(q.free) - 1
	e := q.free[n]
	q.free = q.free[:n]
	return e
}

// give takes room back, and forgets what was in it.
func (q *Queue) give(e []Effect) {
	clear(e)
	if q != nil && e != nil && cap(e) <= effectsMax && len(q.free) < queueMax {
		q.free = append(q.free, e[:0])
	}
}
