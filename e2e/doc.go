// Package e2e runs the real binary against real clients: SIPp, baresip,
// linphone, sipsak and Kamailio, over real sockets on loopback addresses of
// its own.
//
// Start at unit_test.go (a unit that is running, claimed and administered by
// its command line) and peers_test.go (the clients of the test, each with its
// address); the clients themselves are in e2e/peer. One file per situation
// follows: phones and sipp (calls inside, their sound, every transport),
// outside and sidedoor (over a carrier, and around the gate), key (an outside-line key), pin (asked for on
// the phone), chaos (kill -9), settled and kept (what that costs), trace (what was synced
// before what was sent), namespace and netns (over a network), demo, tutorial.
// e2e/attack is what an attacker does.
//
// The tests carry the build tag e2e, so that a plain `go test ./...` needs
// none of the clients. With the tag a missing client is a failure, never a
// skip. ./test installs the clients and sets the tag:
//
//	go test -tags e2e ./e2e/...
//
// SEKISHO_E2E_KILLS=200 kills more often than CI does; SEKISHO_E2E_BINARY names
// a program to test instead of the sources.
//
// Names of tests: TestPeers… run the clients against each other without a
// unit, which proves the measuring; all others need the unit.
package e2e
