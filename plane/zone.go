package plane

import (
	"net"
	"strconv"
)

// zoneIndex gives the interface index of an IPv6 zone, by number or name.
func zoneIndex(zone string) uint32 {
	if zone == "" {
		return 0
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	if in, err := net.InterfaceByName(zone); err == nil {
		return uint32(in.Index)
	}
	return 0
}

// zoneName gives the zone of an interface index. The number itself is used:
// it needs no look-up for each datagram.
func zoneName(index uint32) string {
	if index == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(index), 10)
}
