package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/policy"
	"github.com/sekisho/sekisho/text"
)

func (a *App) gatePreview(ctx context.Context, by control.Caller, r control.PolicyRequest) (control.Preview, error) {
	a.mu.Lock()
	state := a.state
	a.mu.Unlock()
	c, findings := a.changeTo(state, by, r)
	if len(findings) > 0 {
		return control.Preview{Base: hashOf(state.document(now())), Findings: findings}, nil
	}
	return a.preview(ctx, state, c, &r.Numbers)
}

func (a *App) gateApply(ctx context.Context, by control.Caller, r control.PolicyRequest) (control.Preview, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c, findings := a.changeTo(a.state, by, r)
	if len(findings) > 0 {
		return control.Preview{}, control.NewProblem(control.ExitUsage, "cli.policy.wrong", "", findings[0])
	}
	return a.apply(ctx, by, c, r.Reason, r.Base)
}

func (a *App) gateUndo(ctx context.Context, by control.Caller, r control.PolicyUndoRequest) (control.Preview, error) {
	a.mu.Lock()
	state := a.state
	c, last, err := a.undoing(ctx, by)
	if err != nil || r.Preview {
		a.mu.Unlock()
		if err != nil {
			return control.Preview{}, err
		}
		p, err := a.preview(ctx, state, c, &r.Numbers)
		p.Undoes = &last
		return p, err
	}
	defer a.mu.Unlock()
	p, err := a.apply(ctx, by, c, r.Reason, r.Base)
	p.Undoes = &last
	return p, err
}

// apply puts a change in force whose tests pass. The caller holds a.mu.
func (a *App) apply(
	ctx context.Context, by control.Caller, c change, reason, base string,
) (control.Preview, error) {
	if !a.state.claimed {
		return control.Preview{}, control.NewProblem(control.ExitConflict, "cli.unclaimed", "cli.unclaimed.do")
	}
	if what, bad := policy.CheckReason(reason); bad {
		return control.Preview{}, control.NewProblem(control.ExitUsage, "cli.policy.reason", "", what)
	}
	p, err := a.preview(ctx, a.state, c, nil)
	if err != nil {
		return p, err
	}
	failed := 0
	for _, t := range p.Tests {
		if !t.Passed {
			failed++
		}
	}
	switch {
	case base != "" && base != p.Base:
		return p, control.NewProblem(control.ExitConflict, "cli.policy.moved", "cli.policy.moved.do")
	case len(p.Changes) == 0 && c.text == "":
		return p, control.NewProblem(control.ExitConflict, "cli.policy.nothing", "")
	case failed > 0:
		return p, control.NewProblem(control.ExitFailed, "cli.policy.failed", "cli.policy.failed.do",
			strconv.Itoa(failed), strconv.Itoa(len(p.Tests)))
	}
	c.reason = reason
	err = a.put(ctx, by.Actor(), c)
	p.Applied = err == nil
	return p, err
}

// changeTo is the change from a state to the policy of a text, or what is wrong
// in the text.
func (a *App) changeTo(state settings, by control.Caller, r control.PolicyRequest) (change, []text.Message) {
	d, err := config.ParseGate(r.File, r.Text)
	if wrong, ok := errors.AsType[config.Findings](err); ok {
		out := make([]text.Message, 0, len(wrong))
		for _, f := range wrong {
			out = append(out, f.Message())
		}
		return change{}, out
	}
	at := now()
	c := change{command: "apply", text: r.Text, rules: d}
	c.rules.Openings = nil
	c.rules = c.rules.Normal()
	var out []text.Message
	wrong := func(path string, what text.Key, args ...any) {
		f := config.Finding{
			File: r.File, Line: config.GateLine(r.Text, path), Key: path, What: text.Of(what, args...),
		}
		out = append(out, f.Message())
	}
	for i, b := range d.Budgets {
		path := fmt.Sprintf("budget[%d].until", i)
		switch {
		case !b.Temporary():
		case !b.Expires().After(at):
			wrong(path, "policy.opening.past", policy.FormatTime(b.Expires()))
		case b.Expires().After(at.AddDate(0, 0, policy.OpeningDays)):
			wrong(path, "policy.opening.far", policy.FormatTime(b.Expires()), policy.OpeningDays)
		}
	}
	kept := map[policy.Opening]fact.Opening{}
	for _, o := range state.openings {
		kept[policy.OpeningOf(o)] = o
	}
	extensions := a.phones.Extensions()
	for i, o := range d.Openings {
		path := fmt.Sprintf("opening[%d]", i)
		o.Until = policy.FormatTime(o.Expires())
		_, inForce := kept[o]
		delete(kept, o)
		switch {
		case !o.Expires().After(at):
			wrong(path+".until", "policy.opening.past", o.Until)
		case inForce:
		case o.Expires().After(at.AddDate(0, 0, policy.OpeningDays)):
			wrong(path+".until", "policy.opening.far", o.Until, policy.OpeningDays)
		case !slices.Contains(extensions, o.Extension):
			wrong(path+".extension", "policy.opening.nobody", o.Extension)
		default:
			c.opened = append(c.opened, opening(o, by.Actor(), at))
		}
	}
	for _, o := range state.openings { // in their order
		if _, gone := kept[policy.OpeningOf(o)]; gone && o.Expires.After(at) {
			c.shut = append(c.shut, o)
		}
	}
	if n := len(c.opened) + len(c.shut); n > changedOpeningsMax {
		wrong("opening", "policy.opening.many", n, changedOpeningsMax)
	}
	return c, out
}

// undoing is the change that takes the last one back, with that one. What has
// expired meanwhile stays so, and nobody's extension is opened. The caller
// holds a.mu.
func (a *App) undoing(ctx context.Context, by control.Caller) (change, control.PolicyChange, error) {
	rows, err := a.store.Policies(ctx, 1)
	if err != nil {
		return change{}, control.PolicyChange{}, err
	}
	if len(rows) == 0 {
		p := control.NewProblem(control.ExitNotFound, "cli.policy.nothingtoundo", "")
		return change{}, control.PolicyChange{}, p
	}
	last, at := rows[0], now()
	c := change{command: "undo", rules: a.state.rules}
	if last.Text != "" {
		texts, err := a.store.PolicyTexts(ctx, 2)
		if err != nil {
			return change{}, control.PolicyChange{}, err
		}
		c.text = policy.Format(policy.Document{}.Normal())
		if len(texts) > 1 {
			c.text = texts[1]
		}
		if c.rules, err = rulesOf(c.text); err != nil {
			return change{}, control.PolicyChange{}, fmt.Errorf("the policy before: %w", err)
		}
	}
	c.shut = openingsWith(a.state.openings, last.Opened, at)
	extensions := a.phones.Extensions()
	for _, o := range last.Shut {
		again := policy.OpeningOf(o)
		open := slices.ContainsFunc(a.state.openings, func(p fact.Opening) bool { return policy.OpeningOf(p) == again })
		if o.Expires.After(at) && !open && slices.Contains(extensions, o.Extension) {
			c.opened = append(c.opened, opening(again, by.Actor(), at))
		}
	}
	return c, showChange(last), nil
}

// openingsWith are the openings whose IDs others have, that have not expired.
func openingsWith(list, ids []fact.Opening, at time.Time) []fact.Opening {
	var out []fact.Opening
	for _, o := range list {
		if o.Expires.After(at) && slices.ContainsFunc(ids, func(p fact.Opening) bool { return p.ID == o.ID }) {
			out = append(out, o)
		}
	}
	return out
}
