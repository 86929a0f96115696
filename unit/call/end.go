package call

import "time"

// failed takes the final refusal of a leg's INVITE, or its redirection.
func (c *Call) failed(l *leg, in Input) {
	switch {
	case l.id == A:
		return
	case l.state == legCanceling || l.state == legClosing:
		c.release(l)
		return
	case c.paged(l):
		c.release(l)
		return
	case c.phase != phaseSetup || !l.live():
		return
	}
	if in.Event == RedirectedTo {
		c.redirected(l, in.Route)
		return
	}
	ref := Refusal{Status: fromPhone(in.Status)}
	if l.kind == Line {
		ref = Refusal{Status: fromLine(in.Status), Reason: relay(in.Reason)}
		if ref.Status == statusNoService {
			ref.Prompt = PromptBusy
		}
	}
	if in.Status >= 600 && l.kind == Phone {
		c.silence(l)
	}
	c.lose(l, ref, mayFailOver(in.Status))
}

// redirected follows a phone's 3xx, at most MaxRedirects times a call.
// Carriers' redirections are not followed: they are a failure of the line.
func (c *Call) redirected(l *leg, r Route) {
	switch {
	case l.kind == Line:
		c.lose(l, Refusal{Status: statusNoService}, true)
		return
	case c.self(): // what the unit says is for the number that it called
		c.lose(l, Refusal{Status: statusUnavailable}, false)
		return
	}
	c.release(l)
	if c.redirects == MaxRedirects {
		c.consider(Refusal{Status: statusLoop, Phrase: "Too Many Redirections"})
		c.giveUp()
		return
	}
	c.redirects++
	c.follow(r)
}

// silence stops the other phones of the extension whose user declined.
func (c *Call) silence(l *leg) {
	for _, o := range c.legs[1:] {
		if o != l && o.live() && o.kind == Phone && o.contact.Extension == l.contact.Extension {
			c.callOff(o, ReasonDeclined)
		}
	}
}

// lose takes a leg that will not answer out of the call.
func (c *Call) lose(l *leg, ref Refusal, nextLine bool) {
	c.release(l)
	c.outcome(l, ref, nextLine)
}

// outcome tries the next line in place of a leg that will not answer, or
// notes why it did not.
func (c *Call) outcome(l *leg, ref Refusal, nextLine bool) {
	if l.branch >= 0 && (nextLine || c.branches[l.branch].route.Emergency) && c.tryLine(l.branch) {
		return
	}
	c.consider(ref)
	c.giveUp()
}

func (c *Call) consider(ref Refusal) {
	if c.best.Status == 0 || rank(ref.Status) > rank(c.best.Status) {
		c.best = ref
	}
}

// giveUp refuses A when no leg may still answer.
func (c *Call) giveUp() {
	if c.phase != phaseSetup || c.serving {
		return
	}
	for _, l := range c.legs[1:] {
		if l.live() && !l.later() {
			return
		}
	}
	if c.ringLater() || c.onward() {
		return
	}
	if c.moving.on {
		c.comeToNothing(c.best)
		return
	}
	c.refuse(c.best)
}

// refuse turns A down, with an announcement first where one is due and heard.
func (c *Call) refuse(ref Refusal) {
	a := c.legs[A]
	c.stopRingback()
	if c.up && ref.Prompt == "" {
		ref.Prompt = promptOf(ref.Status) // its phone says nothing by itself any more
	}
	if ref.Prompt == "" || c.config.Announce == AnnounceOff || a.kind != Phone || !c.setup.Offer {
		c.refuseNow(ref)
		return
	}
	c.phase, c.refusal = phaseAnnouncing, ref
	c.until = c.now.Add(c.config.AnnounceMax)
	inCall := c.config.Announce == AnnounceAnswered
	if inCall {
		a.state = legUp
	}
	c.do(Effect{Op: OpAnnounce, Leg: A, Refusal: ref, Answered: inCall && !c.up})
}

func (c *Call) refuseNow(ref Refusal) {
	switch {
	case c.self():
		c.end(None, ref)
		return
	case c.up:
		c.bye(c.legs[A], ref.spoken())
		c.end(None, ref)
		return
	}
	c.do(Effect{Op: OpRefuse, Leg: A, Refusal: ref})
	c.release(c.legs[A])
	c.end(None, ref)
}

// announced ends the announcement and the call with it. played is false when
// A was never answered for it.
func (c *Call) announced(played bool) {
	c.until = time.Time{}
	if !c.up && (c.legs[A].state != legUp || !played) {
		c.refuseNow(c.refusal)
		return
	}
	c.bye(c.legs[A], c.refusal.spoken())
	c.end(None, c.refusal)
}

// spoken is the Reason of the BYE that ends an announcement.
func (r Refusal) spoken() Reason {
	switch {
	case r.Reason.Protocol != "":
		return r.Reason
	case r.Status == 0:
		return ReasonNormal
	}
	return Reason{Protocol: "SIP", Cause: r.Status, Text: r.Phrase}
}

// left takes the end of a leg: canceled by A, hung up, or lost.
func (c *Call) left(l *leg, in Input) {
	switch {
	case l.state == legCanceling || l.state == legClosing:
		if in.Event == Closed {
			c.release(l)
		}
		return
	case in.Event == Cancel && (l.id != A || l.state == legUp):
		return // a CANCEL that crossed our answer means nothing (RFC 3261 §9.2)
	case l.state == legConfirming:
		c.lose(l, Refusal{Status: statusUnavailable, Phrase: phraseNoAnswer}, false)
		return
	case c.paged(l):
		c.release(l)
		return
	case l.id != A && l.live():
		// A leg that is lost before its answer: as if it had timed out.
		c.failed(l, Input{Event: Failed, Leg: l.id, Status: statusTimeout, Reason: in.Reason})
		return
	}
	if l.id == A && c.asking.leg != None {
		c.do(Effect{Op: OpUnproven, Leg: A, Why: WhyHungUp})
	}
	ref := Refusal{Reason: relay(in.Reason)}
	switch {
	case l.id == c.moving.by: // it need not know any more
		c.moving.by = None
		c.release(l)
		return
	case in.Event == Closed && c.mayWait(l):
		c.lost(l)
		return
	case l.id == A && l.state != legUp:
		ref.Status, ref.Phrase = statusTerminated, "Request Terminated"
	case in.Event == Closed:
		ref.Status, ref.Phrase, ref.Reason = statusTimeout, "Session Lost", ReasonLost
	}
	c.release(l)
	c.hangUp(l.id, ref)
}

// hangUp ends the call for all legs. by is the leg that wanted it, None for
// the unit.
func (c *Call) hangUp(by LegID, ref Refusal) {
	if c.phase == phaseEnding {
		return
	}
	c.stopRingback()
	why := WhyHungUp
	if by == None {
		why = WhyNoAnswer
	}
	c.notKept(why)
	reason := ref.Reason
	if reason.Protocol == "" {
		reason = ReasonNormal
	}
	for _, l := range c.legs {
		switch {
		case l.state == legGone || l.state == legCanceling || l.state == legClosing:
		case l.state == legUp:
			c.bye(l, reason)
		case l.id == A:
			c.do(Effect{Op: OpRefuse, Leg: A, Refusal: ref})
			c.release(l)
		default:
			c.callOff(l, reason)
		}
	}
	c.end(by, ref)
}

// cut ends the call because the unit says so.
func (c *Call) cut(ref Refusal) {
	if c.phase == phaseEnding {
		return
	}
	if ref.Status == 0 {
		ref.Status = statusUnavailable
	}
	ref.Reason = ref.spoken()
	c.hangUp(None, ref)
}

func (c *Call) end(by LegID, ref Refusal) {
	c.phase = phaseEnding
	c.until, c.longest, c.telling.again = time.Time{}, time.Time{}, time.Time{}
	c.do(Effect{Op: OpEnded, Leg: by, Refusal: ref})
}

// bye hangs a leg up, however far it has come beyond its 2xx.
func (c *Call) bye(l *leg, reason Reason) {
	l.state, l.until = legClosing, c.now.Add(EndGrace)
	c.closeMedia(l)
	c.do(Effect{Op: OpBye, Leg: l.id, Reason: reason})
}

// callOff takes back a leg that has not answered.
func (c *Call) callOff(l *leg, reason Reason) {
	switch {
	case l.state < legInviting:
		c.release(l)
		return
	case l.state == legConfirming:
		c.bye(l, reason)
		return
	}
	l.state, l.until = legCanceling, c.now.Add(EndGrace)
	c.closeMedia(l)
	c.do(Effect{Op: OpCancel, Leg: l.id, Reason: reason})
}

func (c *Call) closeMedia(l *leg) {
	if !l.closed {
		l.closed = true
		c.do(Effect{Op: OpCloseMedia, Leg: l.id})
	}
}

// release frees everything the leg has; it is done once for every leg.
func (c *Call) release(l *leg) {
	if l.state == legGone {
		return
	}
	c.closeMedia(l)
	if l.id == A {
		c.keeping.speaking = false
	}
	l.state, l.until = legGone, time.Time{}
	c.do(Effect{Op: OpRelease, Leg: l.id})
}

// timer does what is due.
func (c *Call) timer() {
	if !c.until.IsZero() && !c.now.Before(c.until) {
		c.until = time.Time{}
		switch c.phase {
		case phaseSetup:
			c.unproven(WhyNoAnswer, Refusal{Prompt: PromptNotProved})
		case phaseAnnouncing:
			c.do(Effect{Op: OpToneOff, Leg: A})
			c.announced(true)
		case phaseWaiting:
			c.waitedOut()
		}
	}
	if !c.longest.IsZero() && !c.now.Before(c.longest) {
		c.longest = time.Time{}
		c.hangUp(None, TooLong())
	}
	c.notServed()
	c.keptTooLong()
	if at := c.telling.again; !at.IsZero() && !c.now.Before(at) {
		c.tell()
	}
	// New legs that a timed-out one leads to are not due: they are appended
	// with a deadline of their own.
	for _, l := range c.legs[:len(c.legs):len(c.legs)] {
		if l.state != legGone && !l.until.IsZero() && !c.now.Before(l.until) {
			c.overdue(l)
		}
	}
}

func (c *Call) overdue(l *leg) {
	switch l.state {
	case legResting:
		if l.later() {
			c.ringPhone(l)
			return
		}
		c.seize(l)
	case legSeizing, legAsking:
		c.lose(l, Refusal{Status: statusNoService, Prompt: PromptBusy}, true)
	case legInviting, legRinging:
		if !l.answer.IsZero() {
			c.leave(l)
			return
		}
		c.callOff(l, ReasonNoAnswer)
		c.outcome(l, Refusal{Status: statusUnavailable, Phrase: phraseNoAnswer, Reason: ReasonNoAnswer}, false)
	case legConfirming:
		c.notTaken(l)
	case legCanceling, legClosing:
		c.do(Effect{Op: OpDrop, Leg: l.id})
		c.release(l)
	}
}
