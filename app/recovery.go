package app

import (
	"context"
	"errors"
	"os"
	"strconv"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// settingBoot is the store's own count of starts, decimal.
const settingBoot = "boot"

// keeper tells the unit what was left when its process died.
type keeper struct {
	s *store.Store
	// dead says that the process is dead that left it: else a call that rang may go
	// on elsewhere, and what it had set aside must not be given back.
	dead bool
}

// LineDialogs are the line legs that were up.
func (k keeper) LineDialogs(ctx context.Context) ([]fact.LineDialog, error) {
	return k.s.LineDialogs(ctx)
}

// Subscriptions are those that phones had.
func (k keeper) Subscriptions(ctx context.Context) ([]fact.Subscription, error) {
	return k.s.Subscriptions(ctx)
}

// OpenCalls are the calls whose books are not closed, from before a leaf.
func (k keeper) OpenCalls(ctx context.Context, before uint64, limit int) ([]fact.CallRecord, error) {
	calls, err := k.s.OpenCalls(ctx, before, limit)
	for i := range calls {
		if !k.dead {
			calls[i].Held = nil
		}
	}
	return calls, err
}

// lastWasOurs tells whether the process that had the store last ran on our data
// directory: it is dead then, because we hold its lock. A server others may have
// had since; where they had, its count of boots is not the one after that which
// our spare has.
func (a *App) lastWasOurs(ctx context.Context) bool {
	if a.options.Config.Store.Engine != store.PostgreSQL {
		return true
	}
	path := a.path(spareFile)
	if _, err := os.Stat(path); err != nil {
		return false
	}
	r, err := store.OpenReader(ctx, store.Config{Path: path})
	if err != nil {
		a.log.Warn("the spare can't be read", "err", err)
		return false
	}
	last, err := r.Setting(ctx, settingBoot)
	if err = errors.Join(err, r.Close()); err != nil {
		a.log.Warn("the spare can't be read", "err", err)
		return false
	}
	return last == strconv.FormatUint(a.store.Boot()-1, 10)
}
