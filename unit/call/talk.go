package call

// Offers after the first are between a leg and our media, which answers them: a
// phone that holds says so to us, and whoever it talks with hears music instead of
// an offer to be silent (RFC 6337 §5.3 leaves that to who answers).

// hold notes that a leg wants to hear nothing, or does again.
func (c *Call) hold(l *leg, on bool) {
	l.holding = on
	c.hear()
}

// hear has each side hear music while the other holds it. A line that holds us is
// heard: its music comes from the carrier.
func (c *Call) hear() {
	if c.phase != phaseTalking || c.self() {
		return
	}
	for _, id := range c.sides {
		l := c.legs[id]
		p := c.peer(l)
		c.music(l, p.holding && p.kind == Phone)
	}
}

// music begins or ends to play music to a leg.
func (c *Call) music(l *leg, on bool) {
	if l.music == on || l.state != legUp {
		return
	}
	l.music = on
	op := OpToneOff
	if on {
		op = OpMusic
	}
	c.do(Effect{Op: op, Leg: l.id})
}

// resound goes on with a leg's music after something else was played to it.
func (c *Call) resound(id LegID) {
	if id >= 0 && int(id) < len(c.legs) && c.legs[id].music && c.legs[id].state == legUp {
		c.do(Effect{Op: OpMusic, Leg: id})
	}
}

// badMedia takes a description that our media could not take: what answers an
// offer of ours.
func (c *Call) badMedia(l *leg) {
	switch {
	case c.phase == phaseSetup && l.live() && l.id != A:
		c.callOff(l, ReasonBadMedia)
		c.outcome(l, Refusal{Status: statusNotAcceptable}, true)
	case c.paged(l):
		c.callOff(l, ReasonBadMedia)
	case c.phase == phaseSetup && l.id == A, c.talks(l), c.phase == phasePaging && l.id == A,
		(c.phase == phaseWaiting || c.phase == phaseAttended) && l.state == legUp:
		c.hangUp(None, Refusal{Status: statusNotAcceptable, Phrase: "Not Acceptable Here", Reason: ReasonBadMedia})
	}
}
