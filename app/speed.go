package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/unit/plan"
)

// setSpeed says what a place of speed dialing leads to. The gate is asked when it is
// dialed, as for whatever is dialed. The caller holds a.mu.
func (a *App) setSpeed(ctx context.Context, f fact.SpeedSet) error {
	if f.Extension != "" && !slices.Contains(a.phones.Extensions(), f.Extension) {
		return noPhone(f.Extension)
	}
	if len(f.Place) != plan.SpeedDigits {
		return control.NewProblem(control.ExitUsage, "cli.speed.place", "", f.Place)
	}
	if f.To != "" {
		to, ok := a.unit.Plan().SpeedTo(digitsOf(f.To))
		if !ok {
			return control.NewProblem(control.ExitUsage, "cli.speed.nowhere", "cli.speed.nowhere.do", f.To)
		}
		f.To = to
	}
	return a.setRouting(ctx, f)
}

// forgetSpeed empties the own places of an extension that has no phone any more. The
// caller holds a.mu.
func (a *App) forgetSpeed(ctx context.Context, extension, by string) error {
	if slices.Contains(a.phones.Extensions(), extension) {
		return nil
	}
	for _, f := range slices.Clone(a.state.routing) {
		if f, ok := f.(fact.SpeedSet); ok && f.Extension == extension {
			f.To, f.By, f.Call, f.At = "", by, "", now()
			if err := a.setRouting(ctx, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// serveSpeed fills a place of the extension that dials, or empties it.
func (a *App) serveSpeed(ctx context.Context, w wish) (prompt string, err error) {
	place, to, _ := w.asked.Place()
	return servicePrompt(to != ""), a.setSpeed(ctx, fact.SpeedSet{
		Extension: w.by.Extension, Place: place, To: to, By: "phone/" + w.by.Device, Call: w.call, At: now(),
	})
}

func (a *App) speedSet(ctx context.Context, by control.Caller, r control.SpeedSetRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return control.None{}, a.setSpeed(ctx, fact.SpeedSet{
		Extension: r.Extension, Place: r.Place, To: r.To, By: by.Actor(), At: now(),
	})
}

func (a *App) speedList(context.Context, control.Caller, control.None) ([]control.Speed, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []control.Speed
	for _, f := range a.state.routing {
		if f, ok := f.(fact.SpeedSet); ok {
			out = append(out, control.Speed{Extension: f.Extension, Place: f.Place, To: f.To, By: f.By, At: f.At})
		}
	}
	slices.SortFunc(out, func(x, y control.Speed) int {
		return cmp.Or(cmp.Compare(x.Extension, y.Extension), cmp.Compare(x.Place, y.Place))
	})
	return out, nil
}

// rememberDialed tells the unit what extensions dialed last before it began.
func (a *App) rememberDialed(ctx context.Context) error {
	calls, err := a.store.Calls(ctx, store.CallFilter{Limit: redialsMax})
	if err != nil {
		return fmt.Errorf("calls: %w", err)
	}
	since := a.phonesSince()
	for _, c := range slices.Backward(calls) {
		if since.has(c.Extension, c.Started) && c.Direction != fact.Incoming {
			a.unit.Dialed(c.Extension, c.To)
		}
	}
	return nil
}
