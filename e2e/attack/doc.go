// Package attack attacks a running unit: over real sockets on loopback
// addresses of its own, with a practice carrier whose books count what got
// out.
//
// Start at attack_test.go: every attack is a row of a table that says what
// would be vulnerable, what is done, and what is verified. After each row the
// carriers' books are read, the true phones call out, call inside and call an
// emergency number, so that an attack that only breaks something is found
// too. ground_test.go is the ground they stand on, intruder_test.go a client
// that sends whatever bytes it is told to. The rows lie in files by where the
// intruder stands: outside, at a phone's address, signed in, in somebody's call, beside the
// carrier, on a stream, in a flood, on the machine.
//
// The tests carry the build tag e2e, as those of package e2e do:
//
//	go test -tags e2e ./e2e/attack
package attack
