package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"modernc.org/sqlite"

	"github.com/sekisho/sekisho/store/engine"
)

// Copying implements engine.Copier. Left to itself SQLite copies inside a
// commit, for which calls would wait.
func (e *Engine) Copying() (*sql.DB, error) { return pool(dsn(e.path, "rw", "synchronous(FULL)"), 1) }

// Copy implements engine.Copier. What can't be copied stays in the log, durable,
// for the next time.
func (e *Engine) Copy(ctx context.Context, conn engine.Execer) error {
	_, err := conn.ExecContext(ctx, passive)
	return err
}

// Grown implements engine.Copier: by the pages that the writer has written.
func (e *Engine) Grown(conn *sql.Conn) bool { return written(conn, false) >= logPages }

// Settled implements engine.Copier.
func (e *Engine) Settled(conn *sql.Conn) { _ = written(conn, true) }

func written(conn *sql.Conn, reset bool) (pages int) {
	_ = conn.Raw(func(driver any) (err error) {
		counters, ok := driver.(sqlite.DBStatus)
		if !ok {
			return errors.ErrUnsupported
		}
		pages, _, err = counters.Status(sqlite.DBStatusCacheWrite, reset)
		return err
	})
	return pages
}
