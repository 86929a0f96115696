package call

import (
	"cmp"
	"time"
)

func (c *Call) start() {
	c.phase = phaseSetup
	c.do(Effect{Op: OpStarted})
	c.follow(c.setup.Route)
}

// follow sets off toward a route: the first one, or a redirection's.
func (c *Call) follow(r Route) {
	c.further = c.further || r.Onward
	switch {
	case r.Serve:
		c.serve()
	case r.Attend:
		c.attend()
	case r.Page:
		c.page(r.Contacts)
	case r.Refuse.Status != 0:
		c.consider(r.Refuse)
	case len(r.Lines) > 0 && c.onTheWay(r):
		// Two phones of one user redirect to the same number: once is enough.
	case len(r.Lines) > 0:
		if len(r.Lines) > MaxLines {
			r.Lines = r.Lines[:MaxLines]
		}
		c.branches = append(c.branches, branch{route: r})
		c.tryLine(len(c.branches) - 1)
	default:
		c.ringContacts(r.Contacts, cmp.Or(r.Ring, c.config.NoAnswer))
	}
	c.giveUp()
}

// onTheWay says that a leg is already trying the route's destination.
func (c *Call) onTheWay(r Route) bool {
	for _, l := range c.legs[1:] {
		if l.branch >= 0 && l.live() && c.branches[l.branch].route.Destination == r.Destination {
			return true
		}
	}
	return false
}

func (c *Call) ringContacts(contacts []Contact, long time.Duration) {
	rung := 0
	for _, to := range contacts {
		if rung == MaxContacts || c.full() {
			break
		}
		if c.rang(to.Key) {
			continue // a redirection back to where we were
		}
		to.For = cmp.Or(to.For, long)
		l := c.newLeg(Phone, legResting, to.After)
		l.contact = to
		if to.After == 0 {
			c.ringPhone(l)
		}
		rung++
	}
	if rung == 0 {
		c.consider(Refusal{Status: statusUnavailable})
	}
}

// rang says that a contact was called already, for the same caller.
func (c *Call) rang(key string) bool {
	for _, l := range c.legs[c.first:] {
		if l.kind == Phone && l.contact.Key == key {
			return true
		}
	}
	return false
}

func (c *Call) newLeg(kind Kind, state legState, wait time.Duration) *leg {
	l := &leg{id: LegID(len(c.legs)), kind: kind, state: state, branch: -1, until: c.now.Add(wait)}
	c.legs = append(c.legs, l)
	return l
}

// offerFrom is the leg whose description the first offer to another is made
// from. A late offer is not passed on: carriers want an offer in the INVITE,
// so we make one of our own and offer A what the answer leaves.
func (c *Call) offerFrom() LegID {
	if c.offers() && c.phase != phasePaging {
		return c.caller
	}
	return None
}

// offers says that it is known what the caller can hear.
func (c *Call) offers() bool { return c.up || c.setup.Offer }

// tryLine starts the next attempt of a branch, if it has one.
func (c *Call) tryLine(index int) bool {
	b := &c.branches[index]
	if !b.more() || c.full() {
		return false
	}
	pause := false
	if b.next == len(b.route.Lines) {
		// Only emergency calls go around: a carrier may not have noticed yet
		// that the channel is free.
		b.next, b.round, pause = 0, b.round+1, true
	}
	l := c.newLeg(Line, legResting, EmergencyPause)
	l.line, l.branch = b.route.Lines[b.next], index
	b.next++
	if !pause {
		c.seize(l)
	}
	return true
}

func (c *Call) seize(l *leg) {
	l.state, l.until = legSeizing, c.now.Add(DecideGrace)
	c.do(Effect{Op: OpSeize, Leg: l.id, Line: l.line, Emergency: c.branches[l.branch].route.Emergency})
}

// decided takes a channel's or the gate's answer. Every attempt asks the gate
// anew: a verdict is for one line.
func (c *Call) decided(l *leg, in Input) {
	switch {
	case in.Event == Seized && l.state == legSeizing:
		c.ask(l)
	case in.Event == SeizeFailed && l.state == legSeizing:
		c.lose(l, Refusal{Status: statusNoService, Prompt: PromptBusy, Reason: ReasonNoChannel}, true)
	case in.Event == Verdict && l.state == legAsking && in.Ask && !in.Passed:
		c.challenge(l, in.Refusal)
	case in.Event == Verdict && l.state == legAsking && in.Passed:
		r := &c.branches[l.branch].route
		l.state, l.until = legInviting, c.now.Add(c.config.LineNoAnswer)
		if c.mayLeave(l) {
			l.answer, l.until = l.until, c.now.Add(c.silenceOf(r))
		}
		c.do(Effect{
			Op: OpInvite, Leg: l.id, From: c.offerFrom(), Line: l.line,
			Destination: r.Destination, Emergency: r.Emergency,
		})
	case in.Event == Verdict && l.state == legAsking:
		ref := in.Refusal
		if ref.Status == 0 {
			ref.Status = statusDecline
		}
		c.lose(l, ref, in.NextLine)
	}
}

// ask asks the gate for a leg.
func (c *Call) ask(l *leg) {
	r := &c.branches[l.branch].route
	l.state, l.until = legAsking, c.now.Add(DecideGrace)
	c.do(Effect{
		Op: OpAsk, Leg: l.id, Line: l.line, Destination: r.Destination,
		Via: r.Via, By: r.By, Emergency: r.Emergency,
	})
}

// mayLeave says that another line may be tried while a leg's line gives no
// response at all. The last line of a round is worth waiting for, and every
// line in an emergency call's last round.
func (c *Call) mayLeave(l *leg) bool {
	b := &c.branches[l.branch]
	last := b.route.Emergency && b.round+1 == MaxEmergencyRounds
	return b.next < len(b.route.Lines) && !last && !c.full()
}

func (c *Call) silenceOf(r *Route) time.Duration {
	if r.Emergency {
		return c.config.UrgentSilence
	}
	return c.config.Silence
}

// heard notes that a leg's line gave a response: it is not left for silence.
func (c *Call) heard(l *leg) {
	if l.state == legInviting && !l.answer.IsZero() {
		l.until, l.answer = l.answer, time.Time{}
	}
}

// leave tries the next line because a leg's line gives no response at all. Its
// INVITE is called off, and the leg is over at once: the session hangs up by
// itself what comes of it late, and no call waits 32 s for a dead line.
func (c *Call) leave(l *leg) {
	if !c.mayLeave(l) { // other legs have come meanwhile
		c.heard(l)
		return
	}
	c.do(Effect{Op: OpCancel, Leg: l.id, Reason: ReasonSilent})
	c.lose(l, Refusal{Status: statusNoService, Prompt: PromptBusy}, true)
}

// progress takes a provisional response. The caller hears of ringing once; media
// before the answer reaches it only when there is one leg to hear.
func (c *Call) progress(l *leg, in Input) {
	if l.id == c.caller || c.phase != phaseSetup || (l.state != legInviting && l.state != legRinging) {
		return
	}
	if in.Status <= 100 || in.Status >= 200 || in.Status == statusEarlyDialogEnd {
		return
	}
	c.heard(l)
	l.state = legRinging
	l.early = l.early || in.Media
	if c.self() {
		return
	}
	c.tellReferrer(in.Status)
	a := c.legs[c.caller]
	// A mailbox may be speaking.
	heard := c.offers() && c.alone(l) && !c.confirms(l) && c.moving.hear != HearSame
	if in.Media && heard {
		from := None
		if !a.early {
			from = l.id
		}
		a.early = true
		c.stopRingback()
		c.music(a, false)
		c.ring(in.Status, from)
		c.do(Effect{Op: OpBridge, Leg: a.id, From: l.id})
		return
	}
	if l.early && heard {
		c.ring(in.Status, None)
		return
	}
	status := in.Status
	if status == statusProgress && (in.Media || !heard) {
		status = statusRinging // A can't hear that media, so let it ring by itself
	}
	c.ring(status, None)
	if a.early && !c.ringback && (status == statusRinging || c.up) && !c.moving.backing && c.moving.hear != HearSame {
		// The caller listens to us already, so it will not make its own ring-back.
		c.startRingback()
	}
}

// ring sends A a provisional response, unless it would say nothing new.
func (c *Call) ring(status int, from LegID) {
	if c.up || from == None && c.rung == status {
		return
	}
	c.rung = status
	c.legs[A].state = legRinging
	c.do(Effect{Op: OpRing, Leg: A, From: from, Status: status})
}

// startRingback plays ring-back, after what is being spoken about the PIN.
func (c *Call) startRingback() {
	c.ringback = true
	if !c.asking.speaking {
		c.legs[c.caller].music = false // it is heard instead
		c.do(Effect{Op: OpRingback, Leg: c.caller})
	}
}

// stopRingback ends what is played or spoken to the caller while it waits.
func (c *Call) stopRingback() {
	if c.ringback || c.asking.speaking {
		c.ringback, c.asking.speaking = false, false
		if c.legs[c.caller].state != legGone {
			c.do(Effect{Op: OpToneOff, Leg: c.caller})
		}
	}
}

// alone says that no other leg may still answer.
func (c *Call) alone(l *leg) bool {
	for _, o := range c.legs[1:] {
		if o != l && o.live() {
			return false
		}
	}
	return true
}

// answered takes a 2xx. The first one wins.
func (c *Call) answered(l *leg, in Input) {
	switch {
	case l.id == c.caller || l.state == legUp || l.state == legClosing:
	case c.paged(l):
		c.pageHeard(l, in)
	case c.phase == phaseSetup && l.live():
		if !in.Media && !l.early {
			c.bye(l, ReasonBadMedia)
			c.outcome(l, Refusal{Status: statusNotAcceptable}, true)
			return
		}
		switch {
		case c.self():
			c.begin(l)
		case c.confirms(l) && l.state != legConfirming:
			c.askTaker(l)
		case l.state != legConfirming:
			c.win(l)
		}
	default: // it crossed our CANCEL (RFC 3261 §9.1)
		c.bye(l, ReasonElsewhere)
	}
}

// win has the caller talk with the leg that answered it.
func (c *Call) win(l *leg) {
	a := c.legs[c.caller]
	c.stopRingback()
	c.music(a, false)
	if l.kind == Line {
		c.do(Effect{Op: OpKeepDialog, Leg: l.id})
	}
	if !c.up {
		c.up = true
		c.do(Effect{Op: OpAnswer, Leg: a.id, From: l.id})
	}
	if a.kind == Line {
		c.do(Effect{Op: OpKeepDialog, Leg: a.id})
	}
	c.join(a, l)
	c.cancelOthers(l, ReasonElsewhere)
}

// join has two legs talk with each other.
func (c *Call) join(a, b *leg) {
	c.phase, c.sides = phaseTalking, [2]LegID{a.id, b.id}
	a.state, b.state = legUp, legUp
	a.until, b.until, c.until = time.Time{}, time.Time{}, time.Time{}
	switch {
	case c.Emergency():
		c.longest = time.Time{}
	case c.longest.IsZero():
		c.longest = c.now.Add(c.config.MaxLength)
	}
	c.do(Effect{Op: OpBridge, Leg: a.id, From: b.id})
	if c.reached {
		c.do(Effect{Op: OpJoined, Leg: b.id})
	} else {
		c.reached = true
		c.do(Effect{Op: OpAnswered, Leg: b.id})
	}
	c.handedOver()
	c.hear()
}

// cancelOthers calls off every leg that might still answer, but for one.
func (c *Call) cancelOthers(but *leg, reason Reason) {
	for _, o := range c.legs[1:] {
		if o != but && o.live() {
			c.callOff(o, reason)
		}
	}
}
