package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// checkpointer copies the log into the database while the writer goes on, on a
// connection of its own. Left to itself SQLite does it inside a commit, for
// which calls would wait. What it can't copy stays in the log, durable, for
// the next time.
type checkpointer struct {
	db     *sql.DB
	ask    chan struct{} // the log has grown
	copied chan struct{} // all but what came meanwhile is copied
	ended  chan struct{}
}

func newCheckpointer(path string) (*checkpointer, error) {
	db, err := sql.Open("sqlite", dsn(path, "rw", "synchronous(FULL)"))
	if err != nil {
		return nil, fmt.Errorf("open store for checkpoints: %w", err)
	}
	db.SetMaxOpenConns(1)
	c := &checkpointer{
		db: db, ask: make(chan struct{}, wakeSize), copied: make(chan struct{}, wakeSize),
		ended: make(chan struct{}),
	}
	go c.run()
	return c, nil
}

// run is the checkpointer's goroutine: it ends with close.
func (c *checkpointer) run() {
	defer close(c.ended)
	for range c.ask {
		_, _ = c.db.ExecContext(context.Background(), passive)
		wake(c.copied)
	}
}

// close is for after the last ask.
func (c *checkpointer) close() error {
	close(c.ask)
	<-c.ended
	return c.db.Close()
}

// grown tells whether the log has so many pages more than when it was last
// settled that it is time to copy them.
func (w *writer) grown() bool {
	var pages int
	_ = w.conn.Raw(func(driver any) (err error) {
		if counters, ok := driver.(sqlite.DBStatus); ok {
			pages, _, err = counters.Status(sqlite.DBStatusCacheWrite, false)
		}
		return err
	})
	return pages >= logPages
}

// settle copies the little that came while the checkpointer copied. Nothing
// is left then, and the log is written from its beginning again; unless a
// reader still needs it, or the disk failed: then it grows until the next time.
func (w *writer) settle() {
	_ = w.conn.Raw(func(driver any) error {
		if counters, ok := driver.(sqlite.DBStatus); ok {
			_, _, err := counters.Status(sqlite.DBStatusCacheWrite, true)
			return err
		}
		return errors.ErrUnsupported
	})
	_ = w.exec(passive)
}
