// Package phone knows the phones of a unit: their credentials, who they are
// when they speak, and where they are registered.
//
// Use Registry. Authenticate is the hook that the SIP stack asks before it
// keeps any state for a request; Register is the registrar (RFC 3261 §10);
// Lookup says where an extension's phones are. Add, Renew, Disable, Enable and
// Remove manage credentials; a secret is shown once, by the call that made it, and kept only
// as digest hashes, sealed with a key that lives outside the database.
//
// Brute force is slowed, never answered with a lock: a right answer to a
// challenge is accepted at once from wherever it comes, while wrong ones lose
// their replies, source by source (Slowdown). An attacker waits for each
// guess; the true phone, even behind the same address, never does.
//
// # Concurrency
//
// Registry is safe for concurrent use: every shard's loop calls it. It starts
// no goroutine; its owner calls Tick when the time that Tick gave has come.
// What it returns are copies.
//
// # Limits
//
// See limits.go: phones, contacts, lengths, times, and the fixed sizes of all
// that an unauthenticated source can touch.
//
// # Standards
//
// RFC 3261 §10 and §22, RFC 3327 (Path), RFC 8760 (SHA-256). GRUU and
// outbound (RFC 5627, RFC 5626) are not offered; +sip.instance tells a
// rebooted phone from a second one.
package phone
