package app

import (
	"context"
	"runtime/debug"
	"testing"
)

// A small heap may grow by headroomMin, a big one by what is live, and one of
// which nothing is live yet not by everything.
func TestHeadroom(t *testing.T) {
	for live, want := range map[uint64]uint64{
		0:               headroomMin,
		liveMin:         headroomMin,
		headroomMin / 2: headroomMin,
		headroomMin:     headroomMin,
		4 * headroomMin: 4 * headroomMin,
	} {
		percent := uint64(gcPercent(live))
		if got := max(live, liveMin) * percent / 100; got < want*99/100 || got > want {
			t.Errorf("%d bytes live: the heap may grow by %d, want %d", live, got, want)
		}
	}
}

func TestHeapIsTendedUnlessTold(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	before := debug.SetGCPercent(gcPercentMin)
	defer debug.SetGCPercent(before)
	t.Setenv("GOGC", "50")
	tendHeap(ended)
	if got := debug.SetGCPercent(gcPercentMin); got != gcPercentMin {
		t.Errorf("GOGC is set, and the unit set %d", got)
	}
	t.Setenv("GOGC", "")
	tendHeap(ended)
	if got, want := debug.SetGCPercent(gcPercentMin), gcPercent(liveBytes()); apart(want, got) {
		t.Errorf("the unit set %d, want about %d", got, want)
	}
}
