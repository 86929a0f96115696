package plane

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// OwnAddresses lists the addresses of this host on which a phone could reach
// it: of interfaces that are up, loopback first, IPv4 only, without link-local ones.
func OwnAddresses() []netip.Addr {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	}
	var out []netip.Addr
	for _, a := range list {
		p, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		if addr := p.Addr().Unmap(); addr.Is4() && !addr.IsLinkLocalUnicast() {
			out = append(out, addr)
		}
	}
	return out
}

// LocalFor gives the address of this host that packets to a remote address
// leave from, as its routes are now; the zero Addr where there is no route.
// Nothing is sent.
func LocalFor(remote netip.Addr) netip.Addr {
	if !remote.IsValid() || remote.IsUnspecified() {
		return netip.Addr{}
	}
	remote = remote.Unmap()
	family := unix.AF_INET
	if remote.Is6() {
		family = unix.AF_INET6
	}
	// A bare socket, not the runtime's: this is asked in a loop of signaling.
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return netip.Addr{}
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, sockaddr(netip.AddrPortFrom(remote, routePort))); err != nil {
		return netip.Addr{}
	}
	local, err := unix.Getsockname(fd)
	if err != nil {
		return netip.Addr{}
	}
	return addrPort(local).Addr()
}

// routePort is any port: only the route of the address is asked for.
const routePort = 9

// ListenPacket opens a plain UDP socket, for the simulated phones and the
// practice carrier.
func ListenPacket(ctx context.Context, addr netip.AddrPort) (net.PacketConn, error) {
	lc := net.ListenConfig{}
	conn, err := lc.ListenPacket(ctx, "udp", addr.String())
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return conn, nil
}

// Routes remembers for a moment what LocalFor told: a kernel takes some 15 µs
// to be asked, and every call asks. The zero value is ready, for any number of
// goroutines.
type Routes struct {
	mu    sync.Mutex
	known map[netip.Addr]route
}

type route struct {
	local netip.Addr
	until time.Time
}

// LocalFor gives what LocalFor gives, or gave in the last RouteKnown before now.
func (r *Routes) LocalFor(remote netip.Addr, now time.Time) netip.Addr {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k, ok := r.known[remote]; ok && now.Before(k.until) && k.until.Sub(now) <= RouteKnown {
		return k.local
	}
	if r.known == nil || len(r.known) >= RoutesMax {
		r.known = make(map[netip.Addr]route)
	}
	local := LocalFor(remote)
	r.known[remote] = route{local: local, until: now.Add(RouteKnown)}
	return local
}
