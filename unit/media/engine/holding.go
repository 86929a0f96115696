package engine

import "time"

// holding decides how an engine waits. While there is traffic its goroutine
// keeps its place among those that run: to the runtime it runs, and the thread
// that sleeps in the kernel is awake again with the packet. Else each wait and
// each packet would have the runtime's monitor look after it, up to 50,000
// times a second. A collection stops the goroutine all the same: its signal
// ends the wait.
type holding struct {
	keep  bool // where GOMAXPROCS leaves places to all the rest
	heard time.Time
}

// span bounds a wait of d (less than 0: for ever), and says whether the
// goroutine keeps its place in it.
func (h *holding) span(d time.Duration) (time.Duration, bool) {
	left := holdFor - time.Since(h.heard)
	switch {
	case !h.keep || left <= 0:
		return d, false
	case d < 0 || d > left:
		return left, true
	}
	return d, true
}

// note is told after each wait whether something came.
func (h *holding) note(came bool) {
	if came {
		h.heard = time.Now()
	}
}
