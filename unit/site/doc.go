// Package site knows the other sites 拠点 of an office: by which key each proves
// itself, where it is reached, and whether it answers.
//
// Use Sites: Set says which sites are trusted, each time all of them; Trusts and
// Authenticate judge who comes; Place says where a call goes. Due says what is to be
// sent now and Result takes what came of it: the driver does the sending. Code and
// ParseCode are the form in which people carry a fingerprint from one unit to another.
//
// # Concurrency
//
// Sites is safe for concurrent use. The package starts no goroutine; Find waits for
// name servers and belongs on one of its owner's.
//
// # Limits
//
// See limits.go: when a site counts as away, how often it is asked.
//
// # Standards
//
// RFC 3261 §11 (OPTIONS).
package site
