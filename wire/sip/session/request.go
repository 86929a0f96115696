package session

import (
	"slices"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
)

// purpose is why a request of ours was sent.
type purpose uint8

const (
	forInvite   purpose = iota + 1
	forOffer            // INVITE or UPDATE with our offer
	forAsking           // re-INVITE without one: we ask for the peer's
	forRefresh          // of the session timer
	forIdentity         // UPDATE that says who the peer talks with
	forPrack
	forInfo
	forNotify // of what became of a REFER
	forBye
)

// request is a request of ours under way.
type request struct {
	id       uint32
	method   sip.Method
	fork     *fork // nil for the first INVITE
	head     dialog.Head
	headers  []Header
	auth     []Header
	body     Body
	purpose  purpose
	tries    int    // repeats after 422
	answered int    // challenges answered
	rseq     uint32 // of the last reliable provisional response to a re-INVITE
	acked    bool
	ackBody  Body
	room     [headersHint]Header // of the headers it is sent with
}

func itoa(n int) string { return strconv.Itoa(n) }

// start gives a request its number and sends it.
func (s *Session) start(r *request) {
	s.lastRequest++
	r.id = s.lastRequest
	if r.fork != nil {
		r.head = r.fork.d.Request(r.method)
	}
	if s.requests == nil {
		s.requests = s.room.requests[:0]
	}
	s.requests = append(s.requests, r)
	h := s.capabilities(r)
	h = append(h, r.headers...)
	h = append(h, r.auth...)
	s.emit(Effect{
		Op: OpRequest, Req: r.id, Head: r.head, Headers: h, Body: r.body,
		Contact: r.method == sip.INVITE || r.method == sip.UPDATE || r.method == sip.NOTIFY,
	})
}

// allowed is what a session takes.
func (s *Session) allowed() string {
	const always = "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO"
	if s.cfg.Refer {
		return always + ", REFER"
	}
	return always
}

// supported lists the extensions that a session of this profile knows.
func (s *Session) supported() string {
	switch {
	case s.cfg.Reliable && s.cfg.Refer:
		return "100rel, timer, replaces, norefersub"
	case s.cfg.Refer:
		return "timer, replaces, norefersub"
	case s.cfg.Reliable:
		return "100rel, timer"
	}
	return "timer"
}

// capabilities are the header fields that every offer-carrying request has.
func (s *Session) capabilities(r *request) []Header {
	if r.method != sip.INVITE && r.method != sip.UPDATE {
		return r.room[:0]
	}
	h := append(r.room[:0], Header{"Allow", s.allowed()}, Header{"Supported", s.supported()})
	return s.timerRequest(h, r)
}

// find returns the request under way with that number.
func (s *Session) find(id uint32) *request {
	for _, r := range s.requests {
		if r.id == id {
			return r
		}
	}
	return nil
}

func (s *Session) drop(r *request) {
	s.requests = slices.DeleteFunc(s.requests, func(q *request) bool { return q == r })
}

// Authorize sends a challenged request once more with credentials, counted up
// in its CSeq (RFC 3261 §22.2). It reports whether it did: not for a request
// that is unknown, or challenged again and again.
func (s *Session) Authorize(_ time.Time, req uint32, h Header) bool {
	r := s.find(req)
	if r == nil || r.answered >= answersMax || s.canceled && r.purpose == forInvite {
		return false
	}
	r.answered++
	r.auth = slices.DeleteFunc(r.auth, func(a Header) bool { return a.Name == h.Name })
	r.auth = append(r.auth, h)
	s.again(r)
	return true
}

// again sends a request once more as a new one.
func (s *Session) again(r *request) {
	s.drop(r)
	if r.fork == nil {
		r.head.CSeq++
	}
	r.rseq = 0
	s.start(r)
}

// InviteURI returns the method and Request-URI of a request under way, for
// computing credentials; ok is false if there is none.
func (s *Session) InviteURI(req uint32) (method sip.Method, uri string, ok bool) {
	if r := s.find(req); r != nil {
		return r.method, r.head.URI, true
	}
	return 0, "", false
}

// Response takes a response to the request req.
func (s *Session) Response(now time.Time, req uint32, m *sip.Message) {
	r := s.find(req)
	if r == nil {
		s.lateResponse(now, req, m)
		return
	}
	s.note(m)
	if r.purpose == forInvite {
		s.inviteResponse(now, r, m)
		return
	}
	status := m.Status()
	if status < 200 {
		if r.method == sip.INVITE {
			s.reinviteProgress(r, m)
		}
		return
	}
	s.drop(r)
	if r.purpose == forBye {
		s.byeOver(r, status)
		return
	}
	if s.state != up && s.state != calling && s.state != incoming {
		s.lateAck(r, m)
		return
	}
	s.finalResponse(now, r, m)
}

func (s *Session) finalResponse(now time.Time, r *request, m *sip.Message) {
	status := m.Status()
	switch {
	case status >= 200 && status < 300:
		switch r.purpose {
		case forOffer, forAsking, forRefresh, forIdentity:
			s.offerAccepted(now, r, m)
		case forPrack:
			s.prackAccepted(r, m)
		}
	case r.purpose == forNotify: // who is not told is none the worse (RFC 5057 §5.3.2)
		s.refer = refer{}
	case r.purpose == forIdentity && status != 481: // who is not told may well talk on
		s.sendQueued(now)
	case status == 481 && r.purpose != forPrack:
		// RFC 5057 §5.1: the dialog is gone.
		s.dead(481, phraseOf(m))
	case status == 408 && r.purpose != forInfo && r.purpose != forPrack:
		s.dead(408, phraseOf(m))
	default:
		s.requestRefused(now, r, m)
	}
}

// lateAck acknowledges a 2xx to a re-INVITE that came when the session was
// already ending.
func (s *Session) lateAck(r *request, m *sip.Message) {
	if r.method == sip.INVITE && m.Status() >= 200 && m.Status() < 300 {
		s.sendAck(r.fork, r, Body{})
	}
}

// byeOver is called when our BYE has its answer, or none.
func (s *Session) byeOver(r *request, status int) {
	if s.state == ending && r.fork == s.main {
		s.finish(Event{Kind: Ended, Status: status})
	}
}

// lateResponse takes responses to INVITEs that are settled: repeated 2xx.
func (s *Session) lateResponse(now time.Time, req uint32, m *sip.Message) {
	status := m.Status()
	if status < 200 || status >= 300 {
		return
	}
	if s.invite != nil && s.invite.id == req {
		s.inviteSuccess(now, s.invite, m)
		return
	}
	if r := s.reinvite; r != nil && r.id == req && r.acked {
		s.sendAck(r.fork, r, r.ackBody)
	}
}

// NoResponse tells that the request req got no final response: status 408 for
// a time-out, 503 where it could not be sent.
func (s *Session) NoResponse(now time.Time, req uint32, status int) {
	r := s.find(req)
	if r == nil {
		return
	}
	s.drop(r)
	phrase := sip.StatusPhrase(status)
	switch r.purpose {
	case forInvite:
		if s.canceled {
			status, phrase = 487, "Request Terminated"
		}
		s.finish(Event{Kind: Failed, Status: status, Phrase: phrase})
	case forBye:
		s.byeOver(r, status)
	case forOffer, forAsking, forRefresh:
		if s.state != done {
			s.dead(status, phrase)
		}
	}
}

// sendAck sends the ACK for a 2xx to the INVITE r in dialog f. It carries the
// credentials of its INVITE (RFC 3261 §22.1).
func (s *Session) sendAck(f *fork, r *request, b Body) {
	s.emit(Effect{Op: OpACK, Head: f.d.Ack(r.head.CSeq), Headers: r.auth, Body: b})
}

// respond gives a server transaction its response.
func (s *Session) respond(tx uint64, status int, phrase string, h []Header, b Body) {
	contact := status > 100 && status < 300
	s.emit(Effect{
		Op: OpRespond, Tx: tx, Status: status, Phrase: phrase, ToTag: s.localTag,
		Headers: h, Body: b, Contact: contact,
	})
}
