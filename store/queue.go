package store

import (
	"sync"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/fact"
)

// request is an entry on its way, and whom to tell.
type request struct {
	entry chain.Entry
	done  func(error)
}

// queue is what waits for the writer, in the order in which it came.
type queue struct {
	now   chan struct{} // somebody waits, or there is much: write
	later chan struct{} // the first of what has time came

	mu      sync.Mutex
	waiting []request
	spare   []request // the list last taken, for reuse
	out     int       // taken and not yet done
	closed  bool
}

func newQueue() *queue {
	return &queue{now: make(chan struct{}, wakeSize), later: make(chan struct{}, wakeSize)}
}

// put takes a request in, or says at once why not.
func (q *queue) put(r request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return fact.ErrClosed
	case len(q.waiting)+q.out >= queueMax:
		return fact.ErrQueueFull
	}
	q.waiting = append(q.waiting, r)
	switch {
	case !r.entry.Behind || len(q.waiting) == batchMax:
		wake(q.now)
	case len(q.waiting) == 1:
		wake(q.later)
	}
	return nil
}

// take gives everything that waits, and whether nothing more will come. It
// holds its places in the queue until given.
func (q *queue) take() (list []request, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	list, q.waiting, q.spare = q.waiting, q.spare[:0], nil
	q.out = len(list)
	return list, q.closed
}

// given ends a take.
func (q *queue) given(list []request) {
	clear(list)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.spare, q.out = list, 0
}

// close lets nothing more in.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	wake(q.now)
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
