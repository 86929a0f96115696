package store_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/store/storetest"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(nodeDSN); dsn != "" {
		if err := askForMoney(dsn); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// opener opens the store in one folder, and closes what the test left open.
func opener(tb testing.TB) storetest.Open {
	path := filepath.Join(tb.TempDir(), "sekisho.db")
	return func(t testing.TB, fault func(string) error) *store.Store {
		t.Helper()
		s, err := store.Open(t.Context(), store.Config{Path: path, Fault: fault})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
}

func TestContract(t *testing.T) { storetest.Run(t, opener) }

func TestFullDiskDegrades(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sekisho.db")
	s, err := store.Open(t.Context(), store.Config{Path: path, MaxBytes: 250_000})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	big := fact.ControlUsed{Command: strings.Repeat("x", 10_000)}
	var last error
	for range 100 {
		if last = storetest.Write(t, s, []fact.Fact{big}); last != nil {
			break
		}
	}
	if !errors.Is(last, fact.ErrNotWritable) {
		t.Fatalf("a full disk gave %v", last)
	}
	size := s.Head().Size
	if err := storetest.Write(t, s, []fact.Fact{big}); err == nil || s.Head().Size != size {
		t.Errorf("after the disk was full: %v, %d leaves after %d", err, s.Head().Size, size)
	}
}

func TestReaderSeesOneMoment(t *testing.T) {
	s := opener(t)(t, nil)
	write := func(n int) {
		f := fact.ControlUsed{Command: fmt.Sprint(n)}
		if err := storetest.Write(t, s, []fact.Fact{f}); err != nil {
			t.Fatal(err)
		}
	}
	count := func(r *store.Reader) (n int) {
		for _, err := range r.Leaves(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	write(1)
	err := s.Snapshot(t.Context(), func(r *store.Reader) error {
		before := count(r)
		write(2)
		if after := count(r); before != 1 || after != 1 {
			t.Errorf("snapshot saw %d leaves, then %d", before, after)
		}
		return nil
	})
	if n := count(s.Reader); err != nil || n != 2 {
		t.Errorf("%d leaves after the snapshot, %v", n, err)
	}
}

func TestReaderWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sekisho.db")
	if _, err := store.OpenReader(t.Context(), store.Config{Path: path}); err == nil {
		t.Error("a reader opened a store that is not there")
	}
	if matches, _ := filepath.Glob(path + "*"); len(matches) != 0 {
		t.Errorf("a reader founded %v", matches)
	}
}

func TestNobodyElseReadsTheFiles(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(dir, "sekisho.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 { // the database and its log
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

// TestLogIsCopied: what is in the log gets into the database while the store is
// open, and the log is written from its beginning again.
func TestLogIsCopied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sekisho.db")
	s, err := store.Open(t.Context(), store.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	salts := func() string { return logSalts(t, path) }
	write := func(n int) {
		f := fact.ControlUsed{Command: strings.Repeat("x", n)}
		if err := storetest.Write(t, s, []fact.Fact{f}); err != nil {
			t.Fatal(err)
		}
	}
	write(1)
	first := salts()
	for range 400 { // of ten pages and more each: more than the log may grow to
		write(48_000)
	}
	for deadline := time.Now().Add(time.Minute); salts() == first; write(1) {
		if time.Now().After(deadline) {
			t.Fatal("the log goes on and on")
		}
	}
	if info, err := os.Stat(path); err != nil || info.Size() < 8<<20 {
		t.Errorf("the database has %d bytes, %v", info.Size(), err)
	}
}

// logSalts are those of the log's header: new ones each time it begins.
func logSalts(t *testing.T, path string) string {
	t.Helper()
	head := make([]byte, 24)
	f, err := os.Open(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := io.ReadFull(f, head); err != nil {
		t.Fatal(err)
	}
	return string(head[16:])
}

// TestLogOfADeadProcessIsCopied: what a killed process has left in the log gets
// into the database at the start, so that a unit that is switched off each
// night does not begin with a longer log each morning.
func TestLogOfADeadProcessIsCopied(t *testing.T) {
	path, dead := filepath.Join(t.TempDir(), "sekisho.db"), filepath.Join(t.TempDir(), "sekisho.db")
	s, err := store.Open(t.Context(), store.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := storetest.Write(t, s, []fact.Fact{fact.ControlUsed{Command: "x"}}); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} { // as a kill would leave them
		b, err := os.ReadFile(path + suffix)
		if err == nil {
			err = os.WriteFile(dead+suffix, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	_ = s.Close()
	left := logSalts(t, dead)
	if s, err = store.Open(t.Context(), store.Config{Path: dead}); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if s.Head().Size != 1 {
		t.Fatalf("%d leaves are there", s.Head().Size)
	}
	if err := storetest.Write(t, s, []fact.Fact{fact.ControlUsed{Command: "y"}}); err != nil {
		t.Fatal(err)
	}
	if logSalts(t, dead) == left {
		t.Error("the log goes on where the dead process left it")
	}
}

// BenchmarkVerdicts writes one verdict an operation, with so many in flight.
func BenchmarkVerdicts(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { verdicts(b, opener(b)) })
	b.Run("postgresql", func(b *testing.B) { verdicts(b, onServer(storetest.NewServer(b).Fresh(b))) })
}

func verdicts(b *testing.B, open storetest.Open) {
	for _, flight := range []int{1, 64, 512} {
		b.Run(fmt.Sprint(flight), func(b *testing.B) {
			s := open(b, nil)
			defer func() { _ = s.Close() }()
			e := storetest.Entry(b, []fact.Fact{fact.CallJudged{
				Call: "c1", Party: fact.Party{Extension: "201", Device: "201-1", Source: "192.0.2.7:5060"},
				Line: "hikari", Dialed: "0312345678", Class: "geographic", Number: "81312345678",
				Verb: "pass", Rule: "ordinary", At: storetest.Day,
			}})
			slots := make(chan struct{}, flight)
			for b.Loop() {
				slots <- struct{}{}
				s.Append(e, func(err error) {
					if err != nil {
						b.Error(err)
					}
					<-slots
				})
			}
			for range flight {
				slots <- struct{}{}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "verdicts/s")
		})
	}
}
