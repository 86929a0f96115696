package call

import "time"

// Hear says what a caller hears while the unit, which talked with it, has it wait
// for somebody.
type Hear uint8

// What there is to hear: music until it rings, then ring-back; nothing until it
// rings; or what the unit plays, whatever comes.
const (
	HearMusic Hear = iota
	HearRinging
	HearSame
)

// attend has the unit itself talk with the caller: whatever the driver's script says.
func (c *Call) attend() {
	if c.self() && c.caller == A { // the unit does not talk with itself
		c.consider(Refusal{Status: statusUnavailable})
		return
	}
	a := c.legs[c.caller]
	c.cancelOthers(nil, ReasonElsewhere)
	c.stopRingback()
	c.music(a, false)
	if !c.up {
		c.up = true
		c.do(Effect{Op: OpAnswer, Leg: a.id, From: None})
	}
	if a.kind == Line {
		c.do(Effect{Op: OpKeepDialog, Leg: a.id})
	}
	a.state, a.early, a.until = legUp, true, time.Time{}
	if c.longest.IsZero() {
		c.longest = c.now.Add(c.config.MaxLength)
	}
	c.reached, c.met = true, true
	c.handedOver()
	c.attended(Refusal{})
}

// attended has the script begin, or go on after nobody has answered: ref says why.
func (c *Call) attended(ref Refusal) {
	c.phase, c.until, c.sides = phaseAttended, time.Time{}, [2]LegID{None, None}
	c.moving, c.branches, c.further = moving{by: None}, nil, false
	c.do(Effect{Op: OpAttend, Leg: c.caller, Refusal: ref})
}

// connect has the caller that the unit talks with wait for a route.
func (c *Call) connect(in Input) {
	if c.phase != phaseAttended {
		return
	}
	c.moving = moving{on: true, by: None, attended: true, hear: in.Hear}
	c.asking = asking{leg: None, begun: c.asking.begun}
	c.try(in.Route)
}

// withdraw has nobody called any more whom the caller waits for: the unit talks with
// it again.
func (c *Call) withdraw() {
	if c.phase != phaseSetup || !c.moving.attended || c.asking.leg != None {
		return
	}
	c.cancelOthers(nil, ReasonNormal)
	c.back(Refusal{Status: statusTerminated})
}

// back has the unit talk again with a caller whom nobody has answered.
func (c *Call) back(ref Refusal) {
	c.serving = false
	c.stopRingback()
	c.music(c.legs[c.caller], false)
	c.attended(ref)
}

// hosted tells whether the driver's script may still have a say about the caller.
func (c *Call) hosted() bool {
	return c.phase == phaseAttended || c.phase == phaseSetup && c.moving.attended && c.asking.leg == None
}

// finish hangs up on a caller that the unit talks with.
func (c *Call) finish(ref Refusal) {
	if c.hosted() {
		c.hangUp(None, ref)
	}
}

// Attended tells whether the unit itself talks with the caller.
func (c *Call) Attended() bool { return c.phase == phaseAttended }

// most is how many legs the call may ever have, and full says that it had them.
func (c *Call) most() int {
	switch {
	case c.phase == phasePaging:
		return MaxLegsPaged
	case c.met:
		return MaxLegsAttended
	}
	return MaxLegs
}

func (c *Call) full() bool { return c.Room() <= 0 }

// Room is how many more legs the call may have.
func (c *Call) Room() int { return c.most() - len(c.legs) }
