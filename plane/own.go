package plane

import (
	"net"
	"net/netip"
)

// OwnAddresses lists the addresses of this host on which a phone could reach
// it: of interfaces that are up, loopback first, without link-local ones.
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
