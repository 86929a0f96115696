package transaction

import (
	"errors"
	"time"
)

// Errors of Server.Respond.
var (
	// ErrAnswered says that a final response was already given.
	ErrAnswered = errors.New("transaction has its final response")
	// ErrTooLate says that the client has given up: no response may be sent
	// any more, least of all 408 (RFC 4320 §4.2).
	ErrTooLate = errors.New("transaction is past its life")
	// ErrProvisional says that this provisional response has no place in a
	// non-INVITE transaction (RFC 4320 §4.1).
	ErrProvisional = errors.New("provisional response to a non-INVITE request")
)

// Server is a server transaction (RFC 3261 §17.2).
type Server struct {
	cfg      Config
	state    State
	invite   bool
	reliable bool
	sent     bool // a response exists
	started  time.Time
	interval time.Duration // of timer G
	resend   time.Time     // timer G
	expire   time.Time     // timer H, I, J or L, by state
}

// tryingDelay is how long an INVITE may stay unanswered before a 100 goes out
// (RFC 3261 §17.2.1).
const tryingDelay = 200 * time.Millisecond

// NewServer starts a server transaction for a request received at now. The
// request itself goes to the transaction user.
func NewServer(cfg Config, invite, reliable bool, now time.Time) Server {
	s := Server{cfg: cfg, invite: invite, reliable: reliable, state: Trying, interval: cfg.T1, started: now}
	if invite {
		s.state = Proceeding
	} else {
		// Without a final response in 64*T1 the client has timed out, and the
		// transaction would stay for ever (RFC 4320 §4.2).
		s.expire = now.Add(cfg.Timeout())
	}
	return s
}

// Invite reports whether it is an INVITE's.
func (s *Server) Invite() bool { return s.invite }

// State returns the current state.
func (s *Server) State() State { return s.state }

// Deadline is when Timer wants to be called; zero means never.
func (s *Server) Deadline() time.Time { return earliest(s.resend, s.expire) }

// TryingAt is when a 100 (Trying) is due to an INVITE that has no response
// yet.
func (s *Server) TryingAt() time.Time { return s.started.Add(tryingDelay) }

// Answered reports whether a final response was given.
func (s *Server) Answered() bool {
	switch s.state {
	case Accepted, Completed, Confirmed, Terminated:
		return true
	}
	return false
}

// Request takes a retransmission of the request.
func (s *Server) Request() Action {
	switch s.state {
	case Proceeding, Completed:
		if s.sent {
			return Send
		}
	}
	return 0 // Accepted: the user retransmits its 2xx itself (RFC 6026 §7.1)
}

// Respond takes a response from the transaction user, whose bytes the owner
// keeps as the last response when Send is returned.
func (s *Server) Respond(now time.Time, status int) (Action, error) {
	switch s.state {
	case Trying, Proceeding:
		if s.invite {
			return s.respondInvite(now, status), nil
		}
		return s.respondNonInvite(now, status)
	case Terminated:
		return 0, ErrTooLate
	}
	return 0, ErrAnswered
}

func (s *Server) respondInvite(now time.Time, status int) Action {
	s.sent = true
	switch {
	case status < 200:
		return Send
	case status < 300:
		s.state = Accepted
		s.expire = now.Add(s.cfg.Timeout()) // timer L, RFC 6026 §7.1
		return Send
	}
	s.state = Completed
	if !s.reliable {
		s.resend = now.Add(s.interval) // timer G
	}
	s.expire = now.Add(s.cfg.Timeout()) // timer H
	return Send
}

func (s *Server) respondNonInvite(now time.Time, status int) (Action, error) {
	if status < 200 {
		// RFC 4320 §4.1: only 100, only over unreliable transports, and only
		// after the client's Timer E has grown to T2.
		if status != 100 || s.reliable || now.Before(s.started.Add(s.cfg.T2)) {
			return 0, ErrProvisional
		}
		s.sent, s.state = true, Proceeding
		return Send, nil
	}
	s.sent = true
	if s.reliable {
		return s.end(Send), nil
	}
	s.state = Completed
	s.expire = now.Add(s.cfg.Timeout()) // timer J
	return Send, nil
}

// Ack takes an ACK that matched this INVITE transaction. In Accepted it goes
// to the user, who stops repeating its 2xx.
func (s *Server) Ack(now time.Time) Action {
	switch s.state {
	case Accepted:
		return Deliver
	case Completed:
		if !s.invite {
			return 0
		}
		s.resend = time.Time{}
		if s.reliable {
			return s.end(0)
		}
		s.state = Confirmed
		s.expire = now.Add(s.cfg.T4) // timer I
	}
	return 0
}

// Timer runs what is due at now.
func (s *Server) Timer(now time.Time) Action {
	if due(s.expire, now) {
		if s.state == Completed && s.invite {
			return s.end(TimedOut) // timer H
		}
		if s.state == Trying || s.state == Proceeding {
			return s.end(TimedOut) // the user never answered
		}
		return s.end(0) // timer I, J or L
	}
	if due(s.resend, now) && s.state == Completed {
		s.interval = min(2*s.interval, s.cfg.T2) // timer G
		s.resend = now.Add(s.interval)
		return Send
	}
	return 0
}

// TransportError tells that the transport can't send a response.
func (s *Server) TransportError() Action {
	switch s.state {
	case Trying, Proceeding, Completed:
		return s.end(Failed)
	}
	return 0
}

func (s *Server) end(a Action) Action {
	s.state, s.resend, s.expire = Terminated, time.Time{}, time.Time{}
	return a | Ended
}
