package storetest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// behindWithin is how long a store may keep back what nobody waits for.
const behindWithin = 50 * time.Millisecond

// diary notes what was done, in order.
type diary struct {
	mu      sync.Mutex
	done    []string
	commits atomic.Int64
}

func (d *diary) fault(step string) error {
	if step == "commit" {
		d.commits.Add(1)
	}
	return nil
}

func (d *diary) append(t testing.TB, s *store.Store, name string, behind bool) {
	e := Entry(t, facts(fact.ControlUsed{Command: name}))
	e.Behind = behind
	s.Append(e, func(err error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if err != nil {
			name += ": " + err.Error()
		}
		d.done = append(d.done, name)
	})
}

func (d *diary) is(t testing.TB, when string, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.done, want) {
		t.Errorf("%s: done are %q, want %q", when, d.done, want)
	}
}

func behindHasTime(t *testing.T, open Open) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		s := open(t, d.fault)
		d.append(t, s, "a", true)
		d.append(t, s, "b", true)
		time.Sleep(behindWithin - time.Millisecond)
		synctest.Wait()
		d.is(t, "before its time")
		time.Sleep(time.Millisecond)
		synctest.Wait()
		d.is(t, "after it", "a", "b")
		if n := d.commits.Load(); n != 1 {
			t.Errorf("%d transactions for what has time, want one", n)
		}
		check(t, s)
	})
}

func behindGoesAlong(t *testing.T, open Open) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		s := open(t, d.fault)
		d.append(t, s, "a", true)
		synctest.Wait()
		d.append(t, s, "b", false)
		synctest.Wait()
		d.is(t, "with one that is waited for", "a", "b")
		if n := d.commits.Load(); n != 1 {
			t.Errorf("%d transactions, want one", n)
		}
		d.append(t, s, "c", true)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		d.is(t, "closed", "a", "b", "c")
	})
}

func muchBehindGoesAtOnce(t *testing.T, open Open) {
	synctest.Test(t, func(t *testing.T) {
		var done atomic.Int64
		s := open(t, nil)
		for range 1000 {
			e := chain.Entry{Rows: []fact.Row{fact.Setting{Name: "x", Value: fmt.Sprint(done.Load())}}, Behind: true}
			s.Append(e, func(error) { done.Add(1) })
		}
		synctest.Wait()
		if done.Load() == 0 {
			t.Error("a thousand writes wait for their time")
		}
	})
}
