// Package evidence answers whether the record of what happened is whole.
//
// Use VerifyDir first, on a unit's data folder: it checks every leaf, the hash
// table, the checkpoints' signatures, and the state that follows from the
// facts, and names the first leaf that is not what it was. It only reads, and
// may run beside the unit.
//
// What it can't see: events that somebody with the whole machine in hand
// rewrote after the last checkpoint that anybody else has seen.
package evidence
