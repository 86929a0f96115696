package load

import (
	"net/netip"
	"time"
)

// answer is one call as its callee sees it.
type answer struct {
	l       *Load
	at      way
	run     *Result // nil where that can't be told
	to      netip.AddrPort
	key     string // Call-ID
	ok      []byte // the 200, until the ACK
	ringing []byte
	gen     uint32
	wait    time.Duration
	acked   bool
	over    bool
	leg     *leg
	stays   bool // of a Talk
}

// request takes a request that came to a phone or to the carrier.
func (l *Load) request(s way, m *message, from netip.AddrPort) {
	switch string(m.method) {
	case "INVITE":
		l.invited(s, m, from)
	case "ACK":
		if a := l.answers[string(m.callID)]; a != nil && !a.acked {
			a.acked = true
			a.gen++
		}
	case "BYE":
		if m.callID[0] == 'c' {
			if c := l.calls[callOf(m.callID)]; c != nil {
				c.cut()
			}
		}
		if a := l.answers[string(m.callID)]; a != nil {
			a.leave()
		}
		l.respond(s, m, from, "200 OK", nil)
	default: // OPTIONS of supervision, CANCEL of a call already answered
		l.respond(s, m, from, "200 OK", nil)
	}
}

// invited rings and answers at once.
func (l *Load) invited(s way, m *message, from netip.AddrPort) {
	if a := l.answers[string(m.callID)]; a != nil {
		l.duplicates++
		if !a.over {
			s.send(a.ringing, a.to)
			s.send(a.ok, a.to)
		}
		return
	}
	a := l.newAnswer()
	a.l, a.at, a.to, a.key = l, s, from, string(m.callID)
	l.answers[a.key] = a
	a.run = l.arrived(s, m)
	a.stays = a.run != nil && a.run.talk != nil
	body, seal := s.end().sdp, (*sealing)(nil)
	if tag, theirs, sealed := sealedOffer(m.body); sealed {
		ours := newKey()
		body = describeSealed(s.end().voice.local, tag, ours)
		if a.stays {
			seal = newSealing(ours, theirs)
		}
	}
	if !a.stays {
		l.answered++
	}
	a.ringing = l.appendResponse(a.ringing[:0], s, m, "180 Ringing", nil)
	a.ok = l.appendResponse(a.ok[:0], s, m, "200 OK", body)
	if a.stays {
		a.leg = l.hear(s.end(), a.run, m.body, seal)
	}
	s.send(a.ringing, from)
	s.send(a.ok, from)
	a.gen++
	a.wait = timerT1
	l.after(a.wait, a, a.gen)
}

// fire sends the 200 again, until it is acknowledged.
func (a *answer) fire(gen uint32) {
	if gen != a.gen {
		return
	}
	if a.over {
		a.forget()
		return
	}
	if a.run != nil {
		a.run.Retransmitted++
	}
	a.at.send(a.ok, a.to)
	a.wait = min(2*a.wait, timerT2)
	a.l.after(a.wait, a, gen)
}

// leave ends the call; its Call-ID is remembered for a while, so that a late
// retransmission of the INVITE is not taken for another call.
func (a *answer) leave() {
	if a.over {
		return
	}
	a.over = true
	if !a.stays {
		a.l.answered = max(0, a.l.answered-1)
	}
	if a.leg != nil {
		a.leg.gone = true
	}
	a.gen++
	a.l.after(lingerTime, a, a.gen)
}

func (a *answer) forget() {
	delete(a.l.answers, a.key)
	a.gen++
	a.acked, a.over, a.leg, a.run = false, false, nil, nil
	a.l.spareAnswers = append(a.l.spareAnswers, a)
}

func (l *Load) newAnswer() *answer {
	if n := len(l.spareAnswers); n > 0 {
		a := l.spareAnswers[n-1]
		l.spareAnswers = l.spareAnswers[:n-1]
		return a
	}
	return &answer{}
}

// respond sends a response that is not kept.
func (l *Load) respond(s way, m *message, to netip.AddrPort, status string, body []byte) {
	l.answer = l.appendResponse(l.answer[:0], s, m, status, body)
	s.send(l.answer, to)
}

// appendResponse writes a response to a request.
func (l *Load) appendResponse(b []byte, s way, m *message, status string, body []byte) []byte {
	b = append(append(append(b, "SIP/2.0 "...), status...), "\r\n"...)
	for _, v := range m.vias[:m.nVias] {
		b = append(append(append(b, "Via: "...), v...), "\r\n"...)
	}
	for _, r := range m.routes[:m.nRoutes] {
		b = append(append(append(b, "Record-Route: "...), r...), "\r\n"...)
	}
	b = append(append(append(b, "From: "...), m.from...), "\r\nTo: "...)
	b = append(b, m.to...)
	if !tagged(m.to) {
		b = append(append(b, ";tag=t"...), l.tag...)
	}
	b = append(append(append(b, "\r\nCall-ID: "...), m.callID...), "\r\nCSeq: "...)
	b = append(append(b, m.cseq...), "\r\nContact: <sip:"...)
	if user := userOf(m.uri); len(user) > 0 {
		b = append(append(b, user...), '@')
	}
	b = append(append(b, s.end().host...), s.end().param...)
	b = append(b, ">\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\nUser-Agent: bench\r\n"...)
	if len(body) > 0 {
		b = append(b, "Content-Type: application/sdp\r\n"...)
	}
	return appendBody(b, body)
}

// tagged reports whether a To has a tag.
func tagged(to []byte) bool {
	for i := 0; i+5 <= len(to); i++ {
		if to[i] == ';' && string(to[i:i+5]) == ";tag=" {
			return true
		}
	}
	return false
}
