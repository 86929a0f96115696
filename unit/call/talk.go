package call

// negotiate takes offers after the first one, and their answers. They pass
// from leg to leg, so that hold and resume reach the other side as the phone
// meant them (RFC 6337 §5.3).
func (c *Call) negotiate(l *leg, in Input) {
	switch in.Event {
	case Reoffer:
		c.reoffer(l, in.Media)
	case OfferAnswered:
		c.offerAnswered(l, in.Media)
	case OfferRefused:
		c.offerRefused(l, in.Status)
	case BadMedia:
		c.badMedia(l)
	}
}

func (c *Call) reoffer(l *leg, media bool) {
	if l.state == legCanceling || l.state == legClosing {
		c.do(Effect{Op: OpRefuseOffer, Leg: l.id, Status: statusNoDialog})
		return
	}
	if c.phase != phaseTalking || l.state != legUp || c.self() {
		// Before the answer, under an announcement, or where it is the unit that
		// called, no other side has a word in it: our own media answers.
		c.do(Effect{Op: OpAnswerOffer, Leg: l.id, From: None})
		return
	}
	p := c.peer(l)
	switch {
	case l.owed || l.offered || l.awaitACK || p.owed || p.offered || p.awaitACK:
		c.do(Effect{Op: OpRefuseOffer, Leg: l.id, Status: statusPending}) // RFC 3261 §14.2
	case media:
		l.owed, p.offered = true, true
		c.do(Effect{Op: OpOffer, Leg: p.id, From: l.id})
	default:
		l.awaitACK = true
		c.do(Effect{Op: OpAnswerOffer, Leg: l.id, From: p.id})
	}
}

// offerAnswered takes a leg's answer. media says that the answer holds news
// for the other leg.
func (c *Call) offerAnswered(l *leg, media bool) {
	if c.phase != phaseTalking || l.state != legUp {
		return
	}
	p := c.peer(l)
	switch {
	case l.offered:
		l.offered = false
		if p.owed {
			p.owed = false
			c.do(Effect{Op: OpAnswerOffer, Leg: p.id, From: l.id})
		}
	case l.awaitACK:
		l.awaitACK = false
		if media && p.state == legUp {
			p.offered = true
			c.do(Effect{Op: OpOffer, Leg: p.id, From: l.id})
		}
	}
}

func (c *Call) offerRefused(l *leg, status int) {
	if c.phase != phaseTalking || !l.offered {
		return
	}
	l.offered = false
	if status == statusNoDialog || status == statusTimeout {
		// RFC 3261 §14.1: the dialog is over.
		c.hangUp(None, Refusal{Status: statusTimeout, Phrase: "Session Lost", Reason: ReasonLost})
		return
	}
	p := c.peer(l)
	if !p.owed {
		return
	}
	p.owed = false
	if status != statusPending {
		status = statusNotAcceptable
	}
	c.do(Effect{Op: OpRefuseOffer, Leg: p.id, Status: status})
}

// badMedia takes a description that our media could not take.
func (c *Call) badMedia(l *leg) {
	switch {
	case l.owed:
		l.owed = false
		c.peer(l).offered = false
		c.do(Effect{Op: OpRefuseOffer, Leg: l.id, Status: statusNotAcceptable})
	case l.offered:
		c.offerRefused(l, statusNotAcceptable)
	case l.awaitACK:
		l.awaitACK = false
		c.hangUp(None, Refusal{Status: statusNotAcceptable, Phrase: "Not Acceptable Here", Reason: ReasonBadMedia})
	case l.live() && l.id != A && c.phase == phaseSetup:
		c.callOff(l, ReasonBadMedia)
		c.outcome(l, Refusal{Status: statusNotAcceptable}, true)
	case l.id == A && c.phase == phaseSetup:
		c.hangUp(None, Refusal{Status: statusNotAcceptable, Phrase: "Not Acceptable Here", Reason: ReasonBadMedia})
	}
}
