// Package sqlite is the room of SQLite: WAL mode, synchronous=FULL, one file and
// one process that writes it. Use New.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"

	"modernc.org/sqlite" // the driver this package exists to wrap
	lib "modernc.org/sqlite/lib"

	"github.com/sekisho/sekisho/store/engine"
	"github.com/sekisho/sekisho/text"
)

//go:embed *.sql
var schema embed.FS

// Engine is one database file, or one in memory.
type Engine struct {
	path     string
	maxBytes int64
}

var (
	_ engine.Engine = (*Engine)(nil)
	_ engine.Copier = (*Engine)(nil)
)

// New names a file, whose folder exists; "" is a temporary database, which goes
// with its connection. maxBytes bounds the file's size, 0 leaves that to the disk.
func New(path string, maxBytes int64) *Engine { return &Engine{path: path, maxBytes: maxBytes} }

// Open implements engine.Engine.
func (e *Engine) Open(ctx context.Context, reading bool) (*sql.DB, error) {
	switch {
	case e.path == "":
		return pool("", 1)
	case reading:
		db, err := pool(dsn(e.path, "rw", "query_only(1)"), readersMax)
		if err != nil {
			return nil, err
		}
		if err := db.PingContext(ctx); err != nil {
			return nil, errors.Join(err, db.Close())
		}
		return db, nil
	}
	if err := private(e.path); err != nil {
		return nil, err
	}
	pragmas := []string{"journal_mode(WAL)", "synchronous(FULL)", copiesNone, walKept, writerCache}
	if e.maxBytes > 0 {
		pragmas = append(pragmas, fmt.Sprintf("max_page_count(%d)", e.maxBytes/pageBytes))
	}
	db, err := pool(dsn(e.path, "rwc", pragmas...), 1)
	if err != nil {
		return nil, err
	}
	if err := durable(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func pool(name string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	return db, nil
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

// durable makes sure of what every promise of a store rests on: a pragma that
// SQLite does not take is not an error to it.
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

// About implements engine.Engine. The house writes SQL as SQLite does.
func (e *Engine) About() engine.About {
	return engine.About{
		Name: Name, Schema: schema, Dialect: "sqlite3",
		Tables:   `SELECT count(*), coalesce(sum(name = ?), 0) FROM sqlite_master WHERE type = 'table'`,
		Describe: `SELECT sqlite_version(), 'journal_mode = wal, synchronous = full'`,
		Words:    func(statement string) string { return statement },
	}
}

// Name is the engine's in the configuration.
const Name = "sqlite"

// Begin implements engine.Engine.
func (e *Engine) Begin(ctx context.Context, conn *sql.Conn) (leaves int64, err error) {
	_, err = conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	return engine.Sole, err
}

// Commit implements engine.Engine.
func (e *Engine) Commit(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "COMMIT")
	return err
}

// Blame implements engine.Engine.
func (e *Engine) Blame(err error) engine.Blame {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return engine.Entry
	}
	switch se.Code() & primaryCode {
	case lib.SQLITE_CONSTRAINT, lib.SQLITE_TOOBIG, lib.SQLITE_MISMATCH, lib.SQLITE_RANGE, lib.SQLITE_ERROR:
		return engine.Entry
	}
	return engine.Disk
}

// primaryCode masks what an extended result code of SQLite adds.
const primaryCode = 0xff

// Damage tells whether an error comes of a file that is no sound store any
// more, and says how.
func Damage(err error) (why text.Message, damaged bool) {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return text.Message{}, false
	}
	switch se.Code() & primaryCode {
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return text.Of("evidence.damaged"), true
	case lib.SQLITE_ERROR: // our statements are right, so the tables are not
		return text.Of("evidence.tables"), true
	}
	return text.Message{}, false
}
