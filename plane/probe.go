package plane

import (
	"context"
	"errors"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// Reach is what a probe found.
type Reach uint8

// The findings. The zero Reach is NotTested: what was not tried is not safe.
const (
	NotTested   Reach = iota // there is no place to try it from
	Reachable                // a connection was made
	Refused                  // the host answered that nothing listens
	Unreachable              // no answer in ProbeTimeout, or no route
)

// String gives the finding in words of the report.
func (r Reach) String() string {
	switch r {
	case Reachable:
		return "reachable"
	case Refused:
		return "refused"
	case Unreachable:
		return "unreachable"
	default:
		return "not tested"
	}
}

// Probe really connects from one address of this host to another address, by
// TCP, and says what came of it. An invalid from, or one that this host does
// not have, gives NotTested: there is no other side to try it from.
func Probe(ctx context.Context, from netip.Addr, to netip.AddrPort) Reach {
	if !from.IsValid() || !to.IsValid() {
		return NotTested
	}
	ctx, cancel := context.WithTimeout(ctx, ProbeTimeout)
	defer cancel()
	conn, err := Dialer{Local: from}.DialTCP(ctx, to)
	switch {
	case err == nil:
		conn.Close()
		return Reachable
	case errors.Is(err, unix.EADDRNOTAVAIL), errors.Is(err, unix.EINVAL):
		return NotTested
	case errors.Is(err, unix.ECONNREFUSED):
		return Refused
	default:
		return Unreachable
	}
}

// Finding is one line of the reachability report.
type Finding struct {
	From     netip.Addr
	FromName string // interface
	To       netip.AddrPort
	Listener string
	Plane    Kind
	Reach    Reach
	// Wanted says whether this is as it should be: management is reached
	// from loopback or its own interface only.
	Wanted bool
}

// Reachability tries every TCP and TLS listener from every address of the
// host. From an address of the host itself the kernel shows who listens
// where; a firewall between here and there it can't show: that needs
// a place on the other side.
func Reachability(ctx context.Context, listeners []Listener, host Host) []Finding {
	var out []Finding
	for _, l := range listeners {
		if l.Transport != TCP && l.Transport != TLS {
			continue
		}
		home, _ := host.interfaceOf(l.Addr.Addr())
		for _, in := range host.Interfaces {
			for _, a := range in.Addrs {
				to, ok := target(l, in, a)
				if !ok {
					continue
				}
				f := Finding{From: a, FromName: in.Name, To: to, Listener: l.Name, Plane: l.Plane}
				f.Reach = Probe(ctx, a, to)
				f.Wanted = l.Plane == Voice || f.Reach != Reachable || in.Loopback || in.Name == home.Name
				out = append(out, f)
			}
		}
	}
	return out
}

// target gives the address at which a host's own address a would meet the
// listener: the very address a is tried, because that is what a stranger on
// its network would try.
func target(l Listener, in Interface, a netip.Addr) (netip.AddrPort, bool) {
	own := l.Addr.Addr().Unmap()
	if own.Is4() != a.Is4() {
		return netip.AddrPort{}, false
	}
	if own.IsLoopback() && in.Loopback {
		a = own // 127.0.0.0/8 is all one host
	}
	return netip.AddrPortFrom(a, l.Addr.Port()), true
}

var _ net.Listener = (*controlListener)(nil)
