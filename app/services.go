package app

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/sekisho/sekisho/app/control"
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

// actor is who wants it: a phone, or the unit itself.
func (w wish) actor() string {
	if w.by.Device == "" {
		return plan.BySelf
	}
	return "phone/" + w.by.Device
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
	w.asked.Action = a.toggled(w)
	if in := w.asked.Action == plan.GroupIn; in || w.asked.Action == plan.GroupOut {
		err := a.logMember(ctx, w.asked.Digits, w.by.Extension, in, "phone/"+w.by.Device)
		return servicePrompt(in), err
	}
	switch w.asked.Action {
	case plan.SpeedSet:
		return a.serveSpeed(ctx, w)
	case plan.WakeUp, plan.WakeUpDaily, plan.WakeUpOff:
		return a.serveWakeUp(ctx, w)
	case plan.DeskOut:
		return a.serveDeskOut(ctx, w)
	}
	if service, on := w.asked.Action.Service(); service != "" {
		return a.serveExtension(ctx, w, service, on)
	}
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

// toggled is what a key does that logs in or out, or pauses: what is not so yet.
func (a *App) toggled(w wish) plan.Action {
	p := a.unit.Plan()
	switch {
	case w.asked.Action == plan.GroupToggle && p.LoggedIn(w.asked.Digits, w.by.Extension):
		return plan.GroupOut
	case w.asked.Action == plan.GroupToggle:
		return plan.GroupIn
	case w.asked.Action == plan.PauseToggle && p.Services(w.by.Extension).Paused:
		return plan.PauseOff
	case w.asked.Action == plan.PauseToggle:
		return plan.PauseOn
	}
	return w.asked.Action
}

// promptTimetable is what is said when the timetable counts again; promptOf says
// which mode is on.
const promptTimetable = "mode-timetable"

// promptBlocked is what is said when somebody is turned away from now on.
const promptBlocked = "caller-blocked"

func promptOf(m plan.Mode) string { return "mode-" + m.String() }

// serveExtension sets what an extension does with its calls.
func (a *App) serveExtension(ctx context.Context, w wish, service string, on bool) (prompt string, err error) {
	f := fact.ServiceSet{
		Extension: w.by.Extension, Service: service, On: on, To: cmp.Or(w.asked.Action.Value(), w.asked.Digits),
		By: w.actor(), Call: w.call, At: now(),
	}
	return servicePrompt(on), a.setService(ctx, f)
}

func servicePrompt(on bool) string {
	if on {
		return "service-on"
	}
	return "service-off"
}

// setService sets what an extension does with its calls. Where these are sent on
// outside, the gate must let it do so now. The caller holds a.mu.
func (a *App) setService(ctx context.Context, f fact.ServiceSet) error {
	switch f.Service {
	case fact.ServiceMulticast:
		return a.setCast(ctx, f)
	case fact.ServiceDesk:
		return a.setDesk(ctx, f)
	case fact.ServiceCallerID:
		return a.setCallerID(ctx, f)
	}
	if !slices.Contains(a.phones.Extensions(), f.Extension) {
		return noPhone(f.Extension)
	}
	if f.On && f.To != "" && f.To != plan.Mailbox {
		to, ok := a.unit.Plan().ForwardTo(f.To)
		if !ok || to == f.Extension {
			return control.NewProblem(control.ExitUsage, "cli.forward.nowhere", "", f.To)
		}
		f.To = to
		if !a.unit.MayForward(f.Extension, f.Phone(), to, f.At) {
			return control.NewProblem(control.ExitConflict,
				"cli.forward.barred", "cli.forward.barred.do", to, f.Extension)
		}
	}
	return a.setRouting(ctx, f)
}

// setCast sets where the phones of a zone listen. The caller holds a.mu.
func (a *App) setCast(ctx context.Context, f fact.ServiceSet) error {
	if f.Extension != fact.ScopeUnit && !a.unit.Plan().Group(f.Extension) {
		return control.NewProblem(control.ExitNotFound, "cli.page.nozone", "", f.Extension)
	}
	if _, err := plan.ParseCast(f.To); f.On && err != nil {
		return control.NewProblem(control.ExitUsage, "cli.page.address", "cli.page.address.do", f.To)
	}
	return a.setRouting(ctx, f)
}

// setCallerID sets what outside calls show of who calls: an extension's, or all of the
// office that have nothing of their own. The caller holds a.mu.
func (a *App) setCallerID(ctx context.Context, f fact.ServiceSet) error {
	if f.Extension != fact.ScopeUnit && !slices.Contains(a.phones.Extensions(), f.Extension) {
		return noPhone(f.Extension)
	}
	return a.setRouting(ctx, f)
}

func (a *App) serviceSet(ctx context.Context, by control.Caller, r control.ServiceSetRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return control.None{}, a.setService(ctx, fact.ServiceSet{
		Extension: r.Extension, Service: r.Service, On: r.On, To: r.To, Seconds: r.Seconds,
		By: by.Actor(), At: now(),
	})
}

// forgetServices switches off what is set of an extension that has no phone any more: whoever
// has the number next is neither forwarded nor recorded by it. The caller holds a.mu.
func (a *App) forgetServices(ctx context.Context, extension, by string) error {
	if slices.Contains(a.phones.Extensions(), extension) {
		return nil
	}
	var all error
	for _, f := range slices.Clone(a.state.routing) {
		if f, ok := f.(fact.ServiceSet); ok && f.Extension == extension {
			gone := fact.ServiceSet{Extension: extension, Service: f.Service, By: by, At: now()}
			all = errors.Join(all, a.setRouting(ctx, gone)) // each for itself
		}
	}
	return all
}

func (a *App) serviceList(context.Context, control.Caller, control.None) ([]control.Service, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []control.Service
	for _, f := range a.state.routing {
		if f, ok := f.(fact.ServiceSet); ok {
			out = append(out, control.Service{
				Extension: f.Extension, Service: f.Service, To: f.To, Seconds: f.Seconds, By: f.By, At: f.At,
			})
		}
	}
	slices.SortFunc(out, func(x, y control.Service) int {
		return cmp.Or(cmp.Compare(x.Extension, y.Extension), cmp.Compare(x.Service, y.Service))
	})
	return out, nil
}
