package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store/sqlite"
)

// Spare is a file of SQLite with what a unit has to know to carry calls while its
// store is away: phones and where they are, lines, the policy, what is set apart,
// what budgets have spent. Calls and evidence are not in it.
//
// It is for one goroutine.
type Spare struct {
	path string
	kept [sha256.Size]byte // mark of what the file holds; zero before it is known
}

// NewSpare names the file, whose folder exists.
func NewSpare(path string) *Spare { return &Spare{path: path} }

// spared are the tables that a spare has, each with the order in which it is
// read. last ends a table early.
var spared = []struct {
	table, order string
	last         func(row []any) bool
}{
	{table: "account", order: "id"},
	{table: "alert_last", order: "name"},
	{table: "alert_memory", order: "name"},
	{table: "binding", order: "device, contact"},
	{table: "claim", order: "id"},
	{table: "line", order: "id"},
	{table: "line_dialog", order: "call, line, leg"},
	{table: "opening", order: "id"},
	{table: "phone", order: "device"},
	{table: "pin", order: "extension"},
	{table: "policy", order: "leaf DESC", last: hasText},
	{table: "quarantine", order: "id"},
	{table: "ring_group", order: "number"},
	{table: "routing", order: "id"},
	{table: "setting", order: "name"},
	{table: "subscription", order: "tag"},
	{table: "tariff", order: "line"},
	{table: "tariff_rates", order: "mark"},
}

// hasText tells the change of the policy that says what is in force.
func hasText(row []any) bool {
	const doc = 1
	s, _ := row[doc].(string)
	var p fact.PolicyApplied
	return json.Unmarshal([]byte(s), &p) == nil && p.Text != ""
}

// copied is what was read of a table.
type copied struct {
	table   string
	columns []string
	rows    [][]any
}

// Renew brings the file up to what a store is now, all of it or nothing. Where
// that is what it holds already nothing is written.
func (s *Spare) Renew(ctx context.Context, r *Reader) error {
	var all []copied
	mark := sha256.New()
	err := r.Snapshot(ctx, func(r *Reader) error {
		bytes := 0
		for _, t := range spared {
			c := copied{table: t.table}
			read := func(rows *sql.Rows) (row []any, err error) {
				if c.columns, err = rows.Columns(); err != nil {
					return nil, err
				}
				return values(rows, len(c.columns))
			}
			for row, err := range sequence(ctx, r, read, "SELECT * FROM "+t.table+" ORDER BY "+t.order) {
				if err != nil {
					return err
				}
				line := fmt.Appendf(nil, "%s %q\n", t.table, row)
				if bytes += len(line); bytes > spareBytesMax {
					return fmt.Errorf("%w: more than %d bytes", errSpare, spareBytesMax)
				}
				_, _ = mark.Write(line) // a hash takes everything
				c.rows = append(c.rows, row)
				if t.last != nil && t.last(row) {
					break
				}
			}
			all = append(all, c)
		}
		return nil
	})
	now := [sha256.Size]byte(mark.Sum(nil))
	if err == nil && now != s.kept {
		err = s.write(ctx, all)
	}
	if err != nil {
		return fmt.Errorf("spare: %w", err)
	}
	s.kept = now
	return nil
}

var errSpare = errors.New("too much to be kept beside the store")

// write makes the file anew, and puts it in the place of the old one.
func (s *Spare) write(ctx context.Context, all []copied) (err error) {
	fresh := s.path + ".new"
	if err := RemoveFile(fresh); err != nil { // of a process that was killed
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, RemoveFile(fresh))
		}
	}()
	w, err := newWriter(ctx, sqlite.New(fresh, 0), nil)
	if err != nil {
		return err
	}
	if err := errors.Join(w.fill(all), w.close()); err != nil { // the last one to close copies the log
		return err
	}
	if err := os.Rename(fresh, s.path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(s.path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// fill writes rows into a store that was just founded.
func (w *writer) fill(all []copied) error {
	if err := w.begin(); err != nil {
		return err
	}
	for _, c := range all {
		if len(c.rows) == 0 {
			continue
		}
		put := "INSERT OR REPLACE INTO " + c.table + " (" + strings.Join(c.columns, ", ") + ") VALUES (?" +
			strings.Repeat(", ?", len(c.columns)-1) + ")"
		for _, row := range c.rows {
			if err := w.exec(put, row...); err != nil {
				return fmt.Errorf("%s: %w", c.table, err)
			}
		}
	}
	return w.commit()
}

// RemoveFile removes a database file of SQLite and the log beside it, where there
// are any.
func RemoveFile(path string) error {
	var all error
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}
