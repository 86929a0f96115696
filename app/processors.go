package app

import (
	"os"
	"runtime"
)

// usable is how many processors this process may use, as the runtime found
// them (affinity and limits of its control group) before UseProcessors.
var usable = runtime.GOMAXPROCS(0)

// UseProcessors lets the runtime run Go code on one thread more than there are
// usable processors. It is for the process that serves a unit, once, at its
// start; a GOMAXPROCS in the environment stands.
//
// A goroutine in a system call that blocks, as the store's fdatasync does,
// keeps its place among those that run until the runtime notices, which takes
// up to 10 ms. On one processor the only place is gone meanwhile, and calls
// wait for the disk although the processor is idle.
func UseProcessors() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(usable + 1)
	}
}
