// Package challenge knows personal PINs: which ones are good, who has one, who
// may try one now, and what wrong ones lead to. It is pure: it never sees a
// PIN that is tried, only what came of it.
//
// Use Check for a PIN that somebody wants to set, and a Book for the people of
// a unit: Ready before a person is asked, Begin before a PIN is compared, Wrong
// or Right after. gate/challenge/prover does the comparing.
//
// A PIN is of one person, an extension. Wrong ones in a row are counted over
// restarts (fact.PIN.Wrong); WrongMax lock it until an administrator unlocks
// it. How often one may be tried is bounded for each person, and how many wrong
// ones there may be for the whole unit, so that nobody goes through extension
// after extension.
//
// # Concurrency
//
// A Book is for one goroutine at a time.
//
// # Limits
//
// See limits.go.
package challenge
