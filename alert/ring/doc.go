// Package ring is the channel of alerts that calls the owner by telephone and
// says the alert aloud.
//
// Use New, with a Turn that all such channels of a unit share. The numbers are
// called one after the other, each so many times; whoever presses 1 has
// acknowledged. The call itself is the unit's (Config.Call), which has the gate
// judge it like every other.
//
// # Concurrency
//
// A Ring may be used from several goroutines: one calls, the others wait.
//
// # Limits
//
// See limits.go.
package ring
