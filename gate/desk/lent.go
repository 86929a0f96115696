package desk

import (
	"sync"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/number/tariff"
)

// lent is what ordinary calls were let have while nothing could be written. It
// is in memory alone: so each account may be lent on one day, all outages of
// the day together, what its caps let it spend on a day, and no more. What the
// calls really cost is charged when the disk takes writes again.
type lent struct {
	mu   sync.Mutex
	day  int64
	sums map[string]int64
}

// lend lends an amount on every account, or on none.
func (l *lent) lend(charges []fact.Charge, amount tariff.Money, at time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if day := budget.DayOf(at); l.sums == nil || day > l.day {
		l.day, l.sums = day, make(map[string]int64)
	}
	for _, c := range charges {
		sum, known := l.sums[c.Account]
		if top := dailyCap(c.Caps); top > 0 && int64(amount) > top-sum || !known && len(l.sums) >= lentMax {
			return false
		}
	}
	for _, c := range charges {
		l.sums[c.Account] += int64(amount)
	}
	return true
}

// dailyCap is the least that caps let an account spend on a day, 0 for no bound.
func dailyCap(c fact.Caps) (least int64) {
	for _, top := range []int64{c.Incident, c.Day, c.Month} {
		if top > 0 && (least == 0 || top < least) {
			least = top
		}
	}
	return least
}
