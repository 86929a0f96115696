package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/store/postgresql"
	"github.com/sekisho/sekisho/store/sqlite"
	"github.com/sekisho/sekisho/store/storetest"
)

// onServer opens a store in a database of a server.
func onServer(dsn string) storetest.Open {
	return func(t testing.TB, fault func(string) error) *store.Store {
		t.Helper()
		s, err := store.Open(t.Context(), store.Config{DSN: dsn, Dial: plane.Dial, Fault: fault})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
}

// TestOnPostgreSQL has all that one server serves.
func TestOnPostgreSQL(t *testing.T) {
	server := storetest.NewServer(t)
	fresh := func(t testing.TB) storetest.Open { return onServer(server.Fresh(t)) }
	t.Run("contract", func(t *testing.T) { storetest.Run(t, fresh) })
	t.Run("together", func(t *testing.T) { storetest.RunTogether(t, fresh) })
	for _, c := range []struct {
		name string
		run  func(*testing.T, *storetest.Server)
	}{
		{"each reason has its error", cantBeUsed},
		{"one has it alone", oneHasItAlone},
		{"the way to it is cut", wayIsCut},
		{"one that was rolled back gets nothing more", rolledBack},
		{"races are tried again", racesAreTriedAgain},
		{"of two nodes one is killed", oneIsKilled},
		{"two are linearizable", twoLinearizable},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, server) })
	}
}

// TestSchemasGoTogether: each migration of one engine has its twin in the other.
func TestSchemasGoTogether(t *testing.T) {
	names := func(files fs.FS) []string {
		list, err := fs.Glob(files, "*.sql")
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	server, err := postgresql.New("host=x", plane.Dial, false)
	if err != nil {
		t.Fatal(err)
	}
	a, b := names(sqlite.New("", 0).About().Schema), names(server.About().Schema)
	if len(a) == 0 || !slices.Equal(a, b) {
		t.Errorf("SQLite has %v, PostgreSQL %v", a, b)
	}
}

// TestLossyServersAreRefused: what a server may lose is not written to it, also
// when it begins to while the store is open.
func TestLossyServersAreRefused(t *testing.T) {
	server := storetest.NewServer(t)
	dsn := server.Fresh(t)
	s := onServer(dsn)(t, nil)
	write := func() error { return storetest.Write(t, s, []fact.Fact{fact.ControlUsed{Command: "x"}}) }
	if err := write(); err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		server.SQL(t, server.DSN(storetest.Main), "ALTER SYSTEM SET "+setting+" = off")
		server.Reload(t, setting, "off")
		_, err := store.Open(t.Context(), store.Config{DSN: dsn, Dial: plane.Dial})
		var lossy store.Lossy
		if !errors.As(err, &lossy) || lossy.Setting != setting {
			t.Errorf("%s is off: %v", setting, err)
		}
		if err := write(); !errors.Is(err, fact.ErrNotWritable) || !errors.As(err, &lossy) {
			t.Errorf("%s was switched off: %v", setting, err)
		}
		server.SQL(t, server.DSN(storetest.Main), "ALTER SYSTEM RESET "+setting)
		server.Reload(t, setting, "on")
	}
	if err := write(); err != nil {
		t.Errorf("after all were on again: %v", err)
	}
}

// cantBeUsed: each reason has its own error, and none tells the password.
func cantBeUsed(t *testing.T, server *storetest.Server) {
	good := server.Fresh(t)
	if err := onServer(good)(t, nil).Close(); err != nil {
		t.Fatal(err)
	}
	empty := server.Fresh(t)
	server.SQL(t, server.DSN(storetest.Main),
		"CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0")
	newer := server.Fresh(t)
	if err := onServer(newer)(t, nil).Close(); err != nil {
		t.Fatal(err)
	}
	server.SQL(t, newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
	strange := server.Fresh(t)
	server.SQL(t, strange, "CREATE TABLE note (id int)")
	for _, c := range []struct {
		name, dsn string
		want      error
	}{
		{"no address", "postgres://%zz:" + storetest.Password, store.ErrAddress},
		{"nobody there", strings.Replace(good, server.Dir(), server.Dir()+"/nobody", 1), store.ErrDown},
		{"wrong password", strings.Replace(good, storetest.Password, "wrong password", 1), store.ErrDenied},
		{"no such database", server.DSN("nowhere"), store.ErrMissing},
		{"another encoding", server.DSN("latin"), store.Lossy{Setting: "server_encoding", Value: "LATIN1"}},
		{"newer", newer, store.ErrNewer},
		{"another program's", strange, store.ErrUnknown},
	} {
		_, err := store.Open(t.Context(), store.Config{DSN: c.dsn, Dial: plane.Dial})
		if !errors.Is(err, c.want) || strings.Contains(fmt.Sprint(err), "password=") ||
			strings.Contains(fmt.Sprint(err), storetest.Password) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	_, err := store.OpenReader(t.Context(), store.Config{DSN: empty, Dial: plane.Dial})
	if !errors.Is(err, store.ErrUnknown) {
		t.Errorf("reading an empty database: %v", err)
	}
}

// oneHasItAlone: whoever asks for the database alone keeps others out until
// he ends, and no longer.
func oneHasItAlone(t *testing.T, server *storetest.Server) {
	c := store.Config{DSN: server.Fresh(t), Dial: plane.Dial, Alone: true}
	first, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), c); !errors.Is(err, store.ErrTaken) {
		t.Errorf("a second one: %v", err)
	}
	r, err := store.OpenReader(t.Context(), c)
	if err != nil {
		t.Fatalf("for reading: %v", err)
	}
	_ = r.Close()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	_ = second.Close()
}

// TestExposedWays: only verify-full proves who answers over a network.
func TestExposedWays(t *testing.T) {
	for dsn, want := range map[string]bool{
		"postgres://u:p@db.example.jp/x":                                  true, // prefer
		"postgres://u:p@db.example.jp/x?sslmode=disable":                  true,
		"postgres://u:p@db.example.jp/x?sslmode=require":                  true,
		"postgres://u:p@db.example.jp/x?sslmode=verify-full":              false,
		"postgres://u:p@192.0.2.1/x?sslmode=verify-full":                  false,
		"postgres://u:p@127.0.0.1/x":                                      false,
		"postgres://u:p@localhost/x":                                      false,
		"host=/run/postgresql dbname=x":                                   false,
		"host=/run/postgresql,db.example.jp dbname=x":                     true,
		"host=/run/postgresql,db.example.jp dbname=x sslmode=verify-full": false,
		"": false,
	} {
		if got := (store.Config{DSN: dsn, Dial: plane.Dial}).Exposed(); got != want {
			t.Errorf("%s: exposed %v, want %v", dsn, got, want)
		}
	}
}
