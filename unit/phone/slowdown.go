package phone

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// Slowdown counts wrong answers by source in a sketch of fixed size, and says
// whether one more of them gets a reply. It is never asked about right
// answers. Sources that share cells with a busy attacker lose replies to
// wrong answers too, and nothing else. It is safe for concurrent use.
type Slowdown struct {
	mu    sync.Mutex
	seed  maphash.Seed
	since time.Time                       // when now began
	now   [SketchRows][SketchCells]uint16 // failures in this window
	past  [SketchRows][SketchCells]uint16 // and in the one before
	next  [SketchCells]time.Time          // when a slowed source gets its next reply
}

// NewSlowdown makes an empty sketch.
func NewSlowdown() *Slowdown { return &Slowdown{seed: maphash.MakeSeed()} }

// sourceKey is what counts as one source: an IPv4 address, or a /64 of IPv6,
// which is what one customer gets.
func sourceKey(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

// Fail counts one wrong answer and reports whether it gets a reply.
func (s *Slowdown) Fail(source netip.Addr, now time.Time) bool {
	key := sourceKey(source)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(now)
	count, cells := uint32(0), [SketchRows]int{}
	for row := range cells {
		cells[row] = int(maphash.Comparable(s.seed, rowKey{row, key}) % SketchCells)
		c := uint32(s.now[row][cells[row]]) + uint32(s.past[row][cells[row]])
		if row == 0 || c < count {
			count = c
		}
	}
	for row, cell := range cells {
		if s.now[row][cell] < 1<<16-1 {
			s.now[row][cell]++
		}
	}
	if count < FailuresFree {
		return true
	}
	next := &s.next[cells[0]]
	if now.Before(*next) && next.Sub(now) <= FailurePause {
		return false
	}
	*next = now.Add(FailurePause)
	return true
}

// rowKey hashes one source differently in each row.
type rowKey struct {
	row    int
	source netip.Addr
}

// turn moves the windows on. A clock that was set back starts anew.
func (s *Slowdown) turn(now time.Time) {
	age := now.Sub(s.since)
	switch {
	case age >= 0 && age < FailureWindow:
		return
	case age >= FailureWindow && age < 2*FailureWindow:
		s.past = s.now
	default:
		s.past = [SketchRows][SketchCells]uint16{}
	}
	s.now = [SketchRows][SketchCells]uint16{}
	s.since = now
}
