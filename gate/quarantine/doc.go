// Package quarantine says what is set apart: phones, credentials, extensions,
// lines, destinations, the whole unit. It is pure.
//
// Use Parse first, which reads what a person means by a kind and a value, and
// New, which makes a Set of what is set apart. The gate's rule asks Set.Find
// about a request before it goes out; a driver asks it, or Target.Covers,
// about calls that are up. An emergency call is never found: neither a set nor
// a target covers one.
//
// # Concurrency
//
// A Set and a Target never change; they may be asked from anywhere.
//
// # Limits
//
// See limits.go. A set beyond them is not made.
package quarantine
