package app

import (
	"context"
	"slices"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// ownListeners lists the listeners that lines have to themselves, but for one
// line's.
func (a *App) ownListeners(but string) []plane.Listener {
	var out []plane.Listener
	for _, l := range a.lines.List(time.Now()) {
		if l.Local.Own && l.ID != but {
			out = append(out, ownListener(l.Local))
		}
	}
	return out
}

func ownListener(l line.Local) plane.Listener {
	return plane.Listener{
		Name: l.Listener, Plane: plane.Voice, Transport: plane.UDP, Addr: l.Addr, DSCP: l.DSCP,
	}
}

// openOwn opens the listener of a line that is to have one to itself. It never
// shares a port with another listener of ours: the kernel would deal their
// datagrams out between them.
func (a *App) openOwn(ctx context.Context, id string) error {
	e, err := a.lines.Endpoint(id, 0)
	if err != nil || !e.Local.Own {
		return err
	}
	want := ownListener(e.Local)
	others := slices.Concat(a.voice, a.ownListeners(id))
	if taken, ok := plane.Overlap(want.Addr, others); ok {
		return control.NewProblem(control.ExitConflict, "cli.line.port.taken", "cli.line.port.taken.do",
			id, want.Addr.String(), taken.Name, taken.Addr.String())
	}
	if err := a.checkPlanes(append(others, want)); err != nil {
		return err
	}
	_, err = a.stack.OpenListener(ctx, stack.Listener{
		Name: want.Name, Side: stack.LineSide, Transport: want.Transport, Address: want.Addr, DSCP: want.DSCP,
		RPort: true, Timers: e.Profile.Timers(),
	})
	if err != nil {
		return control.NewProblem(control.ExitFailed, "cli.line.port.failed", "cli.line.port.failed.do",
			id, want.Addr.String(), err)
	}
	return nil
}

// openOwnLines puts the lines to work whose own listeners are not open yet,
// and reports whether all are now. One whose address is not there, as before a
// network card has one, is tried again.
func (a *App) openOwnLines(ctx context.Context) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := true
	for _, l := range a.lines.List(time.Now()) {
		if !l.Local.Own || a.stack.Line(l.ID) != nil {
			continue
		}
		err := a.openOwn(ctx, l.ID)
		if err == nil {
			err = a.joinLine(l.ID)
		}
		if err != nil {
			all = false
			a.log.Error("line left out for now", "line", l.ID, "err", err)
			a.lines.Fault(l.ID, line.WhyPort, time.Now())
		}
	}
	return all
}

// leaveLine takes a line from the unit and the stack; calls on it go on.
func (a *App) leaveLine(id string, at line.Local) {
	a.unit.SetLine(id, nil)
	a.stack.RemoveLine(id)
	if at.Own {
		a.stack.CloseListener(at.Listener)
	}
}

// localOfLine is where a line speaks from, for people.
func localOfLine(l line.Local) text.Message {
	key := text.Key("check.local.own")
	if !l.Own {
		key = "check.local.shared"
	}
	return text.Of(key, l.Addr, l.DSCP)
}
