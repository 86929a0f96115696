package session

import (
	"strconv"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// reliable holds the reliable provisional responses of a UAS (RFC 3262 §3):
// one is out until its PRACK comes, others wait.
type reliable struct {
	repeat
	rseq   uint32
	body   bool // the one that is out holds a description
	offer  bool // … which is our offer
	queue  []provisional
	answer *pendingAnswer
}

type provisional struct {
	status  int
	body    Body
	headers []Header
}

// pendingAnswer is a 2xx that waits for the PRACK (RFC 3262 §3).
type pendingAnswer struct {
	body    Body
	headers []Header
}

func (r *reliable) clear() {
	r.stop()
	r.queue, r.body, r.offer, r.answer = nil, false, false, nil
}

// holdsDescription reports whether a 2xx has to wait.
func (r *reliable) holdsDescription() bool {
	if r.active() && r.body {
		return true
	}
	for _, p := range r.queue {
		if !p.body.Empty() {
			return true
		}
	}
	return false
}

func (s *Session) ringReliably(now time.Time, status int, b Body, h []Header) error {
	p := provisional{status: status, body: b, headers: h}
	if s.reliable.active() {
		if len(s.reliable.queue) >= reliableMax {
			return ErrBusy
		}
		s.reliable.queue = append(s.reliable.queue, p)
		return nil
	}
	s.sendReliable(now, p)
	return nil
}

func (s *Session) sendReliable(now time.Time, p provisional) {
	r := &s.reliable
	if r.rseq == 0 {
		// RFC 3262 §3: the first RSeq is anywhere from 1 to 2**31-1.
		r.rseq = uint32(s.random(1<<20)) + 1
	} else {
		r.rseq++
	}
	b := p.body
	r.body, r.offer = false, false
	if !b.Empty() {
		switch s.main.ex {
		case remote:
			s.main.ex, s.lastLocal, r.body = stable, b, true
		case fresh:
			s.main.ex, s.lastLocal, r.body, r.offer = local, b, true, true
		default:
			b = Body{}
		}
	}
	headers := []Header{
		{"Require", tag100rel},
		{"RSeq", strconv.FormatUint(uint64(r.rseq), 10)},
		{"Allow", s.allowed()},
		{"Supported", s.supported()},
	}
	s.respond(s.inviteTx, p.status, "", append(headers, p.headers...), b)
	r.start(s.inviteTx, now, s.cfg.Timers.T1, s.cfg.Timers.Timeout())
}

// reliableTimer repeats the provisional response that has no PRACK yet; after
// 64*T1 the call is refused (RFC 3262 §3).
func (s *Session) reliableTimer(now time.Time) {
	r := &s.reliable
	if due(r.until, now) {
		s.respond(s.inviteTx, 504, "No PRACK", nil, Body{})
		s.finish(Event{Kind: Cancelled, Status: 504, Phrase: "No PRACK"})
		return
	}
	if due(r.at, now) {
		s.emit(Effect{Op: OpRepeat, Tx: r.tx})
		r.interval *= 2 // not capped by T2 (RFC 3262 §3)
		r.at = now.Add(r.interval)
	}
}

// prackRequest takes a PRACK for a provisional response of ours.
func (s *Session) prackRequest(now time.Time, tx uint64, m *sip.Message) {
	r := &s.reliable
	rseq, cseq, ok := m.RAck()
	if s.state != incoming || !ok || !r.active() || rseq != r.rseq ||
		cseq.Number != s.ackSeq || cseq.Method != sip.INVITE {
		s.respond(tx, 481, "", nil, Body{})
		return
	}
	r.stop()
	offered := r.offer
	r.offer = false
	b := bodyOf(m)
	switch {
	case offered:
		s.main.ex = stable
		s.lastPeer = b
		s.respond(tx, 200, "", nil, Body{})
		s.event(Event{Kind: OfferAnswered, Body: b})
	case !b.Empty() && s.main.ex == stable:
		// An offer in a PRACK (RFC 3262 §5): answered in its 200.
		s.main.ex = remote
		s.lastPeer = b
		s.owed = owed{kind: owedTx, tx: tx, method: sip.PRACK}
		s.event(Event{Kind: Offered, Body: b, NeedAnswer: true})
	default:
		s.respond(tx, 200, "", nil, Body{})
	}
	s.nextReliable(now)
}

// nextReliable sends what waited for the PRACK.
func (s *Session) nextReliable(now time.Time) {
	r := &s.reliable
	if len(r.queue) > 0 {
		p := r.queue[0]
		r.queue = r.queue[1:]
		s.sendReliable(now, p)
		return
	}
	if a := r.answer; a != nil {
		r.answer = nil
		_ = s.Answer(now, a.body, a.headers...)
	}
}

// reliableSeq returns the RSeq of a reliable provisional response.
func reliableSeq(m *sip.Message) (uint32, bool) {
	if !m.Lists(sip.HeaderRequire, tag100rel) {
		return 0, false
	}
	n, ok := m.Uint(sip.HeaderRSeq)
	return n, ok && n > 0
}

// prack acknowledges a reliable provisional response (RFC 3262 §4).
func (s *Session) prack(f *fork, rseq, cseq uint32, b Body) {
	if len(s.requests) >= requestsMax {
		return
	}
	rack := strconv.FormatUint(uint64(rseq), 10) + " " + strconv.FormatUint(uint64(cseq), 10) + " INVITE"
	s.start(&request{
		method: sip.PRACK, fork: f, purpose: forPrack, body: b, headers: []Header{{"RAck", rack}},
	})
}

// prackAccepted takes the 2xx to our PRACK.
func (s *Session) prackAccepted(r *request, _ *sip.Message) {
	if !r.body.Empty() && r.fork.ex == remote {
		r.fork.ex = stable
	}
}
