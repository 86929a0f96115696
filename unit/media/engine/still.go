package engine

import "time"

// still is the engine of a simulation: it waits in ways that testing/synctest
// understands. Nothing comes to its ports, and what is sent is lost.
type still struct{ wake chan struct{} }

// newStill has the waker wake this engine, not the kernel.
func newStill(w *Waker) *still {
	w.still = make(chan struct{}, 1)
	return &still{wake: w.still}
}

// Listen has nothing to listen to.
func (s *still) Listen(*Port) error { return nil }

// Forget has nothing to forget.
func (s *still) Forget(*Port) {}

// Send loses the packet.
func (s *still) Send(*Port, []byte, *Address) error { return nil }

// Wait waits until Wake was called, or d has passed.
func (s *still) Wait(d time.Duration, woke func()) {
	var over <-chan time.Time
	if d >= 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-s.wake:
	case <-over:
	}
	woke()
}

// Close has nothing to free.
func (s *still) Close() {}
