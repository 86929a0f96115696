package office

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// Outcome is how an attempt ended, as the caller saw it.
type Outcome struct {
	Status int    // final status
	Phrase string // its reason phrase
	Reason string // text of the Reason header (RFC 3326), if any
	// RetryAfter is what the unit asked for when it had too much to do, 0 if
	// it did not.
	RetryAfter time.Duration
	Took       time.Duration // from the attempt's first INVITE to its final response
}

// Gated tells whether a rule of the gate refused: the unit gives a Reason
// then, and none with what it refuses for any other cause.
func (o Outcome) Gated() bool { return o.Status >= 400 && o.Reason != "" }

// Answered tells whether the call was put through.
func (o Outcome) Answered() bool { return o.Status >= 200 && o.Status < 300 }

// Call is one call that is up.
type Call struct {
	phone  *Phone
	uri    *sip.URI
	from   *sip.NameAddr
	to     *sip.NameAddr
	routes []sip.NameAddr
	id     string
	cseq   uint32
	answer []byte
}

// ID is the call's Call-ID.
func (c *Call) ID() string { return c.id }

// Answer is the session description of who answered.
func (c *Call) Answer() []byte { return c.answer }

// Register registers the phone for a time.
func (p *Phone) Register(ctx context.Context, expires time.Duration) error {
	server := sip.URI{Scheme: sip.SchemeSIP, Host: []byte(p.host()), Port: p.account.Server.Port()}
	self := sip.NameAddr{URI: p.address(p.account.Extension), Tag: token()}
	to := sip.NameAddr{URI: self.URI}
	r := &request{
		method: sip.REGISTER, uri: &server, from: &self, to: &to, callID: string(token()), auth: true,
		headers: []sip.AnswerField{{ID: sip.HeaderExpires, Value: strconv.Itoa(int(expires.Seconds()))}},
	}
	m, err := p.authenticated(ctx, r, nil)
	if err != nil {
		return fmt.Errorf("registering %s: %w", p.account.Extension, err)
	}
	if m.Status() != 200 {
		return fmt.Errorf("registering %s: %d %s", p.account.Extension, m.Status(), m.ReasonPhrase())
	}
	return nil
}

// Dial calls what is typed in: the bytes stand in the Request-URI's user part
// with SIP's escapes. The Call is nil unless it was answered.
func (p *Phone) Dial(ctx context.Context, dialed string) (*Call, Outcome, error) {
	uri := p.address(dialed)
	return p.DialURI(ctx, &uri)
}

// DialURI calls a Request-URI as it is.
func (p *Phone) DialURI(ctx context.Context, uri *sip.URI) (*Call, Outcome, error) {
	from := sip.NameAddr{URI: p.address(p.account.Extension), Tag: token()}
	to := sip.NameAddr{URI: *uri}
	r := &request{
		method: sip.INVITE, uri: uri, from: &from, to: &to, callID: string(token()), auth: true, body: p.offer(),
	}
	start := time.Now()
	var sent *sip.Message
	m, err := p.authenticated(ctx, r, func(s *sip.Message) { sent = s })
	if err != nil {
		return nil, Outcome{}, fmt.Errorf("call: %w", err)
	}
	o := Outcome{Status: m.Status(), Phrase: string(m.ReasonPhrase()), Took: time.Since(start)}
	if _, text, ok := m.Reason("SIP"); ok {
		o.Reason = string(text)
	}
	if s, ok := m.Uint(sip.HeaderRetryAfter); ok && o.Status == 503 {
		o.RetryAfter = time.Duration(s) * time.Second
	}
	if !o.Answered() {
		return nil, o, p.ackFailure(sent, m)
	}
	c, err := p.established(r, m)
	return c, o, err
}

// authenticated sends a request, and once more with credentials if it is
// challenged. sent hears of each try that got a final response.
func (p *Phone) authenticated(ctx context.Context, r *request, sent func(*sip.Message)) (*sip.Message, error) {
	for try := 0; ; try++ {
		r.cseq = p.cseq.Add(1)
		s, m, err := p.send(ctx, r)
		if err != nil {
			return nil, err
		}
		if sent != nil {
			sent(s)
		}
		if m.Status() != 401 || try == 2 || !p.challenged(m) {
			return m, nil
		}
		if r.method == sip.INVITE {
			if err := p.ackFailure(s, m); err != nil {
				return nil, err
			}
		}
	}
}

func (p *Phone) ackFailure(invite, response *sip.Message) error {
	var b sip.Builder
	b.Reset(nil)
	b.AckFailure(invite, response)
	out, err := b.Finish("", nil)
	if err != nil {
		return fmt.Errorf("building ACK: %w", err)
	}
	return p.write(out)
}

func (p *Phone) write(out []byte) error {
	if _, err := p.conn.WriteTo(out, net.UDPAddrFromAddrPort(p.account.Server)); err != nil {
		return fmt.Errorf("sending: %w", err)
	}
	return nil
}

// established makes the call of a 2xx and acknowledges it.
func (p *Phone) established(r *request, m *sip.Message) (*Call, error) {
	contact := m.Addr(sip.HeaderContact)
	if contact == nil {
		return nil, fmt.Errorf("the 2xx has no Contact")
	}
	uri, to := contact.URI.Clone(), m.To().Clone()
	routes, err := m.RecordRoutes()
	if err != nil {
		return nil, fmt.Errorf("route set: %w", err)
	}
	c := &Call{phone: p, uri: &uri, from: r.from, to: &to, id: r.callID, cseq: r.cseq, answer: m.Clone().Body()}
	for i := len(routes) - 1; i >= 0; i-- {
		c.routes = append(c.routes, routes[i].Clone())
	}
	ack := &request{method: sip.ACK, uri: c.uri, from: c.from, to: c.to, callID: c.id, cseq: c.cseq, routes: c.routes}
	out, err := p.build(ack, append([]byte(sip.MagicCookie), token()...))
	if err != nil {
		return nil, err
	}
	return c, p.write(out)
}

// Hangup ends the call.
func (c *Call) Hangup(ctx context.Context) error {
	r := &request{
		method: sip.BYE, uri: c.uri, from: c.from, to: c.to, callID: c.id, routes: c.routes,
		cseq: c.phone.cseq.Add(1),
	}
	_, m, err := c.phone.send(ctx, r)
	if err != nil {
		return fmt.Errorf("hanging up: %w", err)
	}
	if m.Status() != 200 && m.Status() != 481 {
		return fmt.Errorf("hanging up: %d %s", m.Status(), m.ReasonPhrase())
	}
	return nil
}

func (p *Phone) host() string {
	if a := p.account.Server.Addr(); a.Is6() {
		return "[" + a.String() + "]"
	}
	return p.account.Server.Addr().String()
}

func (p *Phone) address(user string) sip.URI {
	return sip.URI{
		Scheme: sip.SchemeSIP, User: []byte(user), HasUser: true, Host: []byte(p.host()),
		Port: p.account.Server.Port(),
	}
}

// offer is a plain G.711 offer.
func (p *Phone) offer() []byte {
	a := p.media.Addr().String()
	return fmt.Appendf(nil, "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"+
		"m=audio %d RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n", a, a, p.media.Port())
}
