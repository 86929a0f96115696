package ring

import (
	"context"
	"sync"
	"time"

	"github.com/sekisho/sekisho/alert"
)

// Turn has the channels of a unit call one at a time, and not too often.
type Turn struct {
	now   func() time.Time
	busy  chan struct{} // holds one token while somebody calls
	mu    sync.Mutex
	calls []time.Time // of the last hour, oldest first
}

// NewTurn makes a Turn.
func NewTurn(now func() time.Time) *Turn { return &Turn{now: now, busy: make(chan struct{}, 1)} }

// take waits for the turn; release gives it back. The error is ctx's, or an
// alert.LaterError where there were too many calls.
func (t *Turn) take(ctx context.Context) (release func(), err error) {
	select {
	case t.busy <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	release = func() { <-t.busy }
	if wait := t.count(); wait > 0 {
		release()
		return nil, &alert.LaterError{Wait: wait}
	}
	return release, nil
}

// count counts a call that is about to be made; where that is one too many it
// gives how long to wait.
func (t *Turn) count() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for len(t.calls) > 0 && now.Sub(t.calls[0]) >= time.Hour {
		t.calls = t.calls[1:]
	}
	if len(t.calls) >= HourlyMax {
		return time.Hour - now.Sub(t.calls[0])
	}
	t.calls = append(t.calls, now)
	return 0
}
