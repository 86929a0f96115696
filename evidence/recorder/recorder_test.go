package recorder

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/fact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a log that forgets its leaves and keeps the checkpoints.
type memory struct {
	mu          sync.Mutex
	tree        chain.Tree
	checkpoints []chain.Checkpoint
	at          []time.Time
	causes      []string
	fail        error
}

var _ Log = (*memory)(nil)

// Append implements Log.
func (m *memory) Append(e chain.Entry, done func(error)) {
	m.mu.Lock()
	err := m.fail
	if err == nil {
		for i := range e.Drafts {
			r := e.Drafts[i].Record(m.tree.Size(), nil)
			m.tree.Append(nil, r.Leaf)
			m.causes = append(m.causes, e.Drafts[i].Causes...)
		}
		for _, r := range e.Rows {
			if c, ok := r.(chain.Checkpoint); ok {
				m.checkpoints = append(m.checkpoints, c)
				m.at = append(m.at, time.Now())
			}
		}
	}
	m.mu.Unlock()
	done(err)
}

// Head implements Log.
func (m *memory) Head() chain.Head {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tree.Head()
}

// Degraded implements Log.
func (m *memory) Degraded() error { return m.fail }

func (m *memory) setFail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

func (m *memory) signed() (sizes []uint64, at []time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.checkpoints {
		sizes = append(sizes, c.Size)
	}
	return sizes, m.at
}

func start(t *testing.T, m *memory, change func(*Config)) *Recorder {
	t.Helper()
	secret, _, err := chain.NewKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "u1")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := chain.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Log: m, Unit: "u1", Boot: 1, Signer: signer}
	if change != nil {
		change(&c)
	}
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func commit(t *testing.T, r *Recorder, f fact.Fact) error {
	t.Helper()
	done := make(chan error, 1)
	r.Commit(fact.Write{Facts: []fact.Fact{f}}, func(err error) { done <- err })
	return <-done
}

var (
	quiet = fact.CallAnswered{Call: "c1"}
	loud  = fact.PhoneRemoved{Device: "201-1"}
)

func TestCheckpointWithinAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		r := start(t, m, nil)
		began := time.Now()
		for range 3 {
			if err := commit(t, r, quiet); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if sizes, _ := m.signed(); len(sizes) != 0 {
			t.Errorf("signed %v at once", sizes)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		sizes, at := m.signed()
		if len(sizes) != 1 || sizes[0] != 3 || at[0].Sub(began) > time.Minute {
			t.Errorf("signed %v at %v, began %v", sizes, at, began)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if sizes, _ := m.signed(); len(sizes) != 1 {
			t.Errorf("closing signed the same again: %v", sizes)
		}
	})
}

func TestSecurityFactsAreSignedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		r := start(t, m, nil)
		began := time.Now()
		if err := commit(t, r, loud); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if sizes, at := m.signed(); len(sizes) != 1 || sizes[0] != 1 || at[0] != began {
			t.Errorf("signed %v at %v", sizes, at)
		}
		for range 1000 { // a flood of refusals
			if err := commit(t, r, fact.CallJudged{Call: "c", Verb: "refuse"}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		sizes, _ := m.signed()
		if n := len(sizes); n > 13 || n < 9 || sizes[n-1] != 1001 {
			t.Errorf("a flood of 10 s was signed %d times, last at %d", len(sizes), sizes[len(sizes)-1])
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestFailingLogIsReportedAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		var reports []error
		var anchored []byte
		r := start(t, m, func(c *Config) {
			c.Report = func(err error) { reports = append(reports, err) }
			c.Anchor = func(note []byte) error { anchored = note; return nil }
		})
		if err := commit(t, r, quiet); err != nil {
			t.Fatal(err)
		}
		m.setFail(fact.ErrNotWritable)
		if err := commit(t, r, loud); !errors.Is(err, fact.ErrNotWritable) {
			t.Errorf("commit on a failing log: %v", err)
		}
		if r.Degraded() == nil {
			t.Error("not degraded")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(reports) == 0 || !errors.Is(reports[0], fact.ErrNotWritable) {
			t.Errorf("reported %v", reports)
		}
		m.setFail(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		if r.Signed() != 1 || anchored == nil || r.Degraded() != nil {
			t.Errorf("signed %d, anchored %q, degraded %v", r.Signed(), anchored, r.Degraded())
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseSignsWhatIsLeft(t *testing.T) {
	m := &memory{}
	r := start(t, m, nil)
	if err := commit(t, r, quiet); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if sizes, _ := m.signed(); len(sizes) != 1 || sizes[0] != 1 {
		t.Errorf("signed %v", sizes)
	}
}

func TestFactThatCanNotBeWritten(t *testing.T) {
	m := &memory{}
	r := start(t, m, func(c *Config) { c.Salt = bytes.NewReader(nil) })
	defer func() { _ = r.Close() }()
	if err := commit(t, r, fact.CallStarted{Call: "c", To: "1"}); err == nil {
		t.Error("committed without salt")
	}
	if m.Head().Size != 0 {
		t.Error("a leaf was written")
	}
	if _, err := New(Config{}); err == nil {
		t.Error("a recorder of nothing")
	}
}

func TestOpenKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence.key")
	if _, err := ReadKey(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key that is not there: %v", err)
	}
	first, founded, err := OpenKey(path, "u1")
	if err != nil || !founded {
		t.Fatal(err, founded)
	}
	second, founded, err := OpenKey(path, "u1")
	if err != nil || founded || first.Public() != second.Public() {
		t.Errorf("opened again: %v, founded %v", err, founded)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := OpenKey(path, "u1"); err == nil {
		t.Error("a broken key was replaced or taken")
	}
}

func TestCheckAnchor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence.checkpoint")
	m := &memory{}
	r := start(t, m, func(c *Config) { c.Anchor = FileAnchor(path) })
	if err := CheckAnchor(path, r.c.Signer, m.Head()); err != nil {
		t.Errorf("no anchor: %v", err)
	}
	if err := commit(t, r, quiet); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	signed := m.Head()
	longer, other := signed, signed
	longer.Size++
	other.Root[0] ^= 1
	for _, c := range []struct {
		name string
		head chain.Head
		want error
	}{
		{"as signed", signed, nil},
		{"gone on", longer, nil},
		{"rolled back", chain.Head{}, ErrRolledBack},
		{"another history", other, ErrRolledBack},
	} {
		if err := CheckAnchor(path, r.c.Signer, c.head); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := FileAnchor(path)([]byte("no checkpoint")); err != nil {
		t.Fatal(err)
	}
	if CheckAnchor(path, r.c.Signer, signed) == nil {
		t.Error("took a broken anchor")
	}
}

func TestFileAnchor(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "evidence.checkpoint")
	keep := FileAnchor(path)
	for _, note := range []string{"first, and longer", "second"} {
		if err := keep([]byte(note)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); string(got) != note || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if err := FileAnchor(filepath.Join(dir, "no", "where"))(nil); err == nil {
		t.Error("kept in a folder that is not there")
	}
}
