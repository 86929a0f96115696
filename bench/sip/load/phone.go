package load

import (
	"net/netip"
	"strconv"
	"time"
)

// Account is a phone's extension and what it signs in with.
type Account struct {
	Extension string
	User      string
	Secret    string
}

// Site is one system under test and what it knows of us.
type Site struct {
	Server netip.AddrPort // where requests go
	Domain string         // host of the addresses of record
	// Callers and Callees are the phones; callers[i] and callees[i] need not
	// be as many.
	Callers []Account
	Callees []Account
	// Talkers and Listeners are the phones of calls that stay up with sound.
	// Where there are none, Callers and Callees do that too.
	Talkers   []Account
	Listeners []Account
	// Transport is that of callers' and talkers' signaling, CalleeTransport and
	// CalleeServer those of the others; all have their zero values for UDP to
	// Server.
	Transport       Transport
	CalleeTransport Transport
	CalleeServer    netip.AddrPort

	callers, callees, talkers, listeners []*phone
	all                                  []*phone
	index                                map[string]int32 // extension to its place in all
}

// phone is one of the phones. Callers speak from one socket, callees from
// another.
type phone struct {
	l       *Load
	site    *Site
	at      way
	server  netip.AddrPort
	by      Transport
	place   int
	ext     []byte
	user    []byte
	secret  []byte
	cnonce  []byte
	nonce   nonce
	ha1     []byte
	ha2     []byte
	callID  []byte // of its registration
	cseq    uint32
	gen     uint32
	busy    bool // a registration is under way
	tries   int
	began   int64
	wait    time.Duration
	request []byte
	run     *Result
}

// prepare makes the phones of a site.
func (l *Load) prepare(s *Site) {
	if s.index != nil {
		return
	}
	s.index = make(map[string]int32)
	to, by := s.CalleeServer, s.CalleeTransport
	if !to.IsValid() {
		to = s.Server
	}
	add := func(accounts []Account, at *socket, to netip.AddrPort, by Transport) (list []*phone) {
		for _, a := range accounts {
			p := l.newPhone(s, a, at, to)
			p.by, p.place = by, len(s.all)
			s.index[a.Extension] = int32(p.place)
			s.all = append(s.all, p)
			list = append(list, p)
		}
		return list
	}
	s.callers = add(s.Callers, l.callers, s.Server, s.Transport)
	s.callees = add(s.Callees, l.callees, to, by)
	s.talkers = add(s.Talkers, l.callers, s.Server, s.Transport)
	s.listeners = add(s.Listeners, l.callees, to, by)
	if len(s.talkers) == 0 || len(s.listeners) == 0 {
		s.talkers, s.listeners = s.callers, s.callees
	}
}

// newPhone makes a phone that speaks from a socket.
func (l *Load) newPhone(s *Site, a Account, at *socket, to netip.AddrPort) *phone {
	l.serial++
	id := strconv.FormatUint(l.serial, 10)
	p := &phone{
		l: l, site: s, at: at, server: to,
		ext: []byte(a.Extension), user: []byte(a.User), secret: []byte(a.Secret),
		cnonce: []byte(l.tag + id), callID: []byte("r" + id + "@" + l.tag),
	}
	l.phones[string(p.callID)] = p
	return p
}

// Leave forgets the phones of a site and closes their connections. The site
// begins anew when it is used again.
func (l *Load) Leave(s *Site) {
	for _, p := range s.all {
		delete(l.phones, string(p.callID))
		if c, ok := p.at.(*stream); ok {
			l.leave(c)
		}
	}
	s.all, s.index = nil, nil
	if l.site == s {
		l.site = nil
	}
}

// connected makes sure that a phone has its connection, where it wants one.
func (p *phone) connected() error {
	if p.by == "" || p.by == UDP {
		return nil
	}
	from := p.l.callers
	if p.at.end().called {
		from = p.l.callees
	}
	if c, ok := p.at.(*stream); ok && !c.dead {
		return nil
	}
	c, err := p.l.connect(from, p.server, p.by)
	if err != nil {
		return err
	}
	p.at = c
	return nil
}

// appendContact writes the phone's Contact.
func (p *phone) appendContact(b []byte) []byte {
	e := p.at.end()
	b = append(append(append(append(b, "Contact: <sip:"...), p.ext...), '@'), e.host...)
	return append(append(b, e.param...), ">\r\n"...)
}

// register begins one registration: asked for credentials anew each time, as
// after a restart.
func (p *phone) register(r *Result) {
	p.busy, p.tries, p.began, p.run = true, 0, p.l.now, r
	p.nonce.value = p.nonce.value[:0]
	if err := p.connected(); err != nil {
		p.finish(err.Error())
		return
	}
	p.sendRegister()
}

// sendRegister sends a REGISTER with credentials where a nonce is known.
func (p *phone) sendRegister() {
	p.cseq++
	uri := append(append(p.l.scratch[:0], "sip:"...), p.site.Domain...)
	p.l.scratch = uri
	b := append(p.request[:0], "REGISTER "...)
	b = p.at.end().appendVia(append(append(b, uri...), " SIP/2.0\r\n"...))
	b = append(append(b, ";rport;branch=z9hG4bK"...), p.callID[:len(p.callID)-len(p.l.tag)-1]...)
	b = append(append(append(b, '-'), p.l.tag...), '-')
	b = strconv.AppendUint(b, uint64(p.cseq), 10)
	b = append(append(b, "\r\nMax-Forwards: 70\r\nFrom: <sip:"...), p.ext...)
	b = append(append(append(b, '@'), p.site.Domain...), ">;tag=f"...)
	b = strconv.AppendUint(b, uint64(p.cseq), 10)
	b = append(append(b, "\r\nTo: <sip:"...), p.ext...)
	b = append(append(append(b, '@'), p.site.Domain...), ">\r\nCall-ID: "...)
	b = append(append(b, p.callID...), "\r\nCSeq: "...)
	b = p.appendContact(append(strconv.AppendUint(b, uint64(p.cseq), 10), " REGISTER\r\n"...))
	b = append(b, "Expires: 3600\r\n"...)
	if p.nonce.known() {
		b = p.appendAnswer(b, p.l.hash, []byte("REGISTER"), uri)
	}
	p.request = append(b, "User-Agent: bench\r\nContent-Length: 0\r\n\r\n"...)
	p.at.send(p.request, p.server)
	p.gen++
	if p.at.end().reliable {
		return
	}
	p.wait = timerT1
	p.l.after(p.wait, p, p.gen)
}

// fire retransmits (timer E).
func (p *phone) fire(gen uint32) {
	if gen != p.gen || !p.busy {
		return
	}
	p.run.Retransmitted++
	p.at.send(p.request, p.server)
	p.wait = min(2*p.wait, timerT2)
	p.l.after(p.wait, p, gen)
}

// response takes an answer to a REGISTER.
func (p *phone) response(m *message) {
	if !p.busy || m.number != p.cseq || m.status < 200 {
		return
	}
	switch {
	case m.status < 300:
		p.finish("")
		p.run.Setup.Add(time.Duration(p.l.now - p.began))
	case m.status == 401 && p.tries < authTriesMax && p.nonce.take(m.asks[:m.nAsks]):
		p.tries++
		p.sendRegister()
	default:
		p.finish(m.outcome())
	}
}

// finish ends the registration under way.
func (p *phone) finish(why string) {
	p.busy = false
	p.gen++
	p.run.end(why)
}
