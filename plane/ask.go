package plane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// Question is what is put to a UDP listener of this host, to which nothing
// connects: only an answer shows who is there.
type Question struct {
	// To is the listener's address. An unspecified one is asked at AskedAt.
	To netip.AddrPort
	// Write gives the datagram, given the socket's own address.
	Write func(from netip.AddrPort) ([]byte, error)
	// Answers reports whether a datagram answers the question. Its bytes are
	// good until it returns.
	Answers func(datagram []byte) bool
	// Heard reports that the question arrived and gets no answer: there is
	// nothing to wait for. nil: nobody knows.
	Heard func() bool
}

// Reply is what came of a Question.
type Reply struct {
	// Reach is Reachable for an answer, Refused where ICMP said that nothing
	// listens (RFC 1122 §4.1.3.3), Unreachable for none in AskTimeout or when
	// Heard said so, and NotTested where nothing could be sent.
	Reach Reach
	// Strange says that something came from there which is no answer.
	Strange bool
}

// ErrAbsent is wrapped where this host does not have the address to be asked.
var ErrAbsent = errors.New("no interface has the address")

// AskedAt gives the address at which a listener is asked: for an unspecified
// one, the loopback address of its family.
func AskedAt(listener netip.AddrPort) netip.AddrPort {
	switch a := listener.Addr().Unmap(); {
	case !a.IsUnspecified():
		return netip.AddrPortFrom(a, listener.Port())
	case a.Is4():
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), listener.Port())
	default:
		return netip.AddrPortFrom(netip.IPv6Loopback(), listener.Port())
	}
}

// Ask puts a question to a UDP listener of this host, from a socket of its own
// at the same address, so that nothing leaves the host. What gets no answer in
// askAgain is sent once more. The error says why it could not be asked.
func Ask(ctx context.Context, q Question) (Reply, error) {
	to := AskedAt(q.To)
	local := net.UDPAddrFromAddrPort(netip.AddrPortFrom(to.Addr(), 0))
	c, err := (&net.Dialer{LocalAddr: local}).DialContext(ctx, "udp", to.String())
	switch {
	case errors.Is(err, unix.EADDRNOTAVAIL):
		return Reply{}, fmt.Errorf("%w: %s", ErrAbsent, to.Addr())
	case err != nil:
		return Reply{}, fmt.Errorf("ask: %w", err)
	}
	defer c.Close()
	from, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		return Reply{}, fmt.Errorf("ask: %w", err)
	}
	datagram, err := q.Write(from)
	if err != nil {
		return Reply{}, fmt.Errorf("ask: %w", err)
	}
	var reply Reply
	for _, wait := range []time.Duration{askAgain, AskTimeout - askAgain} {
		if _, err = c.Write(datagram); err == nil {
			err = q.await(ctx, c, time.Now().Add(wait), &reply)
		}
		if !errors.Is(err, errUnanswered) {
			break
		}
	}
	switch {
	case err == nil:
		return reply, nil
	case errors.Is(err, errUnanswered):
		reply.Reach = Unreachable
		return reply, nil
	case errors.Is(err, unix.ECONNREFUSED):
		reply.Reach = Refused
		return reply, nil
	}
	return Reply{}, fmt.Errorf("ask: %w", err)
}

// errUnanswered ends the wait for an answer.
var errUnanswered = errors.New("no answer")

// await reads until the reply is known, or the time is over (errUnanswered).
func (q *Question) await(ctx context.Context, c net.Conn, until time.Time, reply *Reply) error {
	buf := make([]byte, askedBytesMax)
	for {
		now := time.Now()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if q.Heard != nil && q.Heard() {
			reply.Reach = Unreachable
			return nil
		}
		if !now.Before(until) {
			return errUnanswered
		}
		if err := c.SetReadDeadline(earlier(until, now.Add(askLook))); err != nil {
			return err
		}
		n, err := c.Read(buf)
		var late net.Error
		switch {
		case errors.As(err, &late) && late.Timeout():
		case err != nil:
			return err
		case q.Answers(buf[:n]):
			reply.Reach = Reachable
			return nil
		default:
			reply.Strange = true
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
