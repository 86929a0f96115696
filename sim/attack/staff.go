package attack

import (
	"context"
	"fmt"
	"time"
)

// staff is the office that goes on working.
type staff struct {
	scene Scene
	done  chan struct{}
	tally tally
}

// tally counts the office's calls.
type tally struct {
	domesticTried, domesticOK   int
	emergencyTried, emergencyOK int
	err                         error
}

// startStaff works until ctx ends; a call that is under way is finished.
func startStaff(ctx context.Context, s Scene) *staff {
	w := &staff{scene: s, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for n := 0; w.tally.err == nil; n++ {
			w.turn(context.WithoutCancel(ctx), n)
			select {
			case <-ctx.Done():
				return
			case <-time.After(officePause):
			}
		}
	}()
	return w
}

func (w *staff) wait() tally {
	<-w.done
	return w.tally
}

// turn places one ordinary or emergency call and hangs up after a while.
func (w *staff) turn(ctx context.Context, n int) {
	ctx, cancel := context.WithTimeout(ctx, officeCallMax)
	defer cancel()
	numbers, tried, ok := w.scene.Domestic, &w.tally.domesticTried, &w.tally.domesticOK
	if n%emergencyTurn == 1 {
		numbers, tried, ok = w.scene.Emergency, &w.tally.emergencyTried, &w.tally.emergencyOK
	}
	number := numbers[n%len(numbers)]
	*tried++
	call, _, err := patient(ctx, w.scene.Staff, number)
	if err != nil {
		w.tally.err = fmt.Errorf("the office's call to %s: %w", number, err)
		return
	}
	if call == nil {
		return // tried, but not gone through
	}
	select {
	case <-time.After(talkTime):
	case <-ctx.Done():
	}
	if err := call.Hangup(ctx); err != nil {
		w.tally.err = err
		return
	}
	*ok++
}
