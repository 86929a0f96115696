package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/store/storetest"
)

// TestHistoryOfOlderCalls: the history of a store that an older version wrote begins with
// what comes after: bringing it up to date takes no longer for many calls, and a replay of
// the leaves says the same.
func TestHistoryOfOlderCalls(t *testing.T) {
	c := store.Config{Path: filepath.Join(t.TempDir(), "store.db")}
	s, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	at, who := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), fact.Party{Extension: "201", Device: "201-1"}
	if err := storetest.Write(t, s, []fact.Fact{
		fact.CallEnded{Call: "c0", First: true, Direction: fact.Internal, Party: who, To: "202", Ended: at},
		fact.CallStarted{Call: "c1", Direction: fact.Incoming, Party: who, At: at},
		fact.CallEnded{Call: "c1", Ended: at},
		fact.CallJudged{Call: "c2", First: true, Direction: fact.Outgoing, Party: who, Started: at, At: at},
		fact.CallEnded{Call: "c2", Ended: at},
		fact.CallJudged{Call: "c3", First: true, Direction: fact.Outgoing, Party: who, Started: at, At: at},
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", c.Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, older := range []string{`DROP TABLE history`, `DELETE FROM goose_db_version WHERE version_id = 22`} {
		if _, err := db.ExecContext(t.Context(), older); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = store.Open(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := storetest.Write(t, s, []fact.Fact{
		fact.CallEnded{
			Call: "c4", First: true, Direction: fact.Internal, Party: who, To: "202", Maker: "201", Ended: at,
		},
	}); err != nil {
		t.Fatal(err)
	}
	p, err := store.NewReplay(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	for r, err := range s.Leaves(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		f, err := r.Fact()
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Apply(r.Seq, f); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := p.Compare(t.Context(), s.Reader); err != nil || d != nil {
		t.Errorf("%+v %v", d, err)
	}
	past, err := s.History(t.Context(), store.HistoryFilter{Extension: "201", How: store.Dialed})
	if err != nil || len(past) != 1 || past[0].Call != "c4" {
		t.Errorf("%+v %v", past, err)
	}
}
