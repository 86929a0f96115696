package session

import (
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
)

// NewUAS takes the INVITE m, received in server transaction tx, that begins a
// call. Where the answer is already clear the session is nil, and the status
// and header fields of the refusal are returned.
func NewUAS(cfg Config, _ time.Time, tx uint64, m *sip.Message, localTag string) (*Session, int, []Header) {
	s := &Session{cfg: cfg, state: incoming, localTag: localTag, jitter: cfg.Jitter, inviteTx: tx}
	if bad := s.unsupported(m); bad != "" {
		return nil, 420, []Header{{"Unsupported", bad}}
	}
	d, err := dialog.NewUAS(m, localTag)
	if err != nil {
		return nil, 400, nil
	}
	s.main = s.newFork(&d)
	s.note(m)
	if status, h := s.timerOffer(m); status != 0 {
		return nil, status, h
	}
	s.ackSeq = m.CSeq().Number
	if b := bodyOf(m); !b.Empty() {
		s.main.ex, s.lastPeer = remote, b
	}
	return s, 0, nil
}

// PeerOffer is the offer of the INVITE that began a UAS session, or the last
// description the peer gave; empty if it gave none.
func (s *Session) PeerOffer() Body { return s.lastPeer }

// PeerReliable reports whether the peer takes reliable provisional responses
// (RFC 3262).
func (s *Session) PeerReliable() bool { return s.cfg.Reliable && s.peer.reliable }

// Ring gives a provisional response, 101 to 199. With reliable it goes
// reliably if the peer can, and always if the peer requires it. The body is
// an answer, or a preview of it where it is not sent reliably; if the caller
// made no offer, a body makes ours, and is left out unless it goes reliably.
func (s *Session) Ring(now time.Time, status int, b Body, reliably bool, h ...Header) error {
	if s.state != incoming || status <= 100 || status > 199 {
		return ErrState
	}
	rel := s.PeerReliable() && (reliably || s.peer.required)
	if !rel {
		if s.main.ex == fresh {
			b = Body{}
		}
		s.respond(s.inviteTx, status, "", h, b)
		return nil
	}
	return s.ringReliably(now, status, b, h)
}

// Answer accepts the call with a 200. The body is the answer to the caller's
// offer, or our offer if there was none. Where the answer already went in a
// reliable provisional response, it is left out.
func (s *Session) Answer(now time.Time, b Body, h ...Header) error {
	if s.state != incoming {
		return ErrState
	}
	if s.reliable.holdsDescription() {
		// RFC 3262 §3: the 2xx waits for the PRACK.
		s.reliable.answer = &pendingAnswer{body: b, headers: h}
		return nil
	}
	s.reliable.clear()
	switch s.main.ex {
	case remote:
		s.main.ex, s.lastLocal = stable, b
	case fresh:
		s.main.ex, s.lastLocal, s.ackOffer = local, b, true
	default:
		b = Body{}
	}
	headers := append(s.room.headers[:0], Header{"Allow", s.allowed()}, Header{"Supported", s.supported()})
	headers = s.timerHeaders(headers)
	s.state = answered
	s.main.d.Confirmed = true
	s.respond(s.inviteTx, 200, "", append(headers, h...), b)
	s.ack.start(s.inviteTx, now, s.cfg.Timers.T1, s.cfg.Timers.Timeout())
	s.timer.arm(now)
	return nil
}

// Refuse ends the call with a final response, 300 to 699. No event follows.
func (s *Session) Refuse(_ time.Time, status int, phrase string, h ...Header) error {
	if s.state != incoming || status < 300 || status > 699 {
		return ErrState
	}
	s.respond(s.inviteTx, status, phrase, h, Body{})
	s.finish(Event{})
	return nil
}

// CancelRequest takes a CANCEL for the transaction tx. The driver answers the
// CANCEL itself, with 200.
func (s *Session) CancelRequest(_ time.Time, tx uint64, m *sip.Message) {
	switch {
	case s.state == incoming && tx == s.inviteTx:
		s.respond(tx, 487, "", nil, Body{})
		ev := Event{Kind: Cancelled, Status: 487}
		if m != nil {
			ev.Reason = reasonOf(m)
		}
		s.finish(ev)
	case s.owed.kind == owedTx && s.owed.tx == tx:
		// A re-INVITE given up: everything stays as it was.
		s.respond(tx, 487, "", nil, Body{})
		s.owed = owed{}
		s.main.ex = stable
	}
}

// Lost tells that the caller's INVITE transaction ended without a final
// response being possible.
func (s *Session) Lost(tx uint64) {
	if s.state == incoming && tx == s.inviteTx {
		s.finish(Event{Kind: Cancelled, Status: 408})
	}
}

// Unreachable ends the session because the peer can't be reached any more. What
// is under way is given up; Failed, Cancelled or Ended follows, with status 430
// (Flow Failed, RFC 5626 §11.5).
func (s *Session) Unreachable(time.Time) {
	const status, phrase = 430, "Flow Failed"
	switch s.state {
	case calling:
		s.emit(Effect{Op: OpAbandon, Req: s.invite.id})
		s.finish(Event{Kind: Failed, Status: status, Phrase: phrase})
	case incoming:
		s.respond(s.inviteTx, status, phrase, nil, Body{})
		s.finish(Event{Kind: Cancelled, Status: status, Phrase: phrase})
	case answered, up:
		s.dead(status, phrase)
	case ending:
		s.finish(Event{Kind: Ended, Status: status, Phrase: phrase})
	}
}

// Ack takes an ACK for a 2xx of ours.
func (s *Session) Ack(now time.Time, m *sip.Message) {
	if s.main == nil || m.CSeq().Number != s.ackSeq || !s.ack.active() ||
		string(m.CallID()) != s.main.d.CallID || string(m.From().Tag) != s.main.d.RemoteTag {
		return
	}
	s.ack.stop()
	first := s.state == answered
	if first {
		s.state = up
	}
	ev := Event{Kind: Confirmed}
	offered := s.ackOffer
	if offered {
		s.ackOffer = false
		s.main.ex = stable
		ev.Body = bodyOf(m)
		if !ev.Body.Empty() {
			s.lastPeer = ev.Body
		}
	}
	switch {
	case s.state == done || s.state == ending:
		return
	case first && s.byeQueued:
		s.byeQueued = false
		_ = s.Bye(now, s.byeReason)
		return
	case first:
		s.event(ev)
	case offered:
		s.event(Event{Kind: OfferAnswered, Body: ev.Body})
	}
	s.sendQueued(now)
}
