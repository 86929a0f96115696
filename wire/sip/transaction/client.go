package transaction

import "time"

// Client is a client transaction (RFC 3261 §17.1). The zero Client is
// Terminated in effect: it does nothing.
type Client struct {
	cfg      Config
	state    State
	invite   bool
	reliable bool
	interval time.Duration // of timer A or E
	resend   time.Time     // timer A or E
	expire   time.Time     // timer B, D, F, K or M, by state
}

// NewClient starts a client transaction at now and returns what to do first:
// Send. reliable says whether the transport is (TCP, TLS).
func NewClient(cfg Config, invite, reliable bool, now time.Time) (Client, Action) {
	c := Client{cfg: cfg, invite: invite, reliable: reliable, state: Trying, interval: cfg.T1}
	if invite {
		c.state = Calling
	}
	if !reliable {
		c.resend = now.Add(c.interval) // timer A or E
	}
	c.expire = now.Add(cfg.Timeout()) // timer B or F
	return c, Send
}

// State returns the current state.
func (c *Client) State() State { return c.state }

// Deadline is when Timer wants to be called; zero means never.
func (c *Client) Deadline() time.Time { return earliest(c.resend, c.expire) }

// Response takes a response that matched this transaction (RFC 3261
// §17.1.3).
func (c *Client) Response(now time.Time, status int) Action {
	if c.invite {
		return c.inviteResponse(now, status)
	}
	switch c.state {
	case Trying, Proceeding:
		if status < 200 {
			c.state = Proceeding
			return Deliver
		}
		return c.complete(now, c.cfg.T4, Deliver) // timer K
	}
	return 0
}

func (c *Client) inviteResponse(now time.Time, status int) Action {
	final2xx := status >= 200 && status < 300
	switch c.state {
	case Calling, Proceeding:
		switch {
		case status < 200:
			// Timer A and B end with the first provisional response; how long
			// to ring is the transaction user's business.
			c.state, c.resend, c.expire = Proceeding, time.Time{}, time.Time{}
			return Deliver
		case final2xx:
			c.state, c.resend = Accepted, time.Time{}
			c.expire = now.Add(c.cfg.Timeout()) // timer M, RFC 6026 §7.2
			return Deliver
		}
		return c.complete(now, c.cfg.TD, SendACK|Deliver) // timer D
	case Accepted:
		if final2xx {
			return Deliver // the user repeats its ACK, or ends a forked dialog
		}
	case Completed:
		if status >= 300 {
			return SendACK
		}
	}
	return 0
}

// complete enters Completed, which lasts only on unreliable transports.
func (c *Client) complete(now time.Time, linger time.Duration, a Action) Action {
	c.resend = time.Time{}
	if c.reliable {
		return c.end(a)
	}
	c.state = Completed
	c.expire = now.Add(linger)
	return a
}

// Timer runs what is due at now.
func (c *Client) Timer(now time.Time) Action {
	if due(c.expire, now) {
		switch c.state {
		case Calling, Trying, Proceeding:
			return c.end(TimedOut) // timer B or F
		default:
			return c.end(0) // timer D, K or M
		}
	}
	if !due(c.resend, now) {
		return 0
	}
	switch c.state {
	case Calling:
		c.interval *= 2 // timer A: doubles without limit
	case Trying:
		c.interval = min(2*c.interval, c.cfg.T2) // timer E
	case Proceeding:
		c.interval = c.cfg.T2 // timer E
	}
	c.resend = now.Add(c.interval)
	return Send
}

// TransportError tells that the transport can't send: the user hears Failed
// unless a final response has already come (RFC 3261 §17.1.4, RFC 6026 §8.4).
func (c *Client) TransportError() Action {
	switch c.state {
	case Calling, Trying, Proceeding, Completed:
		return c.end(Failed)
	}
	return 0
}

// Abandon ends the transaction at once, without telling anybody: for an owner
// that has no more use for its result.
func (c *Client) Abandon() Action { return c.end(0) }

func (c *Client) end(a Action) Action {
	c.state, c.resend, c.expire = Terminated, time.Time{}, time.Time{}
	return a | Ended
}
