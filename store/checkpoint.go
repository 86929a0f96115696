package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/sekisho/sekisho/store/engine"
)

// checkpointer copies the log of an engine.Copier into the database while the
// writer goes on, on a connection of its own. What it can't copy stays in the
// log, durable, for the next time.
type checkpointer struct {
	copier engine.Copier
	db     *sql.DB
	ask    chan struct{} // the log has grown
	copied chan struct{} // all but what came meanwhile is copied
	ended  chan struct{}
}

// newCheckpointer gives nil for an engine that has no such log.
func newCheckpointer(e engine.Engine) (*checkpointer, error) {
	copier, ok := e.(engine.Copier)
	if !ok {
		return nil, nil
	}
	db, err := copier.Copying()
	if err != nil {
		return nil, fmt.Errorf("open store for checkpoints: %w", err)
	}
	c := &checkpointer{
		copier: copier, db: db, ask: make(chan struct{}, wakeSize), copied: make(chan struct{}, wakeSize),
		ended: make(chan struct{}),
	}
	go c.run()
	return c, nil
}

// run is the checkpointer's goroutine: it ends with close.
func (c *checkpointer) run() {
	defer close(c.ended)
	for range c.ask {
		_ = c.copier.Copy(context.Background(), c.db)
		wake(c.copied)
	}
}

// done tells that a copy was made.
func (c *checkpointer) done() <-chan struct{} {
	if c == nil {
		return nil
	}
	return c.copied
}

// grown tells whether the log has so much more than when it was last settled
// that it is time to copy it.
func (c *checkpointer) grown(w *writer) bool { return c != nil && c.copier.Grown(w.conn) }

// close is for after the last ask.
func (c *checkpointer) close() error {
	if c == nil {
		return nil
	}
	close(c.ask)
	<-c.ended
	return c.db.Close()
}

// settle copies the little that came while the checkpointer copied. Nothing
// is left then, and the log is written from its beginning again; unless a
// reader still needs it, or the disk failed: then it grows until the next time.
func (w *writer) settle() {
	if copier, ok := w.engine.(engine.Copier); ok {
		copier.Settled(w.conn)
		_ = copier.Copy(context.Background(), w.conn)
	}
}
