package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/challenge"
	"github.com/sekisho/sekisho/gate/challenge/prover"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/plan"
)

// The states of a PIN.
const (
	pinSet    = "set"
	pinLocked = "locked"
	pinNone   = "none"
)

// openPINs makes the prover with the PINs of the last run.
func (a *App) openPINs(ctx context.Context, key []byte) error {
	pins, err := a.store.PINs(ctx)
	if err != nil {
		return fmt.Errorf("PINs: %w", err)
	}
	a.keepPINs(prover.Config{SealKey: key, Committer: a.recorder, Log: a.log}, pins)
	return nil
}

// keepPINs gives each prover the PINs that are its own.
func (a *App) keepPINs(c prover.Config, pins []fact.PIN) {
	a.prover, a.boxPINs, a.roomPINs = prover.New(c), prover.New(c), prover.New(c)
	of := make(map[*prover.Prover][]fact.PIN)
	for _, p := range pins {
		with := a.prover
		if _, is := plan.MailboxOf(p.Extension); is {
			with = a.boxPINs
		} else if _, is := plan.RoomOf(p.Extension); is {
			with = a.roomPINs
		}
		of[with] = append(of[with], p)
	}
	for with, list := range of {
		with.Restore(list)
	}
}

func (a *App) pinSet(ctx context.Context, by control.Caller, r control.PINSetRequest) (control.None, error) {
	if !slices.Contains(a.phones.Extensions(), r.Extension) {
		return control.None{}, noPhone(r.Extension)
	}
	return control.None{}, pinProblem(a.prover.Set(ctx, r.Extension, r.Digits, by.Actor()), r.Extension)
}

func (a *App) pinGenerate(ctx context.Context, by control.Caller, r control.PINRequest) (control.PINGenerated, error) {
	if !slices.Contains(a.phones.Extensions(), r.Extension) {
		return control.PINGenerated{}, noPhone(r.Extension)
	}
	digits, err := a.prover.Generate(ctx, r.Extension, by.Actor())
	if err != nil {
		return control.PINGenerated{}, pinProblem(err, r.Extension)
	}
	return control.PINGenerated{Extension: r.Extension, Digits: digits}, nil
}

func (a *App) pinRemove(ctx context.Context, by control.Caller, r control.PINRequest) (control.None, error) {
	return control.None{}, pinProblem(a.prover.Remove(ctx, r.Extension, by.Actor()), r.Extension)
}

func (a *App) pinUnlock(ctx context.Context, by control.Caller, r control.PINUnlockRequest) (control.None, error) {
	reason, err := reasonOf(r.Reason)
	if err != nil {
		return control.None{}, err
	}
	return control.None{}, pinProblem(a.prover.Unlock(ctx, r.Extension, reason, by.Actor()), r.Extension)
}

func pinProblem(err error, extension string) error {
	var bad *prover.FaultError
	switch {
	case errors.As(err, &bad):
		return control.NewProblem(control.ExitUsage, text.Key("cli.pin.fault."+string(bad.Fault)), "cli.pin.fault.do")
	case errors.Is(err, prover.ErrNone):
		return control.NewProblem(control.ExitNotFound, "cli.pin.none", "cli.pin.none.do", extension)
	case errors.Is(err, prover.ErrFull):
		most := strconv.Itoa(challenge.PeopleMax)
		return control.NewProblem(control.ExitConflict, "cli.pin.toomany", "", most)
	}
	return err
}

func (a *App) pinList(context.Context, control.Caller, control.None) ([]control.PIN, error) {
	return a.pins(), nil
}

// pins lists the extensions that have phones, and those that have a PIN.
func (a *App) pins() []control.PIN {
	var out []control.PIN
	for _, p := range a.prover.List() {
		one := control.PIN{Extension: p.Extension, State: pinSet, Wrong: p.Wrong, Set: p.Set, SetBy: p.SetBy}
		if challenge.Locked(p) {
			one.State = pinLocked
		}
		out = append(out, one)
	}
	for _, extension := range a.phones.Extensions() {
		if !slices.ContainsFunc(out, func(p control.PIN) bool { return p.Extension == extension }) {
			out = append(out, control.PIN{Extension: extension, State: pinNone})
		}
	}
	slices.SortFunc(out, func(x, y control.PIN) int {
		if len(x.Extension) != len(y.Extension) {
			return len(x.Extension) - len(y.Extension)
		}
		if x.Extension < y.Extension {
			return -1
		}
		return 1
	})
	return out
}

func countPINs(list []control.PIN) control.PINCount {
	n := control.PINCount{Extensions: len(list)}
	for _, p := range list {
		if p.State != pinNone {
			n.Set++
		}
		if p.State == pinLocked {
			n.Locked++
		}
	}
	return n
}

// checkPINs says who is refused what a PIN would let by: those whose PIN is
// locked, and those who have none though they may call abroad.
func (a *App) checkPINs() []control.Check {
	a.mu.Lock()
	openings := slices.Clone(a.state.openings)
	a.mu.Unlock()
	list, at := a.pins(), now()
	n := countPINs(list)
	var out []control.Check
	for _, p := range list {
		c := control.Check{Name: "pin", Of: plain(p.Extension), Result: control.ResultWarning}
		abroad := slices.ContainsFunc(openings, func(o fact.Opening) bool {
			return o.Extension == p.Extension && o.Expires.After(at)
		})
		switch {
		case p.State == pinLocked:
			c.Detail = text.Of("check.pin.locked")
		case p.State == pinNone && abroad:
			c.Detail = text.Of("check.pin.none")
		default:
			continue
		}
		out = append(out, c)
	}
	all := control.Check{Name: "pin", Result: control.ResultOK, Detail: text.Of("check.pin.some", n.Set, n.Extensions)}
	if n.Set == n.Extensions {
		all.Detail = text.Of("check.pin.all")
	}
	return append([]control.Check{all}, out...)
}

// forgetPIN removes the PIN of an extension that has no phone any more.
func (a *App) forgetPIN(ctx context.Context, extension, by string) error {
	if slices.Contains(a.phones.Extensions(), extension) {
		return nil
	}
	if err := a.prover.Remove(ctx, extension, by); err != nil && !errors.Is(err, prover.ErrNone) {
		return err
	}
	return nil
}
