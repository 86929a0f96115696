package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/store/engine"
)

// connection is the one that writes. Its changes are prepared once and given
// to the driver as they are: database/sql makes another list of the values of
// each, a quarter of a record's garbage. For one goroutine.
type connection struct {
	engine  engine.Engine
	about   engine.About
	db      *sql.DB
	conn    *sql.Conn // nil until the next transaction begins, after it was lost
	ctx     context.Context
	silence *time.Timer // ends ctx when a statement takes too long, nil where none does
	changes map[string]driver.StmtExecContext
	values  []driver.NamedValue // of the change under way
}

// fromDriver is an error that the database or its driver gave.
type fromDriver struct{ error }

func (f fromDriver) Unwrap() error { return f.error }

// driven marks such an error; what is not there is none.
func driven(err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return fromDriver{err}
}

// blame judges an error. What did not come of the database concerns one entry.
func (c *connection) blame(err error) engine.Blame {
	var f fromDriver
	if !errors.As(err, &f) {
		return engine.Entry
	}
	return c.engine.Blame(f.error)
}

// connect sees to it that there is a connection.
func (c *connection) connect(ctx context.Context) error {
	if c.conn != nil {
		return nil
	}
	conn, err := c.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("writing connection: %w", driven(err))
	}
	c.conn, c.changes = conn, make(map[string]driver.StmtExecContext)
	return nil
}

// lose lets go of a connection that is not to be used again. The server ends
// what was under way on it.
func (c *connection) lose() {
	_ = c.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = c.conn.Close()
	c.conn = nil
}

// within bounds each statement until end, where the engine has a bound.
func (c *connection) within() (end func()) {
	if c.about.StatementMax == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.ctx, c.silence = ctx, time.AfterFunc(c.about.StatementMax, cancel)
	return func() {
		c.silence.Stop()
		cancel()
		c.ctx, c.silence = context.Background(), nil
	}
}

// next begins the time of the next statement.
func (c *connection) next() {
	if c.silence != nil {
		c.silence.Reset(c.about.StatementMax)
	}
}

// exec runs a statement that changes something, prepared at its first use.
func (c *connection) exec(query string, args ...any) error {
	_, err := c.change(query, args...)
	return err
}

// change is exec, and tells how many rows it changed. Values are integers,
// texts and bytes.
func (c *connection) change(query string, args ...any) (rows int64, err error) {
	c.next()
	err = c.conn.Raw(func(raw any) error {
		stmt, err := c.prepared(raw, query)
		if err != nil {
			return err
		}
		r, err := stmt.ExecContext(c.ctx, c.named(args))
		if err != nil {
			return err
		}
		rows, err = r.RowsAffected()
		return err
	})
	return rows, driven(err)
}

func (c *connection) prepared(raw any, query string) (driver.StmtExecContext, error) {
	if stmt := c.changes[query]; stmt != nil {
		return stmt, nil
	}
	conn, ok := raw.(driver.ConnPrepareContext)
	if !ok {
		return nil, fmt.Errorf("driver of type %T: %w", raw, errors.ErrUnsupported)
	}
	made, err := conn.PrepareContext(c.ctx, c.about.Words(query))
	if err != nil {
		return nil, err
	}
	stmt, ok := made.(driver.StmtExecContext)
	if !ok {
		return nil, errors.Join(fmt.Errorf("statement of type %T: %w", made, errors.ErrUnsupported), made.Close())
	}
	c.changes[query] = stmt
	return stmt, nil
}

// named makes values of arguments, as the driver takes them.
func (c *connection) named(args []any) []driver.NamedValue {
	c.values = c.values[:0]
	for i, a := range args {
		switch v := a.(type) {
		case string:
			if !utf8.ValidString(v) || strings.IndexByte(v, 0) >= 0 {
				a = strings.ReplaceAll(chain.Text(v), "\x00", "\ufffd") // PostgreSQL has no place for a NUL
			}
		case int:
			a = int64(v)
		case uint64:
			a = int64(v)
		}
		c.values = append(c.values, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return c.values
}

// row reads one row.
func (c *connection) row(query string, args ...any) row {
	c.next()
	return row{c.conn.QueryRowContext(c.ctx, c.about.Words(query), args...)}
}

type row struct{ *sql.Row }

// Scan is that of sql.Row.
func (r row) Scan(values ...any) error { return driven(r.Row.Scan(values...)) }

// reader reads on the writer's connection.
func (c *connection) reader() *Reader { return &Reader{about: c.about, q: c.conn} }

func (c *connection) close() error {
	if c.conn == nil {
		return c.db.Close()
	}
	var errs []error
	for _, s := range c.changes {
		if stmt, ok := s.(driver.Stmt); ok {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(append(errs, c.conn.Close(), c.db.Close())...)
}
