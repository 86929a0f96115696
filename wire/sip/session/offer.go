package session

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
)

func contactOf(m *sip.Message) string { return dialog.Contact(m) }

// Offer makes an offer inside the session; an empty body asks the peer for
// its own (a re-INVITE without one), which comes as Offered. While something
// else is under way the offer waits, and a newer one replaces it. OfferAnswered
// or OfferRefused follows; 491 is tried again after a while (RFC 3261 §14.1).
func (s *Session) Offer(now time.Time, b Body) error {
	switch s.state {
	case up, answered:
	case calling, incoming:
		if b.Empty() || !s.earlyOffer(b) {
			return ErrState
		}
		return nil
	default:
		return ErrState
	}
	s.queued = &b
	if s.retryAt.IsZero() {
		s.sendQueued(now)
	}
	return nil
}

// Withdraw takes back an offer that waits, and tells whether one did: the peer has made one
// of its own meanwhile. One that is under way can't be taken back.
func (s *Session) Withdraw() bool {
	waited := s.queued != nil
	s.queued, s.retryAt = nil, time.Time{}
	return waited
}

// earlyOffer sends an UPDATE before the call is answered, where offer and
// answer allow it (RFC 3311 §5.1).
func (s *Session) earlyOffer(b Body) bool {
	f := s.main
	if s.uac && len(s.forks) > 0 {
		f = s.forks[len(s.forks)-1]
	}
	if f == nil || f.ex != stable || !s.peer.update || len(s.requests) >= requestsMax {
		return false
	}
	f.ex = local
	s.start(&request{method: sip.UPDATE, fork: f, purpose: forOffer, body: b})
	return true
}

// Identify tells the peer who it talks with now: an UPDATE with P-Asserted-Identity, a
// name-addr (RFC 3311, RFC 3325 §9.1). It waits while something else is under way, and a
// newer one replaces it. A peer that takes no UPDATE is not told.
func (s *Session) Identify(now time.Time, who string) error {
	if s.state != up && s.state != answered {
		return ErrState
	}
	if s.peer.update {
		s.identity = who
		s.sendQueued(now)
	}
	return nil
}

// sendIdentity says who the peer talks with, in an UPDATE that refreshes the session as
// well. One is under way at a time.
func (s *Session) sendIdentity() {
	if slices.ContainsFunc(s.requests, func(r *request) bool { return r.purpose == forIdentity }) {
		return
	}
	s.start(&request{method: sip.UPDATE, fork: s.main, purpose: forIdentity, headers: []Header{
		{sip.HeaderPAssertedIdentity.String(), s.identity},
	}})
	s.identity = ""
}

// sendQueued sends what waits, an offer first, if nothing is in its way.
func (s *Session) sendQueued(_ time.Time) {
	if s.queued == nil && s.identity == "" || s.state != up || s.held || s.owed.kind != owedNothing || s.ack.active() ||
		!s.retryAt.IsZero() || s.main.ex != stable {
		return
	}
	for _, r := range s.requests {
		if r.purpose == forOffer || r.purpose == forAsking || r.purpose == forRefresh {
			return
		}
	}
	if s.queued == nil {
		s.sendIdentity()
		return
	}
	b := *s.queued
	s.queued = nil
	r := &request{method: sip.INVITE, fork: s.main, purpose: forOffer, body: b}
	if b.Empty() {
		r.purpose = forAsking
	} else {
		s.main.ex = local
	}
	s.start(r)
}

// AnswerOffer answers what the peer offered: in the 200 to its re-INVITE,
// UPDATE or PRACK, or in our ACK or PRACK. To a re-INVITE without an offer it
// makes ours, and OfferAnswered follows.
func (s *Session) AnswerOffer(now time.Time, b Body) error {
	o := s.owed
	s.owed = owed{}
	switch o.kind {
	case owedTx:
		s.answerTx(now, o, b)
	case owedAck:
		o.request.acked, o.request.ackBody = true, b
		o.fork.ex, s.lastLocal = stable, b
		s.sendAck(o.fork, o.request, b)
		s.sendQueued(now)
	case owedPrack:
		o.fork.ex, s.lastLocal = stable, b
		s.prack(o.fork, o.rseq, o.cseq, b)
	default:
		return ErrState
	}
	return nil
}

func (s *Session) answerTx(now time.Time, o owed, b Body) {
	f := s.main
	if o.fork != nil {
		f = o.fork
	}
	offer := f.ex == stable // a re-INVITE without a body: this is our offer
	s.lastLocal = b
	if o.method == sip.PRACK {
		f.ex = stable
		s.respond(o.tx, 200, "", nil, b)
		return
	}
	h := s.timerHeaders([]Header{{"Allow", s.allowed()}, {"Supported", s.supported()}})
	s.respond(o.tx, 200, "", h, b)
	s.timer.arm(now)
	if o.method == sip.INVITE {
		s.ackOffer = offer
		s.ack.start(o.tx, now, s.cfg.Timers.T1, s.cfg.Timers.Timeout())
	}
	if offer {
		f.ex = local
		return
	}
	f.ex = stable
	s.sendQueued(now)
}

// RefuseOffer refuses the peer's offer with status, 488 as a rule; what was
// agreed before stays. An offer that came in a response can't be refused:
// answer it, or end the call.
func (s *Session) RefuseOffer(now time.Time, status int) error {
	if s.owed.kind != owedTx {
		return ErrState
	}
	o := s.owed
	s.owed = owed{}
	f := s.main
	if o.fork != nil {
		f = o.fork // before the answer a UAC has early dialogs only
	}
	f.ex = stable
	s.respond(o.tx, status, "", nil, Body{})
	s.sendQueued(now)
	return nil
}

// offerAccepted takes the 2xx to a re-INVITE or UPDATE of ours.
func (s *Session) offerAccepted(now time.Time, r *request, m *sip.Message) {
	f := r.fork
	f.d.Refresh(contactOf(m))
	if f == s.main && s.state == up {
		s.timerAnswer(now, m)
	}
	b := bodyOf(m)
	if r.purpose == forAsking {
		s.reinvite = r
		f.ex, s.lastPeer = remote, b
		s.owed = owed{kind: owedAck, fork: f, request: r}
		s.event(Event{Kind: Offered, Body: b, NeedAnswer: true, Message: m})
		return
	}
	if r.method == sip.INVITE {
		s.reinvite = r
		r.acked = true
		s.sendAck(f, r, Body{})
	}
	if r.body.Empty() {
		s.sendQueued(now)
		return // an UPDATE that only refreshed
	}
	f.ex, s.lastLocal = stable, r.body
	if !b.Empty() {
		s.lastPeer = b
	}
	s.glares = 0
	if r.purpose == forOffer {
		s.event(Event{Kind: OfferAnswered, Status: m.Status(), Body: b, Message: m})
	}
	s.sendQueued(now)
}

// requestRefused takes a final response of 300 or above to a request inside
// the session.
func (s *Session) requestRefused(now time.Time, r *request, m *sip.Message) {
	status := m.Status()
	switch r.purpose {
	case forOffer, forAsking:
		if r.fork.ex == local {
			r.fork.ex = stable
		}
		if status == 491 && r.fork == s.main && s.state == up && s.glares < retriesMax {
			s.glare(now, r)
			return
		}
		if status == 422 && s.tooSmall(r, m) {
			return
		}
		s.event(Event{
			Kind: OfferRefused, Status: status, Phrase: phraseOf(m),
			Reason: reasonOf(m), Message: m,
		})
	case forRefresh:
		if r.fork.ex == local {
			r.fork.ex = stable
		}
		s.refreshRefused(now, r, m)
	}
	s.sendQueued(now)
}

// glare waits before the same offer is made again: 2.1 to 4 s for the owner
// of the Call-ID, up to 2 s for the other side (RFC 3261 §14.1).
func (s *Session) glare(now time.Time, r *request) {
	wait := time.Duration(s.random(201)) * 10 * time.Millisecond
	if s.uac {
		wait = 2100*time.Millisecond + time.Duration(s.random(191))*10*time.Millisecond
	}
	s.glares++
	if s.queued == nil {
		b := r.body
		s.queued = &b
	}
	s.retryAt = now.Add(wait)
}

// reinviteProgress acknowledges reliable provisional responses to a re-INVITE.
func (s *Session) reinviteProgress(r *request, m *sip.Message) {
	rseq, ok := reliableSeq(m)
	if !ok || r.rseq != 0 && rseq != r.rseq+1 {
		return
	}
	r.rseq = rseq
	s.prack(r.fork, rseq, r.head.CSeq, Body{})
}
