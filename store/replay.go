package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/fact"
)

// Replay plays facts again into an empty state, to compare it with the one
// that is stored.
type Replay struct {
	w *writer
}

// NewReplay makes an empty state in memory.
func NewReplay(ctx context.Context) (*Replay, error) {
	db, err := sql.Open("sqlite", ":memory:")
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

// Apply plays the fact of leaf seq.
func (p *Replay) Apply(seq uint64, f fact.Fact) error {
	if err := project(p.w, f, seq); err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	return nil
}

// Close lets the memory go.
func (p *Replay) Close() error { return p.w.close() }

// Difference is one row that is not what the leaves say.
type Difference struct {
	Table string
	Key   string
	Leaf  uint64 // the leaf that tells of the row, or that the row claims
	Why   string
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

// Compare lists the rows of r that are not what the replay says, by leaf, at
// most a handful.
func (p *Replay) Compare(ctx context.Context, r *Reader) ([]Difference, error) {
	var out []Difference
	for _, d := range derived {
		diffs, err := p.table(ctx, r, d.table, d.columns)
		if err != nil {
			return nil, err
		}
		out = append(out, diffs...)
	}
	for _, table := range []string{"phone", "line"} {
		diffs, err := secrets(ctx, r, table)
		if err != nil {
			return nil, err
		}
		out = append(out, diffs...)
	}
	slices.SortStableFunc(out, func(a, b Difference) int {
		switch {
		case a.Leaf < b.Leaf:
			return -1
		case a.Leaf > b.Leaf:
			return 1
		}
		return 0
	})
	return out, nil
}

// table walks both tables by key, side by side.
func (p *Replay) table(ctx context.Context, r *Reader, table, columns string) ([]Difference, error) {
	query := "SELECT " + columns + " FROM " + table + " ORDER BY 1"
	have, err := r.rows(ctx, query)
	if err != nil {
		return nil, err
	}
	want, err := (&Reader{q: p.w.conn}).rows(ctx, query)
	if err != nil {
		return nil, err
	}
	var out []Difference
	add := func(row []any, why string) {
		leaf, _ := row[len(row)-1].(int64)
		out = append(out, Difference{Table: table, Key: fmt.Sprint(row[0]), Leaf: uint64(max(leaf, 0)), Why: why})
	}
	for len(have) > 0 || len(want) > 0 {
		switch order := compareKeys(have, want); {
		case order < 0:
			add(have[0], "a row that no leaf tells of")
			have = have[1:]
		case order > 0:
			add(want[0], "the row is missing")
			want = want[1:]
		default:
			if column := firstOther(have[0], want[0]); column >= 0 {
				name := strings.Split(columns, ", ")[column]
				add(want[0], "column "+name+" is not what the leaves say")
			}
			have, want = have[1:], want[1:]
		}
	}
	return out, nil
}

func compareKeys(have, want [][]any) int {
	switch {
	case len(want) == 0:
		return -1
	case len(have) == 0:
		return 1
	}
	return strings.Compare(fmt.Sprint(have[0][0]), fmt.Sprint(want[0][0]))
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

func (r *Reader) rows(ctx context.Context, query string) ([][]any, error) {
	rows, err := r.q.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	var out [][]any
	for rows.Next() {
		values := make([]any, len(columns))
		at := make([]any, len(columns))
		for i := range values {
			at[i] = &values[i]
		}
		if err := rows.Scan(at...); err != nil {
			return nil, fmt.Errorf("compare: %w", err)
		}
		out = append(out, values)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return out, nil
}

// secrets holds sealed secrets against the marks that the documents, and so
// the leaves, have of them.
func secrets(ctx context.Context, r *Reader, table string) ([]Difference, error) {
	rows, err := r.rows(ctx, "SELECT doc, secret, leaf FROM "+table+" ORDER BY leaf")
	if err != nil {
		return nil, err
	}
	var out []Difference
	for _, row := range rows {
		doc, _ := row[0].(string)
		sealed, _ := row[1].([]byte)
		leaf, _ := row[2].(int64)
		var marked struct {
			Mark string `json:"secret_mark"`
		}
		if err := json.Unmarshal([]byte(doc), &marked); err != nil || marked.Mark != fact.Sealed(sealed).Mark() {
			out = append(out, Difference{
				Table: table, Leaf: uint64(max(leaf, 0)), Why: "the secret is not the one that was set",
			})
		}
	}
	return out, nil
}
