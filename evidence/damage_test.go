package evidence_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// damages spoil the file of a store that has a page for each few leaves.
var damages = []struct {
	name     string
	spoil    func(t *testing.T, file string)
	from, to uint64 // the first bad leaf is one of these
	where    string
	why      text.Key
}{
	{"a page overwritten", func(t *testing.T, file string) {
		content := read(t, file)
		at := bytes.Index(content, []byte(`"seq":200,`))
		if at < 0 {
			t.Fatal("leaf 200 is not in the file")
		}
		page := at - at%pageBytes
		copy(content[page:], bytes.Repeat([]byte{0xff}, 64))
		write(t, file, content)
	}, 100, 200, "log", "evidence.damaged"},
	{"cut in half", func(t *testing.T, file string) {
		content := read(t, file)
		write(t, file, content[:len(content)/2])
	}, 0, 300, "log", "evidence.damaged"},
	{"overwritten", func(t *testing.T, file string) {
		write(t, file, bytes.Repeat([]byte("nothing "), 1000))
	}, 0, 0, "log", "evidence.damaged"},
	{"emptied", func(t *testing.T, file string) { write(t, file, nil) }, 0, 0, "log", "evidence.tables"},
	{"removed", func(t *testing.T, file string) {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}, 0, 0, "log", "evidence.gone"},
	{"marks of the version dropped", func(t *testing.T, file string) {
		statement(t, file, "DROP TABLE goose_db_version")
	}, 0, 0, "log", "evidence.tables"},
	{"table of calls dropped", func(t *testing.T, file string) {
		statement(t, file, "DROP TABLE call")
	}, 0, 0, "state", "evidence.tables"},
	{"table of leaves dropped", func(t *testing.T, file string) {
		statement(t, file, "DROP TABLE leaf")
	}, 0, 0, "log", "evidence.tables"},
}

const pageBytes = 4096 // SQLite's

// TestDamagedStore spoils the file under SQLite: that is found like any other
// tampering, and is no mere error.
func TestDamagedStore(t *testing.T) {
	var writes []fact.Write
	for i := range 301 {
		writes = append(writes, fact.Write{Facts: []fact.Fact{fact.ControlUsed{Command: fmt.Sprint(i)}}})
	}
	dir := live(t, writes)
	statement(t, filepath.Join(dir, evidence.StoreFile), "PRAGMA wal_checkpoint(TRUNCATE)")
	for _, c := range damages {
		t.Run(c.name, func(t *testing.T) {
			copied := t.TempDir()
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			c.spoil(t, filepath.Join(copied, evidence.StoreFile))
			r := verify(t, copied)
			if r.OK || r.BadIndex == nil || *r.BadIndex < c.from || *r.BadIndex > c.to || r.Where != c.where ||
				r.Why.Key != c.why {
				t.Errorf("%s; want a leaf of %d–%d in %s, %s", r, c.from, c.to, c.where, c.why)
			}
			if r.BadLast != nil && *r.BadLast != 300 { // the checkpoint beside it tells
				t.Errorf("ends at leaf %d", *r.BadLast)
			}
		})
	}
}

// TestMissingKey tells evidence whose key is gone from no evidence at all.
func TestMissingKey(t *testing.T) {
	dir := live(t, history())
	if err := os.Remove(filepath.Join(dir, evidence.KeyFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.VerifyDir(t.Context(), dir); !errors.Is(err, evidence.ErrNoKey) {
		t.Errorf("without its key: %v", err)
	}
	_, err := evidence.VerifyDir(t.Context(), t.TempDir())
	if !errors.Is(err, fs.ErrNotExist) || errors.Is(err, evidence.ErrNoKey) {
		t.Errorf("an empty folder: %v", err)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// statement runs one on a store's file.
func statement(t *testing.T, file, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), query)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
