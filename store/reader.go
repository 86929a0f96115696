package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store/engine"
	"github.com/sekisho/sekisho/store/postgresql"
	"github.com/sekisho/sekisho/store/sqlite"
	"github.com/sekisho/sekisho/text"
)

// Reader has the reads of a store. It is safe for concurrent use.
type Reader struct {
	about engine.About
	db    *sql.DB
	q     querier
}

// querier is a pool or one transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// OpenReader opens a store that exists for reading alone, while a unit may be
// writing it. It gives ErrVersion where it would not find its tables.
func OpenReader(ctx context.Context, c Config) (*Reader, error) {
	e, err := c.engine()
	if err != nil {
		return nil, fmt.Errorf("open store for reading: %w", err)
	}
	r, err := openReader(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("open store %s for reading: %w", c.where(), err)
	}
	return r, nil
}

func openReader(ctx context.Context, e engine.Engine) (*Reader, error) {
	db, err := e.Open(ctx, true)
	if err != nil {
		return nil, err
	}
	if err := current(ctx, db, e.About()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Reader{about: e.About(), db: db, q: db}, nil
}

// Damage tells whether an error comes of a database that is no sound store any
// more, and says how.
func Damage(err error) (why text.Message, damaged bool) {
	if errors.Is(err, ErrUnknown) {
		return text.Of("evidence.tables"), true
	}
	if why, damaged := sqlite.Damage(err); damaged {
		return why, true
	}
	return postgresql.Damage(err)
}

// Server is the database that a store stands on, as it is now.
type Server struct {
	Engine, Version string
	Settings        string // those that durability rests on
}

// Server asks the database about itself.
func (r *Reader) Server(ctx context.Context) (Server, error) {
	s := Server{Engine: r.about.Name}
	err := r.each(ctx, func(scan func(...any) error) error { return scan(&s.Version, &s.Settings) }, r.about.Describe)
	return s, err
}

// Close closes the reader's connections.
func (r *Reader) Close() error {
	if err := r.db.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// Snapshot gives f a Reader whose reads all see the store at one moment.
func (r *Reader) Snapshot(ctx context.Context, f func(*Reader) error) error {
	tx, err := r.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	err = f(&Reader{about: r.about, db: r.db, q: tx})
	return errors.Join(err, tx.Rollback())
}

// each runs a query and hands its rows on.
func (r *Reader) each(ctx context.Context, row func(scan func(...any) error) error,
	query string, args ...any,
) error {
	rows, err := r.q.QueryContext(ctx, r.about.Words(query), args...)
	if err != nil {
		return fmt.Errorf("read store: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("read store: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read store: %w", err)
	}
	return nil
}

// documents reads a column of JSON documents.
func documents[T any](ctx context.Context, r *Reader, query string, args ...any) ([]T, error) {
	var out []T
	err := r.each(ctx, func(scan func(...any) error) error {
		var doc []byte
		if err := scan(&doc); err != nil {
			return err
		}
		var v T
		if err := json.Unmarshal(doc, &v); err != nil {
			return err
		}
		out = append(out, v)
		return nil
	}, query, args...)
	return out, err
}

// Phones lists the phones by device, with their sealed secrets.
func (r *Reader) Phones(ctx context.Context) ([]fact.Phone, error) {
	var out []fact.Phone
	err := r.each(ctx, func(scan func(...any) error) error {
		var doc, sealed []byte
		if err := scan(&doc, &sealed); err != nil {
			return err
		}
		var p fact.Phone
		if err := json.Unmarshal(doc, &p); err != nil {
			return err
		}
		p.SecretSealed = sealed
		out = append(out, p)
		return nil
	}, `SELECT doc, secret FROM phone ORDER BY device`)
	return out, err
}

// Lines lists the lines by ID, with their sealed secrets.
func (r *Reader) Lines(ctx context.Context) ([]fact.Line, error) {
	var out []fact.Line
	err := r.each(ctx, func(scan func(...any) error) error {
		var doc, sealed []byte
		if err := scan(&doc, &sealed); err != nil {
			return err
		}
		var l fact.Line
		if err := json.Unmarshal(doc, &l); err != nil {
			return err
		}
		l.SecretSealed = sealed
		out = append(out, l)
		return nil
	}, `SELECT doc, secret FROM line ORDER BY id`)
	return out, err
}

// Bindings lists the bindings as last written, expired ones among them.
func (r *Reader) Bindings(ctx context.Context) ([]fact.Binding, error) {
	return documents[fact.Binding](ctx, r, `SELECT doc FROM binding ORDER BY device, contact`)
}

// Groups lists the ring groups by number.
func (r *Reader) Groups(ctx context.Context) ([]fact.Group, error) {
	return documents[fact.Group](ctx, r, `SELECT doc FROM ring_group ORDER BY number`)
}

// Openings lists the openings by ID, expired ones among them until the fact
// of their expiry is written.
func (r *Reader) Openings(ctx context.Context) ([]fact.Opening, error) {
	return documents[fact.Opening](ctx, r, `SELECT doc FROM opening ORDER BY id`)
}

// Quarantines lists what is set apart, by ID, with those whose time is over
// until the fact of that is written.
func (r *Reader) Quarantines(ctx context.Context) ([]fact.Quarantine, error) {
	return documents[fact.Quarantine](ctx, r, `SELECT doc FROM quarantine ORDER BY id`)
}

// LineDialogs lists the dialogs that were up on lines when last written.
func (r *Reader) LineDialogs(ctx context.Context) ([]fact.LineDialog, error) {
	return documents[fact.LineDialog](ctx, r, `SELECT doc FROM line_dialog ORDER BY call, line, leg`)
}

// Subscriptions lists the subscriptions that phones had when last written.
func (r *Reader) Subscriptions(ctx context.Context) ([]fact.Subscription, error) {
	return documents[fact.Subscription](ctx, r, `SELECT doc FROM subscription ORDER BY tag`)
}

// CallFilter chooses call records; its zero fields choose nothing away.
type CallFilter struct {
	Call      string
	Extension string
	Line      string
	Verb      string
	Since     time.Time // started at or after
	Before    time.Time // started before
	Open      bool      // not ended yet
	Odd       bool      // something about it was odd
	Leaf      uint64    // its first leaf comes before this one, 0 for any
	Limit     int       // the newest so many; 0 and more than the limit mean the limit
}

// Calls lists call records, the newest first.
func (r *Reader) Calls(ctx context.Context, f CallFilter) ([]fact.CallRecord, error) {
	if f.Limit <= 0 || f.Limit > callsMax {
		f.Limit = callsMax
	}
	if f.Leaf == 0 || f.Leaf > math.MaxInt64 {
		f.Leaf = math.MaxInt64
	}
	var only string // in words that the indexes answer to
	if f.Open {
		only = " AND ended = 0"
	}
	if f.Odd {
		only += " AND opinion <> ''"
	}
	var out []fact.CallRecord
	err := r.each(ctx, func(scan func(...any) error) error {
		c, err := scanCall(scan)
		out = append(out, c)
		return err
	}, `SELECT `+callColumns+` FROM call WHERE (?1 = '' OR id = ?1) AND (?2 = '' OR extension = ?2)
		AND (?3 = '' OR line = ?3) AND (?4 = '' OR verb = ?4) AND started >= ?5
		AND (started < ?6 OR ?6 = 0) AND leaf < ?8`+only+` ORDER BY leaf DESC LIMIT ?7`,
		f.Call, f.Extension, f.Line, f.Verb, nanos(f.Since), nanos(f.Before), f.Limit, int64(f.Leaf))
	return out, err
}

// Claim tells who claimed the unit and when; ok is false for one that nobody
// has.
func (r *Reader) Claim(ctx context.Context) (by string, at time.Time, ok bool, err error) {
	err = r.each(ctx, func(scan func(...any) error) error {
		var n int64
		ok = true
		err := scan(&by, &n)
		at = instant(n)
		return err
	}, `SELECT by, at FROM claim WHERE id = 1`)
	return by, at, ok, err
}

// Setting reads a setting, "" for none.
func (r *Reader) Setting(ctx context.Context, name string) (value string, err error) {
	err = r.each(ctx, func(scan func(...any) error) error { return scan(&value) },
		`SELECT value FROM setting WHERE name = ?`, name)
	return value, err
}

// OpenCalls lists the calls whose books are not closed and whose first leaf
// comes before the given one, the newest so many first: what a unit has to
// settle after its process died.
func (r *Reader) OpenCalls(ctx context.Context, before uint64, limit int) ([]fact.CallRecord, error) {
	if before == 0 {
		return nil, nil
	}
	return r.Calls(ctx, CallFilter{Open: true, Leaf: before, Limit: limit})
}
