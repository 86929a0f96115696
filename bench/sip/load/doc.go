// Package load is a SIP and RTP load generator: phones, their callers and
// callees, and a carrier, in one loop on one core. It offers work by the clock
// and not by what was finished (open loop), and retransmits as RFC 3261 says, so
// that a system under test that falls behind shows it.
//
// Make one Load with Open; then Register, Registrations, Calls and Talk, one after
// the other, against a Site. It shares no code with the system under test: a
// mistake there must not be made twice. It reads only what SIP elements in this
// benchmark write: one header field a line, no compact forms.
//
// # Concurrency
//
// None: a Load belongs to the goroutine that uses it.
//
// # Limits
//
// See limits.go.
//
// # Standards
//
// RFC 3261 timers A, E and the 2xx retransmission of §13.3.1.4 (T1 500 ms, T2 4 s);
// RFC 7616 and 8760 digest with SHA-256 or MD5, nonces used again with a growing
// count as phones do.
package load
