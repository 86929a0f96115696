package app

import (
	"context"
	"slices"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
)

// groupOf is a group as it is asked for. Who has logged out stays so. The caller
// holds a.mu.
func (a *App) groupOf(r control.Group) fact.Group {
	g := fact.Group{
		Number: r.Number, Name: r.Name, Members: r.Members, Strategy: r.Strategy, Seconds: r.Seconds,
		Delays: r.Delays, SkipBusy: r.SkipBusy, Overflow: r.Overflow,
	}
	for _, old := range a.state.groups {
		if old.Number != g.Number {
			continue
		}
		for _, e := range old.Out {
			if slices.Contains(g.Members, e) {
				g.Out = append(g.Out, e)
			}
		}
	}
	return g
}

func (a *App) groupMember(ctx context.Context, by control.Caller, r control.GroupMemberRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return control.None{}, a.logMember(ctx, r.Number, r.Extension, r.In, by.Actor())
}

// logMember logs a member of a group in or out. The caller holds a.mu.
func (a *App) logMember(ctx context.Context, number, extension string, in bool, by string) error {
	i := slices.IndexFunc(a.state.groups, func(g fact.Group) bool { return g.Number == number })
	if i < 0 {
		return control.NewProblem(control.ExitNotFound, "cli.group.none", "", number)
	}
	g := a.state.groups[i]
	if !slices.Contains(g.Members, extension) {
		return control.NewProblem(control.ExitNotFound, "cli.group.nomember", "", extension, number)
	}
	if out := slices.Contains(g.Out, extension); out != in {
		return nil // it is so already
	}
	g.Out = slices.DeleteFunc(slices.Clone(g.Out), func(e string) bool { return e == extension })
	if !in {
		g.Out = append(g.Out, extension)
	}
	groups := slices.Clone(a.state.groups)
	groups[i] = g
	return a.setGroups(ctx, groups, fact.GroupSet{Group: g, By: by, At: now()})
}

// checkRings says whether calls can ring something, or be taken there: an extension, a
// group, a menu, a mailbox, the way into mailboxes, or an announcement. The caller holds a.mu.
func (a *App) checkRings(n string) error {
	if err := a.checkRoom(n); err != nil {
		return err
	}
	_, answered := a.unit.Plan().Answered(n)
	if ext, ok := plan.MailboxOf(n); ok {
		n = ext
	}
	_, menu := a.unit.Plan().Menu(n)
	if menu || answered || a.isGroup(n) || slices.Contains(a.phones.Extensions(), n) {
		return nil
	}
	return noPhone(n)
}

// isGroup tells whether a number is a group's. The caller holds a.mu.
func (a *App) isGroup(number string) bool {
	return slices.ContainsFunc(a.state.groups, func(g fact.Group) bool { return g.Number == number })
}
