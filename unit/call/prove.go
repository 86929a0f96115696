package call

import (
	"slices"
	"time"
)

// What is spoken to a caller about its PIN.
const (
	PromptPIN       = "pin"            // type it, and #
	PromptWrong     = "pin-wrong"      // type it again
	PromptProved    = "pin-right"      // the call goes on
	PromptNotProved = "pin-not-proved" // the call ends
	PromptLocked    = "pin-locked"     // so it does, and the PIN is locked
	// While A talks:
	PromptShort = "pin-in-call"       // type it, and #: the money for the call is nearly used up
	PromptKept  = "pin-in-call-right" // go on
)

// Why an OpUnproven is.
const (
	WhyNoAnswer  = "no-answer"   // nothing was typed for too long
	WhyHungUp    = "hung-up"     // A gave up
	WhyUnheard   = "unheard"     // A can't be spoken to
	WhyUnchecked = "not-checked" // nobody said whether the PIN was right
)

// Keys that mean something besides digits.
const (
	keyEnd  = '#'
	keyAnew = '*'
)

// asking is how far A has come with proving itself before it talks. It is asked
// once in a call.
type asking struct {
	typing
	begun   bool
	leg     LegID // what waits for the proof, None for nothing
	refusal Refusal
	end     time.Time // of it all
}

// typing is what A types of a PIN.
type typing struct {
	speaking bool // A is being told what to do
	keys     []byte
	checking bool
	ended    bool // # was pressed after more keys, while a PIN was checked
	tries    int
}

// press takes a key, and tells whether a PIN was typed that can be checked now.
// What is typed while one is being checked is the next one.
func (t *typing) press(key byte) (whole bool) {
	switch {
	case key == keyAnew:
		t.wipe()
	case key == keyEnd && len(t.keys) > 0 && t.checking:
		t.ended = true
	case key == keyEnd && len(t.keys) > 0:
		return true
	case key >= '0' && key <= '9' && len(t.keys) < KeysMax:
		t.keys = append(t.keys, key)
	}
	return false
}

// take takes what was typed, to be checked.
func (t *typing) take() []byte {
	typed := slices.Clone(t.keys)
	t.wipe()
	t.checking, t.ended = true, false
	return typed
}

// wipe forgets what was typed.
func (t *typing) wipe() {
	clear(t.keys)
	t.keys = t.keys[:0]
}

// checked ends the checking of a PIN that was not right, and tells whether another
// one may be typed.
func (t *typing) checked(in Input) (again bool) {
	t.checking = false
	t.tries++
	return in.Event != Proved && in.Again && t.tries < TriesMax
}

// challenge asks A for its PIN, because the gate would let l by with it. Where
// A can't be asked, l is refused.
func (c *Call) challenge(l *leg, ref Refusal) {
	a, p := c.legs[A], &c.asking
	heard := c.setup.Offer && !c.up && !a.early
	if c.moving.attended {
		heard = c.caller == A
	}
	if p.begun || c.Emergency() || c.config.Announce == AnnounceOff || a.kind != Phone || !heard || !c.alone(l) {
		c.do(Effect{Op: OpUnproven, Leg: A, Why: WhyUnheard})
		c.lose(l, ref, false)
		return
	}
	p.begun, p.leg, p.refusal, p.end = true, l.id, ref, c.now.Add(ProveMax)
	answer := !c.up
	c.up, a.music = true, false
	l.state, l.until = legProving, time.Time{}
	a.state, a.early = legUp, true
	c.speak(PromptPIN, answer)
}

// speak says something about the PIN and gives A time for what is asked.
func (c *Call) speak(prompt string, answer bool) {
	c.asking.speaking = true
	c.await(PromptMax + ProveGrace)
	c.do(Effect{Op: OpChallenge, Leg: A, Refusal: Refusal{Prompt: prompt}, Answered: answer})
}

// await gives A so long for its next key.
func (c *Call) await(d time.Duration) {
	if c.until = c.now.Add(d); c.until.After(c.asking.end) {
		c.until = c.asking.end
	}
}

// spoken goes on when something about the PIN was spoken, or could not be.
func (c *Call) spoken(played bool) {
	p := &c.asking
	if c.phase != phaseSetup || !p.speaking {
		return
	}
	p.speaking = false
	switch {
	case p.leg == None: // the call is on its way
		if c.ringback {
			c.do(Effect{Op: OpRingback, Leg: A})
		}
	case !played && !c.moving.attended: // A was not answered either
		c.up, c.legs[A].state, c.legs[A].early = false, legInviting, false
		c.unproven(WhyUnheard, p.refusal)
	case !played:
		c.unproven(WhyUnheard, p.refusal)
	case !p.checking:
		c.await(ProveGrace)
	}
}

// key takes a key that A pressed.
func (c *Call) key(key byte) {
	p := &c.asking
	if p.leg == None || p.ended {
		return
	}
	if p.speaking {
		p.speaking = false
		c.do(Effect{Op: OpToneOff, Leg: A})
	}
	if !p.checking {
		c.await(ProveGrace)
	}
	if p.press(key) {
		c.prove()
	}
}

// prove has checked what A typed.
func (c *Call) prove() {
	c.until = c.now.Add(DecideGrace)
	c.do(Effect{Op: OpProve, Leg: A, Keys: c.asking.take()})
}

// checked takes what came of the PIN that was typed.
func (c *Call) checked(in Input) {
	p := &c.asking
	if p.leg == None || !p.checking || c.phase != phaseSetup {
		return
	}
	switch again := p.checked(in); {
	case in.Event == Proved:
		l := c.legs[p.leg]
		p.wipe()
		c.speak(PromptProved, false)
		p.leg, c.until = None, time.Time{}
		c.ask(l)
	case again && p.ended:
		c.prove()
	case again:
		c.speak(PromptWrong, false)
	default:
		if in.Refusal.Prompt == "" {
			in.Refusal.Prompt = PromptNotProved
		}
		c.unproven("", in.Refusal)
	}
}

// unproven ends the asking: the call is refused as the gate would have it, with
// what is said of the PIN. Why is "" where the record of a PIN says it.
func (c *Call) unproven(why string, said Refusal) {
	p := &c.asking
	if p.leg == None {
		return
	}
	if p.checking {
		why = WhyUnchecked
	}
	if why != "" {
		c.do(Effect{Op: OpUnproven, Leg: A, Why: why})
	}
	l, ref := c.legs[p.leg], p.refusal
	p.wipe()
	p.leg, p.checking, c.until = None, false, time.Time{}
	ref.Prompt = said.Prompt
	c.lose(l, ref, false)
}

// promptOf is what is spoken to a caller whose phone was answered already: what
// it would have shown or sounded by itself otherwise.
func promptOf(status int) string {
	switch status {
	case statusBusy, statusBusyEverywhere:
		return "busy"
	case statusNotFound, statusGone, statusIncomplete, statusNotExist:
		return "vacant"
	case statusUnavailable, statusTimeout:
		return "no-answer"
	case statusForbidden, statusDecline:
		return "barred"
	}
	return PromptBusy
}
