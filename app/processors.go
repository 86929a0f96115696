package app

import (
	"os"
	"runtime"
)

// usable is how many processors this process may use, as the runtime found
// them (affinity and limits of its control group) before UseProcessors.
var usable = runtime.GOMAXPROCS(0)

// placesEach is how many goroutines may run for each usable processor: a loop
// of signaling and one of voice, which keep their places while they wait for
// traffic, and one for all the rest.
const placesEach = 3

// UseProcessors lets the runtime run more goroutines at once than there are
// usable processors. It is for the process that serves a unit, once, at its
// start; a GOMAXPROCS in the environment stands.
//
// One place more than placesEach is there because a goroutine in a system call
// that blocks, as the store's fdatasync does, keeps its place until the runtime
// notices, which takes up to 10 ms.
func UseProcessors() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(placesEach*usable + 1)
	}
}
