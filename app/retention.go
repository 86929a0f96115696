package app

import (
	"context"
	"slices"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
)

// actorRetention deletes messages that have been kept as long as somebody has said.
const actorRetention = "unit:retention"

// day is one for retention.
const day = 24 * time.Hour

// outdated are the messages that have been kept for longer than days says of their
// mailbox, 0 being for ever.
func outdated(messages []fact.Message, days int, now time.Time) (ids []string) {
	for _, m := range messages {
		if days > 0 && now.Sub(m.Left) >= time.Duration(days)*day {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// keepDays is how many days the messages of a mailbox are kept, 0 for ever. The caller
// holds a.mu.
func (a *App) keepDays(extension string) int {
	unit := 0
	for _, f := range a.state.routing {
		switch f, ok := f.(fact.RetentionSet); {
		case !ok:
		case f.Scope == extension:
			return f.Days
		case f.Scope == fact.ScopeUnit:
			unit = f.Days
		}
	}
	return unit
}

// deleteOutdated deletes what has been kept long enough, until ctx ends: at once, and then
// as often as is enough for days.
func (a *App) deleteOutdated(ctx context.Context) {
	everySo(ctx, retentionCheck, func(now time.Time) {
		for _, extension := range a.boxes.filled() {
			a.mu.Lock()
			days := a.keepDays(extension)
			a.mu.Unlock()
			for _, id := range outdated(a.boxes.list(extension), days, now) {
				f := fact.MessageDeleted{ID: id, By: actorRetention, At: now}
				a.boxes.remove(f, func(err error) {
					if err != nil { // tried again the next time
						a.log.Warn("a message is kept for too long", "message", id, "err", err)
					}
				})
			}
		}
	})
}

// everySo does something at once and then every so often, until ctx ends.
func everySo(ctx context.Context, every time.Duration, do func(now time.Time)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for do(now()); ; {
		select {
		case <-ctx.Done():
			return
		case at := <-tick.C:
			do(at.UTC())
		}
	}
}

// mailboxKeep sets after how many days messages are deleted.
func (a *App) mailboxKeep(ctx context.Context, by control.Caller, r control.RetentionRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := fact.RetentionSet{Scope: fact.ScopeUnit, Days: r.Days, By: by.Actor(), At: now()}
	if r.Extension != "" {
		f.Scope = r.Extension
		if !slices.Contains(a.phones.Extensions(), r.Extension) {
			return control.None{}, noPhone(r.Extension)
		}
	}
	if r.Days < 0 || r.Days > retentionMax {
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.mailbox.keep.days", "", retentionMax)
	}
	return control.None{}, a.setRouting(ctx, f)
}

// forgetRetention takes back what is set about an extension that has no phone any more. The
// caller holds a.mu.
func (a *App) forgetRetention(ctx context.Context, extension, by string) error {
	if slices.Contains(a.phones.Extensions(), extension) {
		return nil
	}
	return a.setRouting(ctx, fact.RetentionSet{Scope: extension, By: by, At: now()})
}
