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
	"github.com/sekisho/sekisho/store/engine"
	"github.com/sekisho/sekisho/store/sqlite"
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
	w, err := newWriter(ctx, sqlite.New("", 0), nil)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	if err := w.exec("BEGIN"); err != nil {
		return nil, errors.Join(fmt.Errorf("replay: %w", err), w.close())
	}
	return &Replay{w: w}, nil
}

// Apply plays the fact of leaf seq. One that can't follow those before it
// gives a text.Fault.
func (p *Replay) Apply(seq uint64, f fact.Fact) error {
	p.w.ledger.Begin()
	cost, err := p.w.ledger.Follow(f, seq)
	if err == nil {
		err = project(p.w, f, seq, cost)
	}
	switch {
	case err == nil:
		return nil
	case p.w.blame(err) != engine.Entry:
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
	{"account", "id, doc, leaf"},
	{"call", callColumns},
	{"claim", "id, by, at, leaf"},
	{"greeting", "extension, doc, mark, leaf"},
	{"history", "who || '/' || how || '/' || record, rang, record"},
	{"line", "id, doc, leaf"},
	{"message", "id, doc, mark, leaf"},
	{"opening", "id, doc, leaf"},
	{"phone", "device, extension, doc, leaf"},
	{"pin", "extension, doc, leaf"},
	{"policy", "id, doc, leaf"},
	{"quarantine", "id, doc, leaf"},
	{"recording", "id, doc, leaf"},
	{"ring_group", "number, doc, leaf"},
	{"routing", "id, kind, doc, leaf"},
	{"alert_last", "name, sent, failed, why, leaf"},
	{"tariff", "line, doc, leaf"},
	{"tariff_rates", "mark, leaf"},
}

// sealed lists the tables with data that leaves have only marks of, in the same
// way: key, document with the mark or, where it is bare, the mark, data and leaf;
// and what is said of data that is another.
var sealed = []struct {
	table, columns string
	bare           bool
	why            text.Key
}{
	{"greeting", "extension, mark, sound, leaf", true, "evidence.row.sound"},
	{"line", "id, doc, secret, leaf", false, "evidence.row.secret"},
	{"message", "id, mark, sound, leaf", true, "evidence.row.sound"},
	{"phone", "device, doc, secret, leaf", false, "evidence.row.secret"},
	{"pin", "extension, doc, secret, leaf", false, "evidence.row.secret"},
	{"tariff_rates", "mark, mark, rates, leaf", true, "evidence.row.rates"},
}

// Compare finds the row of r with the lowest leaf that is not what the replay
// says; nil when all are.
func (p *Replay) Compare(ctx context.Context, r *Reader) (*Difference, error) {
	if err := p.w.writeAccounts(); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	var c comparison
	for _, d := range derived {
		query := "SELECT " + d.columns + " FROM " + d.table + " ORDER BY 1"
		if err := c.table(d.table, strings.Split(d.columns, ", "), r.rows(ctx, query),
			p.w.reader().rows(ctx, query)); err != nil {
			return nil, fmt.Errorf("compare %s: %w", d.table, err)
		}
	}
	for _, d := range sealed {
		if err := c.marked(d.table, d.why, d.bare, r.rows(ctx, "SELECT "+d.columns+" FROM "+d.table)); err != nil {
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

// marked holds data against the marks that the documents, and so the leaves,
// have of it.
func (c *comparison) marked(table string, why text.Key, bare bool, rows iter.Seq2[[]any, error]) error {
	for row, err := range rows {
		if err != nil {
			return err
		}
		doc, _ := row[1].(string)
		data, _ := row[2].([]byte)
		var marked struct {
			Mark string `json:"secret_mark"`
		}
		if bare {
			marked.Mark = doc
		} else if err := json.Unmarshal([]byte(doc), &marked); err != nil {
			c.differs(table, row, row[0], why)
			continue
		}
		if marked.Mark != fact.Sealed(data).Mark() {
			c.differs(table, row, row[0], why)
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
		return values(rows, len(columns))
	}, query)
}

// values reads one whole row.
func values(rows *sql.Rows, columns int) ([]any, error) {
	row := make([]any, columns)
	at := make([]any, columns)
	for i := range row {
		at[i] = &row[i]
	}
	return row, rows.Scan(at...)
}
