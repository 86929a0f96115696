package unit

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
)

// recorder keeps recordings in memory.
type recorder struct {
	mu    sync.Mutex
	all   []*kept
	fails bool
}

// kept is one of them.
type kept struct {
	fact.Recording
	mu     sync.Mutex
	both   []byte
	pauses []string
	most   int // bytes that it takes, 0 for any
	over   chan struct{}
}

func (r *recorder) Begin(f fact.Recording) (Reel, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fails {
		return nil, errors.New("no room")
	}
	k := &kept{Recording: f, over: make(chan struct{})}
	r.all = append(r.all, k)
	return k, nil
}

func (k *kept) Take(both []byte) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.both = append(k.both, both...)
	return k.most == 0 || len(k.both) < k.most
}

func (k *kept) Over() { close(k.over) }

func (k *kept) Pause(on bool, by string, _ time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pauses = append(k.pauses, fmt.Sprintf("%v by %s", on, by))
}

// mark is how much there is of it by now, in samples.
func (k *kept) mark() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.both) / 2
}

// sides are what each says from a mark on.
func (k *kept) sides(from int) (left, right []int16) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var l, r []byte
	for i := 2 * from; i < len(k.both); i += 2 {
		l, r = append(l, k.both[i]), append(r, k.both[i+1])
	}
	return ear.FromMu(l), ear.FromMu(r)
}

func (k *kept) ended(t *testing.T) {
	t.Helper()
	select {
	case <-k.over:
	case <-time.After(patience):
		t.Fatal("the recording is not over")
	}
}
