// Command lamps presses the outside-line keys of offices at random, with faults, and
// judges every lamp of every phone by who hears whom. bench/README.md says how to read it.
//
// Each office is a unit, the real program in a process of its own, with twenty scripted
// phones and sixteen lines of one channel and one key each (bench/cast). What is so at a key is
// measured: from the carrier's end of its line, by the sound that arrives there and at
// the phone. What lamps show is what the phones have acknowledged. Nothing is taken from the
// unit's own tables.
//
// # Concurrency
//
// Each office acts on its own clock, under its own lock (bench/cast); one goroutine of each
// restarts its unit now and then; the main one waits.
//
// # Limits
//
// See limits.go.
package main
