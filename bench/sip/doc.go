// Command sip measures how many registrations, calls and relayed calls a second
// one core of a unit does, side by side with Kamailio and rtpengine in the same
// run on the same machine, how it bears more than it can do, junk and long use, and
// judges each bar. README.md in the folder above says how to read it.
//
// It starts the real program (built with CGO off, with its defaults and a data
// directory of its own) on core 0 and offers load from core 1 by the package
// load. A run is void, with exit code 1, when the unit's evidence does not verify
// afterwards with exactly one verdict for each outside call.
//
// # Concurrency
//
// The process starts itself again, pinned to the generator's core; that one does
// everything in one goroutine, with one more that waits for each program under
// test. Programs die with it.
//
// # Limits
//
// See limits.go.
package main
