package call

import "time"

// The reasons for which a caller goes on to somebody else; stable words.
const (
	WhyBusy        = "busy"        // who was called talks, or wants to be left alone
	WhyUnanswered  = "unanswered"  // it rang, and nobody answered
	WhyUnreachable = "unreachable" // nothing rang
)

// onward asks, once for each route that says so, where a caller goes whom nobody
// has answered.
func (c *Call) onward() bool {
	if !c.further {
		return false
	}
	c.further, c.serving, c.servedBy = false, true, c.now.Add(DecideGrace)
	why := WhyUnreachable
	switch {
	case c.best.Status == statusBusy || c.best.Status >= statusBusyEverywhere:
		why = WhyBusy
	case c.best.Phrase == phraseNoAnswer || c.rung >= statusRinging:
		why = WhyUnanswered
	}
	c.do(Effect{Op: OpOnward, Leg: None, Why: why, Refusal: c.best})
	return true
}

// phraseNoAnswer is the phrase of a leg that rang for as long as it may.
const phraseNoAnswer = "No Answer"

// goesOn takes where the caller goes.
func (c *Call) goesOn(r Route) {
	if !c.serving || c.phase != phaseSetup {
		return
	}
	c.serving = false
	if r.Refuse.Status == 0 {
		c.best = Refusal{}
	}
	c.follow(r)
}

// ringPhone begins to ring a phone.
func (c *Call) ringPhone(l *leg) {
	l.state, l.until = legInviting, c.now.Add(l.contact.For)
	c.do(Effect{Op: OpInvite, Leg: l.id, From: c.offerFrom(), Contact: l.contact, Back: c.moving.backing})
}

// later says that a phone has yet to begin to ring.
func (l *leg) later() bool { return l.kind == Phone && l.state == legResting }

// ringLater rings those phones that are next, before their time, because no other
// may still answer.
func (c *Call) ringLater() bool {
	var next time.Time
	for _, l := range c.legs[1:] {
		if l.later() && (next.IsZero() || l.until.Before(next)) {
			next = l.until
		}
	}
	for _, l := range c.legs[1:] {
		if l.later() && l.until.Equal(next) {
			c.ringPhone(l)
		}
	}
	return !next.IsZero()
}

// confirms says that whoever answers a leg is asked whether it takes the call: a
// voice mailbox is not to take what was sent on to a telephone.
func (c *Call) confirms(l *leg) bool {
	return l.branch >= 0 && c.branches[l.branch].route.Confirm && !c.branches[l.branch].route.Emergency
}

// askTaker asks who answered whether it takes the call. The caller goes on hearing
// what it heard.
func (c *Call) askTaker(l *leg) {
	l.state, l.until, l.answer = legConfirming, c.now.Add(ConfirmMax), time.Time{}
	c.do(Effect{Op: OpKeepDialog, Leg: l.id})
	c.do(Effect{Op: OpConfirm, Leg: l.id})
}

// notTaken hangs up on who did not take the call.
func (c *Call) notTaken(l *leg) {
	c.bye(l, ReasonNoAnswer)
	c.outcome(l, Refusal{Status: statusUnavailable, Phrase: phraseNoAnswer, Reason: ReasonNoAnswer}, false)
}
