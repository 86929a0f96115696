// Package line knows the outside lines 外線 of a unit: how each carrier wants
// to be spoken to, whether it is reached, how many channels are left, and who
// we are to it.
//
// Use Lines: Add and Restore put lines in place; Acquire and Release keep the
// channels; Order puts those first that work; LineOf says which line a request
// came from; Outgoing, Incoming and Render translate between the unit and the
// carrier. Due says what is to be sent now (REGISTER, OPTIONS) and Result takes
// what came back: the driver does the sending. What differs between carriers
// is data: profiles/*.toml, read by LoadProfile.
//
// Nothing here sends an INVITE. The number in its Request-URI is written by
// Render from the destination that the gate approved, and from nothing else.
//
// # Concurrency
//
// Lines is safe for concurrent use: every shard's loop calls it. The package
// starts no goroutine; RefreshAddresses waits for name servers and belongs on
// one of its owner's.
//
// # Limits
//
// See limits.go: lines, channels, addresses, times of registration and
// supervision.
//
// # Standards
//
// RFC 3261 §10.2 (registering), RFC 3327 and RFC 3608 (Path, Service-Route),
// RFC 3323 and RFC 3325 (Privacy, P-Asserted-Identity), RFC 7616 and RFC 8760
// (digest, by wire/digest).
package line
