// Package carrier is a practice carrier 電話会社: it takes registrations and
// calls of lines over UDP, reads the dialed number in its own careless way,
// rings, answers with speech or an echo, and keeps books with a tariff. What
// reached it and what it bills is the truth by which the unit is judged.
//
// Use New with a socket, then Books. It shares the message layer with the
// unit, but none of its transactions, dialogs or numbering: a mistake there
// must not be made twice.
//
// # Concurrency
//
// New starts one goroutine that owns every call; each answered call has one
// more for its sound. Close ends them all and waits.
//
// # Limits
//
// See limits.go.
package carrier
