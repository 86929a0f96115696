package load

import (
	"bytes"
	"net/netip"
	"strconv"
)

// message is a SIP message, read as far as this generator needs. Its slices
// point into the datagram.
type message struct {
	method  []byte // of a request
	uri     []byte // of a request
	status  int    // of a response, 0 for requests
	phrase  []byte // of a response
	callID  []byte
	from    []byte
	to      []byte
	cseq    []byte
	number  uint32 // of CSeq
	of      []byte // method of CSeq
	contact []byte // URI
	vias    [viasMax][]byte
	nVias   int
	routes  [viasMax][]byte // Record-Route
	nRoutes int
	asks    [viasMax][]byte // challenges
	nAsks   int
	body    []byte
}

// read takes a datagram apart; false when it is not SIP.
func (m *message) read(b []byte) bool {
	*m = message{}
	head, body, ok := bytes.Cut(b, []byte("\r\n\r\n"))
	if !ok {
		return false
	}
	m.body = body
	line, head, _ := bytes.Cut(head, []byte("\r\n"))
	if !m.start(line) {
		return false
	}
	for len(head) > 0 {
		line, head, _ = bytes.Cut(head, []byte("\r\n"))
		name, value, ok := bytes.Cut(line, []byte(":"))
		if ok {
			m.field(name, bytes.TrimSpace(value))
		}
	}
	return len(m.callID) > 0 && m.nVias > 0
}

// start reads the first line.
func (m *message) start(line []byte) bool {
	a, rest, _ := bytes.Cut(line, []byte(" "))
	b, phrase, ok := bytes.Cut(rest, []byte(" "))
	if string(a) == "SIP/2.0" {
		m.status, _ = strconv.Atoi(string(b))
		m.phrase = phrase
		return m.status >= 100
	}
	m.method, m.uri = a, b
	return ok
}

// outcome names a response that refuses: a status alone says less than one
// with the phrase that its sender chose.
func (m *message) outcome() string { return strconv.Itoa(m.status) + " " + string(m.phrase) }

// field takes one header field.
func (m *message) field(name, value []byte) {
	switch len(name) {
	case 2:
		if bytes.EqualFold(name, []byte("To")) {
			m.to = value
		}
	case 3:
		if bytes.EqualFold(name, []byte("Via")) && m.nVias < viasMax {
			m.vias[m.nVias] = value
			m.nVias++
		}
	case 4:
		switch {
		case bytes.EqualFold(name, []byte("From")):
			m.from = value
		case bytes.EqualFold(name, []byte("CSeq")):
			m.cseq = value
			n, of, _ := bytes.Cut(value, []byte(" "))
			m.number, m.of = uint32(digits(n)), of
		}
	case 7:
		switch {
		case bytes.EqualFold(name, []byte("Call-ID")):
			m.callID = value
		case bytes.EqualFold(name, []byte("Contact")):
			m.contact = uriOf(value)
		}
	case 12:
		if bytes.EqualFold(name, []byte("Record-Route")) && m.nRoutes < viasMax {
			m.routes[m.nRoutes] = value
			m.nRoutes++
		}
	case 16, 18:
		if bytes.EqualFold(name, []byte("WWW-Authenticate")) || bytes.EqualFold(name, []byte("Proxy-Authenticate")) {
			if m.nAsks < viasMax {
				m.asks[m.nAsks] = value
				m.nAsks++
			}
		}
	}
}

// uriOf gives the URI of a name-addr or addr-spec.
func uriOf(value []byte) []byte {
	if _, rest, ok := bytes.Cut(value, []byte("<")); ok {
		uri, _, _ := bytes.Cut(rest, []byte(">"))
		return uri
	}
	uri, _, _ := bytes.Cut(value, []byte(";"))
	return uri
}

// userOf gives the user part of the URI in a header value or Request-URI.
func userOf(value []byte) []byte {
	_, rest, ok := bytes.Cut(uriOf(value), []byte(":"))
	user, _, at := bytes.Cut(rest, []byte("@"))
	if !ok || !at {
		return nil
	}
	return user
}

// digits reads a decimal number; -1 when it is none.
func digits(b []byte) int64 {
	if len(b) == 0 || len(b) > 18 {
		return -1
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// Media gives where a session description wants to hear audio.
func Media(body []byte) (at netip.AddrPort, ok bool) {
	var addr netip.Addr
	var port int64
	for line := range bytes.SplitSeq(body, []byte("\r\n")) {
		if rest, is := bytes.CutPrefix(line, []byte("c=IN IP4 ")); is && !addr.IsValid() {
			addr, _ = netip.ParseAddr(string(rest))
		}
		if rest, is := bytes.CutPrefix(line, []byte("m=audio ")); is {
			number, _, _ := bytes.Cut(rest, []byte(" "))
			port = digits(number)
		}
	}
	return netip.AddrPortFrom(addr, uint16(port)), addr.Is4() && port > 0
}
