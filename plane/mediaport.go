package plane

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// MediaPorts opens pairs of RTP and RTCP sockets on unpredictable ports of a
// range (RFC 3550 §11: an even port and the next). It is safe for concurrent
// use.
type MediaPorts struct {
	// First and Last bound the range of ports.
	First, Last uint16
	// DSCP marks what is sent; 46 is expedited forwarding.
	DSCP int
	// FilesMax bounds the process's open files: a pair that would make them more
	// is not opened, so that connections, the database and the control socket
	// keep theirs. 0 is no bound.
	FilesMax int
}

// portMost is the last port there is.
const portMost = 65535

// ErrNoPorts says that no free pair was found in MediaTries tries.
var ErrNoPorts = errors.New("no free media ports")

// errFiles says that media has as many files open as it may.
var errFiles = errors.New("too many open files")

// MediaSocket is one non-blocking UDP socket for RTP or RTCP.
type MediaSocket struct {
	fd     int
	local  netip.AddrPort
	closed atomic.Bool
}

// OpenPair opens a pair on an address, on ports from the given one up instead
// of the range's where it is not 0: NGN lines want 49152–65535. Whoever opens
// closes both.
func (m MediaPorts) OpenPair(from netip.AddrPort) (rtp, rtcp *MediaSocket, err error) {
	if from.Port() != 0 {
		m.First, m.Last = from.Port(), portMost
	}
	first := (int(m.First) + 1) &^ 1
	pairs := (int(m.Last) - first + 1) / 2
	if pairs < 1 || m.First == 0 {
		return nil, nil, fmt.Errorf("%w: the range %d–%d holds none", ErrNoPorts, m.First, m.Last)
	}
	var last error
	for range MediaTries {
		var b [8]byte
		if _, err := rand.Read(b[:]); err != nil {
			return nil, nil, fmt.Errorf("media ports: %w", err)
		}
		port := uint16(first + 2*int(binary.BigEndian.Uint64(b[:])%uint64(pairs)))
		rtp, rtcp, last = m.tryPair(from.Addr(), port)
		if last == nil {
			return rtp, rtcp, nil
		}
		if !errors.Is(last, unix.EADDRINUSE) {
			break
		}
	}
	return nil, nil, fmt.Errorf("%w: %w", ErrNoPorts, last)
}

// tryPair opens one port and the next, or neither.
func (m MediaPorts) tryPair(local netip.Addr, port uint16) (rtp, rtcp *MediaSocket, err error) {
	opt := udpOptions{dscp: m.DSCP, receive: MediaBuffer}
	a, err := openUDP(netip.AddrPortFrom(local, port), opt)
	if err != nil {
		return nil, nil, err
	}
	b, err := openUDP(netip.AddrPortFrom(local, port+1), opt)
	if err != nil {
		unix.Close(a.fd)
		return nil, nil, err
	}
	// The kernel gives the lowest free number: so many files are open.
	if m.FilesMax > 0 && max(a.fd, b.fd) >= m.FilesMax {
		unix.Close(a.fd)
		unix.Close(b.fd)
		return nil, nil, fmt.Errorf("%w: more than %d", errFiles, m.FilesMax)
	}
	return &MediaSocket{fd: a.fd, local: a.local}, &MediaSocket{fd: b.fd, local: b.local}, nil
}

// FD gives the descriptor, for the relay's own reads and writes. It is
// non-blocking and belongs to the socket.
func (s *MediaSocket) FD() int { return s.fd }

// Local gives the bound address.
func (s *MediaSocket) Local() netip.AddrPort { return s.local }

// Connect binds the socket to one peer: the kernel drops what others send.
// Connecting again moves it; the zero AddrPort takes the connection away, and
// the socket keeps its port and hears everybody again.
func (s *MediaSocket) Connect(peer netip.AddrPort) error {
	if !peer.IsValid() {
		if err := disconnect(s.fd); err != nil {
			return fmt.Errorf("take media from its peer: %w", err)
		}
		return nil
	}
	if err := unix.Connect(s.fd, sockaddr(peer)); err != nil {
		return fmt.Errorf("connect media to peer: %w", err)
	}
	return nil
}

// Close frees the port.
func (s *MediaSocket) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	return unix.Close(s.fd)
}
