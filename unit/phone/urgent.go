package phone

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// urgentCalls remembers emergency calls that came without credentials and were
// asked for some. One that comes again without is from a phone that can't
// answer, or from a stranger; but a mere retransmission, which has the same
// branch, says nothing: its challenge was late or lost. Residents and
// strangers have rings of their own: strangers can't push residents out.
type urgentCalls struct {
	mu   sync.Mutex
	seed maphash.Seed
	made bool
	ring [2][UrgentMax]urgentCall
	next [2]int
}

// urgentCall is one such call.
type urgentCall struct {
	key    uint64
	branch uint64
	at     time.Time
}

// urgentKey is what makes it the same call again.
type urgentKey struct {
	callID string
	source netip.Addr
}

// again notes a call and reports whether it came before, by another branch.
func (u *urgentCalls) again(callID, branch []byte, source netip.Addr, resident bool, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.made {
		u.seed, u.made = maphash.MakeSeed(), true
	}
	key := maphash.Comparable(u.seed, urgentKey{string(callID), source})
	copyOf := maphash.Bytes(u.seed, branch)
	which := 0
	if resident {
		which = 1
	}
	ring := &u.ring[which]
	for _, c := range ring {
		if c.key == key && now.Sub(c.at) < UrgentLife && !now.Before(c.at) {
			return c.branch != copyOf
		}
	}
	ring[u.next[which]] = urgentCall{key, copyOf, now}
	u.next[which] = (u.next[which] + 1) % UrgentMax
	return false
}
