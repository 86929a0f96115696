package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/text"
)

// A unit on PostgreSQL keeps beside it what it has to know to carry calls. When
// its server can't be used as it starts it runs on a copy of that which takes no
// write (invariant G6): the desk closes what is not emergency, as it does when the
// server goes away in mid-life. Run has it go over to the server when that is
// back.

// errAway is what every write of a unit gets that runs on its spare.
var errAway = text.Wrong(nil, "system.away")

// handover is what a unit that ran on its spare leaves to the one on the server.
type handover struct {
	store    *store.Store
	bindings []fact.Binding // of the phones that are there
	facts    []fact.Fact    // that nobody has written yet
}

// found is what came of looking for the server.
type found struct {
	store *store.Store
	err   error // why the unit can't go on
}

// final tells that the start ends with an error of opening a store: it is for a
// person, or another unit is at work. Everything else may be over in a moment.
func final(err error) bool {
	return errors.Is(err, store.ErrTaken) || errors.Is(err, store.ErrVersion) || errors.Is(err, store.ErrAddress) ||
		errors.Is(err, context.Canceled)
}

// openDatabase opens the store, or a copy of the spare where there is one and the
// store is away.
func (a *App) openDatabase(ctx context.Context) (*store.Store, error) {
	if h := a.options.handed; h != nil {
		return h.store, nil
	}
	c := a.options.Config.Store
	where, err := storeAt(c, a.options.Data)
	switch {
	case err != nil:
		return nil, err
	case where.DSN == "":
		where.Fault = a.fault
	case a.stranded != "":
		return a.openSpare(ctx)
	}
	st, err := store.Open(ctx, where)
	switch {
	case err == nil:
		return st, nil
	case errors.Is(err, store.ErrTaken) && where.DSN != "": // what we know is out of date soon
		a.dropSpare()
	case where.DSN != "" && !final(err):
		a.cut = errAway
		spare, second := a.openSpare(ctx)
		if second == nil {
			a.log.Error("the database server can't be used: emergency and internal calls only until it is back",
				"err", err)
			a.away = make(chan found, 1)
			return spare, nil
		}
		if !errors.Is(second, fs.ErrNotExist) {
			a.log.Error("nor can what was kept beside it", "err", second)
		}
	}
	return nil, storeProblem(err, place(c, a.options.Data))
}

// openSpare opens a copy of the spare.
func (a *App) openSpare(ctx context.Context) (*store.Store, error) {
	path := a.path(adriftFile)
	if err := store.RemoveFile(path); err != nil { // of a process that was killed
		return nil, fmt.Errorf("spare: %w", err)
	}
	b, err := os.ReadFile(a.path(spareFile))
	if err != nil {
		return nil, fmt.Errorf("spare: %w", err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return nil, fmt.Errorf("spare: %w", err)
	}
	a.onClose(func() error { return store.RemoveFile(path) })
	st, err := store.Open(ctx, store.Config{Path: path, Fault: a.fault})
	if err != nil {
		return nil, fmt.Errorf("spare: %w", err)
	}
	a.spare = true
	return st, nil
}

func (a *App) dropSpare() {
	if err := store.RemoveFile(a.path(spareFile)); err != nil {
		a.log.Warn("the spare is not removed", "err", err)
	}
}

// keepsSpare tells whether there is a server that a spare is kept beside.
func (a *App) keepsSpare() bool {
	return a.options.Config.Store.Engine == store.PostgreSQL && !a.spare
}

// renewSpare brings the spare up to date.
func (a *App) renewSpare(ctx context.Context, spare *store.Spare) {
	err := spare.Renew(ctx, a.store.Reader)
	switch {
	case err == nil || a.recorder.Degraded() != nil: // it says enough that the server is away
	case errors.Is(err, context.Canceled):
	default:
		a.log.Error("what the unit would start on without its server is not kept", "err", err)
	}
}

// keepSpare keeps the spare up to date: soon after somebody has changed what
// calls are judged by, and now and then for where phones are.
func (a *App) keepSpare(ctx context.Context, spare *store.Spare) {
	tick := time.NewTicker(spareEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeMax)
			defer cancel()
			a.renewSpare(last, spare)
			return
		case <-a.spareDue:
		case <-tick.C:
		}
		a.renewSpare(ctx, spare)
	}
}

// seekServer opens the store as soon as its server lets it, and hands it on.
func (a *App) seekServer(ctx context.Context) {
	tick := time.NewTicker(serverSought)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		where, err := storeAt(a.options.Config.Store, a.options.Data)
		if err != nil { // somebody is at the file
			continue
		}
		st, err := store.Open(ctx, where)
		switch {
		case ctx.Err() != nil:
			if err == nil {
				err = st.Close()
			}
			a.log.Debug("the unit ends while its server comes back", "err", err)
			return
		case err == nil:
			a.log.Info("the database server is back; the unit goes over to it between calls")
		case !final(err):
			continue
		case errors.Is(err, store.ErrTaken):
			a.dropSpare()
		}
		if err != nil {
			err = storeProblem(err, place(a.options.Config.Store, a.options.Data))
		}
		a.away <- found{st, err}
		return
	}
}

// idle returns when no call is up, or after a while when none is that must not
// be cut; with ctx.
func (a *App) idle(ctx context.Context) {
	tick := time.NewTicker(idleCheck)
	defer tick.Stop()
	for began := time.Now(); ; {
		calls, urgent := a.unit.Calls(), false
		for i := range calls {
			urgent = urgent || calls[i].Emergency
		}
		if len(calls) == 0 || !urgent && time.Since(began) > idleMax {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Away tells that the unit runs on its spare, because its server could not be
// used when it started.
func (a *App) Away() bool { return a.away != nil }

// Run runs a unit until ctx ends. ready is called when it is up: once, and again
// after it has gone over from its spare to its server, which takes a moment in
// which it can't be called.
func Run(ctx context.Context, o Options, ready func(*App)) error {
	for {
		a, err := New(ctx, o)
		if err == nil {
			err = a.Start(ctx)
		}
		if err != nil {
			if o.handed == nil || ctx.Err() != nil {
				return err
			}
			a.log.Error("not gone over to the server: on the spare again", "err", err)
			o.handed = nil
			continue
		}
		ready(a)
		var server found
		select {
		case <-ctx.Done():
			return a.Stop()
		case server = <-a.away:
		}
		a.idle(ctx)
		if server.err != nil || ctx.Err() != nil {
			if server.store != nil {
				err = server.store.Close()
			}
			return errors.Join(server.err, a.Stop(), err)
		}
		o.handed = &handover{store: server.store}
		for _, p := range a.phones.Phones(time.Now()) {
			o.handed.bindings = append(o.handed.bindings, p.Bindings...)
		}
		if err := a.Stop(); err != nil {
			a.log.Error("the unit on the spare did not end well", "err", err)
		}
		o.handed.facts = a.desk.Unwritten()
	}
}

// takeOver writes down what happened while the unit ran on its spare.
func (a *App) takeOver(ctx context.Context) error {
	h := a.options.handed
	if h == nil {
		return nil
	}
	for list := h.bindings; len(list) > 0; {
		n := min(len(list), bindingsOnce)
		w := fact.Write{Behind: true}
		for _, b := range list[:n] {
			w.Rows = append(w.Rows, b)
		}
		if err := a.commit(ctx, w); err != nil {
			return err
		}
		list = list[n:]
	}
	a.desk.Later(fact.ErrNotWritable, h.facts...)
	return nil
}
