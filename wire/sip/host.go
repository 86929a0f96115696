package sip

import (
	"bytes"
	"net/netip"
	"strconv"
)

// parseHostPort: host [ ":" port ], all of b (RFC 3261 §25.1). A port is 1–65535.
func parseHostPort(b []byte) (host []byte, port uint16, err error) {
	host = b
	var digits []byte
	if len(b) > 0 && b[0] == '[' {
		end := bytes.IndexByte(b, ']')
		if end < 0 {
			return nil, 0, errURIHost
		}
		host = b[:end+1]
		if rest := b[end+1:]; len(rest) > 0 {
			if rest[0] != ':' {
				return nil, 0, errURIHost
			}
			digits = rest[1:]
			if len(digits) == 0 {
				return nil, 0, errURIPort
			}
		}
	} else if before, after, ok := bytes.Cut(b, []byte{':'}); ok {
		host, digits = before, after
		if len(digits) == 0 {
			return nil, 0, errURIPort
		}
	}
	if !wellFormedHost(host) {
		return nil, 0, errURIHost
	}
	if digits == nil {
		return host, 0, nil
	}
	n, ok := number(digits)
	if !ok || n == 0 || n > 65_535 {
		return nil, 0, errURIPort
	}
	return host, uint16(n), nil
}

// wellFormedHost: hostname / IPv4address / IPv6reference.
func wellFormedHost(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	if b[0] == '[' {
		_, ok := parseIPv6(b)
		return ok
	}
	if _, ok := parseIPv4(b); ok {
		return true
	}
	labels := 0
	start := 0
	for i := 0; i <= len(b); i++ {
		if i < len(b) && b[i] != '.' {
			if class[b[i]]&isHostChar == 0 {
				return false
			}
			continue
		}
		if i == start { // an empty label: only behind the last dot
			return i == len(b) && labels > 0 && class[b[i-2]]&isDigit == 0
		}
		if b[start] == '-' || b[i-1] == '-' {
			return false
		}
		labels++
		if i < len(b) {
			start = i + 1
		}
	}
	return class[b[start]]&isAlpha != 0 // toplabel begins with a letter
}

// parseIPv4 takes four decimal numbers without leading zeros: "010.0.0.1" means two addresses to two readers.
func parseIPv4(b []byte) (netip.Addr, bool) {
	const longest, dots = len("255.255.255.255"), 3
	var quad [dots + 1]byte
	if len(b) > longest {
		return netip.Addr{}, false
	}
	n, digits, k := 0, 0, 0
	for _, c := range b {
		d := c - '0'
		switch {
		case d <= 9:
			if n = n*10 + int(d); digits > 0 && n < 10 || n > 255 {
				return netip.Addr{}, false
			}
			digits++
		case c == '.' && digits > 0 && k < dots:
			quad[k], n, digits = byte(n), 0, 0
			k++
		default:
			return netip.Addr{}, false
		}
	}
	if k != dots || digits == 0 {
		return netip.Addr{}, false
	}
	quad[dots] = byte(n)
	return netip.AddrFrom4(quad), true
}

// parseIPv6 takes an IPv6 reference with its brackets. Zones have no place in SIP. RFC 3261's grammar allowed
// one colon too many before an IPv4 tail, and RFC 5118 §4.10 wants that understood.
func parseIPv6(b []byte) (netip.Addr, bool) {
	if len(b) < len("[::]") || b[0] != '[' || b[len(b)-1] != ']' {
		return netip.Addr{}, false
	}
	return parseBareIPv6(b[1 : len(b)-1])
}

func parseBareIPv6(b []byte) (netip.Addr, bool) {
	const groups, groupLen = 8, 2
	var a [groups * groupLen]byte
	at, gap := 0, -1
	if len(b) >= 2 && b[0] == ':' && b[1] == ':' {
		gap, b = 0, extraColon(b[2:])
	}
	for len(b) > 0 {
		if at == len(a) {
			return netip.Addr{}, false
		}
		n := span(b, 0, isHex)
		if n < len(b) && b[n] == '.' { // an IPv4 tail
			tail, ok := parseIPv4(b)
			if !ok || at+4 > len(a) {
				return netip.Addr{}, false
			}
			quad := tail.As4()
			at += copy(a[at:], quad[:])
			break
		}
		if n == 0 || n > 4 {
			return netip.Addr{}, false
		}
		group := uint16(0)
		for _, c := range b[:n] {
			group = group<<4 | uint16(hexValue(c))
		}
		a[at], a[at+1] = byte(group>>8), byte(group)
		at += groupLen
		if b = b[n:]; len(b) == 0 {
			break
		}
		if b[0] != ':' || len(b) == 1 {
			return netip.Addr{}, false
		}
		if b = b[1:]; b[0] == ':' {
			if gap >= 0 {
				return netip.Addr{}, false
			}
			gap, b = at, extraColon(b[1:])
		}
	}
	if gap < 0 && at < len(a) || gap >= 0 && at == len(a) {
		return netip.Addr{}, false
	}
	if gap >= 0 {
		moved := copy(a[len(a)-(at-gap):], a[gap:at])
		clear(a[gap : len(a)-moved])
	}
	return netip.AddrFrom16(a), true
}

// extraColon drops the one colon too many that RFC 3261's grammar put before an IPv4 tail.
func extraColon(b []byte) []byte {
	if len(b) > 1 && b[0] == ':' {
		if _, ok := parseIPv4(b[1:]); ok {
			return b[1:]
		}
	}
	return b
}

// HostAddr gives the address that a host is, false for a name. IPv4 inside IPv6 is unmapped.
func HostAddr(host []byte) (netip.Addr, bool) {
	if len(host) == 0 {
		return netip.Addr{}, false
	}
	if host[0] == '[' {
		a, ok := parseIPv6(host)
		return a.Unmap(), ok
	}
	return parseIPv4(host)
}

// appendHost writes a host that is well formed; an IPv6 reference in its canonical spelling (RFC 5952).
func appendHost(dst, host []byte) []byte {
	if host[0] != '[' {
		return append(dst, host...)
	}
	a, _ := parseIPv6(host)
	return append(a.AppendTo(append(dst, '[')), ']')
}

// AppendAddr writes an address as a host: IPv6 in brackets, mapped IPv4 plain.
func AppendAddr(dst []byte, a netip.Addr) []byte {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		return append(a.AppendTo(append(dst, '[')), ']')
	}
	return a.AppendTo(dst)
}

func appendUint(dst []byte, n uint64) []byte { return strconv.AppendUint(dst, n, 10) }
