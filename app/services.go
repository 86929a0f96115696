package app

import (
	"context"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/plan"
)

var _ unit.Services = (*App)(nil)

// wish is what a phone asked for by a feature code.
type wish struct {
	asked plan.Asked
	by    fact.Party
	call  string
	done  func(prompt string, ok bool)
}

// Serve does what a phone dialed, one wish after the other.
func (a *App) Serve(asked plan.Asked, by fact.Party, call string, done func(prompt string, ok bool)) {
	select {
	case a.wishes <- wish{asked, by, call, done}:
	default: // nobody dials that much
		done(unit.PromptFailed, false)
	}
}

// serveWishes does what phones ask until ctx ends.
func (a *App) serveWishes(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case w := <-a.wishes:
			prompt, err := a.serve(ctx, w)
			if err != nil {
				a.log.Warn("what a phone dialed is not done", "action", w.asked.Action, "call", w.call, "err", err)
				prompt = unit.PromptFailed
			}
			w.done(prompt, err == nil)
		}
	}
}

// serve does a wish and says what the phone is to hear.
func (a *App) serve(ctx context.Context, w wish) (prompt string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := now()
	f := fact.ModeSwitched{Scope: fact.ScopeUnit, By: "phone/" + w.by.Device, Call: w.call, At: at}
	p := a.unit.Plan()
	on := p.Mode(fact.ScopeUnit, at).Mode
	switch w.asked.Action {
	case plan.BlockLast:
		_, err := a.blockLast(ctx, w.by.Extension, f.By)
		return promptBlocked, err
	case plan.ModeSay:
		return promptOf(on), nil
	case plan.ModeTimetable:
		return promptTimetable, a.setRouting(ctx, f)
	case plan.ModeKeep:
		f.Mode = on.String()
		return promptOf(on), a.setRouting(ctx, f)
	case plan.ModeToggle:
		if on = plan.Day; p.Mode(fact.ScopeUnit, at).Mode == plan.Day {
			on = plan.Night1
		}
	case plan.ModeDay:
		on = plan.Day
	case plan.ModeNight1:
		on = plan.Night1
	case plan.ModeNight2:
		on = plan.Night2
	case plan.ModeHoliday:
		on = plan.Holiday
	}
	f.Mode, f.Until = on.String(), utcOf(p.NextChange(fact.ScopeUnit, at))
	return promptOf(on), a.setRouting(ctx, f)
}

// promptTimetable is what is said when the timetable counts again; promptOf says
// which mode is on.
const promptTimetable = "mode-timetable"

// promptBlocked is what is said when somebody is turned away from now on.
const promptBlocked = "caller-blocked"

func promptOf(m plan.Mode) string { return "mode-" + m.String() }
