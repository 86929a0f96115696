package media

import "net/netip"

// Socket is one UDP socket, open and non-blocking. The relay's engine reads and
// writes its file descriptor; nothing else may.
type Socket interface {
	// FD is the file descriptor; it stays open until Close.
	FD() int
	// Local is the address the socket is bound to.
	Local() netip.AddrPort
	// Connect makes the kernel drop what does not come from peer. It may be
	// called again with another peer; the zero AddrPort takes the
	// connection away.
	Connect(peer netip.AddrPort) error
	// Close closes the file descriptor.
	Close() error
}

// Sockets opens port pairs on a local address. Ports are chosen from a range,
// or from those above the given one where it is not 0,
// and can't be foreseen (crypto/rand): who can guess a port can spray it.
type Sockets interface {
	OpenPair(from netip.AddrPort) (rtp, rtcp Socket, err error)
}
