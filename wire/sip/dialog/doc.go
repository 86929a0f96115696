// Package dialog holds SIP dialogs (RFC 3261 §12) as plain values: their
// identity, sequence numbers, route set and remote target, and from these the
// head of every request inside them. It is pure.
//
// Use NewUAC for the dialog that a response to our request creates, NewUAS
// for one that a request to us creates; then Request for the head of the next
// request and Receive for each one that comes in. Each leg of a call has a
// dialog of its own, so that nothing of one leg's identity, route or address
// shows on another.
//
// # Standards
//
// RFC 3261 §12.1 (creation), §12.2 (requests within a dialog), §13.2.2.4 (the
// route set of a 2xx), §16.12.1.2 (strict routers).
package dialog
