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

	callers []*phone
	callees []*phone
	index   map[string]int32 // extension to its place: callers, then callees
}

// phone is one of the phones. Callers speak from one socket, callees from
// another.
type phone struct {
	l       *Load
	site    *Site
	at      *socket
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
	add := func(accounts []Account, at *socket) (list []*phone) {
		for _, a := range accounts {
			i := len(s.index)
			l.serial++
			id := strconv.FormatUint(l.serial, 10)
			list = append(list, &phone{
				l: l, site: s, at: at, place: i,
				ext: []byte(a.Extension), user: []byte(a.User), secret: []byte(a.Secret),
				cnonce: []byte(l.tag + id), callID: []byte("r" + id + "@" + l.tag),
			})
			s.index[a.Extension] = int32(i)
			l.phones[string(list[len(list)-1].callID)] = list[len(list)-1]
		}
		return list
	}
	s.callers = add(s.Callers, l.callers)
	s.callees = add(s.Callees, l.callees)
}

// register begins one registration: asked for credentials anew each time, as
// after a restart, unless keep says to use the nonce again.
func (p *phone) register(r *Result) {
	p.busy, p.tries, p.began, p.run = true, 0, p.l.now, r
	p.nonce.value = p.nonce.value[:0]
	p.sendRegister()
}

// sendRegister sends a REGISTER with credentials where a nonce is known.
func (p *phone) sendRegister() {
	p.cseq++
	uri := append(append(p.l.scratch[:0], "sip:"...), p.site.Domain...)
	p.l.scratch = uri
	b := append(p.request[:0], "REGISTER "...)
	b = append(append(b, uri...), " SIP/2.0\r\nVia: SIP/2.0/UDP "...)
	b = append(b, p.l.host(p.at)...)
	b = append(append(b, ";rport;branch=z9hG4bK"...), p.callID[:len(p.callID)-len(p.l.tag)-1]...)
	b = append(append(append(b, '-'), p.l.tag...), '-')
	b = strconv.AppendUint(b, uint64(p.cseq), 10)
	b = append(append(b, "\r\nMax-Forwards: 70\r\nFrom: <sip:"...), p.ext...)
	b = append(append(append(b, '@'), p.site.Domain...), ">;tag=f"...)
	b = strconv.AppendUint(b, uint64(p.cseq), 10)
	b = append(append(b, "\r\nTo: <sip:"...), p.ext...)
	b = append(append(append(b, '@'), p.site.Domain...), ">\r\nCall-ID: "...)
	b = append(append(b, p.callID...), "\r\nCSeq: "...)
	b = append(strconv.AppendUint(b, uint64(p.cseq), 10), " REGISTER\r\nContact: <sip:"...)
	b = append(append(append(append(b, p.ext...), '@'), p.l.host(p.at)...), ">\r\nExpires: 3600\r\n"...)
	if p.nonce.known() {
		b = p.appendAnswer(b, p.l.hash, []byte("REGISTER"), uri)
	}
	p.request = append(b, "User-Agent: bench\r\nContent-Length: 0\r\n\r\n"...)
	p.at.send(p.request, p.site.Server)
	p.gen++
	p.wait = timerT1
	p.l.after(p.wait, p, p.gen)
}

// fire retransmits (timer E).
func (p *phone) fire(gen uint32) {
	if gen != p.gen || !p.busy {
		return
	}
	p.run.Retransmitted++
	p.at.send(p.request, p.site.Server)
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
