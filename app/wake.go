package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/plan"
)

// promptWakeUp is what whoever is woken hears, promptWoken when 1 was pressed.
const (
	promptWakeUp = "wake-up"
	promptWoken  = "service-off"
)

// setWakeUp says when an extension is woken. The caller holds a.mu.
func (a *App) setWakeUp(ctx context.Context, f fact.WakeUpSet) error {
	if !slices.Contains(a.phones.Extensions(), f.Extension) {
		return noPhone(f.Extension)
	}
	if f.Clock != "" {
		clock, err := plan.ParseClock(f.Clock)
		if err != nil {
			return control.NewProblem(control.ExitUsage, "cli.wake.clock", "", f.Clock)
		}
		f.Clock, f.Next = clock, plan.NextClock(clock, f.At)
	}
	if err := a.setRouting(ctx, f); err != nil {
		return err
	}
	select {
	case a.wakes <- struct{}{}:
	default: // it is looked at anyway
	}
	return nil
}

// serveWakeUp sets when the extension that dials is woken, or has it not be woken.
func (a *App) serveWakeUp(ctx context.Context, w wish) (prompt string, err error) {
	f := fact.WakeUpSet{
		Extension: w.by.Extension, Clock: w.asked.Digits, Daily: w.asked.Action == plan.WakeUpDaily,
		By: "phone/" + w.by.Device, Call: w.call, At: now(),
	}
	if w.asked.Action != plan.WakeUpOff {
		return servicePrompt(true), a.setWakeUp(ctx, f)
	}
	for _, f.Daily = range []bool{false, true} {
		if err := a.setWakeUp(ctx, f); err != nil {
			return "", err
		}
	}
	return servicePrompt(false), nil
}

func (a *App) wakeSet(ctx context.Context, by control.Caller, r control.WakeSetRequest) (control.WakeUp, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := fact.WakeUpSet{Extension: r.Extension, Daily: r.Daily, Clock: r.Clock, By: by.Actor(), At: now()}
	if err := a.setWakeUp(ctx, f); err != nil {
		return control.WakeUp{}, err
	}
	for _, set := range a.wakeUps() {
		if set.RoutingID() == f.RoutingID() {
			return wakeUpOf(set), nil
		}
	}
	return control.WakeUp{Extension: r.Extension, Daily: r.Daily}, nil
}

func wakeUpOf(f fact.WakeUpSet) control.WakeUp {
	return control.WakeUp{Extension: f.Extension, Daily: f.Daily, Clock: f.Clock, Next: f.Next, By: f.By}
}

// wakeUps are all that are set, the next one first. The caller holds a.mu.
func (a *App) wakeUps() (out []fact.WakeUpSet) {
	for _, f := range a.state.routing {
		if f, ok := f.(fact.WakeUpSet); ok {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(x, y fact.WakeUpSet) int {
		return cmp.Or(x.Next.Compare(y.Next), cmp.Compare(x.RoutingID(), y.RoutingID()))
	})
	return out
}

func (a *App) wakeList(context.Context, control.Caller, control.None) ([]control.WakeUp, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []control.WakeUp
	for _, f := range a.wakeUps() {
		out = append(out, wakeUpOf(f))
	}
	return out, nil
}

// wakePeople calls whoever is to be woken, until ctx ends.
func (a *App) wakePeople(ctx context.Context) {
	free := make(chan struct{}, wakesAtOnce)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.wakes:
		case <-timer.C:
		}
		due, next := a.wakeUpsDue(ctx)
		for _, f := range due {
			select {
			case free <- struct{}{}:
			case <-ctx.Done():
				return
			}
			a.wait.Go(func() {
				defer func() { <-free }()
				a.wake(ctx, f)
			})
		}
		timer.Reset(next)
	}
}

// wakeUpsDue takes the ones whose time has come, and says when to look again. One that
// was missed for long, because the unit did not run, is not made up for.
func (a *App) wakeUpsDue(ctx context.Context) (due []fact.WakeUpSet, next time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, next := now(), wakeCheck
	for _, f := range a.wakeUps() {
		if f.Next.After(at) {
			next = min(next, f.Next.Sub(at))
			continue
		}
		if at.Sub(f.Next) <= wakeLateMax {
			due = append(due, f)
		} else {
			a.log.Warn("nobody was woken: the unit did not run", "extension", f.Extension, "at", f.Next)
		}
		f.By, f.Call, f.At = "unit", "", at
		if f.Daily {
			f.Next = plan.NextClock(f.Clock, at)
		} else {
			f.Clock, f.Next = "", time.Time{}
		}
		if err := a.setRouting(ctx, f); err != nil {
			a.log.Error("a wake-up call is not off the books", "extension", f.Extension, "err", err)
			next = min(next, wakeAgain)
		}
	}
	return due, next
}

// wake calls an extension until somebody presses 1, a few times.
func (a *App) wake(ctx context.Context, f fact.WakeUpSet) {
	lang, _ := text.ParseLang(a.options.Config.Voice.Language)
	for try := range wakeTries {
		if try > 0 && !pause(ctx, wakePause) {
			return
		}
		end, err := a.unit.Tell(ctx, unit.Notice{
			Number: f.Extension, Ring: wakeRing, Lang: lang, Caller: text.Say(lang, "unit.wake-up"),
			Items: [][]string{{promptWakeUp}}, Thanks: []string{promptWoken},
		})
		if err != nil {
			a.log.Warn("nobody is woken", "extension", f.Extension, "call", end.Call, "err", err)
		}
		if end.Acknowledged > 0 || ctx.Err() != nil {
			return
		}
	}
	a.log.Warn("nobody pressed 1 to be woken", "extension", f.Extension, "tries", wakeTries)
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// forgetWakeUps has nobody woken at an extension that has no phone any more. The caller
// holds a.mu.
func (a *App) forgetWakeUps(ctx context.Context, extension, by string) error {
	if slices.Contains(a.phones.Extensions(), extension) {
		return nil
	}
	for _, f := range a.wakeUps() {
		if f.Extension == extension {
			f.Clock, f.Next, f.By, f.Call, f.At = "", time.Time{}, by, "", now()
			if err := a.setRouting(ctx, f); err != nil {
				return err
			}
		}
	}
	return nil
}
