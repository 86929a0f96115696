package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/unit/plan"
)

func (a *App) callHistory(ctx context.Context, _ control.Caller, r control.HistoryRequest) ([]control.PastCall, error) {
	switch {
	case r.How != store.Missed && r.How != store.Received && r.How != store.Dialed:
		return nil, control.NewProblem(control.ExitUsage, "cli.calls.how", "", r.How)
	case r.Extension == "" && r.How != store.Missed:
		return nil, control.NewProblem(control.ExitUsage, "cli.calls.whose", "", r.How)
	case r.Extension != "" && !slices.Contains(a.phones.Extensions(), r.Extension):
		return nil, noPhone(r.Extension)
	}
	// What has just happened is still on its way to the disk; one that takes
	// nothing keeps nobody from reading what there is.
	_ = a.commit(ctx, fact.Write{})
	out, err := a.history(ctx, r.How, r.Extension, r.Limit)
	if err != nil || r.How != store.Missed {
		return out, err
	}
	p, back := a.unit.Plan(), calledBack{a: a, at: map[string]map[string]time.Time{}}
	for i := range out {
		one := &out[i]
		for _, who := range one.Extensions {
			one.Message = one.Message || a.boxes.leftIn(one.Call, who)
			if one.Mark == line.MarkPosing || one.Number == "" {
				continue
			}
			at, err := back.since(ctx, who, subscriberOf(p, one.Number), one.Started)
			if err != nil {
				return nil, err
			}
			one.CalledBack = later(one.CalledBack, at)
		}
	}
	return out, nil
}

// history gives past calls, those that several extensions missed once.
func (a *App) history(ctx context.Context, how, extension string, limit int) ([]control.PastCall, error) {
	if limit <= 0 || limit > pastCallsMax {
		limit = pastCallsMax
	}
	rows, err := a.store.History(ctx, store.HistoryFilter{Extension: extension, How: how, Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	p := a.unit.Plan()
	var out []control.PastCall
	for _, r := range rows {
		if n := len(out); n > 0 && out[n-1].Call == r.Call {
			out[n-1].Extensions = append(out[n-1].Extensions, r.Who)
			continue
		}
		out = append(out, a.past(p, how, &r))
	}
	return out, nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// past is one call of the history.
func (a *App) past(p *plan.Plan, how string, r *store.Past) control.PastCall {
	one := control.PastCall{
		Call: r.Call, How: how, Extensions: []string{r.Who}, Number: r.From, Mark: r.Mark, Started: r.Started,
		RangMS: r.Rang.Milliseconds(),
	}
	if how == store.Dialed {
		one.Number, one.CallsBack = r.To, r.To
	} else if r.Mark != line.MarkPosing { // its number is another's
		one.CallsBack, _ = p.CallBack(r.From, r.Direction == fact.Incoming)
	}
	switch number := one.Number; {
	case r.Mark == line.MarkPosing || number == "":
	case p.Extension(number):
		one.Name = a.phones.Name(number)
	case how == store.Dialed && r.Number != "":
		one.Name = a.shelf.Load().Name(r.Who, "+"+r.Number)
	default:
		one.Name = a.shelf.Load().Name(r.Who, number)
	}
	return one
}

// subscriberOf is what two ways of writing a number have in common.
func subscriberOf(p *plan.Plan, number string) string { return p.Written(number).Destination.Digits }

// calledBack looks up whom extensions have called, once for each.
type calledBack struct {
	a  *App
	at map[string]map[string]time.Time // when last, by extension and digits
}

// since is when an extension has called a number after a time, zero for never.
func (b *calledBack) since(ctx context.Context, extension, digits string, after time.Time) (time.Time, error) {
	calls, ok := b.at[extension]
	if !ok {
		rows, err := b.a.store.History(ctx, store.HistoryFilter{
			Extension: extension, How: store.Dialed, Limit: pastCallsMax,
		})
		if err != nil {
			return time.Time{}, fmt.Errorf("history: %w", err)
		}
		calls = make(map[string]time.Time, len(rows))
		for _, r := range rows {
			to := cmp.Or(r.Number, r.To)
			calls[to] = later(calls[to], r.Started)
		}
		b.at[extension] = calls
	}
	if at := calls[digits]; at.After(after) {
		return at, nil
	}
	return time.Time{}, nil
}

// leftIn tells whether a message that was left in a call is in a mailbox.
func (b *mailboxes) leftIn(call, extension string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.of(extension)
	return one != nil && slices.ContainsFunc(one.messages, func(m fact.Message) bool { return m.Call == call })
}

// rememberMissed tells the unit whose calls extensions missed last before it began.
func (a *App) rememberMissed(ctx context.Context) error {
	rows, err := a.store.History(ctx, store.HistoryFilter{How: store.Missed, Limit: redialsMax})
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	since := a.phonesSince()
	for _, r := range slices.Backward(rows) {
		if !since.has(r.Who, r.Started) {
			continue
		}
		a.unit.Missed(r.Who, r.From, r.Mark, r.Direction == fact.Incoming)
	}
	return nil
}

// phonesSince is since when extensions have the phones that they have: what was before may
// be of somebody else, who had the number then.
type phonesSince map[string]time.Time

func (a *App) phonesSince() phonesSince {
	out := phonesSince{}
	for _, p := range a.phones.Phones(now()) {
		if first, ok := out[p.Extension]; !ok || p.Created.Before(first) {
			out[p.Extension] = p.Created
		}
	}
	return out
}

// has tells whether a call is one of those who have the extension now.
func (s phonesSince) has(extension string, started time.Time) bool {
	since, ok := s[extension]
	return ok && !started.Before(since)
}
