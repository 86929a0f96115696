// Package demo is the unit on its practice ground: a real App on embedded
// defaults in a temporary directory, two phones' accounts ready, a practice
// carrier as its outside line, and the attack of March 2015 replayed against
// it over real SIP.
//
// Use Open, Control, Attack, and Close. Every figure is counted: by the
// carrier's own books, by the phones that called, and by the unit's evidence.
//
// # Concurrency
//
// The goroutines are those of the App, the carrier and the simulated phones;
// Close ends them all.
package demo
