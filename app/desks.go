package app

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/challenge/prover"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/plan"
)

// ruleDesk is the rule for which who logs in at a phone is asked for a PIN, on record.
const ruleDesk = "desk-in"

// errDesk says that somebody can't log in there.
var errDesk = errors.New("not a phone to log in at, or nobody to log in")

// desks log people in at phones that are free for anybody (フリーアドレス).
type desks struct{ a *App }

var _ attendant.Desks = desks{}

// login is somebody whose PIN was right.
type login struct {
	extension string
	by        attendant.Caller
	done      func(error)
}

// LogIn has the PIN be looked at, where the phone is for that.
func (d desks) LogIn(extension string, pin []byte, by attendant.Caller, done func(error)) {
	a := d.a
	p := a.unit.Plan()
	if by.Line != "" || !p.Services(a.phones.Home(by.Device)).Desk || p.Services(extension).Desk {
		clear(pin)
		done(errDesk)
		return
	}
	a.deskTries.try(a.prover, by.Device, prover.Try{
		Call: by.Call, Person: extension, Device: by.Device, Rule: ruleDesk, PIN: pin,
	}, func(why string) {
		if why == fact.FailedTooOften {
			a.log.Warn("too many PINs at a phone", "phone", by.Device, "call", by.Call)
		}
		switch {
		case why == fact.FailedWrong && a.prover.Ready(extension) == fact.FailedLocked:
			done(attendant.ErrLocked)
		case why != "":
			done(deskError(why))
		default:
			select {
			case a.logins <- login{extension, by, done}:
			default: // nobody logs in that much
				done(errDesk)
			}
		}
	})
}

func deskError(why string) error {
	switch why {
	case fact.FailedWrong:
		return attendant.ErrWrong
	case fact.FailedLocked:
		return attendant.ErrLocked
	}
	return errDesk
}

// keepDesks logs people in, and out when it is time, until ctx ends.
func (a *App) keepDesks(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case l := <-a.logins:
			err := a.logIn(ctx, l)
			if err != nil {
				a.log.Warn("nobody is logged in", "phone", l.by.Device, "call", l.by.Call, "err", err)
			}
			l.done(err)
		case <-timer.C:
		}
		timer.Reset(a.desksDue(ctx))
	}
}

// logIn has an extension be at one phone, and at no other any more, and nobody else there.
func (a *App) logIn(ctx context.Context, l login) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := fact.DeskUsed{
		Device: l.by.Device, Extension: l.extension, Why: fact.DeskByCode, By: "phone/" + l.by.Device, Call: l.by.Call,
		At: now(),
	}
	if !a.mayUse(f) { // since it was asked
		return errDesk
	}
	for _, other := range a.desksUsed() {
		why := fact.DeskElsewhere
		switch {
		case other.Extension == f.Extension && other.Device == f.Device:
			continue
		case other.Device == f.Device:
			why = fact.DeskReplaced
		case other.Extension != f.Extension:
			continue
		}
		if err := a.logOut(ctx, other, why, f.By, f.Call); err != nil {
			return err
		}
	}
	if err := a.setRouting(ctx, f); err != nil {
		return err
	}
	a.unit.MessagesChanged(f.Extension) // its messages are another extension's now
	return nil
}

// logOut has nobody be at a phone any more. The caller holds a.mu.
func (a *App) logOut(ctx context.Context, f fact.DeskUsed, why, by, call string) error {
	gone := fact.DeskUsed{Device: f.Device, Was: f.Extension, Why: why, By: by, Call: call, At: now()}
	if err := a.setRouting(ctx, gone); err != nil {
		return err
	}
	a.unit.MessagesChanged(a.phones.Home(f.Device))
	return nil
}

// desksUsed are the phones at which somebody is logged in, in order. The caller holds
// a.mu.
func (a *App) desksUsed() (out []fact.DeskUsed) {
	for _, f := range a.state.routing {
		if f, ok := f.(fact.DeskUsed); ok {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(x, y fact.DeskUsed) int { return cmp.Compare(x.Device, y.Device) })
	return out
}

// desksOf are the extensions whose phones are free for anybody, with the time of day at
// which everybody is logged out there, "" for none.
func desksOf(routing []fact.Routed) map[string]string {
	out := map[string]string{}
	for _, f := range routing {
		if f, ok := f.(fact.ServiceSet); ok && f.Service == fact.ServiceDesk {
			out[f.Extension] = f.To
		}
	}
	return out
}

// mayUse tells whether an extension may be at a phone. The caller holds a.mu.
func (a *App) mayUse(f fact.DeskUsed) bool {
	free := desksOf(a.state.routing)
	_, ours := free[a.phones.Home(f.Device)]
	_, desk := free[f.Extension]
	return ours && !desk && slices.Contains(a.phones.Extensions(), f.Extension)
}

// seats are who is logged in where, by device. The caller holds a.mu, or is alone.
func (a *App) seats() map[string]string {
	out := map[string]string{}
	for _, f := range a.desksUsed() {
		if a.mayUse(f) {
			out[f.Device] = f.Extension
		}
	}
	return out
}

// insideOnly has phones call only inside at which nobody is logged in: their own extension
// has no outside calls.
func insideOnly(s *gate.Settings, routing []fact.Routed) {
	rules := maps.Clone(s.Extensions)
	if rules == nil {
		rules = map[string]gate.ExtensionRule{}
	}
	for extension := range desksOf(routing) {
		rules[extension] = gate.ExtensionRule{InternalOnly: true}
	}
	s.Extensions = rules
}

// desksDue logs out whose time has come, and says when to look again.
func (a *App) desksDue(ctx context.Context) (next time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, next := now(), deskCheck
	free := desksOf(a.state.routing)
	for _, f := range a.desksUsed() {
		wait, ok := deskEnds(f, free[a.phones.Home(f.Device)], at)
		if ok && wait <= 0 {
			if err := a.logOut(ctx, f, fact.DeskTime, "unit", ""); err != nil {
				a.log.Error("somebody is logged in still", "phone", f.Device, "err", err)
			}
		} else if ok {
			next = min(next, wait)
		}
	}
	return next
}

// deskEnds is how long somebody stays logged in, where that ends at a time of day: the next
// one after the log-in, whether or not the unit ran then.
func deskEnds(f fact.DeskUsed, clock string, at time.Time) (wait time.Duration, ok bool) {
	until := plan.NextClock(clock, f.At)
	return until.Sub(at), !until.IsZero()
}

// tidyDesks logs out who can't be there any more: the phone or the extension is gone, or is
// not for that. The caller holds a.mu.
func (a *App) tidyDesks(ctx context.Context, by string) error {
	for _, f := range a.desksUsed() {
		if a.mayUse(f) {
			continue
		}
		if err := a.logOut(ctx, f, fact.DeskGone, by, ""); err != nil {
			return err
		}
	}
	return nil
}

// serveDeskOut logs out who is logged in at the phone that dials. The caller holds a.mu.
func (a *App) serveDeskOut(ctx context.Context, w wish) (prompt string, err error) {
	for _, f := range a.desksUsed() {
		if f.Device == w.by.Device {
			return servicePrompt(false), a.logOut(ctx, f, fact.DeskByCode, "phone/"+w.by.Device, w.call)
		}
	}
	return "", errDesk
}

// setDesk has the phones of an extension be free for anybody, or no more. The caller holds
// a.mu.
func (a *App) setDesk(ctx context.Context, f fact.ServiceSet) error {
	if !slices.Contains(a.phones.Extensions(), f.Extension) {
		return noPhone(f.Extension)
	}
	if f.On && f.To != "" {
		clock, err := plan.ParseClock(f.To)
		if err != nil {
			return control.NewProblem(control.ExitUsage, "cli.wake.clock", "", f.To)
		}
		f.To = clock
	}
	if err := a.setRouting(ctx, f); err != nil {
		return err
	}
	return a.tidyDesks(ctx, f.By)
}

// deskList lists the phones that are free for anybody, with who is there.
func (a *App) deskList(context.Context, control.Caller, control.None) ([]control.Desk, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	free, used := desksOf(a.state.routing), map[string]fact.DeskUsed{}
	for _, f := range a.desksUsed() {
		used[f.Device] = f
	}
	out := []control.Desk{}
	for _, p := range a.phones.Phones(now()) {
		until, ok := free[p.Extension]
		if !ok {
			continue
		}
		f := used[p.Device]
		out = append(out, control.Desk{
			Device: p.Device, Name: p.Name, Until: until, Extension: f.Extension, Since: f.At,
		})
	}
	return out, nil
}

// deskLogOut logs out who is at a phone.
func (a *App) deskLogOut(ctx context.Context, by control.Caller, r control.PhoneRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	device, err := a.device(r.Phone)
	if err != nil {
		return control.None{}, err
	}
	for _, f := range a.desksUsed() {
		if f.Device == device {
			return control.None{}, a.logOut(ctx, f, fact.DeskByPerson, by.Actor(), "")
		}
	}
	return control.None{}, control.NewProblem(control.ExitNotFound, "cli.desk.nobody", "cli.desk.nobody.do", device)
}
