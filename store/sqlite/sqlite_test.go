package sqlite

import (
	"testing"

	"github.com/sekisho/sekisho/store/engine"
)

// TestBlame tells failures of the disk, which concern everybody, from those
// of one entry.
func TestBlame(t *testing.T) {
	e := New("", 0)
	db, err := e.Open(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, c := range []struct {
		statement string
		fails     bool
		disk      bool
	}{
		{"CREATE TABLE a (i INTEGER PRIMARY KEY, b TEXT NOT NULL)", false, false},
		{"INSERT INTO a VALUES (1, 'x')", false, false},
		{"INSERT INTO a VALUES (1, 'x')", true, false},
		{"INSERT INTO a VALUES (2, NULL)", true, false},
		{"INSERT INTO a VALUES ('x', 'x')", true, false},
		{"PRAGMA max_page_count(3)", false, false},
		{"INSERT INTO a VALUES (3, hex(zeroblob(100000)))", true, true},
		{"PRAGMA query_only(1)", false, false},
		{"INSERT INTO a VALUES (4, 'x')", true, true},
	} {
		_, err := db.ExecContext(t.Context(), c.statement)
		if disk := e.Blame(err) == engine.Disk; (err != nil) != c.fails || disk != c.disk {
			t.Errorf("%s: %v, of the disk: %v", c.statement, err, disk)
		}
	}
}
