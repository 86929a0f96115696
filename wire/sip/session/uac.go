package session

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
)

// Invite is a call to make.
type Invite struct {
	URI      string
	Routes   []string
	From, To string // name-addr, without tag
	CallID   string
	LocalTag string
	CSeq     uint32 // at least 1
	Body     Body   // the offer; empty for a late one
	Headers  []Header
}

// NewUAC starts a call: its first effect is the INVITE.
func NewUAC(cfg Config, i Invite) *Session {
	s := &Session{cfg: cfg, uac: true, state: calling, localTag: i.LocalTag, jitter: cfg.Jitter}
	s.invite = s.newRequest()
	*s.invite = request{
		method: sip.INVITE, purpose: forInvite, body: i.Body, headers: i.Headers,
		head: dialog.Head{
			Method: sip.INVITE, URI: i.URI, Routes: i.Routes, CallID: i.CallID, CSeq: max(i.CSeq, 1),
			From: i.From + ";tag=" + i.LocalTag, To: i.To,
		},
	}
	s.lastLocal = i.Body
	s.timer.wanted = cfg.Expires
	s.start(s.invite)
	return s
}

func (s *Session) inviteResponse(now time.Time, r *request, m *sip.Message) {
	status := m.Status()
	switch {
	case status < 200:
		first := !s.provisional
		s.provisional = true
		if s.canceled {
			s.sendCancel(now)
			return
		}
		if first {
			s.event(Event{Kind: Trying, Status: status, Message: m})
		}
		if status > 100 {
			s.progress(r, m)
		}
	case status < 300:
		s.drop(r)
		s.inviteSuccess(now, r, m)
	default:
		s.drop(r)
		s.inviteFailure(r, m)
	}
}

// forkOf finds or makes the dialog that a response belongs to; nil if it
// makes none.
func (s *Session) forkOf(r *request, m *sip.Message) *fork {
	tag := string(m.To().Tag)
	for _, f := range s.forks {
		if f.d.RemoteTag == tag {
			return f
		}
	}
	d, err := dialog.NewUAC(r.head, s.localTag, m)
	if err != nil {
		return nil
	}
	if len(s.forks) >= forksMax {
		if m.Status() < 200 {
			return nil
		}
		// An answer must be heard: an early dialog makes room for it.
		i := slices.IndexFunc(s.forks, func(f *fork) bool { return f != s.main })
		s.forks = slices.Delete(s.forks, i, i+1)
	}
	f := s.newFork(&d)
	if !r.body.Empty() {
		f.ex = local
	}
	if s.forks == nil {
		s.forks = s.room.forks[:0]
	}
	s.forks = append(s.forks, f)
	return f
}

// progress takes a provisional response above 100 to the first INVITE.
func (s *Session) progress(r *request, m *sip.Message) {
	ev := Event{
		Kind: Progress, Status: m.Status(), Phrase: phraseOf(m),
		Body: bodyOf(m), Reason: reasonOf(m), Message: m,
	}
	f := s.forkOf(r, m)
	if f == nil {
		s.event(ev)
		return
	}
	ev.Fork = f.number
	if rseq, ok := reliableSeq(m); ok {
		if f.rseq != 0 && rseq != f.rseq+1 {
			return // out of order or repeated: it will come again (RFC 3262 §4)
		}
		f.rseq, ev.Reliable = rseq, true
		s.reliableBody(f, &ev)
		if ev.NeedAnswer {
			s.owed = owed{kind: owedPrack, fork: f, rseq: rseq, cseq: r.head.CSeq}
		} else {
			s.prack(f, rseq, r.head.CSeq, Body{})
		}
	}
	s.event(ev)
}

// reliableBody moves offer and answer on with the body of a reliable
// provisional response.
func (s *Session) reliableBody(f *fork, ev *Event) {
	if ev.Body.Empty() {
		return
	}
	switch f.ex {
	case local:
		f.ex, f.answer = stable, ev.Body
		s.lastPeer = ev.Body
	case fresh:
		f.ex = remote
		s.lastPeer = ev.Body
		ev.NeedAnswer = true
	}
}

// inviteSuccess takes a 2xx to the first INVITE: the first one, a repeated
// one, or one of another fork.
func (s *Session) inviteSuccess(now time.Time, r *request, m *sip.Message) {
	f := s.forkOf(r, m)
	if f == nil {
		// No tag or no contact: there is nobody to talk with.
		if s.state == calling {
			s.finish(Event{Kind: Failed, Status: 502, Phrase: "Unusable Answer", Message: m})
		}
		return
	}
	if s.main == f {
		if s.reAck(f, r) {
			return
		}
		return
	}
	f.d.Confirm(m)
	if s.main != nil || s.canceled || s.state != calling {
		s.unwanted(f, r)
		return
	}
	s.main, s.state = f, up
	s.note(m)
	s.timerAnswer(now, m)
	ev := Event{
		Kind: Answered, Status: m.Status(), Phrase: phraseOf(m), Fork: f.number,
		Body: bodyOf(m), Reason: reasonOf(m), Message: m,
	}
	switch {
	case f.ex == stable:
		ev.Body = f.answer
		if f.answer.Empty() {
			ev.Body = s.lastPeer
		}
	case f.ex == local:
		f.ex = stable
		s.lastPeer = ev.Body
	case !ev.Body.Empty():
		f.ex, ev.NeedAnswer = remote, true
		s.lastPeer = ev.Body
		s.owed = owed{kind: owedAck, fork: f, request: r}
	}
	switch {
	case ev.NeedAnswer:
	case s.cfg.HoldACK:
		s.held = true
	default:
		r.acked = true
		s.sendAck(f, r, Body{})
	}
	s.event(ev)
}

// Acknowledge gives the ACK that Config.HoldACK held back.
func (s *Session) Acknowledge(now time.Time) error {
	if !s.held || s.state != up {
		return ErrState
	}
	s.held, s.invite.acked = false, true
	s.sendAck(s.main, s.invite, Body{})
	s.sendQueued(now)
	return nil
}

// reAck repeats the ACK for a repeated 2xx.
func (s *Session) reAck(f *fork, r *request) bool {
	if r.acked {
		s.sendAck(f, r, r.ackBody)
	}
	return r.acked
}

// unwanted ends the dialog of a 2xx that nobody waits for any more: another
// fork's, or one that crossed our CANCEL (RFC 3261 §13.2.2.4).
func (s *Session) unwanted(f *fork, r *request) {
	s.sendAck(f, r, Body{})
	if !f.ended {
		f.ended = true
		s.byeOn(f, s.cancelReason)
	}
	if s.canceled && s.main == nil {
		s.finish(Event{Kind: Failed, Status: 487, Phrase: "Request Terminated"})
	}
}

func (s *Session) inviteFailure(r *request, m *sip.Message) {
	if m.Status() == 422 && !s.canceled && s.tooSmall(r, m) {
		return
	}
	s.finish(Event{
		Kind: Failed, Status: m.Status(), Phrase: phraseOf(m),
		Body: bodyOf(m), Reason: reasonOf(m), Message: m,
	})
}

// Canceled reports whether the owner has given up the call.
func (s *Session) Canceled() bool { return s.canceled }

// Cancel gives up a call that is not answered yet. Failed follows, with 487.
// reason is the value of a Reason header, "" for none (RFC 3326).
func (s *Session) Cancel(now time.Time, reason string) error {
	if s.state != calling || s.canceled {
		return ErrState
	}
	s.canceled, s.cancelReason = true, reason
	if s.provisional {
		s.sendCancel(now)
	}
	return nil
}

func (s *Session) sendCancel(now time.Time) {
	if s.cancelSent {
		return
	}
	s.cancelSent = true
	e := Effect{Op: OpCancel, Req: s.invite.id}
	if s.cancelReason != "" {
		e.Headers = []Header{{"Reason", s.cancelReason}}
	}
	s.emit(e)
	s.giveUp = now.Add(s.cfg.Timers.Timeout())
}
