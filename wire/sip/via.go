package sip

import (
	"bytes"
	"errors"
	"net/netip"
)

// Via is one hop (RFC 3261 §20.42, RFC 3581).
type Via struct {
	// Transport as written: UDP, TCP, TLS, WS, WSS, or any other token.
	Transport []byte
	// Host is a name, an IPv4 address, or an IPv6 reference with its brackets.
	Host []byte
	// Port is 0 where there was none.
	Port uint16
	// Branch is nil where there is none (RFC 2543). Cookie tells whether it is RFC 3261's.
	Branch []byte
	// Received is the address the previous hop came from; the zero Addr where it is not told.
	Received netip.Addr
	// RPort asks for symmetric response routing (RFC 3581); RPortValue is its value, 0 where it has none yet.
	RPort      bool
	RPortValue uint16
	// MAddr is nil where there is none.
	MAddr []byte
	// TTL is 0 where there is none.
	TTL uint8
	// Params are all parameters, the ones above among them.
	Params Params
	// Raw is the whole value as written.
	Raw []byte

	source  [sourceParams]extent // where "received" and "rport" are in Params, in their order
	sources int
}

// sourceParams is how many parameters say where a request came from: "received" and "rport".
const sourceParams = 2

// MagicCookie begins every branch of RFC 3261 (§8.1.1.7).
const MagicCookie = "z9hG4bK"

var errVia = errors.New("sip: malformed Via")

// Cookie tells whether the branch is one of RFC 3261: the magic cookie and something behind it.
func (v *Via) Cookie() bool {
	return len(v.Branch) > len(MagicCookie) && equalFold(v.Branch[:len(MagicCookie)], MagicCookie)
}

// parse reads one Via value at the beginning of b and gives the index behind it:
// sent-protocol LWS sent-by *( SEMI via-params ).
func (v *Via) parse(b []byte) (end int, err error) {
	*v = Via{}
	i, ok := v.scanProtocol(b)
	if !ok {
		return 0, errVia
	}
	if i, ok = v.scanSentBy(b, i); !ok {
		return 0, errVia
	}
	var s paramScan
	for end = i; ; {
		p, next := s.next(b, end)
		if next == end {
			break
		}
		if next < 0 || !v.setParam(p) {
			return 0, errVia
		}
		if equalFold(p.Name, "received") || equalFold(p.Name, "rport") {
			v.source[v.sources] = extent{uint16(end - i), uint16(next - i)}
			v.sources++
		}
		end = next
	}
	v.Params, v.Raw = Params(b[i:end]), b[:end:end]
	return end, nil
}

// scanProtocol: "SIP" SLASH "2.0" SLASH transport. White space may stand around the slashes.
func (v *Via) scanProtocol(b []byte) (next int, ok bool) {
	const parts = 3
	i := 0
	for k := range parts {
		end := span(b, i, isToken)
		part := b[i:end]
		if k == 0 && !equalFold(part, "SIP") || k == 1 && !equalFold(part, "2.0") || len(part) == 0 {
			return 0, false
		}
		if k == parts-1 {
			v.Transport = part
			i = skipSpace(b, end)
			return i, i > end
		}
		i = skipSpace(b, end)
		if i >= len(b) || b[i] != '/' {
			return 0, false
		}
		i = skipSpace(b, i+1)
	}
	return 0, false
}

// scanSentBy: host [ COLON port ]. White space may stand around the colon.
func (v *Via) scanSentBy(b []byte, i int) (next int, ok bool) {
	end := i
	if i < len(b) && b[i] == '[' {
		n := bytes.IndexByte(b[i:], ']')
		if n < 0 {
			return 0, false
		}
		end = i + n + 1
	} else {
		end = span(b, i, isHostChar)
	}
	if v.Host = b[i:end]; !wellFormedHost(v.Host) {
		return 0, false
	}
	i = skipSpace(b, end)
	if i >= len(b) || b[i] != ':' {
		return end, true
	}
	i = skipSpace(b, i+1)
	end = span(b, i, isDigit)
	n, ok := number(b[i:end])
	if !ok || n == 0 || n > 65_535 {
		return 0, false
	}
	v.Port = uint16(n)
	return end, true
}

// setParam decodes the parameters that routing depends on.
func (v *Via) setParam(p Param) bool {
	switch {
	case equalFold(p.Name, "branch"):
		v.Branch = p.Value
		return token(p.Value)
	case equalFold(p.Name, "rport"):
		v.RPort = true
		if !p.Valued {
			return true
		}
		n, ok := number(p.Value)
		v.RPortValue = uint16(n)
		return ok && n > 0 && n <= 65_535
	case equalFold(p.Name, "received"):
		// With and without brackets, as RFC 5118 §4.5 wants.
		a, ok := HostAddr(p.Value)
		if !ok {
			a, ok = parseBareIPv6(p.Value)
		}
		v.Received = a.Unmap()
		return ok
	case equalFold(p.Name, "maddr"):
		v.MAddr = p.Value
		return wellFormedHost(p.Value)
	case equalFold(p.Name, "ttl"):
		n, ok := number(p.Value)
		v.TTL = uint8(n)
		return ok && n <= 255
	}
	return true
}
