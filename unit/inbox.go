package unit

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// inbox is what other goroutines tell a call: verdicts, events of its media,
// that it must end. It has a seat in the shard's mailbox, so that nothing is
// lost because others have filled that: a call that is not told would hang, or
// go on at somebody's cost.
type inbox struct {
	seat   stack.Seat
	mu     sync.Mutex
	told   []func()
	posted bool // open waits in the seat
}

// tell has f run on the call's loop, from any goroutine, in the order of
// telling. It is never refused; on a stopped stack f does not run. What may be
// told is bounded by what the call asked for: a verdict and a stored dialog
// for each leg, an end; and DigitsWaiting digits.
func (c *liveCall) tell(f func()) {
	b := &c.inbox
	b.mu.Lock()
	b.told = append(b.told, f)
	post := !b.posted
	b.posted = true
	b.mu.Unlock()
	if post {
		b.seat.Post(c.open)
	}
}

// open does what the call was told.
func (c *liveCall) open(*stack.Shard) {
	b := &c.inbox
	b.mu.Lock()
	told := b.told
	b.told, b.posted = nil, false
	b.mu.Unlock()
	for _, f := range told {
		f()
	}
}

// post gives the call an input, from any goroutine. Only digits are dropped,
// and only when more wait than anybody types.
func (c *liveCall) post(in call.Input) {
	if in.Event == call.Digit {
		c.inbox.mu.Lock()
		many := len(c.inbox.told) >= DigitsWaiting
		c.inbox.mu.Unlock()
		if many {
			return
		}
	}
	c.tell(func() { c.input(in) })
}

// onLoop has f run on a shard's loop, from a goroutine that may wait: while
// its mailbox is full it is tried again, until ctx ends.
func onLoop(ctx context.Context, sh *stack.Shard, f func(sh *stack.Shard)) error {
	for !sh.Post(f) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("shard %d takes nothing: %w", sh.ID(), ctx.Err())
		case <-time.After(PostPause):
		}
	}
	return nil
}
