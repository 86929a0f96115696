package evidence_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/evidence/recorder"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// What the unit of testdata/00001.sql signed with, and its last checkpoint.
const (
	foundKey  = "unit/u1+ddebfc6e+AXhy+JcGM9dyik/rCPDT17lU3Y/BusaPAl37J1vx5pFv"
	foundNote = "unit/u1\n56\nUhT+e+15SfxcXMQ2SxISk+xXfX5Ho7FHInal3Re7rJg=\n\n" +
		"— unit/u1 3ev8bs8VT6Qkoul1Yd+gHorvH8l52Fpzc9tUDEzGsxjJDFlWUYMPdOdqiWQ20F4x+UWTmyCF6731472FJKFX736chw4=\n"
)

// found makes a database as the first version left it: the history, forty
// leaves more, and an outside call that was up (c3).
func found(t *testing.T, statements ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), evidence.StoreFile)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("../store/sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	rows, err := os.ReadFile("testdata/00001.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append([]string{string(rows)}, statements...) {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// upgraded opens such a database, which brings it up to date, and verifies it.
func upgraded(t *testing.T, path string) (*store.Store, evidence.Report) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	report, err := evidence.Verify(t.Context(), s.Reader, foundKey, []byte(foundNote))
	if err != nil {
		t.Fatal(err)
	}
	return s, report
}

// TestOtherVersion: a store that waits for its upgrade is not one that
// somebody changed.
func TestOtherVersion(t *testing.T) {
	path := found(t)
	if _, _, err := recorder.OpenKey(filepath.Join(filepath.Dir(path), evidence.KeyFile), "u1"); err != nil {
		t.Fatal(err)
	}
	if r, err := evidence.VerifyDir(t.Context(), filepath.Dir(path)); !errors.Is(err, store.ErrVersion) {
		t.Errorf("%s, %v", r, err)
	}
}

// TestUpgrade: what the first version wrote verifies, is there, and goes on.
func TestUpgrade(t *testing.T) {
	s, report := upgraded(t, found(t))
	if !report.OK || report.Leaves != 56 || report.Checkpoint != 56 {
		t.Fatalf("upgraded: %s", report)
	}
	open, err := s.OpenCalls(t.Context(), math.MaxInt64, 10)
	if err != nil || len(open) != 2 || open[0].Call != "c3" || open[0].Line != "hikari" || open[0].Leaf != 53 {
		t.Errorf("open calls: %+v, %v", open, err)
	}
	dialogs, err := s.LineDialogs(t.Context())
	if err != nil || len(dialogs) != 1 || dialogs[0].Call != "c3" || dialogs[0].LocalSeq != 3 {
		t.Errorf("line dialogs: %+v, %v", dialogs, err)
	}
	bindings, err := s.Bindings(t.Context())
	if err != nil || len(bindings) != 1 || bindings[0].CSeq != 7 {
		t.Errorf("bindings: %+v, %v", bindings, err)
	}
	if unit, err := s.Setting(t.Context(), "unit"); unit != "u1" || err != nil {
		t.Errorf("setting: %q, %v", unit, err)
	}
	d := chain.Drafter{Unit: "u1", Boot: s.Boot()}
	for i, f := range []fact.Fact{
		fact.CallEnded{Call: "c3", Ended: day.Add(2 * time.Hour), Reason: "restart"},
		fact.ControlUsed{Command: "phone list", By: "owner", At: day},
	} {
		draft, err := d.Draft(f, day)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		s.Append(chain.Entry{Drafts: []chain.Draft{draft}}, func(err error) { done <- err })
		if err := <-done; err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	report, err = evidence.Verify(t.Context(), s.Reader, foundKey, []byte(foundNote))
	if err != nil || !report.OK || report.Leaves != 58 {
		t.Errorf("gone on: %s, %v", report, err)
	}
}

// TestUpgradeOfALogWithoutItsEdge: where the log can't be gone on with, nothing
// is written to it.
func TestUpgradeOfALogWithoutItsEdge(t *testing.T) {
	for _, statement := range []string{
		`DELETE FROM hash`, fmt.Sprintf(`DELETE FROM hash WHERE i > %d`, chain.FirstHash(55)),
		`UPDATE hash SET hash = x'00'`,
	} {
		s, err := store.Open(t.Context(), store.Config{Path: found(t, statement)})
		if err == nil {
			t.Errorf("%s: opened", statement)
			_ = s.Close()
		}
	}
}

// TestUpgradeKeepsTraces: what somebody changed before the upgrade is found
// after it, and does not keep the unit from starting.
func TestUpgradeKeepsTraces(t *testing.T) {
	columns := `direction, origin, extension, device, credential, source, transport, user_agent, registration, ` +
		`calling, called, class, number, area, line, verb, rule, answerer, reason, media_role, ` +
		`status, started, judged, answered, ended, leaf`
	for name, c := range map[string]struct {
		statement string
		index     uint64
	}{
		"leaf changed":          {`UPDATE leaf SET leaf = replace(leaf, '"boot":1', '"boot":7') WHERE seq = 8`, 8},
		"leaf dropped":          {`DELETE FROM leaf WHERE seq = 4`, 4},
		"hash changed":          {`UPDATE hash SET hash = zeroblob(32) WHERE i = 2`, 1},
		"call changed":          {`UPDATE call SET called = '117' WHERE id = 'c1'`, 7},
		"call invented":         {`INSERT INTO call SELECT 'c9', ` + columns + ` FROM call WHERE id = 'c1'`, 7},
		"call put in its place": {`UPDATE call SET id = 'c9' WHERE id = 'c1'`, 7},
	} {
		t.Run(name, func(t *testing.T) {
			_, report := upgraded(t, found(t, c.statement))
			if strings.HasSuffix(name, "invented") {
				if !report.OK {
					t.Errorf("%s: a row beside ours is left behind", report)
				}
				return
			}
			if report.OK || report.BadIndex == nil || *report.BadIndex != c.index {
				t.Errorf("%s; want leaf %d", report, c.index)
			}
		})
	}
}
