package unit

import (
	"net/netip"
	"slices"
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
// post and view are for others. It has at most 2,296 bytes: for one more the allocator
// takes 2,688.
type liveCall struct {
	u      *Unit
	sh     *stack.Shard
	id     string
	core   *call.Call
	voice  *media.Call // nil until somebody is to be heard
	legs   []*liveLeg  // by call.LegID
	work   *work       // while inputs are worked off
	alarm  *stack.Alarm
	wakeAt time.Time // when the alarm rings, zero when it does not
	inbox  inbox

	direction fact.Direction
	party     fact.Party             // who stands behind A
	origin    gate.Origin            // A as the gate is told
	home      string                 // the extension that A's phone is of, whoever is logged in there
	sent      map[string]gate.Origin // who sent it on, by extension
	stays     string                 // the extension that was sent over last, and calls now; "" for A's
	target    plan.Target
	place     string        // where it waits, "" for nowhere
	key       *plan.LineKey // on which it is seen, nil for none
	keyWas    *plan.LineKey // when its lamps were looked at last
	left      string        // the extension whose phone left it to wait
	from, to  string        // calling number, called number as dialed
	name      string        // calling name
	mark      string        // what people should know of the number, as line.Incoming has it
	lineIn    string        // the line it came in on, "" for phones
	lineOut   string        // the line it went out on last
	verb      string        // the gate's last answer
	rule      string
	contacts  []phone.Contact // call.Contact.Key is the index of one
	path      []string        // the sites that it has come through, by their marks
	proof     gate.Proof
	asks      string // the rule that has A asked for its PIN
	started   time.Time
	answered  time.Time
	answerer  string            // device or line that answered
	sound     []fact.Sound      // of legs that are closed
	settled   []fact.Settlement // of legs that are gone, to be told with the next fact
	notice    *notice           // what the unit calls for by itself, nil in all other calls
	host      *host             // of the script by which the unit talks with the caller, nil for none
	reel      *reel             // on which it is recorded, nil for none
	wish      *wish             // of a recording that is yet to begin, nil for none
	talked    *speakers         // who talked when it was looked last whether it is to be
	ending    *fact.CallEnded   // how it ended, until that is written
	view      atomic.Pointer[View]
	shown     []string           // the lamps on which it is seen
	waited    string             // the lamp on which it is seen that somebody waits
	room      [legsUsual]liveLeg // of legs
	roomLegs  [legsUsual]*liveLeg

	forwarding forwarding
	summoned   summoned
	queued     *queued         // in a queue, nil for none
	wait       waited          // there
	queueWas   string          // the queue when its lamps were looked at last
	spoken     *media.Room     // in which a page is heard
	cast       *netip.AddrPort // where the zone listens that it is for, nil for nowhere

	// Together they take little room.
	hops      int16 // Max-Forwards of what follows (RFC 7332)
	met       bool  // somebody has taken the call whom it was for
	seized    bool  // a channel of the key's line is ours for who has dial tone
	callback  bool  // it may be the answer to an emergency call
	speaking  bool  // holds an announcement slot
	up        bool  // A was answered by the unit itself
	booked    bool  // a fact tells of it already
	recorded  bool  // a verdict is on disk that says who calls whom since when
	foreign   bool  // another than A stands behind one of its verdicts
	told      bool  // one tells that it was answered
	unheard   bool  // no voice came from the phone that called
	prompted  bool  // A was asked for its PIN
	kept      bool  // so it was while it talked
	unsettled bool  // it is over, but for what a leg cost
}

// liveLeg is one leg of a live call. It hears its session's events.
type liveLeg struct {
	c       *liveCall
	id      call.LegID
	se      *stack.Session
	voice   *media.Leg
	line    string
	contact *phone.Contact // of a phone that was called
	came    *gate.Origin   // of a phone that came into the call when that was there
	pass    gate.Pass
	money              // that its line costs
	offer   call.LegID // whose offer its INVITE carried
	// What a line's leg asked the gate and sent, should it have to again.
	asked, sent *call.Effect
	passed      bool      // the gate let it out
	picked      time.Time // when its line answered
	flipped     bool      // its INVITE was sent again with the other offer
	channel     bool      // a channel of the line is ours
	kept        bool      // its dialog is stored
	heard       bool      // its INVITE had a response
	byed        bool      // we hung up
	gone        bool      // released
	back        bool      // its phone is given back whom it sent on
	auto        bool      // its phone is asked to answer by itself
	late        bool      // its INVITE brought no offer
	held        bool      // wanted to hear nothing when last asked
	keeps       bool      // and said that it holds for itself
	narrowed    bool      // it was offered only what can be recorded
	whole       bool      // and then all there is
	shift       shift     // to what can be recorded
	shifts      uint8     // how often it has gone over, ShiftsMax at most
	shiftAt     int64     // when an offer of a shift was made last, in ns of Unix time
	heldAt      time.Time // from when on, or no more
	taken       string    // the answer last taken, to know repetitions
	faxFor      *liveLeg  // whose offer of fax its peer was asked about, nil for none
	insider     bool      // whoever is at its site's end is at a phone of an office
	told        string    // what its site was told of who talks with it
	stood       stood     // when its call's lamps were looked at last

	sees call.LegID // whom its phone is shown that it talks with, None for nobody
}

var _ stack.Owner = (*liveLeg)(nil)

func (c *liveCall) leg(id call.LegID) *liveLeg {
	for n := len(c.legs); int(id) >= n; n++ {
		l := new(liveLeg)
		if n < len(c.room) {
			l = &c.room[n]
		}
		l.c, l.id, l.sees = c, call.LegID(n), call.None
		c.legs = append(c.legs, l)
	}
	if id < 0 {
		return c.legs[call.A]
	}
	return c.legs[id]
}

// device is the phone that was called, or that came into the call; "" for a line
// and for A.
func (l *liveLeg) device() string {
	if l.contact != nil {
		return l.contact.Device
	}
	if l.came != nil {
		return l.came.Device
	}
	return ""
}

// extension is that of its phone.
func (l *liveLeg) extension() string {
	if l.contact != nil {
		return l.contact.Extension
	}
	if l.came != nil {
		return l.came.Extension
	}
	return ""
}

// key names a leg's channel at its line, and its media.
func (l *liveLeg) key() string { return l.c.id + "/" + strconv.Itoa(int(l.id)) }

// callOf takes the call's ID out of a key.
func callOf(key string) string {
	id, _, _ := strings.Cut(key, "/")
	return id
}

// work is what a call needs only while inputs are worked off.
type work struct {
	queue   []call.Input
	effects []call.Effect
}

// input gives the call an input, on the loop. What happens while effects are
// carried out waits for its turn.
func (c *liveCall) input(in call.Input) {
	if c.work != nil {
		c.work.queue = append(c.work.queue, in)
		return
	}
	w := c.u.works.Get().(*work)
	c.work = w
	w.queue = append(w.queue, in)
	for i := 0; i < len(w.queue); i++ {
		w.effects = c.core.Step(c.sh.Now(), w.queue[i], w.effects)
		for k := range w.effects {
			c.carryOut(&w.effects[k])
		}
		clear(w.effects)
		w.effects = w.effects[:0]
	}
	clear(w.queue)
	w.queue = w.queue[:0]
	c.work = nil
	c.u.works.Put(w)
	c.rearm()
	c.records()
	c.u.lamps.show(c)
	c.identify()
}

// rearm has the call's one alarm ring at its next deadline, or earlier: most
// deadlines only move on, and an alarm too early does nothing.
func (c *liveCall) rearm() {
	at := c.core.Deadline()
	if at.IsZero() || !c.wakeAt.IsZero() && !at.Before(c.wakeAt) {
		return
	}
	c.wakeAt = at
	if c.alarm != nil {
		c.alarm.Again(at)
		return
	}
	c.alarm = c.sh.At(at, func(*stack.Shard) {
		c.wakeAt = time.Time{}
		c.input(call.Input{Event: call.Timer})
	})
}

// carryOut does one effect. Failures come back as inputs.
func (c *liveCall) carryOut(e *call.Effect) {
	l := c.leg(e.Leg)
	switch e.Op {
	case call.OpStarted:
		c.bookStarted()
	case call.OpServe, call.OpOnward, call.OpConfirm:
		c.serve(l, e)
	case call.OpAttend, call.OpKey, call.OpSaid:
		c.attended(l, e)
	case call.OpPage, call.OpListen:
		c.page(l, e.Op)
	case call.OpSeize:
		c.seize(l, e)
	case call.OpAsk:
		c.ask(l, e)
	case call.OpChallenge:
		c.challenge(l, e)
	case call.OpProve:
		c.prove(e)
	case call.OpUnproven:
		c.unproven(e.Why)
	case call.OpWarn, call.OpSecret, call.OpOpen, call.OpGoOn:
		c.keep(l, e.Op)
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
	case call.OpDigit:
		c.digit(l, e.Digit)
	case call.OpBridge:
		c.bridge(l, c.leg(e.From))
		c.accord(l, c.leg(e.From))
		c.tellParties(l, c.leg(e.From))
	case call.OpPart, call.OpRingback, call.OpMusic, call.OpToneOff:
		c.hears(l, e.Op)
	case call.OpAnnounce:
		c.announce(l, e)
	case call.OpTell, call.OpThank, call.OpTold, call.OpAcknowledged:
		c.tells(l, e)
	case call.OpCloseMedia:
		c.closeMedia(l)
	case call.OpKeepDialog:
		c.keepDialog(l, nil)
	case call.OpAnswered:
		c.bookAnswered(l)
	case call.OpReferred:
		c.note(l.se.NotifyRefer(e.Status), "notify")
	case call.OpWaits:
		c.waits(e.From)
	case call.OpJoined:
		c.bookJoined(l)
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
	c.u.queueing.freed(l)
	c.closeMedia(l)
	if l.channel {
		l.channel = false
		c.u.cfg.Lines.Release(l.line, l.key())
	}
	if l.kept {
		l.kept = false
		gone := fact.LineDialogGone{Call: c.id, Line: l.line, Leg: int(l.id)}
		c.u.commit(fact.Write{Rows: []fact.Row{gone}, Behind: true})
	}
	l.pass = gate.Pass{}
	c.settle(l)
	c.closeBook(false)
}

// drop forgets a leg whose session did not end in time.
func (c *liveCall) drop(l *liveLeg) {
	c.u.log.Warn("leg did not end in time", "call", c.id, "leg", int(l.id), "line", l.line)
	if l.se != nil {
		l.se.End(503, "")
	}
}

// done forgets the call, once it is known what its legs cost.
func (c *liveCall) done() {
	if c.unsettled = slices.ContainsFunc(c.legs, (*liveLeg).awaits); c.unsettled {
		return
	}
	c.closeBook(true)
	c.alarm.Stop()
	if c.voice != nil {
		c.voice.Close()
	}
	c.freeSlot()
	c.forwardsOver()
	c.u.nowIdle(c)
	c.inbox.seat.Leave()
	c.u.remove(c)
}
