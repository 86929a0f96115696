package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number/book"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/plan"
)

// labelMax is how long the label of a key is, in bytes.
const labelMax = 60

// keySet sets an outside-line key, or takes it away.
func (a *App) keySet(ctx context.Context, by control.Caller, r control.KeySetRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := plan.KeyNumber(r.Key); !ok {
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.key.bad", "", r.Key, plan.KeysMax)
	}
	f := fact.KeySet{Key: r.Key, Line: r.Line, Label: strings.TrimSpace(r.Label), By: by.Actor(), At: now()}
	if len(f.Label) > labelMax || !utf8.ValidString(f.Label) || strings.ContainsFunc(f.Label, unicode.IsControl) {
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.key.label", "", labelMax)
	}
	if r.Line != "" {
		if err := a.checkKey(&f, r.Numbers); err != nil {
			return control.None{}, err
		}
	} else if !a.routed(f.RoutingID()) {
		return control.None{}, control.NewProblem(control.ExitNotFound, "cli.key.none", "cli.key.none.do", r.Key)
	}
	return control.None{}, a.setRouting(ctx, f)
}

// routed tells whether something is set about incoming calls under an ID. The caller
// holds a.mu.
func (a *App) routed(id string) bool {
	return slices.ContainsFunc(a.state.routing, func(f fact.Routed) bool { return f.RoutingID() == id })
}

// checkKey says whether the line of a key is there and has its numbers.
func (a *App) checkKey(f *fact.KeySet, numbers []string) error {
	for _, l := range a.lines.List(f.At) {
		if l.ID != f.Line {
			continue
		}
		for _, n := range numbers {
			n = book.Key(n)
			if !slices.ContainsFunc(l.Numbers, func(of fact.Number) bool { return of.Number == n }) {
				return control.NewProblem(control.ExitNotFound, "cli.mode.nonumber", "cli.mode.nonumber.do", n)
			}
			f.Numbers = append(f.Numbers, n)
		}
		return nil
	}
	return control.NewProblem(control.ExitNotFound, "cli.key.noline", "cli.key.noline.do", f.Line)
}

// keyList lists the keys, the lowest first, with what they show now.
func (a *App) keyList(context.Context, control.Caller, control.None) ([]control.LineKey, error) {
	a.mu.Lock()
	routing := slices.Clone(a.state.routing)
	a.mu.Unlock()
	shows := make(map[string]string)
	lamps, _ := a.unit.Lamps(lampWait) // a loop that is busy is no reason to say nothing
	for _, l := range lamps {
		shows[l.Entity] = l.State.Phase.String()
	}
	out := []control.LineKey{}
	for _, f := range routing {
		k, ok := f.(fact.KeySet)
		if !ok {
			continue
		}
		out = append(out, control.LineKey{
			Key: k.Key, Line: k.Line, Numbers: k.Numbers, Label: k.Label, By: k.By, At: k.At,
			Shows: cmp.Or(shows[k.Key], lamp.Idle.String()),
		})
	}
	slices.SortFunc(out, func(x, y control.LineKey) int {
		n, _ := plan.KeyNumber(x.Key)
		m, _ := plan.KeyNumber(y.Key)
		return n - m
	})
	return out, nil
}
