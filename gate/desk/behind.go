package desk

import (
	"slices"
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
	single  int  // of facts that are taken one by one, because one of them was refused
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
	if b.single > 0 {
		n, b.single = 1, b.single-1
	}
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
	if err == nil {
		b.facts = slices.Clone(b.facts[own(facts, dropped):])
		return
	}
	b.restore(dropped)
}

// refused ends a write that can't be written at all: the one fact goes that is
// to blame, or those taken are tried one by one.
func (b *behind) refused(facts []fact.Fact, dropped fact.VerdictsDropped) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flying = false
	b.restore(dropped)
	if n := own(facts, dropped); n > 1 {
		b.single = n
	} else {
		b.facts = slices.Clone(b.facts[n:])
	}
}

// own is how many of taken facts are those kept, without the count of dropped ones.
func own(facts []fact.Fact, dropped fact.VerdictsDropped) int {
	if dropped.Count > 0 {
		return len(facts) - 1
	}
	return len(facts)
}

// restore takes back a count that was not written.
func (b *behind) restore(dropped fact.VerdictsDropped) {
	if dropped.Count == 0 {
		return
	}
	later := b.dropped
	b.dropped = fact.VerdictsDropped{}
	b.drop(dropped)
	if later.Count > 0 {
		b.drop(later)
	}
}

// all gives everything that waits, and the count of what was dropped as a fact.
func (b *behind) all() []fact.Fact {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := append([]fact.Fact(nil), b.facts...)
	if b.dropped.Count > 0 {
		all = append(all, b.dropped)
	}
	return all
}

func (b *behind) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.facts)
}
