package load

import "net/netip"

// Transport is how messages travel.
type Transport string

// The transports.
const (
	UDP Transport = "udp"
	TCP Transport = "tcp"
	TLS Transport = "tls"
)

// way is where a phone's messages leave and come in: a UDP socket that it
// shares with others, or a connection of its own.
type way interface {
	send(b []byte, to netip.AddrPort)
	end() *end
}

// end is what one of our ends says of itself.
type end struct {
	host     []byte // sent-by
	via      string // transport in a Via
	param    string // of a Contact
	reliable bool   // requests are not sent again
	called   bool   // callees stand here, or the carrier
	voice    *socket
	sdp      []byte
}

// appendVia writes a Via up to its parameters.
func (e *end) appendVia(b []byte) []byte {
	return append(append(append(append(b, "Via: SIP/2.0/"...), e.via...), ' '), e.host...)
}

// over gives the same end over another transport.
func (e *end) over(t Transport) *end {
	o := *e
	o.reliable = true
	switch t {
	case TCP:
		o.via, o.param = "TCP", ";transport=tcp"
	case TLS:
		o.via, o.param = "TLS", ";transport=tls"
	case UDP:
		return e
	}
	return &o
}
