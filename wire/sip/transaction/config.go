package transaction

import "time"

// Config is the timer base of a transaction (RFC 3261 §17.1.1.1). It is a
// value per line or listener profile, never a package variable.
type Config struct {
	T1 time.Duration // round-trip estimate
	T2 time.Duration // longest interval between retransmissions
	T4 time.Duration // longest life of a message in the network
	TD time.Duration // Timer D over unreliable transports, at least 32 s
}

// Default is the timer base that RFC 3261 recommends.
func Default() Config {
	return Config{T1: 500 * time.Millisecond, T2: 4 * time.Second, T4: 5 * time.Second, TD: 32 * time.Second}
}

// Timeout is 64*T1: timers B, F, H, J, L and M (RFC 3261 table 4, RFC 6026 §7).
func (c Config) Timeout() time.Duration { return timeoutFactor * c.T1 }

// timeoutFactor times T1 is the life of a transaction (RFC 3261 §17).
const timeoutFactor = 64

// State is a transaction's state, spelled as in the RFCs.
type State uint8

// The states of all four machines.
const (
	Calling State = iota + 1
	Trying
	Proceeding
	Accepted
	Completed
	Confirmed
	Terminated
)

// String returns the name of the state as in RFC 3261.
func (s State) String() string {
	switch s {
	case Calling:
		return "Calling"
	case Trying:
		return "Trying"
	case Proceeding:
		return "Proceeding"
	case Accepted:
		return "Accepted"
	case Completed:
		return "Completed"
	case Confirmed:
		return "Confirmed"
	case Terminated:
		return "Terminated"
	}
	return "none"
}

// Action is a set of things to do, in the order of the constants.
type Action uint8

// The actions.
const (
	// Send the request (client) or the last response (server), for the first
	// time or again.
	Send Action = 1 << iota
	// SendACK asks the client to build or repeat the ACK for a non-2xx final
	// response (RFC 3261 §17.1.1.3).
	SendACK
	// Deliver passes the message that was given in to the transaction user.
	Deliver
	// TimedOut tells the transaction user that no final response came (timers
	// B, F) or no ACK (timer H).
	TimedOut
	// Failed tells the transaction user that the transport can't send.
	Failed
	// Ended says that the transaction is over: forget it.
	Ended
)

// Has reports whether every action of b is in a.
func (a Action) Has(b Action) bool { return a&b == b }

// earliest returns the earlier of two times, where the zero time means never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}

// due reports whether a timer set to t has run out.
func due(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }
