package call

import (
	"cmp"
	"time"
)

// moving is how a call goes on whose caller is up: handed over to somebody else,
// parked, or left.
type moving struct {
	on      bool
	by      LegID         // who hands it over and is still there, None
	told    bool          // of ringing
	back    []Contact     // who rings where nobody takes it
	backing bool          // they do
	wait    time.Duration // how long it waits before that; zero where it is handed over
	end     time.Time     // of all waiting
	// The unit talked with it before and goes on where nobody takes it.
	attended bool
	hear     Hear
}

// MayMove tells whether the other side of a leg can be handed over, parked or taken
// by somebody else: two sides talk, and neither is an emergency service.
func (c *Call) MayMove(id LegID) bool {
	return id >= 0 && int(id) < len(c.legs) && c.talks(c.legs[id]) && !c.self() && !c.Emergency()
}

// MayTake tells whether a leg may come in place of another, or with None for the
// one who waits for somebody.
func (c *Call) MayTake(id LegID) bool {
	if id != None {
		return c.MayMove(id) && !c.full()
	}
	waits := c.phase == phaseWaiting || c.phase == phaseSetup && c.asking.leg == None && !c.self() && !c.serving
	return waits && !c.Emergency() && !c.full()
}

// refer hands the peer of a leg over: it is the caller of a new route, and hears
// music until something rings.
func (c *Call) refer(l *leg, in Input) {
	if !c.MayMove(l.id) {
		c.do(Effect{Op: OpReferred, Leg: l.id, Status: statusNoDialog})
		return
	}
	c.leaves(l, moving{on: true, by: l.id, back: in.Back})
	c.try(in.Route)
}

// park has a leg leave, and its peer wait.
func (c *Call) park(l *leg, in Input) {
	if !c.MayMove(l.id) {
		return
	}
	c.leaves(l, moving{on: true, by: None, back: in.Back, wait: in.Wait, end: c.now.Add(WaitMax)})
	c.bye(l, ReasonNormal)
	c.linger(l.id)
}

// mayWait tells whether the peer of a leg that is lost is not hung up on: the phone
// held it, and somebody may take it.
func (c *Call) mayWait(l *leg) bool { return l.kind == Phone && l.holding && c.MayMove(l.id) }

// lost keeps whom a phone held that is gone without a word.
func (c *Call) lost(l *leg) {
	c.leaves(l, moving{on: true, by: None, wait: c.config.LeftWait, end: c.now.Add(c.config.LeftWait)})
	c.release(l)
	c.linger(l.id)
}

// leaves has the peer of a leg be the caller, with nobody to talk with.
func (c *Call) leaves(l *leg, m moving) {
	p := c.peer(l)
	c.notKept(WhyHungUp)
	c.music(l, false)
	c.do(Effect{Op: OpPart, Leg: p.id})
	c.moving, c.caller, c.up, p.early = m, p.id, true, true
	c.sides = [2]LegID{None, None}
}

// try has the caller, who is up, wait for a route.
func (c *Call) try(r Route) {
	c.phase, c.until = phaseSetup, time.Time{}
	c.first, c.best, c.rung, c.branches = c.Next(), Refusal{}, 0, nil
	if c.moving.hear == HearMusic {
		c.music(c.legs[c.caller], true)
	}
	c.follow(r)
}

// linger has the caller wait to be taken. by is who has just left it, None where it
// waits once more.
func (c *Call) linger(by LegID) {
	c.phase = phaseWaiting
	if c.until = c.now.Add(c.moving.wait); c.until.After(c.moving.end) {
		c.until = c.moving.end
	}
	c.stopRingback()
	c.music(c.legs[c.caller], true)
	c.do(Effect{Op: OpWaits, Leg: c.caller, From: by})
}

// waitedOut gives whoever waited too long back, as long as there are legs for that.
func (c *Call) waitedOut() {
	m := &c.moving
	switch {
	case !c.now.Before(m.end):
		c.hangUp(None, Refusal{Status: statusUnavailable, Phrase: phraseNotTaken})
	case len(m.back) == 0 || len(c.legs)+len(m.back) > c.most()-LegsKept:
		c.linger(None)
	default:
		m.backing = true
		c.try(Route{Contacts: m.back})
	}
}

// phraseNotTaken is the phrase with which a call ends that waited for nothing.
const phraseNotTaken = "Not Taken"

// comeToNothing goes on with a caller whom nobody has answered: with whoever handed
// it over, if it is still there, else with its phones, or it waits once more.
func (c *Call) comeToNothing(ref Refusal) {
	m := &c.moving
	ref.Status = cmp.Or(ref.Status, statusUnavailable) // where there was no room to try anybody
	switch {
	case m.attended:
		c.back(ref)
	case m.by != None:
		by := c.legs[m.by]
		c.do(Effect{Op: OpReferred, Leg: by.id, Status: ref.Status})
		c.moving, c.branches = moving{by: None}, nil
		c.stopRingback()
		c.music(c.legs[c.caller], false)
		c.join(c.legs[c.caller], by)
	case len(m.back) > 0 && !m.backing:
		m.backing = true
		c.stopRingback()
		c.try(Route{Contacts: m.back})
	case m.wait > 0:
		m.backing = false
		c.linger(None)
	default:
		c.hangUp(None, ref)
	}
}

// tellReferrer tells who hands the caller over that it rings there.
func (c *Call) tellReferrer(status int) {
	if m := &c.moving; m.by != None && !m.told {
		m.told = true
		c.do(Effect{Op: OpReferred, Leg: m.by, Status: status})
	}
}

// handedOver lets go of who handed the caller over: it is taken.
func (c *Call) handedOver() {
	by := c.moving.by
	c.moving = moving{by: None}
	if by != None {
		c.do(Effect{Op: OpReferred, Leg: by, Status: statusOK})
		c.bye(c.legs[by], ReasonNormal)
	}
}

// take has another leg come in: in place of one that talks, or for the caller.
func (c *Call) take(in Input) {
	if c.full() { // the driver has asked MayTake
		return
	}
	may := c.MayTake(in.Leg)
	l := c.newLeg(in.Kind, legUp, 0)
	l.until = time.Time{}
	switch {
	case !may || !c.up && !in.Media:
		c.turnAway(l, in.Up)
	case in.Leg != None:
		c.replace(c.legs[in.Leg], l, in.Up)
	case c.up:
		if !in.Up {
			c.do(Effect{Op: OpAnswer, Leg: l.id, From: c.caller})
		}
		c.win(l)
	default:
		if !in.Up {
			c.do(Effect{Op: OpAnswer, Leg: l.id, From: None})
		}
		c.win(l)
	}
}

// turnAway refuses a leg that came too late.
func (c *Call) turnAway(l *leg, up bool) {
	if up {
		c.bye(l, ReasonNormal)
		return
	}
	c.do(Effect{Op: OpRefuse, Leg: l.id, Refusal: Refusal{Status: statusNoDialog}})
	c.release(l)
}

// replace has a leg talk in place of another (RFC 3891 §3).
func (c *Call) replace(old, l *leg, up bool) {
	p := c.peer(old)
	c.notKept(WhyHungUp)
	c.music(old, false)
	c.music(p, false)
	if !up {
		c.do(Effect{Op: OpAnswer, Leg: l.id, From: p.id})
	}
	c.join(p, l)
	c.bye(old, ReasonElsewhere)
}

// gone takes a leg out that goes on in another call, with its session, its media
// and what it plays. The call is over with it.
func (c *Call) gone(l *leg) {
	if !c.MayMove(l.id) {
		return
	}
	c.notKept(WhyHungUp)
	c.music(l, false)
	c.do(Effect{Op: OpPart, Leg: l.id})
	l.state, l.until, l.closed = legGone, time.Time{}, true
	c.hangUp(None, Refusal{Phrase: PhraseHandedOver})
}

// PhraseHandedOver is the phrase with which a call ends whose leg goes on in
// another.
const PhraseHandedOver = "Handed Over"
