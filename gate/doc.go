// Package gate is the checkpoint that every outside call passes: one Request
// in, one Verdict out. It is pure: no clock, no randomness, no I/O. It runs
// the same in a unit, at a carrier, in the simulator and when an
// investigation replays it.
package gate
