package load

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"unsafe" // recvmmsg and sendmmsg have no wrapper in x/sys/unix

	"golang.org/x/sys/unix"
)

// header is struct mmsghdr of recvmmsg(2).
type header struct {
	hdr unix.Msghdr
	len uint32
	_   [4]byte
}

// half is the memory of one direction of a socket.
type half struct {
	headers [batchMax]header
	vectors [batchMax]unix.Iovec
	names   [batchMax]unix.RawSockaddrInet4
	buffers [batchMax][messageBytesMax]byte
}

// socket is one UDP socket, read and written in batches.
type socket struct {
	fd     int
	local  netip.AddrPort
	in     *half
	out    *half
	queued int
	loop   *loop // nil for one that is flushed by hand
	deaf   bool  // what comes is thrown away
	self   end
	errors uint64                                     // datagrams the kernel did not take
	take   func(b []byte, from netip.AddrPort, n int) // n: how many of the batch are left, this one included
}

// open binds a socket to an IPv4 address.
func open(at netip.AddrPort) (*socket, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	// Without the privilege the kernel clamps it to net.core.rmem_max.
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer)
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, receiveBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, receiveBuffer)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("bind %s: %w", at, err)
	}
	s := &socket{fd: fd, local: at, in: new(half), out: new(half)}
	for i := range batchMax {
		for _, h := range []*half{s.in, s.out} {
			h.vectors[i].Base = &h.buffers[i][0]
			m := &h.headers[i].hdr
			m.Name = (*byte)(unsafe.Pointer(&h.names[i]))
			m.Namelen = unix.SizeofSockaddrInet4
			m.Iov = &h.vectors[i]
			m.SetIovlen(1)
		}
	}
	return s, nil
}

func (s *socket) close()          { unix.Close(s.fd) }
func (s *socket) descriptor() int { return s.fd }
func (s *socket) end() *end       { return &s.self }

// receive reads one batch and hands it on.
func (s *socket) receive() {
	for i := range batchMax {
		s.in.vectors[i].SetLen(messageBytesMax)
		s.in.headers[i].hdr.Namelen = unix.SizeofSockaddrInet4
	}
	got, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(s.fd),
		uintptr(unsafe.Pointer(&s.in.headers[0])), batchMax, unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 || s.deaf {
		return
	}
	for i := range int(got) {
		raw := &s.in.names[i]
		from := netip.AddrPortFrom(netip.AddrFrom4(raw.Addr), swap(raw.Port))
		s.take(s.in.buffers[i][:s.in.headers[i].len], from, int(got)-i)
	}
}

// room gives the buffer of the next datagram to send, empty; sent then takes
// what was appended to it.
func (s *socket) room() []byte {
	if s.queued == batchMax {
		s.flush()
	}
	return s.out.buffers[s.queued][:0]
}

// sent queues the datagram built in room's buffer.
func (s *socket) sent(b []byte, to netip.AddrPort) {
	i := s.queued
	if len(b) > messageBytesMax {
		s.errors++
		return
	}
	s.out.vectors[i].SetLen(len(b))
	s.out.names[i] = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: swap(to.Port()), Addr: to.Addr().As4()}
	if s.queued == 0 && s.loop != nil {
		s.loop.unsent = append(s.loop.unsent, s)
	}
	s.queued++
}

// send queues a copy of b.
func (s *socket) send(b []byte, to netip.AddrPort) { s.sent(append(s.room(), b...), to) }

// flush gives the queue to the kernel. It waits when the send buffer is full.
func (s *socket) flush() {
	for done := 0; done < s.queued; {
		n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.fd),
			uintptr(unsafe.Pointer(&s.out.headers[done])), uintptr(s.queued-done), 0, 0, 0)
		switch {
		case errno == unix.EINTR:
		case errno != 0: // ECONNREFUSED of an earlier one, ENOBUFS: lost, as on any network
			s.errors++
			done++
		default:
			done += int(n)
		}
	}
	s.queued = 0
}

// swap turns a port between the host's and the network's order of bytes.
func swap(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}
