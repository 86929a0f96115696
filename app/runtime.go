package app

import (
	"runtime/debug"
	"runtime/metrics"

	"github.com/sekisho/sekisho/app/control"
)

// inUse says what the process has in use. With collect the garbage collector
// runs first, and memory that nobody uses goes back to the machine.
func inUse(collect bool) control.Runtime {
	if collect {
		debug.FreeOSMemory()
	}
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/gc/heap/allocs:bytes"},
		{Name: "/gc/heap/allocs:objects"},
		{Name: "/gc/heap/tiny/allocs:objects"},
		{Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(samples)
	n := make([]uint64, len(samples))
	for i, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 { // a name that this Go does not know any more tells nothing
			n[i] = s.Value.Uint64()
		}
	}
	return control.Runtime{HeapLiveBytes: n[0], HeapAllocBytes: n[1], HeapAllocs: n[2] + n[3], Goroutines: n[4]}
}
