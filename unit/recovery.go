package unit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/wire/sip/dialog"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// recover hangs up what a process that died had left on the lines, and closes
// the books of its calls. It returns when every BYE was handed to its line;
// their answers are not waited for, but only then a stored dialog is forgotten.
// Nor does it wait for the books.
func (u *Unit) recover(ctx context.Context) error {
	if u.cfg.Keeper == nil {
		return nil
	}
	dialogs, err := u.cfg.Keeper.LineDialogs(ctx)
	if err != nil {
		return fmt.Errorf("read line dialogs: %w", err)
	}
	sent := newTally(len(dialogs))
	for _, d := range dialogs {
		end, ok := u.end(d.Line)
		if !ok {
			u.log.Warn("call was left on a line that can't be spoken on", "call", d.Call, "line", d.Line)
			// Another site ends its own leg. Else, where the line is known, the next start
			// tries again.
			if !u.knows(d.Line) || u.cfg.Lines.Site(d.Line) != "" {
				u.commit(fact.Write{Rows: []fact.Row{fact.LineDialogGone{Call: d.Call, Line: d.Line, Leg: d.Leg}}})
			}
			sent.one()
			continue
		}
		err := onLoop(ctx, u.stack.Shard(0), func(sh *stack.Shard) {
			u.hangUpLeft(sh, end, d)
			sent.one()
		})
		if err != nil {
			return fmt.Errorf("hang up call %s on line %s: %w", d.Call, d.Line, err)
		}
	}
	return errors.Join(sent.wait(ctx, RecoverGrace), u.closeBooks(ctx))
}

// knows reports whether a line is set up, though perhaps not spoken on.
func (u *Unit) knows(id string) bool {
	return slices.ContainsFunc(u.cfg.Lines.List(time.Now()), func(s line.Status) bool { return s.ID == id })
}

// tally counts down what others do.
type tally struct {
	left atomic.Int64
	done chan struct{}
}

func newTally(n int) *tally {
	t := &tally{done: make(chan struct{})}
	t.left.Store(int64(n))
	if n == 0 {
		close(t.done)
	}
	return t
}

func (t *tally) one() {
	if t.left.Add(-1) == 0 {
		close(t.done)
	}
}

// wait waits, so long at most.
func (t *tally) wait(ctx context.Context, most time.Duration) error {
	timeout := time.NewTimer(most)
	defer timeout.Stop()
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timeout.C:
		return fmt.Errorf("%d calls are still to be hung up after %s", t.left.Load(), most)
	}
}

// hangUpLeft sends the BYE of one stored dialog. Its sequence number leaves
// room for requests that were sent after the dialog was stored.
func (u *Unit) hangUpLeft(sh *stack.Shard, end LineEnd, left fact.LineDialog) {
	gone := fact.Write{Rows: []fact.Row{fact.LineDialogGone{Call: left.Call, Line: left.Line, Leg: left.Leg}}}
	d := &dialog.Dialog{
		ID:    dialog.ID{CallID: left.CallID, LocalTag: left.LocalTag, RemoteTag: left.RemoteTag},
		Local: left.LocalURI, Remote: left.RemoteURI, Target: left.Target, Routes: left.Routes,
		LocalSeq: left.LocalSeq + SeqJump, Confirmed: true,
	}
	at := edge.Target{Transport: left.Transport, Addr: left.Remote}
	err := end.Hangup(sh, d, at, `SIP;cause=500;text="Unit restarted"`, func(_ *stack.Shard, r stack.Result) {
		u.log.Info("call left on a line is hung up", "call", left.Call, "line", left.Line, "status", r.Status)
		u.commit(gone)
	})
	if err != nil {
		u.log.Warn("call left on a line not hung up", "call", left.Call, "line", left.Line, "error", err)
		u.commit(gone)
	}
}

// closeBooks ends the calls that no process ended. When they really ended is
// not known; the session timer bounds it. The newest are read before calls are
// let in, so that what follows is older than all of ours; the rest is done
// beside them.
func (u *Unit) closeBooks(ctx context.Context) error {
	newest, err := u.cfg.Keeper.OpenCalls(ctx, math.MaxInt64, 1)
	if err != nil {
		return fmt.Errorf("read open calls: %w", err)
	}
	if len(newest) == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	u.closer = &closer{cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(u.closer.ended)
		u.closeAll(ctx, newest[0].Leaf+1)
	}()
	return nil
}

// closer is the goroutine that closes books. It ends when all are closed, or
// with stop.
type closer struct {
	cancel context.CancelFunc
	ended  chan struct{}
}

func (c *closer) stop() {
	if c != nil {
		c.cancel()
		<-c.ended
	}
}

// closeAll closes the books below a leaf. As long as some can't be closed it
// tries those again, more and more seldom: what is not recorded when a store
// takes nothing is recorded when it does.
func (u *Unit) closeAll(ctx context.Context, below uint64) {
	for pause := closePauseMin; ; pause = min(2*pause, closePauseMax) {
		err := u.closeBelow(ctx, below)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && pause > closePauseMin:
			u.log.Info("books of earlier calls are closed after all")
			return
		case err == nil:
			return
		case pause == closePauseMin:
			u.log.Error("books of earlier calls are still open; tried again until they are closed", "error", err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// closeBelow ends each open call below a leaf once, so many at a time: the books
// of the calls there are go on between. It gives up where none of those can be
// ended. The error is that of the first that is left open.
func (u *Unit) closeBelow(ctx context.Context, below uint64) (first error) {
	for {
		open, err := u.cfg.Keeper.OpenCalls(ctx, below, closedAtOnce)
		if err != nil {
			return fmt.Errorf("read open calls: %w", err)
		}
		if len(open) == 0 {
			return first
		}
		failed, err := u.endLeft(ctx, open)
		if first == nil {
			first = err
		}
		if failed == len(open) || ctx.Err() != nil {
			return first
		}
		below = open[len(open)-1].Leaf
	}
}

// endLeft ends calls that a process left, and tells how many it could not, and
// why the first of them.
func (u *Unit) endLeft(ctx context.Context, open []fact.CallRecord) (failed int, first error) {
	now := time.Now().UTC()
	results := make(chan error, len(open))
	for i := range open {
		f := fact.CallEnded{
			Call: open[i].Call, Ended: now, Reason: "restart", Line: open[i].Line, Settled: unanswered(&open[i]),
		}
		u.cfg.Committer.Commit(fact.Write{Behind: true, Facts: []fact.Fact{f}}, func(err error) { results <- err })
	}
	for range open {
		select {
		case err := <-results:
			if err == nil {
				continue
			}
			if failed++; first == nil {
				first = err
			}
		case <-ctx.Done():
			return failed, ctx.Err()
		}
	}
	return failed, first
}

// unanswered gives the money back that a call had set aside which no line
// answered. A line's answer is on disk before it is acknowledged, so what the
// line may bill of one that is not is the half minute until it gives up (RFC 3261
// §13.3.1.4). What an answered call had set aside counts as spent: nobody knows
// when the line missed us.
func unanswered(r *fact.CallRecord) (back []fact.Settlement) {
	if !r.Answered.IsZero() {
		return nil
	}
	for _, leg := range r.Held {
		back = append(back, fact.Settlement{Leg: leg})
	}
	return back
}
