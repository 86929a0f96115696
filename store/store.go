package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/store/engine"
	"github.com/sekisho/sekisho/store/postgresql"
	"github.com/sekisho/sekisho/store/sqlite"
	"github.com/sekisho/sekisho/tally"
)

// Config says where the store is: on SQLite in the file Path or, where DSN is
// set, on PostgreSQL.
type Config struct {
	Path     string // database file; its folder exists
	MaxBytes int64  // bound of the file's size, 0 for the disk's; beyond it the store is degraded

	DSN string // address of the database, which may hold a password: in no error, in no log
	// Dial opens connections to it.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Alone takes the database for this process. Without it several may write, in
	// turns.
	Alone bool

	// Fault, where tests and simulation set it, is asked before each step of a
	// transaction ("begin", "apply", "commit"); its error is taken as the
	// disk's.
	Fault func(step string) error
}

func (c Config) engine() (engine.Engine, error) {
	if c.DSN == "" {
		return sqlite.New(c.Path, c.MaxBytes), nil
	}
	return postgresql.New(c.DSN, c.Dial, c.Alone)
}

// Exposed tells that what goes to the database, and comes from it, can be read and
// changed on the way there: over a network, without sslmode=verify-full.
func (c Config) Exposed() bool {
	if c.DSN == "" {
		return false
	}
	e, err := postgresql.New(c.DSN, c.Dial, c.Alone)
	return err == nil && e.Exposed()
}

// where names the database in errors.
func (c Config) where() string {
	if c.DSN == "" {
		return c.Path
	}
	return postgresql.Name
}

// The engines, as a configuration names them.
const (
	SQLite     = sqlite.Name
	PostgreSQL = postgresql.Name
)

// Why a database of a server can't be opened.
var (
	ErrAddress = engine.ErrAddress
	ErrDown    = engine.ErrDown
	ErrDenied  = engine.ErrDenied
	ErrMissing = engine.ErrMissing
	ErrTaken   = engine.ErrTaken
	ErrServer  = errors.New("the database server takes no writes") // beside fact.ErrNotWritable
)

// Lossy is why one is refused that may lose what it says is written.
type Lossy = engine.Lossy

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
// the writer. It gives ErrNewer or ErrUnknown, and changes nothing, where the
// schema is not known.
func Open(ctx context.Context, c Config) (*Store, error) {
	s, err := open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", c.where(), err)
	}
	return s, nil
}

func open(ctx context.Context, c Config) (*Store, error) {
	e, err := c.engine()
	if err != nil {
		return nil, err
	}
	w, err := newWriter(ctx, e, c.Fault)
	if err != nil {
		return nil, err
	}
	w.settle() // what a dead process left in the log
	r, err := openReader(ctx, e)
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	s := &Store{
		Reader: r, boot: w.boot, queue: newQueue(), stopped: make(chan struct{}),
	}
	s.publish(w.tree.Head())
	background, err := newCheckpointer(e)
	if err != nil {
		return nil, errors.Join(err, r.Close(), w.close())
	}
	go s.write(w, background)
	return s, nil
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
