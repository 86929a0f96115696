package session

import (
	"strconv"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// refer is what the peer asked for with REFER, and how it is told what becomes of
// it: in NOTIFYs of a subscription that the REFER made (RFC 3515 §2.4.4). There is
// one at a time.
type refer struct {
	tx     uint64 // that waits for AnswerRefer, zero for none
	seq    uint32 // of the REFER
	before bool   // there was one before in this session
	quiet  bool   // the peer wants to be told nothing (RFC 4488)
	open   bool   // it is to be told more
}

// referRequest takes a REFER.
func (s *Session) referRequest(tx uint64, m *sip.Message) {
	to := m.Addr(sip.HeaderReferTo)
	switch {
	case !s.cfg.Refer:
		s.respond(tx, 405, "", []Header{{"Allow", s.allowed()}}, Body{})
	case s.state != up && s.state != answered || s.refer.open || s.refer.tx != 0:
		s.respond(tx, 491, "", nil, Body{})
	case to == nil:
		s.respond(tx, 400, "Malformed Refer-To", nil, Body{}) // RFC 3515 §2.4.2
	default:
		quiet := string(m.Head(sip.HeaderReferSub)) == "false"
		s.refer = refer{tx: tx, seq: m.CSeq().Number, before: s.refer.before, quiet: quiet}
		s.event(Event{Kind: Referred, Message: m})
	}
}

// AnswerRefer answers the peer's REFER: with 202 it is told what becomes of it by
// NotifyRefer, unless it wants to be told nothing.
func (s *Session) AnswerRefer(now time.Time, status int) error {
	r := &s.refer
	if r.tx == 0 {
		return ErrState
	}
	tx := r.tx
	r.tx = 0
	var h []Header
	if r.quiet {
		h = []Header{{"Refer-Sub", "false"}}
	}
	s.respond(tx, status, "", h, Body{})
	if status >= 300 || r.quiet {
		return nil
	}
	r.open = true
	return s.NotifyRefer(now, 100)
}

// NotifyRefer tells the peer what became of its REFER so far: a status of its call
// to whom it named; with a final one, from 200, it is told no more.
func (s *Session) NotifyRefer(_ time.Time, status int) error {
	r := &s.refer
	if !r.open || s.state != up && s.state != answered || len(s.requests) >= requestsMax {
		return ErrState
	}
	event, state := "refer", "active;expires="+itoa(referExpires)
	if r.before { // RFC 3515 §2.4.6
		event += ";id=" + strconv.FormatUint(uint64(r.seq), 10)
	}
	if status >= 200 {
		state = "terminated;reason=noresource"
		r.open, r.before = false, true
	}
	body := "SIP/2.0 " + itoa(status) + " " + sip.StatusPhrase(status) + "\r\n"
	s.start(&request{
		method: sip.NOTIFY, fork: s.main, purpose: forNotify,
		headers: []Header{{"Event", event}, {"Subscription-State", state}},
		body:    Body{Type: "message/sipfrag;version=2.0", Bytes: []byte(body)},
	})
	return nil
}

// Names reports whether a Replaces header field names this session's dialog (RFC
// 3891 §3), early or not.
func (s *Session) Names(r sip.Replaces) bool {
	if string(r.ToTag) != s.localTag {
		return false
	}
	forks := s.forks
	if s.main != nil {
		forks = append(forks[:len(forks):len(forks)], s.main)
	}
	for _, f := range forks {
		if f.d.CallID == string(r.CallID) && f.d.RemoteTag == string(r.FromTag) {
			return true
		}
	}
	return false
}
