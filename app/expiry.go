package app

import (
	"context"
	"errors"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/quarantine"
)

// keepTime takes openings and quarantines that have run out from the policy and
// says so in the evidence. The gate itself judges by their time: this only
// keeps the books.
func (a *App) keepTime(ctx context.Context) {
	tick := time.NewTicker(openingsCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := a.expire(ctx, now.UTC()); err != nil && ctx.Err() == nil {
				a.log.Warn("openings and quarantines not written", "err", err)
			}
		}
	}
}

func (a *App) expire(ctx context.Context, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.writeApart(ctx); err != nil {
		return err
	}
	var w fact.Write
	openings := make([]fact.Opening, 0, len(a.state.openings))
	for _, o := range a.state.openings {
		if o.Expires.After(now) {
			openings = append(openings, o)
			continue
		}
		w.Facts = append(w.Facts, fact.OpeningExpired{ID: o.ID, At: now})
	}
	apart := make([]fact.Quarantine, 0, len(a.state.apart))
	for _, q := range a.state.apart {
		if quarantine.InForce(&q, now) {
			apart = append(apart, q)
			continue
		}
		w.Facts = append(w.Facts, fact.QuarantineExpired{ID: q.ID, At: now})
	}
	if len(w.Facts) == 0 {
		return nil
	}
	if err := a.commit(ctx, w); err != nil {
		return err
	}
	a.state.openings, a.state.apart = openings, apart
	return a.refresh()
}

// writeApart writes what was set apart while the disk took nothing.
func (a *App) writeApart(ctx context.Context) error {
	if len(a.state.unwritten) == 0 {
		return nil
	}
	kept, err := a.store.Quarantines(ctx)
	if err != nil {
		return err
	}
	for _, q := range kept { // written after all
		delete(a.state.unwritten, q.ID)
	}
	var all error
	for _, q := range a.state.apart {
		if !a.state.unwritten[q.ID] {
			continue
		}
		if err := a.commit(ctx, fact.Write{Facts: []fact.Fact{fact.QuarantineSet{Quarantine: q}}}); err != nil {
			all = errors.Join(all, err)
			break
		}
		delete(a.state.unwritten, q.ID)
	}
	return all
}
