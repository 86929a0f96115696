package call

import "time"

// phase is how far the call as a whole has come.
type phase uint8

const (
	phaseNew      phase = iota
	phaseSetup          // the caller waits while others are tried
	phaseTalking        // two sides talk
	phaseWaiting        // one side is left, and waits to be taken
	phaseAttended       // the unit itself talks with the caller
	phasePaging         // the caller speaks to all who answer
	phaseAnnouncing
	phaseEnding
	phaseDone
)

// Call is one call. It is not safe for concurrent use: its shard's loop owns
// it.
type Call struct {
	config    Config
	setup     Setup
	phase     phase
	now       time.Time // of the step being made
	legs      []*leg    // legs[0] is A
	caller    LegID     // who waits for others to answer: A at first
	up        bool      // it was answered already
	sides     [2]LegID  // who talk
	branches  []branch
	redirects int
	first     LegID     // of the legs that are tried for this caller
	further   bool      // where nobody answers, somebody else may
	serving   bool      // the unit itself does what A dialed, or says where the caller goes on to
	servedBy  time.Time // at the latest
	rung      int       // last provisional status A was sent
	ringback  bool      // ring-back is being played to the caller
	reached   bool      // somebody answered
	asking    asking    // A is asked for its PIN, or was
	keeping   keeping   // A is asked for it while it talks, or was
	telling   telling   // what a call of the unit's own says
	met       bool      // the unit itself talked with the caller
	best      Refusal   // the best outcome of failed legs so far
	refusal   Refusal   // what A is refused with after the announcement
	until     time.Time
	longest   time.Time // when the call has lasted as long as any may, zero for never
	moving    moving
	out       []Effect
}

// New gives a call that has not begun: Step it with Start.
func New(config Config, setup Setup) *Call {
	set := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	set(&config.NoAnswer, DefaultNoAnswer)
	set(&config.LineNoAnswer, DefaultLineNoAnswer)
	set(&config.Silence, DefaultSilence)
	set(&config.UrgentSilence, DefaultUrgentSilence)
	set(&config.MaxLength, DefaultMaxLength)
	set(&config.AnnounceMax, DefaultAnnounce)
	set(&config.LeftWait, DefaultLeftWait)
	a := &leg{id: A, kind: setup.From, line: setup.Line, state: legInviting}
	if setup.From == Self {
		a.state = legGone
	}
	return &Call{
		config: config, setup: setup, legs: append(make([]*leg, 0, legsUsual), a), first: 1,
		sides: [2]LegID{None, None}, asking: asking{leg: None}, moving: moving{by: None},
	}
}

// legsUsual is how many legs a call has as a rule.
const legsUsual = 2

// Step tells the call that in happened at now and appends to out what is to be
// done, in order.
func (c *Call) Step(now time.Time, in Input, out []Effect) []Effect {
	if c.phase == phaseDone || (c.phase == phaseNew) != (in.Event == Start) {
		return out
	}
	c.now, c.out = now, out
	c.step(in)
	out, c.out = c.out, nil // it is not the call's: idle calls are kept small
	return out
}

func (c *Call) step(in Input) {
	switch in.Event {
	case Start:
		c.start()
	case Timer:
		c.timer()
	case Cut:
		c.cut(in.Refusal)
	case Onward:
		c.goesOn(in.Route)
	case PlayDone, PlayFailed:
		c.played(in)
		c.resound(in.Leg)
	case Take:
		c.take(in)
	case Connect:
		c.connect(in)
	case Withdraw:
		c.withdraw()
	case Finish:
		c.finish(in.Refusal)
	default:
		if in.Leg < 0 || int(in.Leg) >= len(c.legs) || c.legs[in.Leg].state == legGone {
			return
		}
		c.legEvent(c.legs[in.Leg], in)
	}
	c.settle()
}

// played goes on when something was played to its end, or could not be.
func (c *Call) played(in Input) {
	whole := in.Event == PlayDone
	switch {
	case c.hosted() && !c.asking.speaking:
		if in.Leg == c.caller {
			c.do(Effect{Op: OpSaid, Leg: c.caller, Whole: whole})
		}
	case c.phase == phaseAnnouncing:
		c.announced(whole)
	case c.phase == phaseTalking && c.self():
		c.toldWhole(whole)
	case c.phase == phaseTalking:
		c.toldKeeper(whole)
	default:
		c.spoken(whole)
	}
}

// legEvent sorts what happened to a leg that is not gone.
func (c *Call) legEvent(l *leg, in Input) {
	if l.state == legProving {
		return // it has nothing yet that anything could happen to
	}
	switch in.Event {
	case Seized, SeizeFailed, Verdict:
		c.decided(l, in)
	case Served:
		c.served(in.Refusal)
	case Proved, NotProved:
		c.checked(in)
		c.keeperChecked(in)
	case Short:
		c.short(l, in.Ask)
	case WentOn, NotWentOn:
		c.wentOn(in.Event == WentOn)
	case Trying:
		c.heard(l)
	case Progress:
		c.progress(l, in)
	case Answered:
		c.answered(l, in)
	case Failed, RedirectedTo:
		c.failed(l, in)
	case Cancel, Bye, Closed:
		c.left(l, in)
	case Held, Resumed:
		c.hold(l, in.Event == Held)
	case BadMedia:
		c.badMedia(l)
	case Refer:
		c.refer(l, in)
	case Park:
		c.park(l, in)
	case Gone:
		c.gone(l)
	case Digit:
		c.digit(l, in.Digit)
	case MediaTimeout:
		// An emergency call is not given up for silence: the caller may be
		// unable to speak.
		if c.connected() && l.state == legUp && !c.Emergency() {
			c.hangUp(None, Refusal{Status: statusTimeout, Phrase: "No Media", Reason: ReasonNoMedia})
		}
	}
}

// digit takes a key: for the unit before the answer or where it is the unit that
// called, else for the other side.
func (c *Call) digit(l *leg, key byte) {
	switch {
	case c.hosted() && l.id == c.caller:
		c.do(Effect{Op: OpKey, Leg: l.id, Digit: key})
	case c.phase == phaseSetup && l.id == A:
		c.key(key)
	case l.state == legConfirming:
		if key == keyHeard {
			c.do(Effect{Op: OpToneOff, Leg: l.id}) // else it hears the question to its end
			c.win(l)
		}
	case !c.talks(l):
	case c.self():
		c.acknowledge(key)
	case c.keeping.on && l.id == A:
		c.keepKey(key)
	default:
		c.do(Effect{Op: OpDigit, Leg: c.peer(l).id, Digit: key})
	}
}

// Deadline is when the call must be stepped with Timer, the zero time for
// never.
func (c *Call) Deadline() time.Time {
	if c.phase == phaseDone {
		return time.Time{}
	}
	first := c.until
	for _, at := range [...]time.Time{c.keeping.until, c.longest, c.telling.again} {
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if at := c.servedBy; c.serving && (first.IsZero() || at.Before(first)) {
		first = at
	}
	for _, l := range c.legs {
		if l.state != legGone && !l.until.IsZero() && (first.IsZero() || l.until.Before(first)) {
			first = l.until
		}
	}
	return first
}

// Done says that the call is over and has no legs.
func (c *Call) Done() bool { return c.phase == phaseDone }

// Talking says that two sides talk.
func (c *Call) Talking() bool { return c.phase == phaseTalking }

// Waiting says that one side is left of the call, and waits to be taken.
func (c *Call) Waiting() bool { return c.phase == phaseWaiting }

// Ringing says that the caller waits for somebody to answer.
func (c *Call) Ringing() bool { return c.phase == phaseSetup }

// Ending says that the call is over, though legs of it may still be.
func (c *Call) Ending() bool { return c.phase >= phaseEnding }

// Sides are the legs that talk; in a call of the unit's own the first is A. Where
// one waits, for an answer or to be taken, or the unit talks with it, it is the
// first, and the other None.
func (c *Call) Sides() [2]LegID {
	switch c.phase {
	case phaseTalking:
		return c.sides
	case phaseSetup, phaseWaiting, phaseAttended, phasePaging:
		return [2]LegID{c.caller, None}
	}
	return [2]LegID{None, None}
}

// Next is the leg that a Take will make.
func (c *Call) Next() LegID { return LegID(len(c.legs)) }

// Emergency says that the call is one to an emergency service: it is not
// pre-empted, and nothing of ours bounds it.
func (c *Call) Emergency() bool {
	for i := range c.branches {
		if c.branches[i].route.Emergency {
			return true
		}
	}
	return false
}

func (c *Call) do(e Effect) {
	switch e.Op {
	case OpInvite, OpRing, OpAnswer, OpBridge, OpWaits:
	default:
		e.From = None
	}
	c.out = append(c.out, e)
}

// talks says that a leg is one of the two sides that talk.
func (c *Call) talks(l *leg) bool {
	return c.phase == phaseTalking && l.state == legUp && (c.sides[0] == l.id || c.sides[1] == l.id)
}

// peer is the leg that a side talks with.
func (c *Call) peer(l *leg) *leg {
	if c.sides[0] == l.id {
		return c.legs[c.sides[1]]
	}
	return c.legs[c.sides[0]]
}

// connected says that somebody was answered and is not hung up on yet: two sides
// that talk, or one that waits, or
// that the unit talks with.
func (c *Call) connected() bool {
	return c.phase == phaseTalking || c.phase == phaseWaiting || c.phase == phaseAttended ||
		c.phase == phaseSetup && c.up
}

// settle ends a call that has no legs left.
func (c *Call) settle() {
	if c.phase != phaseEnding {
		return
	}
	for _, l := range c.legs {
		if l.state != legGone {
			return
		}
	}
	c.phase = phaseDone
	c.do(Effect{Op: OpDone})
}
