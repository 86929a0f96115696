package call

import "time"

// keyHeard is what who is told presses to acknowledge.
const keyHeard = '1'

// telling is how far a call of the unit's own has come with what it has to say.
type telling struct {
	item  int // of Setup.Tell, from 0
	times int // that it was told whole
	// thanking is on while the unit says that an item is acknowledged.
	thanking bool
	again    time.Time // when it is told once more; zero while something is spoken
}

// self says that it is the unit itself that calls, to tell something: A has no
// session then.
func (c *Call) self() bool { return c.setup.From == Self && !c.reached }

// begin has whoever answered a call of the unit's own be told, or talked with.
func (c *Call) begin(l *leg) {
	if c.setup.Attend {
		c.caller, c.up, l.state = l.id, true, legUp
		c.attend()
		return
	}
	c.phase, c.sides = phaseTalking, [2]LegID{A, l.id}
	l.state, l.until = legUp, time.Time{}
	c.longest = c.now.Add(min(c.config.MaxLength, TellMax))
	if l.kind == Line {
		c.do(Effect{Op: OpKeepDialog, Leg: l.id})
	}
	c.do(Effect{Op: OpAnswered, Leg: l.id})
	c.cancelOthers(l, ReasonElsewhere)
	c.tell()
}

func (c *Call) tell() {
	c.telling.again = time.Time{}
	c.do(Effect{Op: OpTell, Leg: c.sides[1], Item: c.telling.item})
}

// toldWhole goes on when something was said to its end, or could not be.
func (c *Call) toldWhole(played bool) {
	t := &c.telling
	switch {
	case !played:
		c.hangUp(None, Refusal{Status: statusNotAcceptable, Phrase: "Not Acceptable Here", Reason: ReasonBadMedia})
	case !t.again.IsZero(): // it was said to its end as a key came
	case t.thanking && t.item < c.setup.Tell:
		t.thanking = false
		c.tell()
	case t.thanking:
		c.hangUp(None, Refusal{})
	default:
		c.do(Effect{Op: OpTold, Leg: c.sides[1], Item: t.item})
		if t.times++; t.times == TellTimes {
			c.hangUp(None, Refusal{})
			return
		}
		t.again = c.now.Add(TellPause)
	}
}

// acknowledge takes a key of who is told.
func (c *Call) acknowledge(key byte) {
	t := &c.telling
	if key != keyHeard || t.thanking {
		return
	}
	c.do(Effect{Op: OpAcknowledged, Leg: c.sides[1], Item: t.item})
	*t = telling{item: t.item + 1, thanking: true}
	c.do(Effect{Op: OpThank, Leg: c.sides[1]})
}
