package fraud

import (
	"cmp"
	"slices"
	"time"
)

// bill is a call of the intruder as the carrier has it.
type bill struct {
	began time.Duration
	units int64
	rate  Rate
}

// billed keeps a call that is over.
func (w *World) billed(c *call, talk time.Duration) {
	b := bill{began: c.began, units: 1, rate: c.rate}
	if c.rate.MilliYen > 0 {
		b.units = c.rate.Price(talk) / c.rate.MilliYen
	}
	w.bills = append(w.bills, b)
}

// Worst is the most that the intruder's calls cost in any span of that length,
// thousandths of yen: each unit counts at the moment at which it begins, as the
// carrier bills it. Calls that are still up do not count.
func (w *World) Worst(span time.Duration) (most int64) {
	type unit struct {
		at       time.Duration
		milliYen int64
	}
	var units []unit
	for _, b := range w.bills {
		for i := range b.units {
			units = append(units, unit{b.began + time.Duration(i)*b.rate.Unit, b.rate.MilliYen})
		}
	}
	slices.SortFunc(units, func(a, b unit) int { return cmp.Compare(a.at, b.at) })
	sum, first := int64(0), 0
	for _, u := range units {
		for ; u.at-units[first].at >= span; first++ {
			sum -= units[first].milliYen
		}
		sum += u.milliYen
		most = max(most, sum)
	}
	return most
}
