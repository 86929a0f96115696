package app

import (
	"os"
	"runtime"
)

// usable is how many processors this process may use, as the runtime found
// them: affinity and limits of its control group.
var usable = runtime.GOMAXPROCS(0)

// placesLeast is how many goroutines must be able to run beside loops that keep
// their places: one that waits for the disk, and one for all the rest.
const placesLeast = 2

// keepPlaces lets as many goroutines run at once as a unit with that many loops
// of signaling and voice needs, if the process is for this unit alone, and
// reports whether the loops may keep their places while they wait for traffic.
//
// The loops have a place each, so has every usable processor, and one more
// stands for a goroutine in a system call that blocks, as the store's fdatasync
// does: it keeps its place until the runtime notices, up to 10 ms later. A
// GOMAXPROCS in the environment stands; with too few places for all the loops
// give theirs away, since everything else would wait for them.
func (a *App) keepPlaces(loops int) bool {
	if !a.options.Alone {
		return false
	}
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(loops + usable + 1)
	}
	return runtime.GOMAXPROCS(0) >= loops+placesLeast
}
