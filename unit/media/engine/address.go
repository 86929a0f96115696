package engine

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"
)

// Address is where to send to, as the kernel wants to read it: made once, used
// for many packets.
type Address struct {
	raw  [unix.SizeofSockaddrInet6]byte
	size uint32
}

// NewAddress makes the address for a socket that is bound to an address of the
// same family.
func NewAddress(a netip.AddrPort) *Address {
	to := &Address{size: unix.SizeofSockaddrInet4}
	ip := a.Addr().Unmap()
	binary.BigEndian.PutUint16(to.raw[2:], a.Port())
	if ip.Is4() {
		binary.NativeEndian.PutUint16(to.raw[0:], unix.AF_INET)
		four := ip.As4()
		copy(to.raw[4:], four[:])
		return to
	}
	to.size = unix.SizeofSockaddrInet6
	binary.NativeEndian.PutUint16(to.raw[0:], unix.AF_INET6)
	six := ip.As16()
	copy(to.raw[8:], six[:])
	return to
}

// read is what the kernel wrote; not valid if it wrote nothing.
func (a *Address) read() netip.AddrPort {
	if a == nil {
		return netip.AddrPort{}
	}
	return readAddress(a.raw[:a.size])
}

// readAddress reads an address; not valid if it is none of the Internet.
func readAddress(raw []byte) netip.AddrPort {
	if len(raw) < unix.SizeofSockaddrInet4 {
		return netip.AddrPort{}
	}
	port := binary.BigEndian.Uint16(raw[2:])
	switch binary.NativeEndian.Uint16(raw) {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(raw[4:])), port)
	case unix.AF_INET6:
		if len(raw) >= unix.SizeofSockaddrInet6 {
			return netip.AddrPortFrom(netip.AddrFrom16([16]byte(raw[8:])).Unmap(), port)
		}
	}
	return netip.AddrPort{}
}
