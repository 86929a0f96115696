package plane

import (
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// udpSocket is one bound, non-blocking UDP socket.
type udpSocket struct {
	fd      int
	local   netip.AddrPort
	six     bool
	anyAddr bool // bound to every address: answers must name theirs
	// clamped says that the kernel gave less receive buffer than was asked.
	clamped bool
}

// udpOptions say how to open a UDP socket.
type udpOptions struct {
	reuse         bool
	stamp         bool // the kernel tells when each datagram arrived
	dscp          int
	receive, send int
}

// openUDP binds a UDP socket. IPv6 sockets carry IPv6 only, so that a peer has
// one address and not a second, mapped one.
func openUDP(addr netip.AddrPort, opt udpOptions) (udpSocket, error) {
	addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	s := udpSocket{six: addr.Addr().Is6(), anyAddr: addr.Addr().IsUnspecified()}
	family := unix.AF_INET
	if s.six {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return s, os.NewSyscallError("socket", err)
	}
	s.fd = fd
	if err := s.configure(addr, opt); err != nil {
		unix.Close(fd)
		return s, err
	}
	return s, nil
}

// configure sets options, binds, and reads back what came of it.
func (s *udpSocket) configure(addr netip.AddrPort, opt udpOptions) error {
	set := func(level, name, value int) error { return unix.SetsockoptInt(s.fd, level, name, value) }
	if s.six {
		if err := set(unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
			return os.NewSyscallError("setsockopt v6only", err)
		}
		if s.anyAddr {
			_ = set(unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
		}
		_ = set(unix.IPPROTO_IPV6, unix.IPV6_TCLASS, opt.dscp<<2)
	} else {
		if s.anyAddr {
			_ = set(unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
		}
		_ = set(unix.IPPROTO_IP, unix.IP_TOS, opt.dscp<<2)
	}
	if opt.stamp {
		_ = set(unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	}
	if opt.reuse {
		if err := set(unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
			return os.NewSyscallError("setsockopt reuseport", err)
		}
	}
	s.clamped = !growBuffer(s.fd, unix.SO_RCVBUF, unix.SO_RCVBUFFORCE, opt.receive)
	growBuffer(s.fd, unix.SO_SNDBUF, unix.SO_SNDBUFFORCE, opt.send)
	if err := unix.Bind(s.fd, sockaddr(addr)); err != nil {
		return os.NewSyscallError("bind", err)
	}
	sa, err := unix.Getsockname(s.fd)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	s.local = addrPort(sa)
	return nil
}

// growBuffer asks for a buffer, by force where that is permitted, and reports
// whether the kernel gave it. The kernel counts its own overhead in, and so
// answers with the double.
func growBuffer(fd, plain, force, size int) bool {
	if size == 0 {
		return true
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, size) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, plain, size)
	}
	got, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, plain)
	return err == nil && got >= 2*size
}

// sockaddr makes the kernel's form of an address.
func sockaddr(a netip.AddrPort) unix.Sockaddr {
	ip := a.Addr().Unmap()
	if ip.Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: ip.As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: ip.As16(), ZoneId: zoneIndex(ip.Zone())}
}

// addrPort reads the kernel's form of an address.
func addrPort(sa unix.Sockaddr) netip.AddrPort {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).WithZone(zoneName(sa.ZoneId)), uint16(sa.Port))
	default:
		return netip.AddrPort{}
	}
}

// freeUDP checks that nobody has the address: sockets that share a port would
// let a second unit of the same user start unnoticed.
func freeUDP(addr netip.AddrPort) error {
	s, err := openUDP(addr, udpOptions{})
	if err != nil {
		return err
	}
	return unix.Close(s.fd)
}

// ListenError says which listener could not be opened.
type ListenError struct {
	Listener Listener
	Err      error
}

// Error names the listener.
func (e *ListenError) Error() string {
	l := e.Listener
	return fmt.Sprintf("listen %s on %s %s: %v", l.Name, l.Transport, l.Addr, e.Err)
}

// Unwrap gives the kernel's error.
func (e *ListenError) Unwrap() error { return e.Err }

// named says of an error of opening a listener which one it was.
func named(l Listener, err error) error { return &ListenError{l, err} }

// OpenFiles is how many files the process may have open: the Go runtime has
// raised it to the hard limit. 0 where the kernel does not say.
func OpenFiles() uint64 {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return limit.Cur
}
