package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"sync/atomic"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver this package exists to wrap

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/tally"
)

//go:embed sqlite/*.sql
var migrations embed.FS

// Config says where the store is.
type Config struct {
	Path     string // database file; its folder exists
	MaxBytes int64  // bound of the file's size, 0 for the disk's; beyond it the store is degraded
	// Fault, where tests and simulation set it, is asked before each step of a
	// transaction ("begin", "apply", "commit"); its error is taken as the
	// disk's.
	Fault func(step string) error
}

// Store is the open database.
type Store struct {
	*Reader
	boot     uint64
	queue    *queue
	stopped  chan struct{}
	degraded atomic.Pointer[error]
	head     atomic.Pointer[chain.Head]
	// Commits are the times that transactions took to be on disk.
	Commits tally.Delays
}

// Open opens or founds the database, brings its schema up to date, and starts
// the writer.
func Open(ctx context.Context, c Config) (*Store, error) {
	if err := private(c.Path); err != nil {
		return nil, fmt.Errorf("open store %s: %w", c.Path, err)
	}
	pragmas := []string{"journal_mode(WAL)", "synchronous(FULL)", copiesNone, walKept, writerCache}
	if c.MaxBytes > 0 {
		pragmas = append(pragmas, fmt.Sprintf("max_page_count(%d)", c.MaxBytes/pageBytes))
	}
	db, err := sql.Open("sqlite", dsn(c.Path, "rwc", pragmas...))
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	db.SetMaxOpenConns(1)
	s, err := open(ctx, c, db)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", c.Path, err), db.Close())
	}
	return s, nil
}

// private founds the file so that nobody else can read it; SQLite gives the
// log beside it the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func open(ctx context.Context, c Config, db *sql.DB) (*Store, error) {
	if err := migrate(ctx, db); err != nil {
		return nil, err
	}
	if err := durable(ctx, db); err != nil {
		return nil, err
	}
	w, err := newWriter(ctx, db, c.Fault)
	if err != nil {
		return nil, err
	}
	w.settle() // what a dead process left in the log
	r, err := OpenReader(ctx, c.Path)
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	s := &Store{
		Reader: r, boot: w.boot, queue: newQueue(), stopped: make(chan struct{}),
	}
	s.publish(w.tree.Head())
	background, err := newCheckpointer(c.Path)
	if err != nil {
		return nil, errors.Join(err, r.Close(), w.close())
	}
	go s.write(w, background)
	return s, nil
}

// durable makes sure of what every promise of this package rests on: a pragma
// that SQLite does not take is not an error to it.
func durable(ctx context.Context, db *sql.DB) error {
	var mode, synchronous string
	err := errors.Join(db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode),
		db.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&synchronous))
	if err != nil {
		return fmt.Errorf("pragmas: %w", err)
	}
	const full = "2"
	if mode != "wal" || synchronous != full {
		return fmt.Errorf("journal mode %s, synchronous %s: writes would not be durable", mode, synchronous)
	}
	return nil
}

func dsn(path, mode string, pragmas ...string) string {
	q := url.Values{"mode": {mode}}
	for _, p := range append(pragmas, "busy_timeout("+strconv.Itoa(busyTimeoutMS)+")") {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: q.Encode()}).String()
}

func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "sqlite")
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Boot counts how often the store was opened for writing, this time included.
func (s *Store) Boot() uint64 { return s.boot }

// Head is the log as last committed.
func (s *Store) Head() chain.Head { return *s.head.Load() }

func (s *Store) publish(h chain.Head) { s.head.Store(&h) }

// Degraded is nil while the disk takes writes, else why it does not.
func (s *Store) Degraded() error {
	if err := s.degraded.Load(); err != nil {
		return *err
	}
	return nil
}

// Append hands an entry to the writer. done is called once, from the writer's
// goroutine, with nil after the entry is synced to disk; at once with an error
// that wraps fact.ErrQueueFull or fact.ErrClosed when it can't be taken. An
// entry that is Behind waits for company, behindMax at most.
func (s *Store) Append(e chain.Entry, done func(error)) {
	if err := s.queue.put(request{entry: e, done: done}); err != nil {
		done(err) // not under the lock: done may append again
	}
}

// Close writes what waits, and closes the database.
func (s *Store) Close() error {
	s.queue.close()
	<-s.stopped
	return s.Reader.Close()
}
