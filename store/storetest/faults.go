package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/text"
)

var errDisk = errors.New("the disk gave up")

// recovery is how long a store may take to find out that its disk is back.
const recovery = 10 * time.Second

func failingDisk(t *testing.T, open Open) {
	var broken atomic.Bool
	s := open(t, func(step string) error {
		if broken.Load() && step == "commit" {
			return errDisk
		}
		return nil
	})
	must(t, s, facts(fact.PhoneAdded{Phone: phone}))
	broken.Store(true)
	err := Write(t, s, facts(fact.PhoneRemoved{Device: "201-1"}))
	if !errors.Is(err, fact.ErrNotWritable) || !errors.Is(err, errDisk) {
		t.Fatalf("write on a failing disk: %v", err)
	}
	if s.Degraded() == nil {
		t.Error("not degraded")
	}
	same(t, "phones", get(t, s.Phones), []fact.Phone{phone})
	broken.Store(false)
	for deadline := time.Now().Add(recovery); s.Degraded() != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("still degraded although the disk is back")
		}
	}
	must(t, s, facts(fact.PhoneRemoved{Device: "201-1"}))
	check(t, s)
}

// staircase lets the first, the second, … step fail: done(nil) if and only if
// the leaf is there, and the log stays whole.
func staircase(t *testing.T, open Open) {
	const writes = 5
	for nth := int64(1); ; nth++ {
		var steps atomic.Int64
		s := open(t, func(string) error {
			if steps.Add(1) == nth {
				return errDisk
			}
			return nil
		})
		before := s.Head().Size
		var written []string
		for i := range writes {
			name := fmt.Sprintf("%d/%d", nth, i)
			if Write(t, s, facts(fact.ControlUsed{Command: name}), fact.Setting{Name: name, Value: "x"}) == nil {
				written = append(written, name)
			}
		}
		if got := s.Head().Size - before; got != uint64(len(written)) {
			t.Fatalf("step %d: %d leaves for %d writes done", nth, got, len(written))
		}
		for _, name := range written {
			if v, err := s.Setting(t.Context(), name); v != "x" || err != nil {
				t.Errorf("step %d: %s was done and is not there (%v)", nth, name, err)
			}
		}
		check(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if steps.Load() < nth {
			if len(written) != writes {
				t.Errorf("no step failed, and %d of %d writes were done", len(written), writes)
			}
			return
		}
		if len(written) == writes {
			t.Errorf("step %d failed, and every write was done", nth)
		}
	}
}

func fullQueue(t *testing.T, open Open) {
	start := make(chan struct{})
	var once sync.Once
	stuck := make(chan struct{})
	s := open(t, func(step string) error {
		if step == "commit" {
			once.Do(func() { close(stuck) })
			<-start
		}
		return nil
	})
	var done, full atomic.Int64
	var wait sync.WaitGroup
	add := func() bool {
		wait.Add(1)
		before := full.Load()
		s.Append(chain.Entry{}, func(err error) {
			switch {
			case err == nil:
				done.Add(1)
			case errors.Is(err, fact.ErrQueueFull):
				full.Add(1)
			}
			wait.Done()
		})
		return full.Load() == before
	}
	add()
	<-stuck
	taken := int64(1)
	for add() {
		taken++
	}
	close(start)
	wait.Wait()
	if done.Load() != taken || full.Load() != 1 {
		t.Errorf("%d of %d taken were done, %d answered as full", done.Load(), taken, full.Load())
	}
	if taken < 1000 {
		t.Errorf("the queue was full after %d", taken)
	}
}

// check reads the whole log and verifies it.
func check(t testing.TB, s *store.Store) {
	t.Helper()
	r, err := chain.Verify("u1", s.Leaves(t.Context(), 0), s.StoredHashes(t.Context()), nil, nil)
	switch {
	case err != nil:
		t.Fatal(err)
	case r.Bad != nil:
		t.Errorf("leaf %d: %s", r.Bad.Index, r.Bad.Why.Say(text.EN))
	case r.Head != s.Head():
		t.Errorf("the log is %+v on disk and %+v in memory", r.Head, s.Head())
	}
}

func leaves(t testing.TB, s *store.Store) []chain.Leaf {
	t.Helper()
	var out []chain.Leaf
	for r, err := range s.Leaves(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		l, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}
