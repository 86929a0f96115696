// Package control is how people administer a running unit: operations over a
// unix socket in its data directory, readable by its owner only. The unit is
// the one writer; every operation that changes something is one leaf of
// evidence, with the person (the peer's user ID, told by the kernel) who
// asked.
//
// Use Call with an Op from operations.go on the client's side, Handle on the
// unit's. The transport is HTTP with JSON bodies over the socket, POST only.
//
// # Concurrency
//
// Serve runs net/http's goroutines until its context ends; Shutdown waits for
// them.
package control
