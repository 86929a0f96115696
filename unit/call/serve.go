package call

// serve has the unit itself do what A dialed. Nothing rings; what came of it is
// told with Served.
func (c *Call) serve() {
	c.serving, c.servedBy = true, c.now.Add(DecideGrace)
	c.do(Effect{Op: OpServe, Leg: A})
}

// served answers A, has it hear what came of what it dialed, and hangs up. A
// that wants an offer of ours is told by the status alone.
func (c *Call) served(ref Refusal) {
	if !c.serving || c.phase != phaseSetup || c.up {
		return
	}
	c.serving = false
	if !c.setup.Offer {
		c.refuseNow(ref)
		return
	}
	c.phase, c.refusal = phaseAnnouncing, ref
	c.until = c.now.Add(c.config.AnnounceMax)
	c.legs[A].state = legUp
	c.do(Effect{Op: OpAnnounce, Leg: A, Refusal: ref, Answered: true})
}

// notServed goes on where nothing came of what the unit was to do in time.
func (c *Call) notServed() {
	if c.serving && !c.now.Before(c.servedBy) {
		c.serving = false
		c.consider(Refusal{Status: statusNoService})
		c.giveUp()
	}
}
