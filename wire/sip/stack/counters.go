package stack

import "sync/atomic"

// Counters counts what a stack does, and above all what it drops. Each is
// read with Load, at any time.
type Counters struct {
	Received      atomic.Uint64 // messages parsed
	Sent          atomic.Uint64 // messages given to the transports
	Junk          atomic.Uint64 // no SIP message at all
	KeepAlives    atomic.Uint64
	Malformed     atomic.Uint64 // answered with what Validate owes
	Unanswerable  atomic.Uint64 // broken responses and ACKs
	Strays        atomic.Uint64 // responses and ACKs that match nothing
	Challenged    atomic.Uint64 // 401 and 407 given without state
	Refused       atomic.Uint64 // by the authenticator
	Dropped       atomic.Uint64 // by the authenticator, or from no line
	Shed          atomic.Uint64 // 503 because of overload
	Limited       atomic.Uint64 // strangers that got no answer, because they ask too often
	Amplified     atomic.Uint64 // answers that would have been too large for a stranger's request
	Overflow      atomic.Uint64 // lost because a mailbox or table was full
	HandedOver    atomic.Uint64 // came in on another shard
	Retransmitted atomic.Uint64 // by us
	Absorbed      atomic.Uint64 // retransmissions of the peer
	Unsent        atomic.Uint64 // the transport could not send
	LineGuard     atomic.Uint64 // phone side would have sent to a line
	Connections   atomic.Int64  // stream connections open now
	ConnRefused   atomic.Uint64 // beyond a limit
}
