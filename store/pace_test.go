package store

import (
	"testing"
	"time"
)

// TestPace: who writes little waits for 2 ms at most, whoever wrote much before.
func TestPace(t *testing.T) {
	var p pace
	second := func(entries int) time.Duration {
		for range 200 {
			p.took(entries/200, time.Second/200)
		}
		return p.apart()
	}
	if got := p.apart(); got != commitsApart {
		t.Errorf("at the start %v apart", got)
	}
	if got := second(3_000); got != commitsApart { // 1,000 outside calls
		t.Errorf("at 3,000 a second %v apart", got)
	}
	between := second(6_000)
	if between <= commitsApart || between >= commitsApartMost {
		t.Errorf("at 6,000 a second %v apart", between)
	}
	if got := second(10_000); got != commitsApartMost {
		t.Errorf("at 10,000 a second %v apart", got)
	}
	p.took(1, 0) // the clock did not move
	p.took(1, -time.Second)
	if got := p.apart(); got != commitsApartMost {
		t.Errorf("after a clock that stood %v apart", got)
	}
	p.took(1, time.Second)
	if got := p.apart(); got != commitsApart {
		t.Errorf("after a quiet second %v apart", got)
	}
}
