// Package attack replays attacks on a unit over real SIP, time-lapsed. The
// intruder is a phone that holds a valid credential: what stops it must be
// the gate.
//
// Use March2015: first the pattern of the best documented victim (about
// 4,000 calls to Sierra Leone, one after another), then the second wave with
// prefixes and symbols in front of the number, while an office goes on with
// its ordinary and emergency calls. What reached the carrier and what it
// bills is counted in the carrier's books.
//
// # Concurrency
//
// March2015 runs the office on one goroutine and the intruder's channels on
// others; all end before it returns.
package attack
