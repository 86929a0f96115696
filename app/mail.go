package app

import (
	"context"
	"net/mail"
	"slices"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// actorMail deletes messages that have gone out by mail.
const actorMail = "unit:mail"

// mailboxMail sets where mails about the messages of a mailbox go.
func (a *App) mailboxMail(ctx context.Context, by control.Caller, r control.MailRequest) (control.None, error) {
	f := fact.MailSet{
		Extension: r.Extension, Address: r.Address, Attach: r.Attach, Delete: r.Delete, By: by.Actor(), At: now(),
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case !slices.Contains(a.phones.Extensions(), r.Extension):
		return control.None{}, noPhone(r.Extension)
	case f.Gone():
		return control.None{}, a.setMail(ctx, f)
	case !a.outbox.configured():
		none := control.NewProblem(control.ExitConflict, "cli.mailbox.mail.none", "cli.mailbox.mail.none.do")
		return control.None{}, none
	case !isAddress(r.Address):
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.mailbox.mail.address", "", r.Address)
	case r.Delete && !r.Attach:
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.mailbox.mail.lost", "")
	}
	return control.None{}, a.setMail(ctx, f)
}

// isAddress tells whether mail can be sent to something.
func isAddress(s string) bool {
	got, err := mail.ParseAddress(s)
	return err == nil && got.Address == s && len(s) <= mailAddressMax
}

// setMail lets a setting hold once it is on disk. The caller holds a.mu.
func (a *App) setMail(ctx context.Context, f fact.MailSet) error {
	if err := a.setRouting(ctx, f); err != nil {
		return err
	}
	a.outbox.want(f)
	return nil
}

// forgetMail takes back what is set about an extension that has no phone any more. The
// caller holds a.mu.
func (a *App) forgetMail(ctx context.Context, extension, by string) error {
	if slices.Contains(a.phones.Extensions(), extension) {
		return nil
	}
	return a.setMail(ctx, fact.MailSet{Extension: extension, By: by, At: now()})
}

// checkMail looks whether mails about messages go out, nil where nobody wants any.
func (a *App) checkMail() []control.Check {
	a.mu.Lock()
	wanted := slices.ContainsFunc(a.state.routing, func(f fact.Routed) bool {
		_, mail := f.(fact.MailSet)
		return mail
	})
	a.mu.Unlock()
	due, failures := a.outbox.waiting()
	c := control.Check{Name: "mail", Result: control.ResultOK, Detail: text.Of("check.mail", due)}
	switch {
	case !wanted:
		return nil
	case !a.outbox.configured():
		c.Result, c.Detail = control.ResultFailed, text.Of("check.mail.none")
	case failures > 0:
		c.Result, c.Detail = control.ResultFailed, text.Of("check.mail.failing", due, failures)
	}
	return []control.Check{c}
}
