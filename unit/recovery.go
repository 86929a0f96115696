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
			if !u.knows(d.Line) { // else the next start tries again
				u.commit(fact.Write{Rows: []fact.Row{fact.LineDialogGone{Call: d.Call, Line: d.Line}}})
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
	return errors.Join(sent.wait(ctx), u.closeBooks(ctx))
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

// wait waits within RecoverGrace.
func (t *tally) wait(ctx context.Context) error {
	timeout := time.NewTimer(RecoverGrace)
	defer timeout.Stop()
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timeout.C:
		return fmt.Errorf("lines took no BYE within %s", RecoverGrace)
	}
}

// hangUpLeft sends the BYE of one stored dialog. Its sequence number leaves
// room for requests that were sent after the dialog was stored.
func (u *Unit) hangUpLeft(sh *stack.Shard, end LineEnd, left fact.LineDialog) {
	gone := fact.Write{Rows: []fact.Row{fact.LineDialogGone{Call: left.Call, Line: left.Line}}}
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
	open, err := u.cfg.Keeper.OpenCalls(ctx, math.MaxInt64, closedAtOnce)
	if err != nil {
		return fmt.Errorf("read open calls: %w", err)
	}
	if len(open) == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	u.closer = &closer{cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(u.closer.ended)
		if err := u.closeAll(ctx, open); err != nil && ctx.Err() == nil {
			u.log.Error("books of earlier calls stay open until the next start", "error", err)
		}
	}()
	return nil
}

// closer is the goroutine that closes books. It ends when all are closed, with
// the first that can't be, or with stop.
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

// closeAll ends calls, and then those that are older, so many at a time: the
// books of the calls there are go on between.
func (u *Unit) closeAll(ctx context.Context, open []fact.CallRecord) (err error) {
	for len(open) > 0 {
		now := time.Now().UTC()
		results := make(chan error, len(open))
		for i := range open {
			u.cfg.Committer.Commit(fact.Write{Behind: true, Facts: []fact.Fact{fact.CallEnded{
				Call: open[i].Call, Ended: now, Reason: "restart", Line: open[i].Line,
			}}}, func(err error) { results <- err })
		}
		for range open {
			select {
			case err := <-results:
				if err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		open, err = u.cfg.Keeper.OpenCalls(ctx, open[len(open)-1].Leaf, closedAtOnce)
		if err != nil {
			return fmt.Errorf("read open calls: %w", err)
		}
	}
	return nil
}
