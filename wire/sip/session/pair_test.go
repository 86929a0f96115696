package session

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// pair is a UAC and a UAS that hear each other at once, without transactions.
type pair struct {
	t    *testing.T
	now  time.Time
	uac  *side
	uas  *side
	txs  []*exchangeTx
	cfg  Config // of the UAS
	deaf bool   // nothing arrives any more
	lose func(what string) bool
}

// side is one session and what its owner heard.
type side struct {
	name  string
	s     *Session
	notes []string
	wire  []string // what it sent, in short
	// trying counts Trying, which goes before nearly everything.
	trying int
	react  func(ev Event)
}

// exchangeTx is a request and its way back.
type exchangeTx struct {
	from *side
	req  uint32
	msg  *sip.Message
	last *sip.Message
}

var begin = time.Unix(1_000_000, 0)

func newPair(t *testing.T, caller, callee Config, offer string) *pair {
	p := &pair{t: t, now: begin, uac: &side{name: "uac"}, uas: &side{name: "uas"}, cfg: callee}
	p.uac.s = NewUAC(caller, Invite{
		URI: "sip:b@b", From: "<sip:a@a>", To: "<sip:b@b>", CallID: "call", LocalTag: "tag-uac", Body: text(offer),
	})
	return p
}

func text(s string) Body {
	if s == "" {
		return Body{}
	}
	return Body{Type: "application/sdp", Bytes: []byte(s)}
}

func (p *pair) other(s *side) *side {
	if s == p.uac {
		return p.uas
	}
	return p.uac
}

// pump carries out effects until there are none.
func (p *pair) pump() {
	p.t.Helper()
	for {
		idle := true
		for _, s := range []*side{p.uac, p.uas} {
			if s.s == nil {
				continue
			}
			effects := slices.Clone(s.s.Take())
			for i := range effects {
				idle = false
				p.do(s, &effects[i])
			}
		}
		if idle {
			return
		}
	}
}

func (p *pair) do(s *side, e *Effect) {
	p.t.Helper()
	to := p.other(s)
	switch e.Op {
	case OpEvent:
		if e.Event.Kind == Trying {
			s.trying++
			return
		}
		n := e.Event.Kind.String()
		if e.Event.Status != 0 {
			n += fmt.Sprint(" ", e.Event.Status)
		}
		if !e.Event.Body.Empty() {
			n += " " + string(e.Event.Body.Bytes)
		}
		s.notes = append(s.notes, n)
		if s.react != nil {
			s.react(e.Event)
		}
	case OpRequest:
		m := p.request(s, e)
		tx := &exchangeTx{from: s, req: e.Req, msg: m}
		p.txs = append(p.txs, tx)
		p.sent(s, m.Method().String(), e)
		p.arrive(to, uint64(len(p.txs)), m)
	case OpACK:
		m := p.request(s, e)
		p.sent(s, "ACK", e)
		if to.s != nil && !p.lost("ACK") {
			to.s.Ack(p.now, m)
		}
	case OpCancel:
		p.sent(s, "CANCEL", e)
		for i, tx := range p.txs {
			if tx.from == s && tx.req == e.Req && !p.lost("CANCEL") {
				to.s.CancelRequest(p.now, uint64(i+1), nil)
			}
		}
	case OpRespond:
		tx := p.txs[e.Tx-1]
		tx.last = p.response(tx, e)
		p.sent(s, fmt.Sprint(e.Status), e)
		p.back(tx)
	case OpRepeat:
		s.wire = append(s.wire, "repeat")
		p.back(p.txs[e.Tx-1])
	}
}

func (p *pair) lost(what string) bool { return p.deaf || p.lose != nil && p.lose(what) }

func (p *pair) back(tx *exchangeTx) {
	if !p.lost(fmt.Sprint(tx.last.Status())) {
		tx.from.s.Response(p.now, tx.req, tx.last)
	}
}

// sent notes what goes over the wire, with body and requirements.
func (p *pair) sent(s *side, what string, e *Effect) {
	if !e.Body.Empty() {
		what += " " + string(e.Body.Bytes)
	}
	for _, h := range e.Headers {
		switch h.Name {
		case "Reason", "Session-Expires", "Min-SE", "Unsupported", "Retry-After", "Authorization":
			what += " " + h.Name + ":" + h.Value
		}
	}
	s.wire = append(s.wire, what)
}

func (p *pair) arrive(to *side, tx uint64, m *sip.Message) {
	if p.lost(m.Method().String()) {
		return
	}
	if to.s == nil {
		s, status, h := NewUAS(p.cfg, p.now, tx, m, "tag-uas")
		if s == nil {
			p.do(to, &Effect{Op: OpRespond, Tx: tx, Status: status, Headers: h, ToTag: "tag-uas"})
			return
		}
		to.s = s
		return
	}
	to.s.Request(p.now, tx, m)
}

func (p *pair) request(s *side, e *Effect) *sip.Message {
	p.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK%d\r\n", e.Head.Method, e.Head.URI, len(p.txs))
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n",
		e.Head.From, e.Head.To, e.Head.CallID, e.Head.CSeq, e.Head.Method)
	return p.finish(&b, s, e)
}

func (p *pair) response(tx *exchangeTx, e *Effect) *sip.Message {
	p.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d %s\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n", e.Status, sip.StatusPhrase(e.Status))
	to := string(tx.msg.Value(sip.HeaderTo))
	if tx.msg.To().Tag == nil {
		to += ";tag=" + e.ToTag
	}
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nCall-ID: call\r\nCSeq: %s\r\n",
		tx.msg.Value(sip.HeaderFrom), to, tx.msg.Value(sip.HeaderCSeq))
	return p.finish(&b, p.other(tx.from), e)
}

func (p *pair) finish(b *strings.Builder, s *side, e *Effect) *sip.Message {
	p.t.Helper()
	if e.Contact {
		fmt.Fprintf(b, "Contact: <sip:%s@h>\r\n", s.name)
	}
	for _, h := range e.Headers {
		fmt.Fprintf(b, "%s: %s\r\n", h.Name, h.Value)
	}
	if !e.Body.Empty() {
		fmt.Fprintf(b, "Content-Type: %s\r\n", e.Body.Type)
	}
	fmt.Fprintf(b, "Content-Length: %d\r\n\r\n%s", len(e.Body.Bytes), e.Body.Bytes)
	m := new(sip.Message)
	if err := sip.Parse([]byte(b.String()), m); err != nil {
		p.t.Fatalf("%v in %q", err, b.String())
	}
	return m
}

// after lets time pass, with the timers of both sides.
func (p *pair) after(d time.Duration) {
	p.t.Helper()
	end := p.now.Add(d)
	for {
		p.pump()
		next := end
		for _, s := range []*side{p.uac, p.uas} {
			if s.s == nil {
				continue
			}
			if t := s.s.Deadline(); !t.IsZero() && t.Before(next) {
				next = t
			}
		}
		if !next.Before(end) {
			p.now = end
			return
		}
		p.now = next
		for _, s := range []*side{p.uac, p.uas} {
			if s.s != nil {
				s.s.Timer(p.now)
			}
		}
	}
}

// heard compares the notes of a side, and forgets them.
func (p *pair) heard(s *side, want ...string) {
	p.t.Helper()
	p.pump()
	if !slices.Equal(s.notes, want) {
		p.t.Errorf("%s heard %q, want %q", s.name, s.notes, want)
	}
	s.notes = nil
}

// said compares what a side sent, and forgets it.
func (p *pair) said(s *side, want ...string) {
	p.t.Helper()
	p.pump()
	if !slices.Equal(s.wire, want) {
		p.t.Errorf("%s sent %q, want %q", s.name, s.wire, want)
	}
	s.wire = nil
}

// forget drops notes.
func (p *pair) forget() {
	p.pump()
	for _, s := range []*side{p.uac, p.uas} {
		s.notes, s.wire = nil, nil
	}
}

// plain is a configuration without extensions.
func plain() Config {
	c := DefaultConfig()
	c.Expires, c.Reliable = 0, false
	return c
}

// upPair is a call that is up, with two descriptions agreed.
func upPair(t *testing.T, caller, callee Config) *pair {
	t.Helper()
	p := newPair(t, caller, callee, "offer")
	p.pump()
	check(t, p.uas.s.Answer(p.now, text("answer")))
	p.heard(p.uac, "answered 200 answer")
	p.heard(p.uas, "confirmed")
	p.forget()
	return p
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
