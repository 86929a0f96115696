package unit

import (
	"context"
	"fmt"
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
	if err := sent.wait(ctx); err != nil {
		return err
	}
	return u.closeBooks(ctx)
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
// not known; the session timer bounds it.
func (u *Unit) closeBooks(ctx context.Context) error {
	open, err := u.cfg.Keeper.OpenCalls(ctx)
	if err != nil {
		return fmt.Errorf("read open calls: %w", err)
	}
	now := time.Now().UTC()
	for _, r := range open {
		u.commit(fact.Write{Facts: []fact.Fact{fact.CallEnded{
			Call: r.Call, Ended: now, Reason: "restart", Line: r.Line,
		}}})
	}
	return nil
}
