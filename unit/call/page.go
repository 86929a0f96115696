package call

import "time"

// page has the caller speak to whoever of some phones answers; they hear it, and nobody
// hears them. A phone that does not answer makes no difference.
func (c *Call) page(contacts []Contact) {
	a := c.legs[A]
	if c.up || a.kind != Phone {
		c.consider(Refusal{Status: statusUnavailable})
		return
	}
	c.up = true
	c.phase, c.longest = phasePaging, c.now.Add(min(PageMax, c.config.MaxLength))
	c.do(Effect{Op: OpAnswer, Leg: A, From: None})
	a.state, a.early, a.until = legUp, true, time.Time{}
	c.do(Effect{Op: OpPage, Leg: A})
	for _, to := range contacts {
		if c.full() {
			break
		}
		if c.rang(to.Key) {
			continue
		}
		to.For = PageRing
		l := c.newLeg(Phone, legResting, 0)
		l.contact = to
		c.ringPhone(l)
	}
}

// pageHeard has a phone that answered hear the caller.
func (c *Call) pageHeard(l *leg, in Input) {
	if !in.Media {
		c.bye(l, ReasonBadMedia)
		return
	}
	l.state, l.until = legUp, time.Time{}
	if !c.reached {
		c.reached = true
		c.do(Effect{Op: OpAnswered, Leg: l.id})
	}
	c.do(Effect{Op: OpListen, Leg: l.id})
}

// paged says that a leg is a phone that hears the caller, or may yet.
func (c *Call) paged(l *leg) bool { return c.phase == phasePaging && l.id != A && l.state <= legUp }
