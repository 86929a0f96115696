package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"github.com/sekisho/sekisho/store/sqlite"
)

// written makes a database as somebody else left it.
func written(t *testing.T, founded bool, statement string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "store.db")
	if founded {
		s, err := Open(t.Context(), Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOtherVersions: a store of a newer version, or of none that is known, is
// refused as it is; an older one is for a unit to bring up to date, and for
// readers to wait for that. To a reader an empty one is unknown, too: whose key
// stands beside it has lost its tables.
func TestOtherVersions(t *testing.T) {
	mark := `INSERT INTO ` + goose.DefaultTablename + ` (version_id, is_applied) VALUES (%d, 1)`
	for name, c := range map[string]struct {
		founded      bool
		statement    string
		opens, reads error
	}{
		"ours":              {true, `SELECT 1`, nil, nil},
		"newer":             {true, fmt.Sprintf(mark, math.MaxInt32), ErrNewer, ErrNewer},
		"another program's": {false, `CREATE TABLE note (id INTEGER PRIMARY KEY)`, ErrUnknown, ErrUnknown},
		"empty":             {false, `VACUUM`, nil, ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			path := written(t, c.founded, c.statement)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			r, err := OpenReader(t.Context(), Config{Path: path})
			if !errors.Is(err, c.reads) {
				t.Errorf("for reading: %v, want %v", err, c.reads)
			}
			if err == nil {
				_ = r.Close()
			}
			s, err := Open(t.Context(), Config{Path: path})
			if !errors.Is(err, c.opens) {
				t.Errorf("%v, want %v", err, c.opens)
			}
			if err == nil {
				_ = s.Close()
				return
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before[100:], after[100:]) { // but for the header
				t.Error("it was changed")
			}
		})
	}
}

// TestAVersionBetween: a version that is not ours is unknown also where ours are
// newer.
func TestAVersionBetween(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	about := sqlite.New("", 0).About()
	provider := func(versions ...int) *goose.Provider {
		files := fstest.MapFS{}
		for _, v := range versions {
			files[fmt.Sprintf("%05d_a.sql", v)] = &fstest.MapFile{
				Data: fmt.Appendf(nil, "-- +goose Up\nCREATE TABLE a%d (i INTEGER);\n", v),
			}
		}
		p, err := goose.NewProvider(goose.DialectSQLite3, db, files)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if v, err := versionOf(t.Context(), db, provider(1), about); v != 0 || err != nil {
		t.Errorf("an empty store: %d, %v", v, err)
	}
	if _, err := provider(1, 2).Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ours []int
		want error
	}{{[]int{1, 2}, nil}, {[]int{1, 2, 3}, nil}, {[]int{1}, ErrNewer}, {[]int{1, 3}, ErrUnknown}} {
		if v, err := versionOf(t.Context(), db, provider(c.ours...), about); v != 2 || !errors.Is(err, c.want) {
			t.Errorf("ours are %d: %d, %v, want %v", c.ours, v, err, c.want)
		}
	}
}

// TestNoTableIsForgotten: a table is in the spare, or it is one of those that
// nobody has to know to carry calls.
func TestNoTableIsForgotten(t *testing.T) {
	files, err := filepath.Glob("sqlite/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	made := regexp.MustCompile(`CREATE TABLE (\w+)`)
	var names []string
	for _, s := range spared {
		names = append(names, s.table)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range made.FindAllStringSubmatch(string(b), -1) {
			left := slices.Contains([]string{
				"leaf", "checkpoint", "call", "history", "message", "recording", "greeting",
			}, m[1])
			if kept := slices.Contains(names, m[1]); kept == left {
				t.Errorf("table %s: in the spare %v, left out %v", m[1], kept, left)
			}
		}
	}
}
