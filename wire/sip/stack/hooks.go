package stack

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// Packets is how one shard's loop waits and speaks over UDP: all the UDP
// listeners of the shard behind one wait. The plane implements it on kernel
// sockets, Network in memory.
type Packets interface {
	Sockets
	// ReadBatch waits for datagrams, Wake or the deadline (zero: none), and
	// fills ds from its start. It returns 0, nil after Wake or the deadline,
	// and an error only when closed.
	ReadBatch(ds []edge.Datagram, deadline time.Time) (int, error)
	// WriteBatch sends without waiting and returns how many went out; the
	// error is that of ds[n].
	WriteBatch(ds []edge.Datagram) (int, error)
	// Wake ends the current or the next ReadBatch; from any goroutine.
	Wake()
	Close() error
}

// Sockets opens and closes UDP sockets of one shard while it runs.
type Sockets interface {
	// Open adds a UDP listener; its datagrams carry the index. It gives the
	// address with the port that was chosen where at has none. On the loop.
	Open(listener int, at netip.AddrPort, dscp int) (netip.AddrPort, error)
	// Shut closes the socket of a listener that Open added. On the loop.
	Shut(listener int)
}

// DialFunc opens an outgoing TCP or TLS connection from a listener's plane.
// The handshake may be left to the first read. It is called on a goroutine of
// its own.
type DialFunc func(
	ctx context.Context, listener, transport string, local, remote netip.AddrPort, serverName string,
) (net.Conn, error)

// Authenticator judges every request from a phone that would make state,
// before any is made: all but ACK, CANCEL and requests inside a dialog. It is
// called on every shard's loop at the same time and must not wait.
type Authenticator interface {
	Authenticate(m *sip.Message, from edge.Source, now time.Time) edge.Verdict
}

// Lines knows which addresses belong to lines. It is called on every shard's
// loop at the same time and must not wait.
type Lines interface {
	// IsLineAddr reports whether a line is reached at this address: the phone
	// side never sends there.
	IsLineAddr(a netip.Addr) bool
	// LineOf names the line that a request on a line-side listener comes
	// from. What comes from no line is dropped.
	LineOf(m *sip.Message, from edge.Source) (line string, ok bool)
}

// Credentials answers a carrier's challenges for one line. It is called on
// the loop and must not wait.
type Credentials interface {
	// Answer returns the value of the (Proxy-)Authorization header that
	// answers one of the challenges, which are the values of the
	// WWW-Authenticate or Proxy-Authenticate headers, in order.
	Answer(challenges []string, method, uri string, proxy bool) (header string, err error)
}

// Resolver finds where a host name is reached (RFC 3263), in order of
// preference. It may wait: it is called on a goroutine of its own. Port 0 is
// for "not given", transport "" for "any".
type Resolver interface {
	Resolve(ctx context.Context, host string, port uint16, transport string) ([]edge.Target, error)
}

// Handler is the part above the stack. It is called on the loop of the shard
// that owns what it is told about, and must not wait.
type Handler interface {
	// Invite hands over a new call. The handler sets se.Owner and answers
	// with se.Ring, se.Answer or se.Refuse, now or later; se.Message is good
	// until the call returns, unless Keep is called.
	Invite(sh *Shard, se *Session)
	// Request hands over any other request outside a dialog: REGISTER,
	// OPTIONS, MESSAGE and so on. r.Respond is owed, now or later; r.Message
	// is good until the call returns, unless Keep is called.
	Request(sh *Shard, r *Request)
}

// Owner hears what happens to one session, on its shard's loop.
type Owner interface {
	SessionEvent(sh *Shard, se *Session, ev session.Event)
}
