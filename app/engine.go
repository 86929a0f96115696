package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sekisho/sekisho/alert"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/text"
)

// storeAt says where a unit's store is.
func storeAt(c config.Store, data string) (store.Config, error) {
	if c.Engine != store.PostgreSQL {
		return store.Config{Path: filepath.Join(data, evidence.StoreFile)}, nil
	}
	dsn := os.Getenv(config.DSNVariable)
	if c.DSNFile != "" {
		secret, err := alert.Secret(c.DSNFile)
		if err != nil {
			return store.Config{}, control.NewProblem(control.ExitUsage, "cli.store.dsn", "cli.store.dsn.do", err)
		}
		dsn = secret
	}
	if dsn = strings.TrimSpace(dsn); dsn == "" {
		return store.Config{}, control.NewProblem(control.ExitUsage, "cli.store.nowhere", "cli.store.nowhere.do")
	}
	return store.Config{DSN: dsn, Dial: plane.Dial, Alone: true}, nil
}

// place names a store in problems.
func place(c config.Store, data string) string {
	if c.Engine == store.PostgreSQL {
		return "PostgreSQL"
	}
	return data
}

// storeProblem tells what to do with a store that can't be used as it is.
func storeProblem(err error, at string) error {
	if lossy, ok := errors.AsType[store.Lossy](err); ok {
		setting := lossy.Setting + " = " + lossy.Value
		return control.NewProblem(control.ExitFailed, "cli.store.lossy", "cli.store.lossy.do", setting)
	}
	for _, p := range []struct {
		of   error
		exit int
		key  text.Key
		args []any
	}{
		{store.ErrNewer, control.ExitConflict, "cli.data.newer", []any{at}},
		{store.ErrUnknown, control.ExitConflict, "cli.data.unknown", []any{at}},
		{store.ErrVersion, control.ExitConflict, "cli.evidence.version", []any{at}},
		{store.ErrTaken, control.ExitConflict, "cli.store.taken", nil},
		{store.ErrAddress, control.ExitUsage, "cli.store.address", nil},
		{store.ErrDenied, control.ExitFailed, "cli.store.denied", nil},
		{store.ErrMissing, control.ExitFailed, "cli.store.missing", nil},
		{store.ErrDown, control.ExitFailed, "cli.store.down", []any{err}},
	} {
		if errors.Is(err, p.of) {
			return control.NewProblem(p.exit, p.key, p.key+".do", p.args...)
		}
	}
	return fmt.Errorf("store: %w", err)
}

// checkWay warns where somebody between the unit and its database could take the
// database's place.
func (a *App) checkWay() []control.Check {
	where, err := storeAt(a.options.Config.Store, a.options.Data)
	if err != nil || !where.Exposed() {
		return nil
	}
	return []control.Check{{
		Name: "engine", Of: plain(store.PostgreSQL), Result: control.ResultWarning,
		Detail: text.Of("check.engine.exposed"),
	}}
}

// checkEngine says on which database the unit stands.
func (a *App) checkEngine(ctx context.Context) control.Check {
	c := control.Check{Name: "engine", Result: control.ResultOK}
	if a.spare {
		c.Of, c.Result, c.Detail = plain(store.PostgreSQL), control.ResultFailed, control.Explain(a.cut)
		return c
	}
	server, err := a.store.Server(ctx)
	if err != nil {
		c.Result, c.Detail = control.ResultFailed, control.Explain(err)
		return c
	}
	c.Of, c.Detail = plain(server.Engine), text.Of("check.engine", server.Version, server.Settings)
	return c
}
