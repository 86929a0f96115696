// Package cast is an office for benchmarks: scripted phones, the carriers' ends of its
// lines, and the unit that they speak with, which is the real program in a process of
// its own. bench/lamps and bench/office play with it.
//
// NewUnit and Launch start a unit, NewOffice makes the office, Phone and Line its
// parties, which speak SIP and RTP from one UDP socket each, with the retransmissions
// of RFC 3261. What is to happen is done by methods of Party and Leg; what has happened is
// told by the functions of Hooks, and stands in the exported fields.
//
// # Who hears whom
//
// The sound of each leg bears its number, so that one packet tells whom a leg hears.
// A leg that hears somebody else than before answers at once. What bears no number is
// sound of the unit: dial tone, music, speech.
//
// # Faults
//
// A party loses, doubles and delays datagrams of its signaling as Faults says, may be
// unreachable for a time, or start anew with all its calls and lamps forgotten.
//
// # Concurrency
//
// An office has one lock. Each party has a goroutine that reads its socket and each office one
// that acts by the clock, until Close; a delayed datagram is a timer's. Hooks are called
// with the lock held. Each unit has a goroutine that waits for its process, and one thread
// starts all.
//
// # Limits
//
// See limits.go.
package cast
