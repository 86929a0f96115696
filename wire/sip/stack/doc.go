// Package stack is the SIP endpoint: it drives the pure machines of wire/sip
// with sockets, time and randomness, and belongs to floor 3.
//
// Use New with a Config, then Start. What comes in goes to the Handler:
// calls as a *Session, everything else as a *Request. What goes out to phones
// begins with Shard.Invite and Shard.Send; what goes out to lines with
// Line.Invite, which demands a gate.Pass, and Line.Send, which can't send an
// INVITE. The phone side never sends to an address that belongs to a line.
//
// A phone's SUBSCRIBE comes as a Request; Request.Subscribe makes a Subscription
// of it, whose Notifier says what its NOTIFYs hold. Which packages there are, and
// what they say, is the Handler's. A line never subscribes.
//
// A line may have a UDP listener of its own: OpenListener and CloseListener,
// on the running stack. What comes in on it counts for nobody else.
//
// Nothing is kept for a request before the Authenticator has admitted it, or
// Lines has named the line it comes from: challenges, refusals and the 503 of
// an overloaded shard are given without state.
//
// # Concurrency
//
// A shard's loop (Shard.run, one goroutine per shard, owned by the Stack, ends
// with Stop) owns its transactions, sessions, subscriptions and timers; the
// Handler, owners of sessions and subscriptions and posted functions run on it and must not wait. From other
// goroutines use Shard.Post, which a full mailbox refuses, or a Shard.Seat taken
// beforehand, which is never refused. Every stream connection has a reader and a
// writer (conn.serve; both end with the connection), every stream listener
// one accepting goroutine (ends when it closes), every dial and every name
// look-up one (bounded, end with their time-out or Stop).
//
// # Limits
//
// See limits.go. Mailboxes, tables, queues and connections are bounded; what
// does not fit is refused or dropped, and counted in Counters.
//
// # Standards
//
// RFC 3261 §8, §17, §18; RFC 3263 (finding lines); RFC 3581 (rport); RFC 5626
// §3.5.1 (keep-alive); RFC 6026; RFC 6665 (as notifier).
package stack
