package plane

import (
	"encoding/binary"
	"net/netip"
	"time"
	"unsafe" // the wrappers of x/sys/unix tell the scheduler, or there are none

	"github.com/sekisho/sekisho/wire/sip/edge"
	"golang.org/x/sys/unix"
)

// None of these calls waits, but for waitHeld, so they are made without telling
// Go's scheduler (RawSyscall). Told of them, its monitor would never come to
// rest while the loop goes from one short call to the next: it wakes every
// 20 µs as long as system calls begin, and may take the loop's place away in a
// long batch.

// controlSize holds one packet-info message of either family, and a time.
const controlSize = 128

// messageHeader is struct mmsghdr of recvmmsg(2).
type messageHeader struct {
	hdr unix.Msghdr
	len uint32
	_   [4]byte
}

// batch is the memory that one system call of up to BatchMax datagrams needs,
// kept from call to call.
type batch struct {
	headers  [BatchMax]messageHeader
	vectors  [BatchMax]unix.Iovec
	names    [BatchMax]unix.RawSockaddrInet6
	controls [BatchMax][controlSize]byte
}

// receive reads what waits on a socket, without waiting itself.
func (b *batch) receive(s *udpSocket, ds []edge.Datagram) (int, error) {
	n := min(len(ds), BatchMax)
	for i := range n {
		buf := ds[i].Buf[:cap(ds[i].Buf)]
		b.vectors[i].Base = &buf[0]
		b.vectors[i].SetLen(len(buf))
		h := &b.headers[i].hdr
		h.Name = (*byte)(unsafe.Pointer(&b.names[i]))
		h.Namelen = unix.SizeofSockaddrInet6
		h.Iov = &b.vectors[i]
		h.SetIovlen(1)
		h.Control = &b.controls[i][0]
		h.SetControllen(controlSize)
		h.Flags = 0
	}
	got, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(s.fd),
		uintptr(unsafe.Pointer(&b.headers[0])), uintptr(n), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	for i := range int(got) {
		h := &b.headers[i]
		ds[i].Buf = ds[i].Buf[:h.len]
		ds[i].Remote = remoteOf(&b.names[i])
		ds[i].Local, ds[i].At = s.local, time.Time{}
		s.about(b.controls[i][:h.hdr.Controllen], &ds[i])
	}
	return int(got), nil
}

// send writes datagrams that all leave through one socket; it gives how many
// the kernel took before the first that it did not.
func (b *batch) send(s *udpSocket, ds []edge.Datagram) (int, error) {
	n := min(len(ds), BatchMax)
	for i := range n {
		d := &ds[i]
		if len(d.Buf) == 0 || d.Remote.Addr().Unmap().Is4() == s.six || !d.Remote.IsValid() {
			if i == 0 {
				return 0, unix.EINVAL
			}
			n = i
			break
		}
		b.vectors[i].Base = &d.Buf[0]
		b.vectors[i].SetLen(len(d.Buf))
		h := &b.headers[i].hdr
		h.Name = (*byte)(unsafe.Pointer(&b.names[i]))
		h.Namelen = putRemote(&b.names[i], d.Remote)
		h.Iov = &b.vectors[i]
		h.SetIovlen(1)
		h.Control, h.Flags = nil, 0
		h.SetControllen(0)
		if local := d.Local.Addr(); s.anyAddr && local.IsValid() && !local.IsUnspecified() {
			h.Control = &b.controls[i][0]
			h.SetControllen(putLocal(&b.controls[i], local))
		}
	}
	sent, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(s.fd),
		uintptr(unsafe.Pointer(&b.headers[0])), uintptr(n), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(sent), nil
}

// ready asks an epoll descriptor what has something now.
func ready(epoll int, events []unix.EpollEvent) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epoll),
		uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// remoteOf reads the address that the kernel wrote.
func remoteOf(raw *unix.RawSockaddrInet6) netip.AddrPort {
	if raw.Family == unix.AF_INET {
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(raw))
		return netip.AddrPortFrom(netip.AddrFrom4(four.Addr), swap(four.Port))
	}
	a := netip.AddrFrom16(raw.Addr)
	if raw.Scope_id != 0 {
		a = a.WithZone(zoneName(raw.Scope_id))
	}
	return netip.AddrPortFrom(a, swap(raw.Port))
}

// putRemote writes an address for the kernel and gives its length.
func putRemote(raw *unix.RawSockaddrInet6, to netip.AddrPort) uint32 {
	if a := to.Addr().Unmap(); a.Is4() {
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(raw))
		*four = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: swap(to.Port()), Addr: a.As4()}
		return unix.SizeofSockaddrInet4
	}
	*raw = unix.RawSockaddrInet6{
		Family: unix.AF_INET6, Port: swap(to.Port()),
		Addr: to.Addr().As16(), Scope_id: zoneIndex(to.Addr().Zone()),
	}
	return unix.SizeofSockaddrInet6
}

// swap turns a port between the host's and the network's order of bytes.
func swap(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}

// about reads what the kernel says beside a datagram: the address it came to,
// and when.
func (s *udpSocket) about(control []byte, d *edge.Datagram) {
	for len(control) >= unix.CmsgLen(0) {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
		size := int(h.Len)
		if size < unix.CmsgLen(0) || size > len(control) {
			return
		}
		data := control[unix.CmsgLen(0):size]
		if t, ok := stampOf(h, data); ok {
			d.At = t
		}
		switch {
		case h.Level == unix.IPPROTO_IP && h.Type == unix.IP_PKTINFO && len(data) >= unix.SizeofInet4Pktinfo:
			a := netip.AddrFrom4([4]byte(data[4:8])) // ipi_spec_dst
			d.Local = netip.AddrPortFrom(a, s.local.Port())
		case h.Level == unix.IPPROTO_IPV6 && h.Type == unix.IPV6_PKTINFO && len(data) >= unix.SizeofInet6Pktinfo:
			a := netip.AddrFrom16([16]byte(data[:16]))
			d.Local = netip.AddrPortFrom(a, s.local.Port())
		}
		control = control[min(unix.CmsgSpace(size-unix.CmsgLen(0)), len(control)):]
	}
}

// stampIn finds the kernel's time stamp in what it says beside the data.
func stampIn(control []byte) (time.Time, bool) {
	for len(control) >= unix.CmsgLen(0) {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
		size := int(h.Len)
		if size < unix.CmsgLen(0) || size > len(control) {
			break
		}
		if t, ok := stampOf(h, control[unix.CmsgLen(0):size]); ok {
			return t, true
		}
		control = control[min(unix.CmsgSpace(size-unix.CmsgLen(0)), len(control)):]
	}
	return time.Time{}, false
}

// stampOf reads a time stamp of the kernel.
func stampOf(h *unix.Cmsghdr, data []byte) (time.Time, bool) {
	if h.Level != unix.SOL_SOCKET || h.Type != unix.SO_TIMESTAMPNS || len(data) < timespecSize {
		return time.Time{}, false
	}
	var t unix.Timespec
	copy((*[timespecSize]byte)(unsafe.Pointer(&t))[:], data)
	return time.Unix(t.Unix()), true
}

const timespecSize = int(unsafe.Sizeof(unix.Timespec{}))

// putLocal writes the address a datagram shall leave from and gives the length.
func putLocal(control *[controlSize]byte, local netip.Addr) int {
	clear(control[:])
	h := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
	data := control[unix.CmsgLen(0):]
	if local = local.Unmap(); local.Is4() {
		h.Level, h.Type = unix.IPPROTO_IP, unix.IP_PKTINFO
		h.SetLen(unix.CmsgLen(unix.SizeofInet4Pktinfo))
		four := local.As4()
		copy(data[4:8], four[:])
		return unix.CmsgSpace(unix.SizeofInet4Pktinfo)
	}
	h.Level, h.Type = unix.IPPROTO_IPV6, unix.IPV6_PKTINFO
	h.SetLen(unix.CmsgLen(unix.SizeofInet6Pktinfo))
	sixteen := local.As16()
	copy(data[:16], sixteen[:])
	binary.NativeEndian.PutUint32(data[16:20], zoneIndex(local.Zone()))
	return unix.CmsgSpace(unix.SizeofInet6Pktinfo)
}

// waitHeld is epoll_wait without telling the scheduler.
func waitHeld(epoll int, events []unix.EpollEvent, ms int) (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])),
		uintptr(len(events)), uintptr(ms), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
