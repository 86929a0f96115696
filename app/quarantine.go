package app

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/quarantine"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/unit/phone"
	"github.com/sekisho/sekisho/unit/plan"
)

// reasonDoubt is the text key of the unit's own reason to set something apart.
const reasonDoubt = "quarantine.doubt"

// quarantineAdd sets something apart: in force at once, then every live call of
// it is cut, then it is waited for that the disk has it. Barring does not wait.
func (a *App) quarantineAdd(
	ctx context.Context, by control.Caller, r control.QuarantineAddRequest,
) (control.QuarantineAdded, error) {
	var none control.QuarantineAdded
	target, err := a.target(r.Kind, r.Value)
	if err != nil {
		return none, err
	}
	reason, err := reasonOf(r.Reason)
	if err != nil {
		return none, err
	}
	if !r.Until.IsZero() && !r.Until.After(now()) {
		return none, control.NewProblem(control.ExitUsage, "cli.gate.past", "", r.Until.Format(time.RFC3339))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.state.apart) >= quarantine.EntriesMax {
		return none, control.NewProblem(control.ExitConflict, "cli.quarantine.toomany", "cli.quarantine.toomany.do",
			strconv.Itoa(quarantine.EntriesMax))
	}
	q := a.newQuarantine(target)
	q.CreatedBy, q.Reason, q.Until = by.Actor(), reason, r.Until.UTC()
	if err := a.setApart(append(slices.Clone(a.state.apart), q)); err != nil {
		return none, err
	}
	written := a.begin(fact.Write{Facts: []fact.Fact{fact.QuarantineSet{Quarantine: q}}})
	cut, err := a.unit.CutCalls(ctx, target, unit.CutOf(q))
	a.log.Warn("set apart", "kind", q.Kind, "quarantine", q.ID, "actor", q.CreatedBy, "cut", cut)
	if lost := written(ctx); lost != nil {
		a.state.unwritten[q.ID] = true
		unkept := control.NewProblem(control.ExitFailed, "cli.quarantine.unkept", "cli.quarantine.unkept.do", lost)
		return none, errors.Join(unkept, err)
	}
	return control.QuarantineAdded{Quarantine: showQuarantine(q), Cut: cut}, err
}

func (a *App) newQuarantine(t quarantine.Target) fact.Quarantine {
	return fact.Quarantine{
		ID: "q-" + hex.EncodeToString(random(4)), Kind: string(t.Kind), Value: t.Value, Created: now(),
	}
}

// setApart puts another list of what is set apart in force.
func (a *App) setApart(list []fact.Quarantine) error {
	before := a.state.apart
	a.state.apart = list
	err := a.refreshPolicy()
	if err != nil {
		a.state.apart = before
	}
	return err
}

// quarantineRelease lets go what is named, once that is written down.
func (a *App) quarantineRelease(
	ctx context.Context, by control.Caller, r control.QuarantineReleaseRequest,
) ([]control.Quarantine, error) {
	reason, err := reasonOf(r.Reason)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var w fact.Write
	var released []control.Quarantine
	keep := slices.DeleteFunc(slices.Clone(a.state.apart), func(q fact.Quarantine) bool {
		gone := q.ID == r.ID || r.ID == "" && q.Kind == r.Kind && q.Value == r.Value
		if gone && a.state.unwritten[q.ID] {
			w.Facts = append(w.Facts, fact.QuarantineSet{Quarantine: q})
		}
		if gone {
			w.Facts = append(w.Facts, fact.QuarantineReleased{ID: q.ID, Reason: reason, By: by.Actor(), At: now()})
			released = append(released, showQuarantine(q))
		}
		return gone
	})
	if len(released) == 0 {
		return nil, control.NewProblem(control.ExitNotFound, "cli.quarantine.none", "cli.quarantine.none.do")
	}
	if err := a.commit(ctx, w); err != nil {
		return nil, err
	}
	for _, q := range released {
		delete(a.state.unwritten, q.ID)
	}
	a.believe(released)
	return released, a.setApart(keep)
}

func (a *App) quarantineList(context.Context, control.Caller, control.None) ([]control.Quarantine, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.apart(), nil
}

// apart lists what is set apart, the oldest first, for who holds a.mu.
func (a *App) apart() []control.Quarantine {
	out := make([]control.Quarantine, 0, len(a.state.apart))
	at := now()
	for _, q := range a.state.apart {
		if quarantine.InForce(&q, at) {
			out = append(out, showQuarantine(q))
		}
	}
	slices.SortStableFunc(out, func(x, y control.Quarantine) int { return x.Since.Compare(y.Since) })
	return out
}

func showQuarantine(q fact.Quarantine) control.Quarantine {
	return control.Quarantine{
		ID: q.ID, Kind: q.Kind, Value: q.Value, Reason: q.Reason, Since: q.Created, Until: q.Until,
		CreatedBy: q.CreatedBy,
	}
}

// callsCut hangs up live calls, and bars nothing.
func (a *App) callsCut(ctx context.Context, by control.Caller, r control.CallsCutRequest) (control.CallsCut, error) {
	target, err := a.target(r.Kind, r.Value)
	if err != nil {
		return control.CallsCut{}, err
	}
	reason, err := reasonOf(r.Reason)
	if err != nil {
		return control.CallsCut{}, err
	}
	cut, err := a.unit.CutCalls(ctx, target, unit.Cut{Rule: unit.CutByOrder, By: by.Actor(), Reason: reason})
	a.log.Warn("calls cut", "kind", r.Kind, "actor", by.Actor(), "cut", cut)
	return control.CallsCut{Cut: cut}, err
}

// reasonOf demands a reason: whoever reads the evidence wants to know it.
func reasonOf(v string) (string, error) {
	v = strings.TrimSpace(v)
	switch {
	case v == "":
		return "", control.NewProblem(control.ExitUsage, "cli.quarantine.noreason", "cli.quarantine.noreason.do")
	case len(v) > quarantine.ReasonMax:
		most := strconv.Itoa(quarantine.ReasonMax)
		return "", control.NewProblem(control.ExitUsage, "cli.quarantine.longreason", "", most)
	}
	return v, nil
}

// target finds what a person means. What is not there is an error: somebody who
// has mistyped must not think that he has stopped anything.
func (a *App) target(kind, value string) (quarantine.Target, error) {
	if kind == string(quarantine.Destination) {
		if areas := number.FindAreas(value); len(areas) == 1 && !strings.HasPrefix(value, "+") {
			value = areas[0].Code
		}
	}
	t, err := quarantine.Parse(quarantine.Kind(kind), value)
	switch {
	case errors.Is(err, quarantine.ErrKind):
		return t, control.NewProblem(control.ExitUsage, "cli.quarantine.kind", "cli.quarantine.kind.do", kind)
	case errors.Is(err, quarantine.ErrDestination):
		return t, control.NewProblem(control.ExitUsage, "cli.quarantine.destination", "cli.quarantine.destination.do",
			value)
	case err != nil:
		named := text.Of(text.Key("quarantine.kind." + kind))
		return t, control.NewProblem(control.ExitUsage, "cli.quarantine.value", "cli.usage.do", named, value)
	}
	switch t.Kind {
	case quarantine.Phone:
		t.Value, err = a.device(value)
		return t, err
	case quarantine.Credential:
		named := func(s phone.Status) bool { return s.User == value }
		if !slices.ContainsFunc(a.phones.Phones(now()), named) {
			return t, noPhone(value)
		}
	case quarantine.Extension:
		if !slices.Contains(a.phones.Extensions(), value) {
			return t, noPhone(value)
		}
	case quarantine.Site:
		named := func(s plan.Site) bool { return s.Name == value }
		if !slices.ContainsFunc(a.unit.Plan().Sites(), named) {
			return t, control.NewProblem(control.ExitNotFound, "cli.site.none", "cli.site.none.do", value)
		}
	case quarantine.Line:
		named := func(s line.Status) bool { return s.ID == value }
		if !slices.ContainsFunc(a.lines.List(now()), named) {
			return t, control.NewProblem(control.ExitNotFound, "cli.line.none", "cli.line.none.do", value)
		}
	}
	return t, nil
}

// setApartDoubted lets nothing out of a unit whose database was put back, until
// a person says what is to be: what was set apart since is not in it (invariant
// G4).
func (a *App) setApartDoubted(ctx context.Context) error {
	if !a.doubted {
		return nil
	}
	q := a.newQuarantine(quarantine.Target{Kind: quarantine.Destination, Value: quarantine.Anywhere})
	q.CreatedBy, q.Reason = "unit", reasonDoubt
	a.state.apart = append(a.state.apart, q)
	return a.note(ctx, fact.Write{Facts: []fact.Fact{fact.QuarantineSet{Quarantine: q}}})
}
