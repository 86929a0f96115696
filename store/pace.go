package store

import (
	"math"
	"time"
)

// pace says how far apart transactions begin. One costs as much as some ten of
// the entries that it writes: where many come they wait a little longer, and the
// processor has time for the calls instead.
type pace struct {
	rate float64 // entries a second, of the last paceMemory
}

// took takes in how many entries came in which time.
func (p *pace) took(entries int, in time.Duration) {
	if in <= 0 {
		return
	}
	keep := math.Exp(-in.Seconds() / paceMemory.Seconds())
	p.rate = keep*p.rate + (1-keep)*float64(entries)/in.Seconds()
}

// apart is the time between the beginnings of two transactions.
func (p *pace) apart() time.Duration {
	much := (p.rate - paceMany) / (paceMost - paceMany)
	much = min(max(much, 0), 1)
	return commitsApart + time.Duration(much*float64(commitsApartMost-commitsApart))
}
