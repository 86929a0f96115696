// Package gate is the checkpoint that every outside call passes: one Request
// in, one Verdict out. It is pure: no clock, no randomness, no I/O. It runs
// the same in a unit, at a carrier, in the simulator and when an
// investigation replays it.
//
// Use Judge first: it asks the rules of order.go, in the order of that list,
// under a Policy that NewPolicy made. The first rule with an opinion answers,
// and what no rule passes is refused. A Verdict is only an opinion: what lets
// an INVITE onto a line is a Pass, which gate/desk alone makes, after the
// verdict is on disk.
//
// # Concurrency
//
// A Policy never changes after NewPolicy; Judge may be called from anywhere.
//
// # Limits
//
// See limits.go. A policy beyond them is not made.
package gate
