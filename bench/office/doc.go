// Command office plays the working day of an office of sixty phones against the real
// program, in real time with more calls than such an office has, and judges whether
// anything of a call is left when it is over: goroutines, ports, files, memory.
// bench/README.md says how to read it.
//
// # Concurrency
//
// Each scene that plays has a goroutine, which ends with it; see also bench/cast. The main
// one starts scenes, and looks at the unit in the lulls between.
//
// # Limits
//
// See limits.go.
package main
