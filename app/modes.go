package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
)

// setRouting puts a setting about incoming calls in force once its fact is on
// disk; one with which the plan does not work is not put in force. The caller
// holds a.mu.
func (a *App) setRouting(ctx context.Context, f fact.Routed, rows ...fact.Row) error {
	before := a.state.routing
	after := slices.DeleteFunc(slices.Clone(before), func(o fact.Routed) bool { return o.RoutingID() == f.RoutingID() })
	if f.Gone() && len(after) == len(before) {
		return nil // nothing of that was set
	}
	if !f.Gone() {
		after = append(after, f)
	}
	a.state.routing = after
	if err := a.refresh(); err != nil {
		a.state.routing = before
		return control.NewProblem(control.ExitUsage, "cli.mode.bad", "cli.mode.bad.do", err)
	}
	if err := a.commit(ctx, fact.Write{Facts: []fact.Fact{f}, Rows: rows}); err != nil {
		a.state.routing = before
		return errors.Join(err, a.refresh())
	}
	return nil
}

// checkScope says whether something is a number of ours, or the whole unit.
func (a *App) checkScope(scope string) error {
	if scope == fact.ScopeUnit || slices.Contains(a.ownNumbers(), scope) {
		return nil
	}
	return control.NewProblem(control.ExitNotFound, "cli.mode.nonumber", "cli.mode.nonumber.do", scope)
}

// ownNumbers are the numbers of all lines.
func (a *App) ownNumbers() []string {
	var out []string
	for _, l := range a.lines.List(time.Now()) {
		for _, n := range l.Numbers {
			out = append(out, n.Number)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (a *App) modeSet(ctx context.Context, by control.Caller, r control.ModeSetRequest) (control.Mode, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.checkScope(r.Scope); err != nil {
		return control.Mode{}, err
	}
	f := fact.ModeSwitched{Scope: r.Scope, Mode: r.Mode, By: by.Actor(), At: now()}
	if !r.Stay {
		f.Until = utcOf(a.unit.Plan().NextChange(r.Scope, f.At))
	}
	if err := a.setRouting(ctx, f); err != nil {
		return control.Mode{}, err
	}
	return a.modeOf(r.Scope, now()), nil
}

func utcOf(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}

func (a *App) modeHours(ctx context.Context, by control.Caller, r control.ModeHoursRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.checkScope(r.Scope); err != nil {
		return control.None{}, err
	}
	return control.None{}, a.setRouting(ctx, fact.HoursSet{
		Scope: r.Scope, Hours: r.Hours, Otherwise: r.Otherwise, By: by.Actor(), At: now(),
	})
}

func (a *App) modeRings(ctx context.Context, by control.Caller, r control.ModeRingsRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.checkScope(r.Scope); err != nil {
		return control.None{}, err
	}
	for _, n := range r.Ring {
		if err := a.checkRings(n); err != nil {
			return control.None{}, err
		}
	}
	return control.None{}, a.setRouting(ctx, fact.RingsSet{
		Scope: r.Scope, Mode: r.Mode, Ring: r.Ring, By: by.Actor(), At: now(),
	})
}

func (a *App) dayMark(ctx context.Context, by control.Caller, r control.DayMarkRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return control.None{}, a.setRouting(ctx, fact.DayMarked{
		Date: r.Date, As: r.As, Name: r.Name, By: by.Actor(), At: now(),
	})
}

// dayList lists the days of a year that are closed, and those that a person
// opened.
func (a *App) dayList(_ context.Context, _ control.Caller, r control.DayListRequest) ([]control.Day, error) {
	a.mu.Lock()
	routing := slices.Clone(a.state.routing)
	a.mu.Unlock()
	marked := map[string]fact.DayMarked{}
	for _, f := range routing {
		if d, ok := f.(fact.DayMarked); ok {
			marked[d.Date] = d
		}
	}
	var out []control.Day
	for at := time.Date(r.Year, 1, 1, 12, 0, 0, 0, time.UTC); at.Year() == r.Year; at = at.AddDate(0, 0, 1) {
		d := control.Day{
			Date: at.Format(time.DateOnly), Weekday: strings.ToLower(at.Weekday().String()[:3]), As: fact.DayClosed,
		}
		m, ok := marked[d.Date]
		if ok {
			d.As, d.Name, d.By, d.Marked = m.As, m.Name, m.By, true
		}
		if ok || plan.Closed(at.Date()) {
			out = append(out, d)
		}
	}
	return out, nil
}

// modeList lists the unit's mode, then those of numbers that have something of
// their own.
func (a *App) modeList(context.Context, control.Caller, control.None) ([]control.Mode, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := []control.Mode{a.modeOf(fact.ScopeUnit, now())}
	for _, n := range a.ownNumbers() {
		m := a.modeOf(n, now())
		if m.From == "" || len(m.Rings) > 0 {
			out = append(out, m)
		}
	}
	return out, nil
}

// modeOf is the mode of a scope. The caller holds a.mu.
func (a *App) modeOf(scope string, at time.Time) control.Mode {
	n := a.unit.Plan().Mode(scope, at)
	why := map[plan.Why]string{plan.ByNothing: "nothing", plan.ByTimetable: "timetable", plan.ByPerson: "person"}
	m := control.Mode{Scope: scope, Mode: n.Mode.String(), Why: why[n.Why], By: n.By.By, At: n.By.At, Until: n.Until}
	if n.Scope != scope {
		m.From = n.Scope
	}
	for _, f := range a.state.routing {
		switch f := f.(type) {
		case fact.HoursSet:
			if f.Scope == scope {
				m.Hours, m.Otherwise = f.Hours, f.Otherwise
			}
		case fact.RingsSet:
			if f.Scope == scope {
				if m.Rings == nil {
					m.Rings = map[string][]string{}
				}
				m.Rings[f.Mode] = f.Ring
			}
		}
	}
	return m
}
