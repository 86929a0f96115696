package app

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// openLines gives the lines that share listeners their end of the stack, and
// the plan all numbers. The others' listeners are opened when the stack runs.
func (a *App) openLines(context.Context) error {
	for _, l := range a.lines.List(time.Now()) {
		if l.Local.Own {
			continue
		}
		if err := a.joinLine(l.ID); err != nil {
			a.log.Error("line left out", "line", l.ID, "err", err)
		}
	}
	return a.refresh()
}

// joinLine ties a line to the stack and the unit.
func (a *App) joinLine(id string) error {
	e, err := a.lines.Endpoint(id, binary.BigEndian.Uint64(random(8)))
	if err != nil {
		return fmt.Errorf("line %s: %w", id, err)
	}
	if a.lines.Site(id) != "" { // its calls go by the connections between sites
		a.tendSiteLines()
		return nil
	}
	listener := lineListeners[e.Transport]
	if e.Local.Own {
		listener = e.Local.Listener
	}
	end, err := a.stack.NewLine(stack.LineConfig{
		ID: id, Listener: listener, Next: e.Next, ContactUser: e.ContactUser,
		Credentials: a.lines.Credentials(id), Session: e.Session,
		Render:   func(d number.Destination) (requestURI, to string, err error) { return a.lines.Render(id, d) },
		LargeTCP: e.Transport != "udp", NoRPort: !e.Profile.Signaling.RPort,
	})
	if err != nil {
		return fmt.Errorf("line %s: %w", id, err)
	}
	a.unit.SetLine(id, end)
	return nil
}

// lineDSCP is the class of the signaling on the socket that lines share: the
// highest that one of them wants at the start; CS3 without any.
func (a *App) lineDSCP() int {
	dscp := 0
	for _, l := range a.lines.List(time.Now()) {
		if !l.Local.Own {
			dscp = max(dscp, l.Local.DSCP)
		}
	}
	if dscp == 0 {
		dscp = signalingDSCP
	}
	return dscp
}

// refreshLines keeps the addresses of the carriers' names fresh, and tries own
// listeners again that could not be opened.
func (a *App) refreshLines(ctx context.Context) {
	for {
		next, err := a.lines.RefreshAddresses(ctx, time.Now())
		if err != nil && ctx.Err() == nil {
			a.log.Warn("a carrier's name is not found", "err", err)
			next = time.Now().Add(linesRetry)
		}
		if retry := time.Now().Add(linesRetry); !a.openOwnLines(ctx) && retry.Before(next) {
			next = retry
		}
		timer := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-a.linesChanged:
			timer.Stop()
		case <-timer.C:
		}
	}
}

func (a *App) lineAdd(ctx context.Context, by control.Caller, r control.LineAddRequest) (control.Line, error) {
	row := fact.Line{
		ID: r.ID, Profile: r.Profile, Registrar: r.Registrar, User: r.User, AreaCode: r.AreaCode, Channels: r.Channels,
		Transport: r.Transport, Sources: r.Sources, Priority: r.Priority, Created: now(), CreatedBy: by.Actor(),
		LocalPort: r.LocalPort, LocalAddr: r.LocalAddr, DSCP: r.DSCP, Forwarded: r.Forwarded,
	}
	if row.AreaCode == "" {
		row.AreaCode = a.options.Config.Plan.AreaCode
	}
	for _, n := range r.Numbers {
		row.Numbers = append(row.Numbers, fact.Number{Number: digitsOf(n.Number), Ring: n.Ring})
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if row.Profile == siteProfile {
		row.Transport = plane.TLS
		if _, err := a.paired(row.Registrar); err != nil {
			return control.Line{}, err
		}
	}
	row, err := a.lines.Seal(row, r.Secret)
	if err == nil {
		err = line.Check(row)
	}
	if err != nil {
		return control.Line{}, control.NewProblem(control.ExitUsage, "cli.line.bad", "", err)
	}
	if err := a.lines.AddWaiting(row); err != nil {
		if errors.Is(err, line.ErrTaken) {
			return control.Line{}, control.NewProblem(control.ExitConflict, "cli.line.exists", "", r.ID)
		}
		return control.Line{}, control.NewProblem(control.ExitUsage, "cli.line.bad", "", err)
	}
	if err := a.keepLine(ctx, row); err != nil {
		e, _ := a.lines.Endpoint(row.ID, 0)
		a.leaveLine(row.ID, e.Local)
		return control.Line{}, errors.Join(err, a.lines.Remove(row.ID), a.refresh())
	}
	a.pokeLines()
	for _, l := range a.listLines() {
		if l.ID == row.ID {
			return l, nil
		}
	}
	return control.Line{}, control.NewProblem(control.ExitNotFound, "cli.line.none", "cli.line.none.do", row.ID)
}

// keepLine makes a new line durable and puts it to work.
func (a *App) keepLine(ctx context.Context, row fact.Line) error {
	if err := a.refresh(); err != nil {
		if key := number.PlanKey(err); key != "" { // all that a line declares here is its area code
			return control.NewProblem(control.ExitUsage, text.Key(key), "", row.AreaCode)
		}
		return control.NewProblem(control.ExitUsage, "cli.line.bad", "", err)
	}
	if err := a.openOwn(ctx, row.ID); err != nil {
		return err
	}
	if err := a.commit(ctx, fact.Write{Facts: []fact.Fact{fact.LineAdded{Line: row}}}); err != nil {
		return err
	}
	return a.joinLine(row.ID)
}

// pokeLines has the addresses of a new line looked up at once.
func (a *App) pokeLines() {
	select {
	case a.linesChanged <- struct{}{}:
	default:
	}
}

func (a *App) lineList(context.Context, control.Caller, control.None) ([]control.Line, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.listLines(), nil
}

func (a *App) listLines() []control.Line {
	warnings := map[string]*text.Message{}
	for _, w := range a.lines.Warnings() {
		if warnings[w.Line] == nil { // the first is the gravest
			warnings[w.Line] = new(text.Of(text.Key(w.Key), w.Line))
		}
	}
	var out []control.Line
	for _, s := range a.lines.List(time.Now()) {
		l := control.Line{
			ID: s.ID, Profile: s.Profile, Registrar: s.Registrar, Channels: s.Channels, InUse: s.InUse,
			Emergency: s.Emergency, State: "up", Warning: warnings[s.ID],
			Local: s.Local.Addr.String(), OwnPort: s.Local.Own, DSCP: s.Local.DSCP,
		}
		if !s.Up {
			l.State, l.Reason = "down", new(s.Why.Message())
		}
		for _, n := range s.Numbers {
			l.Numbers = append(l.Numbers, control.LineNumber{Number: n.Number, Ring: n.Ring})
		}
		out = append(out, l)
	}
	return out
}

func (a *App) lineRemove(ctx context.Context, by control.Caller, r control.LineRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e, err := a.lines.Endpoint(r.ID, 0)
	if err != nil {
		return control.None{}, control.NewProblem(control.ExitNotFound, "cli.line.none", "cli.line.none.do", r.ID)
	}
	gone := fact.LineRemoved{Line: r.ID, By: by.Actor(), At: now()}
	if err := a.commit(ctx, fact.Write{Facts: []fact.Fact{gone}}); err != nil {
		return control.None{}, err
	}
	a.leaveLine(r.ID, e.Local)
	if a.forget(r.ID) {
		a.bind()
	}
	return control.None{}, errors.Join(a.lines.Remove(r.ID), a.refresh())
}

func (a *App) lineTest(ctx context.Context, _ control.Caller, r control.LineRequest) ([]control.Check, error) {
	t, err := a.unit.TestLine(ctx, r.ID)
	if err != nil {
		return nil, control.NewProblem(control.ExitNotFound, "cli.line.none", "cli.line.none.do", r.ID)
	}
	asked := control.Check{
		Name: "options", Result: control.ResultOK,
		Detail: text.Of("check.options.answered", t.Status, t.Took.Round(time.Microsecond)),
	}
	if t.Status == 408 || t.Status == 503 { // anything else is an answer of somebody
		asked.Result, asked.Detail = control.ResultFailed, text.Of("check.options.silent", t.Status)
	}
	checks := []control.Check{asked}
	for _, s := range a.lines.List(time.Now()) {
		if s.ID != r.ID {
			continue
		}
		c := control.Check{Name: "state", Result: control.ResultOK, Detail: text.Of("check.up")}
		if !s.Up {
			c.Result, c.Detail = control.ResultFailed, s.Why.Message()
		}
		e := control.Check{Name: "emergency", Result: control.ResultOK, Detail: text.Of("check.emergency.can")}
		if !s.Emergency {
			e.Result, e.Detail = control.ResultWarning, text.Of(line.WarnNoEmergency, s.ID)
		}
		at := control.Check{Name: "local", Result: control.ResultOK, Detail: localOfLine(s.Local)}
		checks = append(checks, c, e, at)
	}
	return checks, nil
}
