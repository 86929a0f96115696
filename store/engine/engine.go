// Package engine says what a database has to do for a store to stand on it.
// Package store has all that is the same on each; what only one of them knows,
// its SQL included, stays in that one's room: store/sqlite, store/postgresql.
package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// Engine is a database.
type Engine interface {
	// Open opens a pool of connections: the writer's, or one for reading alone.
	Open(ctx context.Context, reading bool) (*sql.DB, error)
	// About tells what there is to know without a connection.
	About() About
	// Begin begins a transaction in which nobody else writes, and gives the number
	// of leaves there are; Sole where nobody else ever writes.
	Begin(ctx context.Context, conn *sql.Conn) (leaves int64, err error)
	// Commit returns when the transaction is durable. An error may come of one
	// that is.
	Commit(ctx context.Context, conn *sql.Conn) error
	// Blame judges an error that the database or its driver gave.
	Blame(err error) Blame
}

// Sole is what Begin gives where the writer is the only one.
const Sole = -1

// About is what an engine tells of itself.
type About struct {
	Name     string // as in the configuration
	Schema   fs.FS  // numbered migrations
	Dialect  string // goose's name of theirs
	Tables   string // query: how many tables, how many with the name ?
	Describe string // query: the version of the server, the settings that durability rests on
	// Words gives a statement as the database takes it. The house writes ? or ?1
	// where a value goes.
	Words func(statement string) string
	// StatementMax bounds a statement of the writer; 0 for one that is over when the
	// disk says so.
	StatementMax time.Duration
}

// Blame says where an error of a database comes from.
type Blame int

// The blames.
const (
	Entry      Blame = iota // the values of one entry: others are not concerned
	Disk                    // the database takes no writes
	Connection              // the same, and the connection is not to be used again
	Race                    // another transaction came between: this one may be tried again
)

// Why a database can't be used.
var (
	ErrDown    = errors.New("the database server does not answer")
	ErrDenied  = errors.New("the database server does not let us in")
	ErrMissing = errors.New("there is no such database")
	ErrTaken   = errors.New("another process has the database")
	ErrAddress = errors.New("the address of the database can't be read")
)

// Lossy is the setting by which a database may lose what it says is written, or
// can't hold all that is to be written.
type Lossy struct{ Setting, Value string }

// Error says it.
func (l Lossy) Error() string {
	return fmt.Sprintf("the database server may lose what it says is written: %s is %s", l.Setting, l.Value)
}

// Founder is an Engine that several processes may found or migrate at once.
type Founder interface {
	// Found lets one of them at a time do it.
	Found(ctx context.Context, migrate func() error) error
}

// Copier is an Engine whose log has to be copied into the database by somebody.
type Copier interface {
	// Copying opens a connection that copies beside the writer.
	Copying() (*sql.DB, error)
	// Copy copies, on either connection, what no reader needs where it is.
	Copy(ctx context.Context, conn Execer) error
	// Grown tells whether it is time to.
	Grown(conn *sql.Conn) bool
	// Settled begins a new count for Grown.
	Settled(conn *sql.Conn)
}

// Execer is a pool or a connection.
type Execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}
