package call

import "time"

// phase is how far the call as a whole has come.
type phase uint8

const (
	phaseNew phase = iota
	phaseSetup
	phaseTalking
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
	branches  []branch
	winner    LegID
	redirects int
	rung      int     // last provisional status A was sent
	ringback  bool    // ring-back is being played to A
	asking    asking  // A is asked for its PIN, or was
	keeping   keeping // A is asked for it while it talks, or was
	telling   telling // what a call of the unit's own says
	best      Refusal // the best outcome of failed legs so far
	refusal   Refusal // what A is refused with after the announcement
	until     time.Time
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
	a := &leg{id: A, kind: setup.From, line: setup.Line, state: legInviting}
	if setup.From == Self {
		a.state = legGone
	}
	return &Call{
		config: config, setup: setup, winner: None, legs: append(make([]*leg, 0, legsUsual), a),
		asking: asking{leg: None},
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
	case PlayDone, PlayFailed:
		c.played(in.Event == PlayDone)
	default:
		if in.Leg < 0 || int(in.Leg) >= len(c.legs) || c.legs[in.Leg].state == legGone {
			return
		}
		c.legEvent(c.legs[in.Leg], in)
	}
	c.settle()
}

// played goes on when something was played to its end, or could not be.
func (c *Call) played(whole bool) {
	switch {
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
	case Reoffer, OfferAnswered, OfferRefused, BadMedia:
		c.negotiate(l, in)
	case Digit:
		c.digit(l, in.Digit)
	case MediaTimeout:
		// An emergency call is not given up for silence: the caller may be
		// unable to speak.
		if c.phase == phaseTalking && l.state == legUp && !c.Emergency() {
			c.hangUp(None, Refusal{Status: statusTimeout, Phrase: "No Media", Reason: ReasonNoMedia})
		}
	}
}

// digit takes a key: for the unit before the answer or where it is the unit that
// called, else for the other side.
func (c *Call) digit(l *leg, key byte) {
	switch {
	case c.phase == phaseSetup && l.id == A:
		c.key(key)
	case c.phase != phaseTalking || l.state != legUp:
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
	if at := c.keeping.until; !at.IsZero() && (first.IsZero() || at.Before(first)) {
		first = at
	}
	if at := c.telling.again; c.phase == phaseTalking && !at.IsZero() && at.Before(first) {
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

// Talking says that the call is answered and not over.
func (c *Call) Talking() bool { return c.phase == phaseTalking }

// Ending says that the call is over, though legs of it may still be.
func (c *Call) Ending() bool { return c.phase >= phaseEnding }

// Winner is the leg that answered, or None.
func (c *Call) Winner() LegID { return c.winner }

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
	case OpInvite, OpRing, OpAnswer, OpOffer, OpAnswerOffer, OpBridge:
	default:
		e.From = None
	}
	c.out = append(c.out, e)
}

// peer is the leg that l talks with.
func (c *Call) peer(l *leg) *leg {
	if l.id == A && c.winner != None {
		return c.legs[c.winner]
	}
	return c.legs[A]
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
	c.until = time.Time{}
	c.do(Effect{Op: OpDone})
}
