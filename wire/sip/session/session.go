package session

import (
	"errors"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
)

// Errors of a session's commands.
var (
	// ErrState says that the command makes no sense in the session's state.
	ErrState = errors.New("session is not in a state for this")
	// ErrBusy says that too much is under way already.
	ErrBusy = errors.New("session has too many requests under way")
)

// state is the life of a session.
type state uint8

const (
	calling  state = iota + 1 // UAC: no final response yet
	incoming                  // UAS: none given yet
	answered                  // UAS: 2xx given, no ACK yet
	up                        // confirmed
	ending                    // our BYE or CANCEL is under way
	done
)

// exchange is the state of offer and answer in one dialog (RFC 3264).
type exchange uint8

const (
	fresh  exchange = iota // nothing offered yet
	local                  // we offered, and wait
	remote                 // the peer offered, and waits
	stable
)

// fork is one dialog of the session: an early one, or the one.
type fork struct {
	d      dialog.Dialog
	number int
	ex     exchange
	rseq   uint32 // of the last reliable provisional response
	answer Body   // that came in a reliable provisional response
	ended  bool   // an unwanted answer that has its BYE
}

// Session is one INVITE usage. The zero Session is of no use: see NewUAC and
// NewUAS.
type Session struct {
	cfg      Config
	uac      bool
	state    state
	effects  []Effect
	spare    []Effect // what Take gave out last
	localTag string
	jitter   uint64

	main  *fork   // the dialog; nil for a UAC before the 2xx
	forks []*fork // UAC: the early dialogs

	forked int // how many there have been

	invite      *request // UAC: the first INVITE
	held        bool     // UAC: its 2xx has no ACK yet, which the owner owes
	inviteTx    uint64   // UAS: the first INVITE
	requests    []*request
	lastRequest uint32
	reinvite    *request // our re-INVITE that has its 2xx, for repeated ACKs

	canceled     bool // Cancel was called
	cancelSent   bool
	provisional  bool // a provisional response came: CANCEL may go (RFC 3261 §9.1)
	cancelReason string
	byeQueued    bool // Bye before the ACK (RFC 3261 §15)
	byeReason    string

	peer      peer
	lastLocal Body // our last description that was agreed or offered
	lastPeer  Body // the peer's
	owed      owed // what AnswerOffer or RefuseOffer will answer
	queued    *Body
	identity  string // of whom the peer talks with, to be told

	ack      repeat // our 2xx, until its ACK
	ackSeq   uint32
	ackOffer bool // the 2xx holds our offer
	reliable reliable
	refer    refer
	timer    timer
	retryAt  time.Time // our offer again, after 491
	glares   int       // 491s in a row
	giveUp   time.Time // for a final response after CANCEL

	room sessionRoom
}

// sessionRoom is what nearly every session needs once, so that it need not be
// had one by one.
type sessionRoom struct {
	fork     fork
	forks    [1]*fork
	request  request
	requests [2]*request
	headers  [headersHint]Header // of the 2xx
}

// newFork gives a fork for a dialog.
func (s *Session) newFork(d *dialog.Dialog) *fork {
	f := &s.room.fork
	if s.forked > 0 {
		f = new(fork)
	}
	f.d, f.number = *d, s.forked
	s.forked++
	return f
}

// newRequest gives an empty request, which is then started: the first one of the
// session has its place in it.
func (s *Session) newRequest() *request {
	if s.lastRequest > 0 {
		return new(request)
	}
	return &s.room.request
}

// peer is what the other side said it can do.
type peer struct {
	reliable bool // 100rel in Supported or Require
	required bool // 100rel in Require
	timer    bool
	update   bool
	allow    bool // it sent Allow at all
}

// repeat is something retransmitted until it is acknowledged.
type repeat struct {
	tx       uint64
	at       time.Time
	interval time.Duration
	until    time.Time
}

func (r *repeat) start(tx uint64, now time.Time, t1, timeout time.Duration) {
	*r = repeat{tx: tx, interval: t1, at: now.Add(t1), until: now.Add(timeout)}
}

func (r *repeat) active() bool { return !r.until.IsZero() }

func (r *repeat) stop() { *r = repeat{} }

// Take returns what is to be done, in order, and forgets it. The slice is
// good until the next call into the session.
func (s *Session) Take() []Effect {
	s.cfg.Effects.give(s.spare)
	s.effects, s.spare = nil, s.effects
	return s.spare
}

// Repeats reports whether the session may still repeat its 2xx in the server
// transaction tx: no ACK has come.
func (s *Session) Repeats(tx uint64) bool { return s.ack.active() && s.ack.tx == tx }

// Done reports whether the session is over.
func (s *Session) Done() bool { return s.state == done }

// Ending reports whether our BYE or CANCEL is under way.
func (s *Session) Ending() bool { return s.state == ending }

// Up reports whether the session is answered and confirmed.
func (s *Session) Up() bool { return s.state == up }

// LocalTag is our tag in every dialog of this session.
func (s *Session) LocalTag() string { return s.localTag }

// Dialog returns a copy of the session's dialog; the zero Dialog for a UAC
// that has no answer yet.
func (s *Session) Dialog() dialog.Dialog {
	if s.main == nil {
		return dialog.Dialog{}
	}
	return s.main.d
}

// Name is the ID of the session's dialog; of a UAC that has no answer that of the
// newest early one, and empty where there is none.
func (s *Session) Name() dialog.ID {
	switch n := len(s.forks); {
	case s.main != nil:
		return s.main.d.ID
	case n > 0:
		return s.forks[n-1].d.ID
	}
	return dialog.ID{}
}

// NextHop is the URI that requests of the session go to now; "" before there
// is a dialog.
func (s *Session) NextHop() string {
	if s.main == nil {
		return ""
	}
	return s.main.d.NextHop()
}

func (s *Session) emit(e Effect) {
	if s.effects == nil {
		s.effects = s.cfg.Effects.take()
	}
	s.effects = append(s.effects, e)
}

func (s *Session) event(ev Event) { s.emit(Effect{Op: OpEvent, Event: ev}) }

// finish ends the session after an event of that kind.
func (s *Session) finish(ev Event) {
	if s.state == done {
		return
	}
	if ev.Kind != 0 {
		s.event(ev)
	}
	s.stopTimers()
	s.state = done
	s.emit(Effect{Op: OpDone})
}

func (s *Session) stopTimers() {
	s.ack.stop()
	s.reliable.clear()
	s.timer = timer{}
	s.retryAt, s.giveUp = time.Time{}, time.Time{}
	s.queued = nil
}

// random returns a number below n from the session's jitter.
func (s *Session) random(n uint64) uint64 {
	x := s.jitter | 1
	x ^= x << 13
	x ^= x >> 7
	x ^= x << 17
	s.jitter = x
	return x % n
}

// Deadline is when Timer wants to be called; zero means never.
func (s *Session) Deadline() time.Time {
	var d time.Time
	for _, t := range [...]time.Time{
		s.ack.at, s.ack.until, s.reliable.at, s.reliable.until,
		s.timer.refreshAt, s.timer.expireAt, s.retryAt, s.giveUp,
	} {
		if !t.IsZero() && (d.IsZero() || t.Before(d)) {
			d = t
		}
	}
	return d
}

func due(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }

// Timer runs what is due at now.
func (s *Session) Timer(now time.Time) {
	s.ackTimer(now)
	s.reliableTimer(now)
	if due(s.timer.expireAt, now) {
		s.expire()
	}
	if due(s.timer.refreshAt, now) {
		s.refresh(now)
	}
	if due(s.retryAt, now) {
		s.retryAt = time.Time{}
		s.sendQueued(now)
	}
	if due(s.giveUp, now) {
		// No final response to a canceled INVITE in 64*T1 (RFC 3261 §9.1).
		s.giveUp = time.Time{}
		s.emit(Effect{Op: OpAbandon, Req: s.invite.id})
		s.finish(Event{Kind: Failed, Status: 487, Phrase: "Request Terminated"})
	}
}

// ackTimer repeats our 2xx until the ACK comes, for 64*T1 (RFC 3261
// §13.3.1.4).
func (s *Session) ackTimer(now time.Time) {
	if due(s.ack.until, now) {
		s.ack.stop()
		s.dead(408, "No ACK")
		return
	}
	if due(s.ack.at, now) {
		s.emit(Effect{Op: OpRepeat, Tx: s.ack.tx})
		s.ack.interval = min(2*s.ack.interval, s.cfg.Timers.T2)
		s.ack.at = now.Add(s.ack.interval)
	}
}

// dead ends a session whose dialog no longer works, with a BYE in case the
// peer thinks otherwise.
func (s *Session) dead(status int, phrase string) {
	if s.state == done {
		return
	}
	if s.held {
		s.held = false
		s.sendAck(s.main, s.invite, Body{})
	}
	s.dropPending()
	s.sendBye(`SIP;cause=` + itoa(status))
	s.finish(Event{Kind: Ended, Status: status, Phrase: phrase})
}

// dropPending answers a request of the peer that still waits for the owner.
func (s *Session) dropPending() {
	if s.owed.kind == owedTx {
		s.respond(s.owed.tx, 487, "", nil, Body{})
	}
	s.owed = owed{}
}

// End hangs up whatever the state: a call that is not answered is canceled or
// refused with status, one that is up gets a BYE. reason is the value of a
// Reason header, "" for none.
func (s *Session) End(now time.Time, status int, reason string) {
	switch s.state {
	case calling:
		_ = s.Cancel(now, reason)
	case incoming:
		var h []Header
		if reason != "" {
			h = append(h, Header{"Reason", reason})
		}
		_ = s.Refuse(now, status, "", h...)
	case answered, up:
		_ = s.Bye(now, reason)
	}
}

// Bye ends an answered session. Before the ACK it waits for it (RFC 3261
// §15). Ended follows, when the BYE is answered or has timed out.
func (s *Session) Bye(now time.Time, reason string) error {
	switch s.state {
	case answered:
		s.byeQueued, s.byeReason = true, reason
		return nil
	case up:
		s.queued = nil
		_ = s.Acknowledge(now)
		s.dropPending()
		s.stopTimers()
		s.sendBye(reason)
		s.state = ending
		return nil
	}
	return ErrState
}

func (s *Session) sendBye(reason string) {
	if s.main != nil {
		s.byeOn(s.main, reason)
	}
}

func (s *Session) byeOn(f *fork, reason string) {
	r := s.newRequest()
	r.method, r.fork, r.purpose = sip.BYE, f, forBye
	if reason != "" {
		r.headers = []Header{{"Reason", reason}}
	}
	s.start(r)
}

// Info sends an INFO inside the session (RFC 6086). Its result is not told.
func (s *Session) Info(_ time.Time, b Body) error {
	if s.state != up || len(s.requests) >= requestsMax {
		return ErrState
	}
	s.start(&request{method: sip.INFO, fork: s.main, purpose: forInfo, body: b})
	return nil
}
