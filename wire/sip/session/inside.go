package session

import (
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// owed is what the owner has yet to answer.
type owed struct {
	kind    owedKind
	tx      uint64
	method  sip.Method
	fork    *fork
	request *request
	rseq    uint32
	cseq    uint32
}

type owedKind uint8

const (
	owedNothing owedKind = iota
	owedTx               // the response to a re-INVITE, UPDATE or PRACK
	owedAck              // the ACK with our answer
	owedPrack            // the PRACK with our answer
)

// forkFrom finds the dialog that a request belongs to.
func (s *Session) forkFrom(m *sip.Message) *fork {
	tag := string(m.From().Tag)
	if s.main != nil && s.main.d.RemoteTag == tag {
		return s.main
	}
	for _, f := range s.forks {
		if f.d.RemoteTag == tag {
			return f
		}
	}
	return nil
}

// Owns reports whether a request is of a dialog of this session: Call-ID and
// both tags fit.
func (s *Session) Owns(m *sip.Message) bool {
	f := s.forkFrom(m)
	return f != nil && string(m.CallID()) == f.d.CallID
}

// Request takes a request inside the session, received in server transaction
// tx. ACK and CANCEL have functions of their own.
func (s *Session) Request(now time.Time, tx uint64, m *sip.Message) {
	f := s.forkFrom(m)
	if !s.Owns(m) {
		s.respond(tx, 481, "", nil, Body{})
		return
	}
	if status := f.d.Receive(m.Method(), m.CSeq().Number); status != 0 {
		s.respond(tx, status, "CSeq Out Of Order", nil, Body{})
		return
	}
	if m.Method() != sip.BYE {
		if s.state == done || s.state == ending {
			s.respond(tx, 481, "", nil, Body{})
			return
		}
		if bad := s.unsupported(m); bad != "" {
			s.respond(tx, 420, "", []Header{{"Unsupported", bad}}, Body{})
			return
		}
	}
	switch m.Method() {
	case sip.BYE:
		s.byeRequest(tx, f, m)
	case sip.INVITE:
		s.reinviteRequest(now, tx, f, m)
	case sip.UPDATE:
		s.updateRequest(now, tx, f, m)
	case sip.PRACK:
		s.prackRequest(now, tx, m)
	case sip.INFO:
		s.infoRequest(tx, m)
	case sip.REFER:
		s.referRequest(tx, m)
	case sip.OPTIONS:
		s.respond(tx, 200, "", []Header{{"Allow", s.allowed()}, {"Supported", s.supported()}}, Body{})
	case sip.MethodUnknown:
		s.respond(tx, 501, "", []Header{{"Allow", s.allowed()}}, Body{})
	default:
		s.respond(tx, 405, "", []Header{{"Allow", s.allowed()}}, Body{})
	}
}

func (s *Session) byeRequest(tx uint64, f *fork, m *sip.Message) {
	s.respond(tx, 200, "", nil, Body{})
	if s.main != f {
		return // an early or unwanted dialog: the INVITE's own end will tell
	}
	switch s.state {
	case incoming:
		s.respond(s.inviteTx, 487, "", nil, Body{})
		s.finish(Event{Kind: Cancelled, Status: 487, Reason: reasonOf(m)})
	case answered, up:
		s.dropPending()
		s.finish(Event{Kind: Ended, Status: 200, Reason: reasonOf(m), Message: m})
	case ending:
		s.finish(Event{Kind: Ended, Status: 200})
	}
}

// infoRequest answers an INFO and hands it over (RFC 6086). Both kinds of content that
// carry DTMF are taken, an empty one by which a phone says that its record key was
// pressed, and an empty keep-alive, which nobody is told of.
func (s *Session) infoRequest(tx uint64, m *sip.Message) {
	b := bodyOf(m)
	if !b.Empty() && !s.understands(b.Type) {
		s.respond(tx, 415, "", []Header{{"Accept", strings.Join(s.cfg.InfoTypes, ", ")}}, Body{})
		return
	}
	s.respond(tx, 200, "", nil, Body{})
	if !b.Empty() || m.Named(RecordHeader) != nil {
		s.event(Event{Kind: Info, Body: b, Message: m})
	}
}

// RecordHeader is the header field in which phones say in an INFO what their record key
// asks for: "on" or "off".
const RecordHeader = "Record"

func (s *Session) understands(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	for _, t := range s.cfg.InfoTypes {
		if strings.EqualFold(strings.TrimSpace(kind), t) {
			return true
		}
	}
	return false
}

// reinviteRequest takes a re-INVITE (RFC 3261 §14.2).
func (s *Session) reinviteRequest(now time.Time, tx uint64, f *fork, m *sip.Message) {
	if s.busy(tx) {
		return
	}
	if f != s.main || s.state != up && s.state != answered || s.ack.active() && s.ackOffer {
		s.respond(tx, 491, "", nil, Body{})
		return
	}
	if s.ack.active() {
		// The ACK was lost or is late; a next request implies it (RFC 5407
		// §3.1.5 tolerates the order).
		s.impliedAck()
	}
	s.note(m)
	status, h := s.timerOffer(m)
	if status != 0 {
		s.respond(tx, status, "", h, Body{})
		return
	}
	f.d.Refresh(contactOf(m))
	s.ackSeq = m.CSeq().Number
	b := bodyOf(m)
	s.owed = owed{kind: owedTx, tx: tx, method: sip.INVITE}
	if !b.Empty() {
		same := sameBody(b, s.lastPeer)
		f.ex, s.lastPeer = remote, b
		if same && !s.lastLocal.Empty() {
			_ = s.AnswerOffer(now, s.lastLocal) // a refresh: nothing changed
			return
		}
	}
	s.event(Event{Kind: Offered, Body: b, NeedAnswer: true, Message: m})
}

// impliedAck goes on as if the ACK had come.
func (s *Session) impliedAck() {
	first := s.state == answered
	s.ack.stop()
	s.state = up
	if first {
		s.event(Event{Kind: Confirmed})
	}
}

// busy answers an offer that comes at the wrong time: 500 while one of the
// peer's waits, 491 while one of ours does (RFC 3261 §14.2, RFC 3311 §5.2).
func (s *Session) busy(tx uint64) bool {
	if s.owed.kind != owedNothing {
		wait := strconv.FormatUint(s.random(10)+1, 10)
		s.respond(tx, 500, "Offer Pending", []Header{{"Retry-After", wait}}, Body{})
		return true
	}
	for _, r := range s.requests {
		if r.purpose == forOffer || r.purpose == forAsking || r.purpose == forRefresh {
			s.respond(tx, 491, "", nil, Body{})
			return true
		}
	}
	return false
}

// updateRequest takes an UPDATE (RFC 3311 §5.2).
func (s *Session) updateRequest(now time.Time, tx uint64, f *fork, m *sip.Message) {
	b := bodyOf(m)
	if !b.Empty() {
		if s.busy(tx) {
			return
		}
		if f.ex == local || s.ack.active() && s.ackOffer {
			s.respond(tx, 491, "", nil, Body{})
			return
		}
		if f.ex == remote {
			s.respond(tx, 500, "Offer Pending", []Header{{"Retry-After", "1"}}, Body{})
			return
		}
	}
	s.note(m)
	status, h := s.timerOffer(m)
	if status != 0 {
		s.respond(tx, status, "", h, Body{})
		return
	}
	f.d.Refresh(contactOf(m))
	if b.Empty() {
		s.respond(tx, 200, "", s.timerHeaders([]Header{{"Allow", s.allowed()}}), Body{})
		s.timer.arm(now)
		return
	}
	same := sameBody(b, s.lastPeer)
	f.ex, s.lastPeer = remote, b
	s.owed = owed{kind: owedTx, tx: tx, method: sip.UPDATE, fork: f}
	if same && !s.lastLocal.Empty() {
		_ = s.AnswerOffer(now, s.lastLocal)
		return
	}
	s.event(Event{Kind: Offered, Body: b, NeedAnswer: true, Fork: f.number, Message: m})
}
