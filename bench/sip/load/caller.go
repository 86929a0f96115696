package load

import (
	"net/netip"
	"strconv"
	"time"
)

// call is one call as its caller sees it.
type call struct {
	l      *Load
	site   *Site
	from   *phone
	id     uint64
	number uint64 // of the called number, for outside calls; or of the pair
	state  callState
	gen    uint32
	tries  int
	cseq   uint32
	began  int64
	sentAt int64 // when the INVITE that went on left
	wait   time.Duration

	uri     []byte // Request-URI of the INVITE
	to      []byte // To, with its tag once there is one
	target  []byte // remote target
	routes  []byte // Route lines
	request []byte // what is retransmitted
	ack     []byte
	leg     *leg
	run     *Result
}

type callState uint8

const (
	calling callState = iota
	proceeding
	talking
	leaving
	over
)

// String says what a call in this state waits for.
func (s callState) String() string {
	return [...]string{"no answer to INVITE", "ringing", "up", "no answer to BYE", "over"}[s]
}

// begin sends the first INVITE of a call.
func (c *call) begin() {
	c.began = c.l.now
	c.invite()
}

// invite sends an INVITE, with credentials where a nonce is known.
func (c *call) invite() {
	c.cseq++
	c.state = calling
	b := c.head(c.request[:0], "INVITE", c.uri, c.cseq)
	b = c.from.appendContact(b)
	if c.from.nonce.known() {
		b = c.from.appendAnswer(b, c.l.hash, []byte("INVITE"), c.uri)
	}
	b = append(b, "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\nUser-Agent: bench\r\n"...)
	b = append(b, "Content-Type: application/sdp\r\n"...)
	c.request = appendBody(b, c.from.at.end().sdp)
	c.sentAt = c.l.now
	c.l.left(c)
	c.transmit()
}

// head writes a request up to its CSeq.
func (c *call) head(b []byte, method string, uri []byte, cseq uint32) []byte {
	b = append(append(append(b, method...), ' '), uri...)
	b = c.from.at.end().appendVia(append(b, " SIP/2.0\r\n"...))
	b = append(b, ";rport;branch=z9hG4bKc"...)
	b = strconv.AppendUint(b, c.id, 10)
	b = strconv.AppendUint(append(append(append(b, '-'), c.l.tag...), '-'), uint64(cseq), 10)
	if method == "ACK" && c.state == talking {
		b = append(b, 'a') // a transaction of its own
	}
	b = append(append(append(b, "\r\nMax-Forwards: 70\r\n"...), c.routes...), "From: <sip:"...)
	b = append(append(append(append(b, c.from.ext...), '@'), c.site.Domain...), ">;tag=f"...)
	b = strconv.AppendUint(b, c.id, 10)
	b = append(append(append(b, "\r\nTo: "...), c.to...), "\r\nCall-ID: c"...)
	b = append(append(append(strconv.AppendUint(b, c.id, 10), '@'), c.l.tag...), "\r\nCSeq: "...)
	b = strconv.AppendUint(b, uint64(cseq), 10)
	return append(append(append(b, ' '), method...), "\r\n"...)
}

// transmit sends the request and starts timer A or E.
func (c *call) transmit() {
	c.from.at.send(c.request, c.from.server)
	c.gen++
	if c.from.at.end().reliable {
		return
	}
	c.wait = timerT1
	c.l.after(c.wait, c, c.gen)
}

// fire retransmits.
func (c *call) fire(gen uint32) {
	if gen != c.gen || c.state == over {
		return
	}
	c.run.Retransmitted++
	c.from.at.send(c.request, c.from.server)
	c.wait *= 2
	if c.state == leaving {
		c.wait = min(c.wait, timerT2)
	}
	c.l.after(c.wait, c, gen)
}

// response takes an answer.
func (c *call) response(m *message, _ netip.AddrPort) {
	if m.number != c.cseq {
		return // of an INVITE that was challenged
	}
	if string(m.of) == "BYE" {
		c.byeAnswered(m)
		return
	}
	switch {
	case m.status < 200:
		if c.state == calling {
			c.state = proceeding
			c.gen++ // timer A ends
		}
	case m.status < 300:
		c.answered(m)
	case c.state <= proceeding:
		c.refused(m)
	case c.state == over: // our ACK was lost
		c.ackRefusal(m)
	}
}

// answered takes the 200 of the INVITE, or its retransmission.
func (c *call) answered(m *message) {
	if c.state > proceeding {
		if c.state != over {
			c.run.Retransmitted++
		}
		c.from.at.send(c.ack, c.from.server)
		return
	}
	c.run.Setup.Add(time.Duration(c.l.now - c.began))
	c.state = talking
	c.gen++
	c.to = append(c.to[:0], m.to...)
	c.target = append(c.target[:0], m.contact...)
	c.routes = c.routes[:0]
	for i := m.nRoutes - 1; i >= 0; i-- {
		c.routes = append(append(append(c.routes, "Route: "...), m.routes[i]...), "\r\n"...)
	}
	c.ack = append(c.head(c.ack[:0], "ACK", c.target, c.cseq), "Content-Length: 0\r\n\r\n"...)
	c.from.at.send(c.ack, c.from.server)
	if t := c.run.talk; t != nil {
		c.l.speak(c, m.body)
		t.up = append(t.up, c)
		return
	}
	c.bye()
}

// bye hangs up.
func (c *call) bye() {
	c.state = leaving
	c.cseq++
	c.request = append(c.head(c.request[:0], "BYE", c.target, c.cseq), "Content-Length: 0\r\n\r\n"...)
	c.transmit()
}

func (c *call) byeAnswered(m *message) {
	switch {
	case c.state != leaving || m.status < 200:
	case m.status < 300:
		c.finish("")
	default:
		c.finish("BYE " + m.outcome())
	}
}

// refused takes a final response that is no success: a challenge is answered,
// anything else ends the call.
func (c *call) refused(m *message) {
	c.ackRefusal(m)
	if (m.status == 401 || m.status == 407) && c.tries < authTriesMax && c.from.nonce.take(m.asks[:m.nAsks]) {
		c.tries++
		c.run.Challenged++
		c.invite()
		return
	}
	c.finish(m.outcome())
}

// ackRefusal acknowledges a response that is no success, in the transaction
// of its INVITE.
func (c *call) ackRefusal(m *message) {
	own := c.to
	c.to = m.to
	c.ack = append(c.head(c.ack[:0], "ACK", c.uri, c.cseq), "Content-Length: 0\r\n\r\n"...)
	c.to = own
	c.from.at.send(c.ack, c.from.server)
}

// cut takes a BYE that nobody here asked for.
func (c *call) cut() {
	if c.state == talking {
		c.finish("hung up by the system")
	}
}

// finish ends the call; why is empty for a call that went all the way.
func (c *call) finish(why string) {
	if c.state == over {
		return
	}
	c.state = over
	c.gen++
	c.run.end(why)
	c.l.linger(c)
}

// appendBody ends a message with a body.
func appendBody(b, body []byte) []byte {
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	return append(append(b, "\r\n\r\n"...), body...)
}
