package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/challenge"
	"github.com/sekisho/sekisho/gate/challenge/prover"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/plan"
)

// ruleMailbox is what asks for a PIN in the facts about it.
const ruleMailbox = "mailbox"

// boxDoor lets into mailboxes whoever has their PIN.
type boxDoor struct{ a *App }

var _ attendant.Doorkeeper = boxDoor{}

// errPIN says that a PIN opens nothing, in one of the fact.Failed words.
type errPIN string

func (e errPIN) Error() string { return "it stays shut: " + string(e) }

// Prove compares a PIN. Every one that opens nothing is on record, and that the mailbox
// is locked from now on.
func (d boxDoor) Prove(mailbox string, pin []byte, who attendant.Caller, done func(error)) {
	d.a.opens(d.a.boxPINs, plan.MailboxName(mailbox), ruleMailbox, pin, who, done, d.a.boxPINs.Try)
}

// opens compares a PIN of a mailbox or a room with those that are kept, by trying it.
func (a *App) opens(
	kept *prover.Prover, person, rule string, pin []byte, who attendant.Caller, done func(error),
	try func(prover.Try, func(why string)),
) {
	try(prover.Try{
		Call: who.Call, Person: person, Device: who.Device, Rule: rule, PIN: pin,
	}, func(why string) {
		if why == "" {
			done(nil)
			return
		}
		if why == fact.FailedWrong { // that is on record
			why = kept.Ready(person)
		}
		a.staysShut(person, rule, why, who)
		done(errPIN(why))
	})
}

// staysShut puts on record why a PIN was not looked at, "" for one that was.
func (a *App) staysShut(person, rule, why string, who attendant.Caller) {
	if why == "" {
		return
	}
	a.recorder.Commit(fact.Write{Behind: true, Facts: []fact.Fact{fact.ChallengeFailed{
		Call: who.Call, Person: person, Device: who.Device, Rule: rule, Reason: why, At: now(),
	}}}, func(err error) {
		if err != nil {
			a.log.Error("a PIN that opened nothing is not on record", "call", who.Call, "err", err)
		}
	})
}

// boxPINStates says which mailboxes have a PIN.
func (a *App) boxPINStates() map[string]string {
	out := make(map[string]string)
	for _, p := range a.boxPINs.List() {
		extension, _ := plan.MailboxOf(p.Extension)
		if out[extension] = pinSet; challenge.Locked(p) {
			out[extension] = pinLocked
		}
	}
	return out
}

// mailboxPIN draws a PIN for a mailbox: from now on that opens it from elsewhere.
func (a *App) mailboxPIN(
	ctx context.Context, by control.Caller, r control.MailboxRequest,
) (control.PINGenerated, error) {
	if !slices.Contains(a.phones.Extensions(), r.Extension) {
		return control.PINGenerated{}, noPhone(r.Extension)
	}
	digits, err := a.boxPINs.Generate(ctx, plan.MailboxName(r.Extension), by.Actor())
	if err != nil {
		return control.PINGenerated{}, pinProblem(err, r.Extension)
	}
	return control.PINGenerated{Extension: r.Extension, Digits: digits}, nil
}

// mailboxShut takes the PIN of a mailbox away.
func (a *App) mailboxShut(ctx context.Context, by control.Caller, r control.MailboxRequest) (control.None, error) {
	err := a.boxPINs.Remove(ctx, plan.MailboxName(r.Extension), by.Actor())
	return control.None{}, boxProblem(err, r.Extension)
}

func (a *App) mailboxUnlock(
	ctx context.Context, by control.Caller, r control.PINUnlockRequest,
) (control.None, error) {
	reason, err := reasonOf(r.Reason)
	if err != nil {
		return control.None{}, err
	}
	err = a.boxPINs.Unlock(ctx, plan.MailboxName(r.Extension), reason, by.Actor())
	return control.None{}, boxProblem(err, r.Extension)
}

func boxProblem(err error, extension string) error {
	if errors.Is(err, prover.ErrNone) {
		return control.NewProblem(control.ExitNotFound, "cli.mailbox.nopin", "cli.mailbox.nopin.do", extension)
	}
	return err
}

// forgetBoxPIN removes the PIN of the mailbox of an extension that has no phone any more.
func (a *App) forgetBoxPIN(ctx context.Context, extension, by string) error {
	if slices.Contains(a.phones.Extensions(), extension) {
		return nil
	}
	err := a.boxPINs.Remove(ctx, plan.MailboxName(extension), by)
	if err != nil && !errors.Is(err, prover.ErrNone) {
		return fmt.Errorf("PIN of the mailbox: %w", err)
	}
	return nil
}
