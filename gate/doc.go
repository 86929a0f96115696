// Package gate is the checkpoint that every outside call passes: one Request
// in, one Verdict out. It is pure: no clock, no randomness, no I/O. It runs
// the same in a unit, at a carrier, in the simulator and when an
// investigation replays it.
//
// Use Judge first: it asks the rules of order.go, in the order of that list,
// under a Policy that NewPolicy made. The first rule that passes or refuses
// answers, and what no rule passes is refused. What passes but for rules that
// challenge waits for a Proof: the PIN of whoever stands behind the call, typed
// on its phone. The same Request is judged again with it. A Verdict is only an opinion: what lets
// an INVITE onto a line is a Pass, which gate/desk alone makes, after the
// verdict is on disk. What is set apart (gate/quarantine) is part of a Policy;
// Policy.Apart says so of calls that are up, too. What is odd about how the office
// telephones (gate/tempo) is part of a Request: gate/desk finds it out first.
//
// # Concurrency
//
// A Policy never changes after NewPolicy; Judge may be called from anywhere.
//
// # Limits
//
// See limits.go. A policy beyond them is not made.
package gate
