package quarantine

import (
	"fmt"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// Set is everything that is set apart. The nil Set is empty.
type Set struct{ entries map[Target][]fact.Quarantine }

// New makes a set of what is set apart; later changes to list don't reach it.
// It refuses a list beyond the limits, and entries that Parse would not give.
func New(list []fact.Quarantine) (*Set, error) {
	if len(list) > EntriesMax {
		return nil, fmt.Errorf("%d quarantines, at most %d", len(list), EntriesMax)
	}
	s := &Set{entries: make(map[Target][]fact.Quarantine, len(list))}
	for _, q := range list {
		t, err := Parse(Kind(q.Kind), q.Value)
		if err == nil && t.Value != q.Value {
			err = ErrValue
		}
		if err != nil {
			return nil, fmt.Errorf("quarantine %q of %s %q: %w", q.ID, q.Kind, q.Value, err)
		}
		s.entries[t] = append(s.entries[t], q)
	}
	return s, nil
}

// Find gives the quarantine that a call falls under at a time, the narrowest
// there is: of a phone before that of its extension, of a number before that
// of its country. Emergency calls fall under none.
func (s *Set) Find(c *Call, now time.Time) (found fact.Quarantine, ok bool) {
	if s == nil || len(s.entries) == 0 {
		return found, false
	}
	c.targets(func(t Target) bool {
		for _, q := range s.entries[t] {
			if InForce(&q, now) {
				found, ok = q, true
				return false
			}
		}
		return true
	})
	return found, ok
}

// InForce tells whether a quarantine has not run out. Without a time none has.
func InForce(q *fact.Quarantine, now time.Time) bool {
	return q.Until.IsZero() || now.IsZero() || now.Before(q.Until)
}
