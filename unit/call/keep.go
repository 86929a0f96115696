package call

import "time"

// keeping is how far A has come with keeping a call that would end for want of
// money: with its PIN the call goes on from the person's own budget. It is asked
// once in a call. Nobody but the unit hears meanwhile what it types.
type keeping struct {
	typing
	begun bool
	on    bool
	leg   LegID     // whose money it is
	going bool      // the PIN was right, the money is awaited
	until time.Time // when A is not awaited any more
	end   time.Time // of it all
}

// short takes in that the money of a leg is nearly used up. Where A may keep the
// call, it is asked; else it is warned.
func (c *Call) short(l *leg, ask bool) {
	k := &c.keeping
	switch {
	case !c.talks(l) || k.on || c.self():
		return
	case !ask || k.begun || c.config.Announce == AnnounceOff || !c.talks(c.legs[A]) ||
		c.legs[A].kind != Phone || c.Emergency():
		c.warn()
		return
	}
	*k = keeping{begun: true, on: true, leg: l.id, end: c.now.Add(ProveMax)}
	c.do(Effect{Op: OpSecret, Leg: A})
	c.tellKeeper(PromptShort)
}

// tellKeeper says something about the PIN to A and gives it time for what is asked.
func (c *Call) tellKeeper(prompt string) {
	c.keeping.speaking = true
	c.awaitKeeper(PromptMax + ProveGrace)
	c.do(Effect{Op: OpChallenge, Leg: A, Refusal: Refusal{Prompt: prompt}})
}

func (c *Call) awaitKeeper(d time.Duration) {
	k := &c.keeping
	if k.until = c.now.Add(d); k.until.After(k.end) {
		k.until = k.end
	}
}

// toldKeeper goes on when something about the PIN was spoken, or could not be.
func (c *Call) toldKeeper(played bool) {
	k := &c.keeping
	switch {
	case !k.speaking:
	case !played && k.on && k.tries == 0 && !k.checking && len(k.keys) == 0:
		k.speaking = false
		c.notKept(WhyUnheard)
		c.warn()
	default:
		k.speaking = false
		if !k.on { // it was the last word
			c.do(Effect{Op: OpToneOff, Leg: A})
		}
	}
}

// keepKey takes a key that A pressed.
func (c *Call) keepKey(key byte) {
	k := &c.keeping
	if k.ended || k.going {
		return
	}
	c.hushKeeper()
	if !k.checking {
		c.awaitKeeper(ProveGrace)
	}
	if k.press(key) {
		c.proveKeeper()
	}
}

// hushKeeper ends what is being said about the PIN.
func (c *Call) hushKeeper() {
	if k := &c.keeping; k.speaking {
		k.speaking = false
		c.do(Effect{Op: OpToneOff, Leg: A})
		c.resound(A)
	}
}

func (c *Call) proveKeeper() {
	c.awaitKeeper(DecideGrace)
	c.do(Effect{Op: OpProve, Leg: A, Keys: c.keeping.take()})
}

// keeperChecked takes what came of the PIN that was typed.
func (c *Call) keeperChecked(in Input) {
	k := &c.keeping
	if !k.on || !k.checking || k.going {
		return
	}
	switch again := k.checked(in); {
	case in.Event == Proved:
		k.wipe()
		k.going = true
		c.awaitKeeper(DecideGrace)
		c.do(Effect{Op: OpGoOn, Leg: k.leg})
	case again && k.ended:
		c.proveKeeper()
	case again:
		c.tellKeeper(PromptWrong)
	default:
		c.notKept("")
		c.sayOrWarn(in.Refusal.Prompt)
	}
}

// wentOn takes in whether the person's own budget had money for the call. Who had
// proved itself before is told only where it had none.
func (c *Call) wentOn(kept bool) {
	if c.phase != phaseTalking || c.self() {
		return
	}
	asked := c.keeping.going
	c.notKept("")
	switch {
	case !kept:
		c.sayOrWarn("")
	case asked:
		c.sayOrWarn(PromptKept)
	}
}

// sayOrWarn says the last there is to say about the PIN; where there is nothing, A
// hears that the call ends.
func (c *Call) sayOrWarn(prompt string) {
	if prompt == "" {
		c.warn()
		return
	}
	c.keeping.speaking = true
	c.do(Effect{Op: OpChallenge, Leg: A, Refusal: Refusal{Prompt: prompt}})
}

// warn has the phone hear that the call ends: that of whoever pays for it, or of
// whom the call was handed over to.
func (c *Call) warn() {
	for _, id := range c.sides {
		if id != None && c.legs[id].kind == Phone {
			c.do(Effect{Op: OpWarn, Leg: id})
			return
		}
	}
}

// notKept ends the asking: what A types is the other side's again. Why is "" where
// the record of a PIN says it.
func (c *Call) notKept(why string) {
	k := &c.keeping
	if !k.on {
		return
	}
	switch {
	case k.going:
		why = ""
	case k.checking:
		why = WhyUnchecked
	}
	if why != "" {
		c.do(Effect{Op: OpUnproven, Leg: A, Why: why})
	}
	k.wipe()
	k.on, k.checking, k.going, k.until = false, false, false, time.Time{}
	if c.legs[A].state == legUp { // else it is gone, with what was played to it
		c.hushKeeper()
		c.do(Effect{Op: OpOpen, Leg: A})
	}
}

// keptTooLong gives up on a PIN that was not typed in time.
func (c *Call) keptTooLong() {
	if k := &c.keeping; c.phase == phaseTalking && !k.until.IsZero() && !c.now.Before(k.until) {
		c.notKept(WhyNoAnswer)
	}
}
