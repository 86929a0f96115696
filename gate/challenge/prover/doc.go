// Package prover checks personal PINs: it keeps them as slow hashes
// (argon2id), compares what is typed, and writes down what came of it before
// anybody hears of it.
//
// Use New, Restore what the last run knew, and Run; then Ready and Try for a
// person that is asked, and Set, Generate, Remove, Unlock and List for an
// administrator.
//
// A hash is made with a key that lives outside the database, and of the person
// together with the PIN: neither a stolen database nor another person's hash
// is of use. PINs are wiped from memory after use, and stand in no log, fact or
// error.
//
// # Concurrency
//
// Everything may be called from anywhere. Nothing hashes on the caller's
// goroutine but Set and Generate: Try hands over to Run's, one PIN after the
// other.
//
// # Limits
//
// See limits.go.
//
// # Standards
//
// RFC 9106 (argon2id).
package prover
