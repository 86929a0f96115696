package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// Replay plays facts again into an empty state, to compare it with the one
// that is stored.
type Replay struct {
	w *writer
}

// NewReplay makes an empty state in a temporary database, which goes with
// Close.
func NewReplay(ctx context.Context) (*Replay, error) {
	db, err := sql.Open("sqlite", "")
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	db.SetMaxOpenConns(1)
	if err := migrate(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("replay: %w", err), db.Close())
	}
	w, err := newWriter(ctx, db, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("replay: %w", err), db.Close())
	}
	if err := w.exec("BEGIN"); err != nil {
		return nil, errors.Join(fmt.Errorf("replay: %w", err), w.close())
	}
	return &Replay{w: w}, nil
}

// Apply plays the fact of leaf seq. One that can't follow those before it
// gives a text.Fault.
func (p *Replay) Apply(seq uint64, f fact.Fact) error {
	err := project(p.w, f, seq)
	switch {
	case err == nil:
		return nil
	case ofDisk(err):
		return fmt.Errorf("replay: %w", err)
	default:
		return text.Wrong(err, "evidence.row.nothing")
	}
}

// Close lets the temporary database go.
func (p *Replay) Close() error { return p.w.close() }

// Difference is one row that is not what the leaves say.
type Difference struct {
	Table string
	Leaf  uint64 // the leaf that tells of the row or, where none does, that the row names
	Why   text.Message
}

// derived lists the tables that follow from facts alone, by the column that
// is their key. The key is column 0 and the leaf the last one of each.
var derived = []struct{ table, columns string }{
	{"call", callColumns},
	{"claim", "id, by, at, leaf"},
	{"line", "id, doc, leaf"},
	{"opening", "id, doc, leaf"},
	{"phone", "device, extension, doc, leaf"},
	{"ring_group", "number, doc, leaf"},
}

// sealed lists the tables with secrets in the same way: key, document, secret
// and leaf.
var sealed = []struct{ table, columns string }{
	{"line", "id, doc, secret, leaf"},
	{"phone", "device, doc, secret, leaf"},
}

// Compare finds the row of r with the lowest leaf that is not what the replay
// says; nil when all are.
func (p *Replay) Compare(ctx context.Context, r *Reader) (*Difference, error) {
	var c comparison
	for _, d := range derived {
		query := "SELECT " + d.columns + " FROM " + d.table + " ORDER BY 1"
		if err := c.table(d.table, strings.Split(d.columns, ", "), r.rows(ctx, query),
			(&Reader{q: p.w.conn}).rows(ctx, query)); err != nil {
			return nil, fmt.Errorf("compare %s: %w", d.table, err)
		}
	}
	for _, d := range sealed {
		if err := c.secrets(d.table, r.rows(ctx, "SELECT "+d.columns+" FROM "+d.table)); err != nil {
			return nil, fmt.Errorf("compare %s: %w", d.table, err)
		}
	}
	return c.lowest, nil
}

type comparison struct{ lowest *Difference }

// differs keeps the difference with the lowest leaf. The leaf is a row's last
// column.
func (c *comparison) differs(table string, row []any, key any, why text.Key, args ...any) {
	leaf, _ := row[len(row)-1].(int64)
	at := uint64(max(leaf, 0))
	if c.lowest != nil && c.lowest.Leaf <= at {
		return
	}
	named := text.Of(text.Key("evidence.table." + table))
	c.lowest = &Difference{Table: table, Leaf: at, Why: text.Of("evidence.row", named, key, text.Of(why, args...))}
}

// table walks the rows there are and those there should be by key, side by
// side.
func (c *comparison) table(table string, columns []string, have, want iter.Seq2[[]any, error]) error {
	nextHave, stopHave := iter.Pull2(have)
	defer stopHave()
	nextWant, stopWant := iter.Pull2(want)
	defer stopWant()
	h, hErr, hMore := nextHave()
	w, wErr, wMore := nextWant()
	for hMore || wMore {
		if hErr != nil || wErr != nil {
			return errors.Join(hErr, wErr)
		}
		order := 0
		switch {
		case !wMore:
			order = -1
		case !hMore:
			order = 1
		default:
			order = strings.Compare(fmt.Sprint(h[0]), fmt.Sprint(w[0]))
		}
		switch {
		case order < 0:
			c.differs(table, h, h[0], "evidence.row.invented")
		case order > 0:
			c.differs(table, w, w[0], "evidence.row.missing")
		default:
			if i := firstOther(h, w); i >= 0 {
				c.differs(table, w, w[0], "evidence.row.column", columns[i])
			}
		}
		if order <= 0 {
			h, hErr, hMore = nextHave()
		}
		if order >= 0 {
			w, wErr, wMore = nextWant()
		}
	}
	return nil
}

// firstOther is the first column in which two rows differ, -1 for none.
func firstOther(a, b []any) int {
	for i := range a {
		if fmt.Sprint(a[i]) != fmt.Sprint(b[i]) {
			return i
		}
	}
	return -1
}

// secrets holds sealed secrets against the marks that the documents, and so
// the leaves, have of them.
func (c *comparison) secrets(table string, rows iter.Seq2[[]any, error]) error {
	for row, err := range rows {
		if err != nil {
			return err
		}
		doc, _ := row[1].(string)
		secret, _ := row[2].([]byte)
		var marked struct {
			Mark string `json:"secret_mark"`
		}
		if err := json.Unmarshal([]byte(doc), &marked); err != nil || marked.Mark != fact.Sealed(secret).Mark() {
			c.differs(table, row, row[0], "evidence.row.secret")
		}
	}
	return nil
}

// rows reads whole rows.
func (r *Reader) rows(ctx context.Context, query string) iter.Seq2[[]any, error] {
	return sequence(ctx, r, func(rows *sql.Rows) ([]any, error) {
		columns, err := rows.Columns()
		if err != nil {
			return nil, err
		}
		values := make([]any, len(columns))
		at := make([]any, len(columns))
		for i := range values {
			at[i] = &values[i]
		}
		return values, rows.Scan(at...)
	}, query)
}
