package app

import (
	"context"
	"runtime/debug"
	"testing"
)

// A small heap may grow by the headroom, a big one by what is live, and one of
// which nothing is live yet not by everything.
func TestHeadroom(t *testing.T) {
	for live, want := range map[uint64]uint64{
		0:               headroomMin,
		liveMin:         headroomMin,
		headroomMin / 2: headroomMin,
		headroomMin:     headroomMin,
		4 * headroomMin: 4 * headroomMin,
	} {
		percent := uint64(gcPercent(live, headroomMin))
		if got := max(live, liveMin) * percent / 100; got < want*99/100 || got > want {
			t.Errorf("%d bytes live: the heap may grow by %d, want %d", live, got, want)
		}
	}
}

// The headroom follows the memory there is, within its limits.
func TestHeadroomByMemory(t *testing.T) {
	for memory, want := range map[uint64]uint64{
		0:       headroomMin, // the kernel did not say
		1 << 30: headroomMin,
		8 << 30: 128 << 20,
		1 << 40: headroomMax,
	} {
		if got := headroom(memory); got != want {
			t.Errorf("%d bytes of memory: %d, want %d", memory, got, want)
		}
	}
	if memoryBytes() < headroomMin {
		t.Errorf("this machine has %d bytes", memoryBytes())
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
	want := gcPercent(liveBytes(), headroom(memoryBytes()))
	if got := debug.SetGCPercent(gcPercentMin); apart(want, got) {
		t.Errorf("the unit set %d, want about %d", got, want)
	}
}
