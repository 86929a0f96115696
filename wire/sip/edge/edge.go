// Package edge holds the few plain types that cross the edge of the SIP
// stack: datagrams from and to the plane that owns the sockets, and verdicts
// from the registry that knows the phones. The stack and those parts are of
// one floor and never import each other; both import edge.
package edge

import (
	"net/netip"
	"time"
)

// DatagramBytesMax is the largest UDP payload there is.
const DatagramBytesMax = 65_535

// Datagram is one UDP payload, received or to be sent.
//
// To receive, the stack hands over datagrams whose Buf has full length; the
// plane reslices Buf to what came and sets the others. To send, the stack sets
// all but At, and may use Buf again once the write has returned.
type Datagram struct {
	Buf      []byte
	Remote   netip.AddrPort // where it came from, or goes to
	Local    netip.AddrPort // the address it came to, or must leave from; zero: the listener's own
	Listener int            // index among the stack's configured listeners
	// At is when it arrived at the host, by the wall clock, so that it can be
	// told how long it lay in the socket; zero where that is not known.
	At time.Time
}

// Source says where a request stands: what the transport saw, never what the
// message claims.
type Source struct {
	Remote    netip.AddrPort
	Local     netip.AddrPort
	Transport string // "udp", "tcp" or "tls"
	Listener  string // name of the listener it came in on
	// Peer names the key that the far end of a TLS connection has proved to have; "" on
	// listeners that ask for none. What is sent to a Peer goes over any connection on
	// which that is proved; Remote is dialed where there is none.
	Peer string
}

// Action is what becomes of a request that asks to come in.
type Action uint8

// The actions. The zero Action is Drop, so that a forgotten verdict is
// closed.
const (
	Drop      Action = iota // no answer, no state
	Admit                   // go on, as Identity
	Challenge               // answer statelessly with Status (401 or 407) and Headers
	Refuse                  // answer statelessly with Status and Headers
)

// Verdict is an authenticator's answer for one request.
type Verdict struct {
	Action Action
	Status int
	Phrase string // ASCII
	// Headers are header lines, for example "WWW-Authenticate: Digest …", one
	// for each algorithm in order. Nobody changes them.
	Headers []HeaderLine
	Nonce   string // stands in each of Headers
	// Tag is the To tag of the answer, so that its ACK can be known; "": the
	// stack's own.
	Tag      string
	Identity Identity
}

// HeaderLine is a whole header line without CRLF, around the nonce of its
// verdict, where it has one.
type HeaderLine struct{ Before, After string }

// Identity is who an admitted request is from.
type Identity struct {
	Extension     string // whose request it is
	Home          string // the extension that the phone is of: another one where somebody is logged in there
	Device        string
	Credential    string // digest username
	Authenticated bool   // false only for emergency calls from a known phone's address
	Site          string // the other site that it is, which has no Extension here
	// Record is the authenticator's own record of who it is: it knows it again
	// without looking for it. Nobody else reads it.
	Record any
}

// Target is one place to send to, found by RFC 3263 or known beforehand.
type Target struct {
	Transport string // "udp", "tcp" or "tls"
	Addr      netip.AddrPort
}
