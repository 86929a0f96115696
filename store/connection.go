package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/sekisho/sekisho/evidence/chain"
)

// connection is the one that writes. Its changes are prepared once and given
// to the driver as they are: database/sql makes another list of the values of
// each, a quarter of a record's garbage. For one goroutine.
type connection struct {
	db      *sql.DB
	conn    *sql.Conn
	changes map[string]driver.StmtExecContext
	values  []driver.NamedValue // of the change under way
}

// exec runs a statement that changes something, prepared at its first use.
func (c *connection) exec(query string, args ...any) error {
	_, err := c.change(query, args...)
	return err
}

// change is exec, and tells how many rows it changed. Values are integers,
// texts and bytes.
func (c *connection) change(query string, args ...any) (rows int64, err error) {
	err = c.conn.Raw(func(raw any) error {
		stmt, err := c.prepared(raw, query)
		if err != nil {
			return err
		}
		r, err := stmt.ExecContext(context.Background(), c.named(args))
		if err != nil {
			return err
		}
		rows, err = r.RowsAffected()
		return err
	})
	return rows, err
}

func (c *connection) prepared(raw any, query string) (driver.StmtExecContext, error) {
	if stmt := c.changes[query]; stmt != nil {
		return stmt, nil
	}
	conn, ok := raw.(driver.ConnPrepareContext)
	if !ok {
		return nil, fmt.Errorf("driver of type %T: %w", raw, errors.ErrUnsupported)
	}
	made, err := conn.PrepareContext(context.Background(), query)
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
			if !utf8.ValidString(v) {
				a = chain.Text(v)
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
func (c *connection) row(query string, args ...any) *sql.Row {
	return c.conn.QueryRowContext(context.Background(), query, args...)
}

func (c *connection) close() error {
	var errs []error
	for _, s := range c.changes {
		if stmt, ok := s.(driver.Stmt); ok {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(append(errs, c.conn.Close(), c.db.Close())...)
}
