package stack

import (
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// Side says whom a listener speaks with.
type Side uint8

// The sides.
const (
	PhoneSide Side = iota + 1
	LineSide
)

// Listener is one address on which SIP is spoken. Its index in
// Config.Listeners is edge.Datagram.Listener.
type Listener struct {
	Name      string
	Side      Side
	Transport string // "udp", "tcp" or "tls"
	// Address is written into Via and Contact; it is where peers reach us. On
	// an unspecified address (0.0.0.0) they get the address that the peer
	// speaks to, or Config.LocalFor's.
	Address netip.AddrPort
	// Accept gives the stream connections of a tcp or tls listener; nil for
	// one that only dials out. The stack closes it on Stop.
	Accept net.Listener
	// Timers is the timer base; the zero value means transaction.Default.
	Timers transaction.Config
	// DSCP is the class of what is sent, 0 to 63, on a line's own listener: its
	// sockets are opened by OpenListener, others' by whoever made Packets.
	DSCP int
	// RPort asks for symmetric response routing in our requests (RFC 3581).
	RPort bool
}

// Config is everything a stack is made of.
type Config struct {
	Listeners []Listener
	// Packets are the UDP sides of the shards: one per shard, so their number
	// is the number of shards.
	Packets []Packets
	Dial    DialFunc // nil: no outgoing TCP and TLS
	// LocalFor gives the local address that packets to a remote one leave
	// from; needed where a listener's address is unspecified.
	LocalFor func(remote netip.Addr) netip.Addr
	Resolver Resolver      // nil: only literal addresses
	Auth     Authenticator // nil: every request from phones is dropped
	Lines    Lines         // nil: no lines
	Handler  Handler
	// Emergency reports whether the user part of a Request-URI is an
	// emergency number: such an INVITE is never shed. nil: none is.
	Emergency func(user []byte) bool
	// Acknowledged is told of ACKs on the phone side that belong to no
	// transaction and no session: those of Auth's challenges are among them. It
	// is called like Auth. nil: nobody is told.
	Acknowledged func(m *sip.Message, from edge.Source, now time.Time)
	// Answers reports whether a request answers a challenge that Auth gave to
	// its source lately, rightly or not: nobody can send such a one who does not
	// hear what is sent there. It is called like Auth, for requests from where
	// KnownSource knows nobody. nil: none does.
	Answers func(m *sip.Message, from edge.Source, now time.Time) bool
	// Parted is told that a connection on which a peer was met has ended, from any
	// goroutine. nil: nobody is.
	Parted func(peer string)
	// KnownSource reports whether a phone is registered from here: its
	// refreshes are never shed. nil: none is.
	KnownSource func(a netip.AddrPort) bool
	Session     session.Config // of the phone side
	// TurnEnd is called at the end of each turn of a shard's loop, before what
	// the turn has to send goes out. It must not wait. nil: nothing is.
	TurnEnd func()
	Product string       // User-Agent and Server; "" writes none
	Log     *slog.Logger // nil: none
	// Poison overwrites every receive buffer when it is released: for tests.
	Poison bool
}
