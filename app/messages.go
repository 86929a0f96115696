package app

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
)

// mailboxList lists the mailboxes of all extensions.
func (a *App) mailboxList(context.Context, control.Caller, control.None) ([]control.Mailbox, error) {
	pins := a.boxPINStates()
	a.mu.Lock()
	defer a.mu.Unlock()
	out := []control.Mailbox{}
	for _, extension := range a.phones.Extensions() {
		box := control.Mailbox{Extension: extension, Greeting: a.greets.of(extension)}
		box.Days, box.Mail = a.keepDays(extension), a.outbox.wanted(extension).Address
		box.PIN = cmp.Or(pins[extension], pinNone)
		for _, m := range a.boxes.list(extension) {
			if m.Heard.IsZero() {
				box.New++
			} else {
				box.Heard++
			}
			box.Seconds += m.Seconds
			box.Last = m.Left
		}
		out = append(out, box)
	}
	slices.SortFunc(out, func(x, y control.Mailbox) int { return strings.Compare(x.Extension, y.Extension) })
	return out, nil
}

// messageList lists what is in a mailbox, the oldest first.
func (a *App) messageList(
	_ context.Context, _ control.Caller, r control.MailboxRequest,
) ([]control.Message, error) {
	if !slices.Contains(a.phones.Extensions(), r.Extension) {
		return nil, noPhone(r.Extension)
	}
	out := []control.Message{}
	for _, m := range a.boxes.list(r.Extension) {
		out = append(out, control.Message{
			ID: m.ID, From: m.From, Seconds: m.Seconds, Left: m.Left, Heard: m.Heard, Call: m.Call, Mail: m.Mail,
		})
	}
	return out, nil
}

// messageSound gives what was said, once it is on record who takes it.
func (a *App) messageSound(ctx context.Context, by control.Caller, r control.MessageRequest) (control.Sound, error) {
	if !a.boxes.has(r.ID) {
		return control.Sound{}, noMessage(r.ID)
	}
	f := fact.MessageExported{ID: r.ID, By: by.Actor(), At: now()}
	if err := a.commit(ctx, fact.Write{Facts: []fact.Fact{f}}); err != nil {
		return control.Sound{}, err
	}
	mu, err := a.store.MessageSound(ctx, r.ID)
	switch {
	case err != nil:
		return control.Sound{}, err
	case mu == nil: // deleted meanwhile
		return control.Sound{}, noMessage(r.ID)
	}
	return control.Sound{Mu: mu}, nil
}

func (a *App) messageDelete(ctx context.Context, by control.Caller, r control.MessageRequest) (control.None, error) {
	if !a.boxes.has(r.ID) {
		return control.None{}, noMessage(r.ID)
	}
	done := make(chan error, 1)
	a.boxes.remove(fact.MessageDeleted{ID: r.ID, By: by.Actor(), At: now()}, func(err error) { done <- err })
	select {
	case err := <-done:
		return control.None{}, err
	case <-ctx.Done():
		return control.None{}, ctx.Err()
	}
}

func noMessage(id string) error {
	return control.NewProblem(control.ExitNotFound, "cli.mailbox.nomessage", "cli.mailbox.nomessage.do", id)
}
