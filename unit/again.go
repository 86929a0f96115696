package unit

import (
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// offerPlain sends a line that did not accept our offer another one, once:
// speech in the line's first codec and nothing beside it. NGN is documented to
// take formats "0" only, and was seen to take "0 101" too. It is a new INVITE,
// so the gate is asked again.
func (l *liveLeg) offerPlain(status int) bool {
	if status != 488 || l.line == "" || l.c.u.cfg.Lines.Site(l.line) != "" || l.flipped || l.gone || l.voice == nil {
		return false // voice is nil too when the leg was called off
	}
	policy := l.c.u.cfg.Places.LineLeg(l.line, edge.Source{}).Policy
	if policy.NoTelephoneEvent && len(policy.Codecs) == 1 {
		return false // it was plain
	}
	l.flipped = true
	l.askAgain()
	return true
}

// askAgain has the gate judge a line's INVITE that is to be sent with another offer: a pass
// is for one.
func (l *liveLeg) askAgain() {
	l.voice.Close()
	l.voice, l.se = nil, nil
	l.c.ask(l, l.asked)
}

// plainly makes a line's media policy the plainest that it takes.
func plainly(p media.Policy) media.Policy {
	p.NoTelephoneEvent = true
	p.Codecs = p.Codecs[:min(1, len(p.Codecs))]
	return p
}

// askedAgain takes the gate's answer to the second asking. The call core does
// not hear of it: to it the leg's INVITE is still out.
func (c *liveCall) askedAgain(l *liveLeg, passed bool) {
	if passed {
		se, err := c.inviteLine(l, l.sent)
		if err == nil {
			l.se, l.taken = se, ""
			return
		}
		c.u.log.Info("INVITE not sent again", "call", c.id, "leg", int(l.id), "error", err)
	}
	c.input(call.Input{Event: call.Failed, Leg: l.id, Status: 488})
}
