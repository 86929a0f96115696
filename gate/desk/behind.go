package desk

import (
	"sync"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// behind keeps facts that could not be written yet, the oldest first, and
// counts those beyond the limit.
type behind struct {
	mu      sync.Mutex
	facts   []fact.Fact
	flying  bool // a write of taken facts is under way
	dropped fact.VerdictsDropped
}

// keep takes facts in, or counts them where there is no room.
func (b *behind) keep(now time.Time, facts ...fact.Fact) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range facts {
		if len(b.facts) < behindMax {
			b.facts = append(b.facts, f)
			continue
		}
		b.drop(fact.VerdictsDropped{Count: 1, First: now, Last: now})
	}
}

func (b *behind) drop(more fact.VerdictsDropped) {
	if b.dropped.Count == 0 {
		b.dropped.First = more.First
	}
	b.dropped.Count += more.Count
	b.dropped.Last = more.Last
	b.dropped.Why = "the store took nothing for too long"
}

// take gives the facts of the next write; none while one is under way. The
// count of those dropped goes with them as a fact.
func (b *behind) take() (facts []fact.Fact, dropped fact.VerdictsDropped) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.flying || len(b.facts) == 0 {
		return nil, fact.VerdictsDropped{}
	}
	n := min(len(b.facts), behindOnce)
	facts = append(facts, b.facts[:n]...)
	dropped, b.dropped = b.dropped, fact.VerdictsDropped{}
	if dropped.Count > 0 {
		facts = append(facts, dropped)
	}
	b.flying = true
	return facts, dropped
}

// taken ends a write: what was written goes, the rest stays where it was.
func (b *behind) taken(facts []fact.Fact, dropped fact.VerdictsDropped, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flying = false
	n := len(facts)
	if dropped.Count > 0 {
		n--
	}
	switch {
	case err == nil:
		b.facts = append(b.facts[:0:0], b.facts[n:]...)
	case dropped.Count > 0:
		later := b.dropped
		b.dropped = fact.VerdictsDropped{}
		b.drop(dropped)
		if later.Count > 0 {
			b.drop(later)
		}
	}
}

func (b *behind) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.facts)
}
