package app

import (
	"runtime"
	"testing"
)

// TestInUse: what is kept is seen as live, what is let go is not, and both were
// allocated.
func TestInUse(t *testing.T) {
	const objects, size = 1000, 4096
	before := inUse(true)
	for range 10 { // what other tests have left is gone after some collections
		was := before.HeapLiveBytes
		if before = inUse(true); was < before.HeapLiveBytes+objects*size/100 {
			break
		}
	}
	kept := make([][]byte, objects)
	for i := range kept {
		kept[i] = make([]byte, size)
	}
	during := inUse(true)
	if got := int64(during.HeapLiveBytes) - int64(before.HeapLiveBytes); got < objects*size*9/10 {
		t.Errorf("%d bytes are kept, and %d more are live", objects*size, got)
	}
	if got := during.HeapAllocs - before.HeapAllocs; got < objects {
		t.Errorf("%d objects were allocated, and %d counted", objects, got)
	}
	if got := during.HeapAllocBytes - before.HeapAllocBytes; got < objects*size {
		t.Errorf("%d bytes were allocated, and %d counted", objects*size, got)
	}
	runtime.KeepAlive(kept)
	kept = nil
	if after := inUse(true); after.HeapLiveBytes+objects*size*9/10 > during.HeapLiveBytes {
		t.Errorf("%d bytes were let go; live: %d, then %d", objects*size, during.HeapLiveBytes, after.HeapLiveBytes)
	}
	const more = 100
	stop := make(chan struct{})
	for range more {
		go func() { <-stop }()
	}
	if n := inUse(false).Goroutines; n < before.Goroutines+more/2 {
		t.Errorf("%d goroutines, and %d with %d more", before.Goroutines, n, more)
	}
	close(stop)
}
