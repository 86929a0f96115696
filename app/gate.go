package app

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/policy"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
)

func (a *App) gateCheck(_ context.Context, _ control.Caller, r control.GateCheckRequest) (control.GateTrace, error) {
	if !slices.Contains(a.phones.Extensions(), r.From) {
		return control.GateTrace{}, noPhone(r.From)
	}
	if r.At.IsZero() {
		r.At = now()
	}
	t := a.unit.Check(r.Number, r.From, r.At)
	d := t.Destination
	out := control.GateTrace{
		Dialed: r.Number, Class: d.Class.String(), Digits: d.Digits, Area: d.Area, Why: d.Why,
		Internal: t.Kind == "internal", Verdict: t.Kind, Rule: "plan", Status: t.Status,
	}
	if d.Class.Abroad() {
		out.Range = d.Range.String()
	}
	if t.Why != "" && out.Why == "" {
		out.Why = t.Why
	}
	if len(t.Lines) == 0 {
		return out, nil
	}
	first := t.Lines[0]
	for _, l := range t.Lines { // the line that would carry it, if any does
		if l.Carries() {
			first = l
			break
		}
	}
	switch {
	case first.Line == "":
		out.Unavailable = new(text.Of("cli.trace.noline"))
	case first.Fault != nil:
		out.Unavailable = new(control.Explain(first.Fault))
	}
	v := first.Verdict
	out.Line, out.Sent = first.Line, first.RequestURI
	out.Verdict, out.Rule, out.Reason, out.Status = v.Verb.String(), v.Rule, v.Reason, v.Status
	for _, s := range v.Trace {
		out.Steps = append(out.Steps, step(s))
	}
	return out, nil
}

// step shows one rule asked, and what it said.
func step(s gate.Step) control.Step {
	if s.Said == "" {
		return control.Step{Rule: s.Rule, Answer: "none"}
	}
	args := make([]any, len(s.Args))
	for i, a := range s.Args {
		args[i] = a
	}
	out := control.Step{Rule: s.Rule, Answer: s.Verb.String(), Says: new(text.Of(text.Key(s.Said), args...))}
	for _, sign := range s.Signs {
		out.Signs = append(out.Signs, signSays(sign.Name, sign.Figures))
	}
	return out
}

func (a *App) gateOpen(ctx context.Context, by control.Caller, r control.GateOpenRequest) (control.Opening, error) {
	areas := number.FindAreas(r.Area)
	at := now()
	switch {
	case len(areas) != 1:
		p := control.NewProblem(control.ExitNotFound, "cli.gate.noarea", "cli.gate.noarea.do", r.Area)
		return control.Opening{}, p
	case !r.Until.After(at):
		until := r.Until.Format(time.RFC3339)
		return control.Opening{}, control.NewProblem(control.ExitUsage, "cli.gate.past", "", until)
	case r.Until.After(at.AddDate(0, 0, policy.OpeningDays)):
		days := strconv.Itoa(policy.OpeningDays)
		return control.Opening{}, control.NewProblem(control.ExitUsage, "cli.gate.toolong", "", days)
	}
	if what, bad := policy.CheckReason(r.Reason); bad {
		return control.Opening{}, control.NewProblem(control.ExitUsage, "cli.policy.reason", "", what)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.state.claimed {
		return control.Opening{}, control.NewProblem(control.ExitConflict, "cli.unclaimed", "cli.unclaimed.do")
	}
	if !slices.Contains(a.phones.Extensions(), r.Extension) {
		return control.Opening{}, noPhone(r.Extension)
	}
	o := opening(policy.Opening{
		Extension: r.Extension, Area: areas[0].Code, Until: policy.FormatTime(r.Until.Truncate(time.Second)),
		Reason: r.Reason,
	}, by.Actor(), at)
	c := change{command: "open", reason: r.Reason, rules: a.state.rules, opened: []fact.Opening{o}}
	if err := a.put(ctx, by.Actor(), c); err != nil {
		return control.Opening{}, err
	}
	return showOpening(o), nil
}

func showOpening(o fact.Opening) control.Opening {
	return control.Opening{
		ID: o.ID, Extension: o.Extension, Area: o.Area, Until: o.Expires, CreatedBy: o.CreatedBy, Reason: o.Reason,
	}
}

// gateShut takes openings out of force first and writes it down then: barring
// does not wait for a disk.
func (a *App) gateShut(ctx context.Context, by control.Caller, r control.GateShutRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	area := r.Area
	if found := number.FindAreas(r.Area); len(found) == 1 {
		area = found[0].Code
	}
	var gone []fact.Opening
	for _, o := range a.state.openings {
		if o.ID == r.ID || r.ID == "" && o.Extension == r.Extension && (area == "" || o.Area == area) {
			gone = append(gone, o)
		}
	}
	if len(gone) == 0 {
		return control.None{}, control.NewProblem(control.ExitNotFound, "cli.gate.noopening", "")
	}
	var all error
	for some := range slices.Chunk(gone, changedOpeningsMax) {
		c := change{command: "shut", reason: r.Reason, rules: a.state.rules, shut: some}
		all = errors.Join(all, a.put(ctx, by.Actor(), c))
	}
	return control.None{}, all
}

func (a *App) gateList(context.Context, control.Caller, control.None) ([]control.Opening, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []control.Opening
	for _, o := range a.state.openings {
		out = append(out, showOpening(o))
	}
	return out, nil
}
