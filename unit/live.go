package unit

import (
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/phone"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// liveCall is one call with everything it has. Its shard's loop owns it; only
// post and view are for others.
type liveCall struct {
	u      *Unit
	sh     *stack.Shard
	id     string
	core   *call.Call
	voice  *media.Call // nil until somebody is to be heard
	legs   []*liveLeg  // by call.LegID
	queue  []call.Input
	busy   bool
	alarm  *stack.Alarm
	wakeAt time.Time

	direction fact.Direction
	party     fact.Party  // who stands behind A
	origin    gate.Origin // A as the gate is told
	redirects map[string]gate.Origin
	target    plan.Target
	from, to  string // calling number, called number as dialed
	name      string // calling name
	lineIn    string // the line it came in on, "" for phones
	lineOut   string // the line it went out on last
	verb      string // the gate's last answer
	rule      string
	contacts  map[string]phone.Contact // contacts by call.Contact.Key
	lateOffer bool
	hops      int  // Max-Forwards of what follows (RFC 7332)
	speaking  bool // holds an announcement slot
	started   time.Time
	answered  time.Time
	answerer  string // device or line that answered
	booked    bool   // a fact tells of it already
	told      bool   // one tells that it was answered
	view      atomic.Pointer[View]
}

// liveLeg is one leg of a live call. It hears its session's events.
type liveLeg struct {
	c       *liveCall
	id      call.LegID
	se      *stack.Session
	voice   *media.Leg
	line    string
	contact phone.Contact
	pass    gate.Pass
	offer   call.LegID // whose offer its INVITE carried
	// What a line's leg asked the gate and sent, should it have to again.
	asked, sent call.Effect
	flipped     bool   // its INVITE was sent again with the other offer
	channel     bool   // a channel of the line is ours
	kept        bool   // its dialog is stored
	heard       bool   // its INVITE had a response
	byed        bool   // we hung up
	gone        bool   // released
	bare        bool   // it asked for our offer
	held        bool   // wanted to hear nothing when last asked
	taken       string // the answer last taken, to know repetitions
}

var _ stack.Owner = (*liveLeg)(nil)

func (c *liveCall) leg(id call.LegID) *liveLeg {
	for int(id) >= len(c.legs) {
		c.legs = append(c.legs, &liveLeg{c: c, id: call.LegID(len(c.legs))})
	}
	if id < 0 {
		return c.legs[call.A]
	}
	return c.legs[id]
}

// key names a leg's channel at its line, and its media.
func (l *liveLeg) key() string { return l.c.id + "/" + strconv.Itoa(int(l.id)) }

// callOf takes the call's ID out of a key.
func callOf(key string) string {
	id, _, _ := strings.Cut(key, "/")
	return id
}

// post gives the call an input from any goroutine. It is false when the shard
// takes nothing more: then the call's own deadlines end what waits for it.
func (c *liveCall) post(in call.Input) bool {
	return c.sh.Post(func(*stack.Shard) { c.input(in) })
}

// input gives the call an input, on the loop. What happens while effects are
// carried out waits for its turn.
func (c *liveCall) input(in call.Input) {
	c.queue = append(c.queue, in)
	if c.busy {
		return
	}
	c.busy = true
	for len(c.queue) > 0 {
		next := c.queue[0]
		c.queue = c.queue[1:]
		for _, e := range c.core.Step(c.sh.Now(), next) {
			c.carryOut(e)
		}
	}
	c.queue = nil
	c.busy = false
	c.rearm()
}

// rearm sets the call's one timer to its next deadline.
func (c *liveCall) rearm() {
	at := c.core.Deadline()
	if at.Equal(c.wakeAt) {
		return
	}
	if c.alarm != nil {
		c.alarm.Stop()
		c.alarm = nil
	}
	c.wakeAt = at
	if at.IsZero() {
		return
	}
	c.alarm = c.sh.At(at, func(*stack.Shard) {
		c.alarm, c.wakeAt = nil, time.Time{}
		c.input(call.Input{Event: call.Timer})
	})
}

// carryOut does one effect. Failures come back as inputs.
func (c *liveCall) carryOut(e call.Effect) {
	l := c.leg(e.Leg)
	switch e.Op {
	case call.OpStarted:
		c.bookStarted()
	case call.OpSeize:
		c.seize(l, e)
	case call.OpAsk:
		c.ask(l, e)
	case call.OpInvite:
		c.invite(l, e)
	case call.OpRing:
		c.ring(l, e)
	case call.OpAnswer:
		c.answer(l, e)
	case call.OpRefuse:
		c.refuse(l, e.Refusal)
	case call.OpCancel:
		c.cancel(l, e.Reason)
	case call.OpBye:
		c.bye(l, e.Reason)
	case call.OpOffer:
		c.offer(l, c.leg(e.From))
	case call.OpAnswerOffer:
		c.answerOffer(l, e.From)
	case call.OpRefuseOffer:
		c.refuseOffer(l, e.Status)
	case call.OpDigit:
		c.digit(l, e.Digit)
	case call.OpBridge:
		c.bridge(l, c.leg(e.From))
	case call.OpRingback:
		c.ringback(l)
	case call.OpToneOff:
		c.toneOff(l)
	case call.OpAnnounce:
		c.announce(l, e)
	case call.OpCloseMedia:
		c.closeMedia(l)
	case call.OpKeepDialog:
		c.keepDialog(l, nil)
	case call.OpAnswered:
		c.bookAnswered(l)
	case call.OpRelease:
		c.release(l)
	case call.OpDrop:
		c.drop(l)
	case call.OpEnded:
		c.bookEnded(e)
	case call.OpDone:
		c.done()
	}
}

// release frees everything a leg has.
func (c *liveCall) release(l *liveLeg) {
	l.gone = true
	c.closeMedia(l)
	c.freeChannel(l)
	if l.kept {
		l.kept = false
		c.u.commit(fact.Write{Rows: []fact.Row{fact.LineDialogGone{Call: c.id, Line: l.line}}, Behind: true})
	}
	l.pass = gate.Pass{}
}

func (c *liveCall) freeChannel(l *liveLeg) {
	if l.channel {
		l.channel = false
		c.u.cfg.Lines.Release(l.line, l.key())
	}
}

// drop forgets a leg whose session did not end in time.
func (c *liveCall) drop(l *liveLeg) {
	c.u.log.Warn("leg did not end in time", "call", c.id, "leg", int(l.id), "line", l.line)
	if l.se != nil {
		l.se.End(503, "")
	}
}

func (c *liveCall) done() {
	if c.alarm != nil {
		c.alarm.Stop()
		c.alarm = nil
	}
	if c.voice != nil {
		c.voice.Close()
	}
	c.freeSlot()
	c.u.remove(c)
}
