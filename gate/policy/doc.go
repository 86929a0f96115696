// Package policy is the gate's policy as people write and read it: who may
// call what, when and until when, with tests inside. The same Document is
// gate.toml and what stands in the database; nothing else makes a policy.
//
// Use Document.Check first, then Document.Normal, which writes everything in
// one way; the other functions want a document that Check found nothing in.
// Format writes a document as gate.toml, Document.Settings is what the gate
// judges by, Diff says what one document opens and bars that the other does
// not. The syntax of TOML is read in app/config.
//
// A document never lets more pass than the factory's classes: it narrows them,
// and opens countries only with a reason and an expiry (see Opening).
//
// # Concurrency
//
// Documents are values; the functions keep nothing.
//
// # Limits
//
// See limits.go. Check finds a document that is beyond them.
package policy
