package unit

import (
	"slices"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/unit/queue"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// queueing is the queues of a unit (待ち呼), and when they are looked at. The loop of shard
// 0 owns it.
type queueing struct {
	u       *Unit
	all     *queue.Queues
	alarm   *stack.Alarm
	entered []*liveCall // since they were looked at last
}

// queueStage is how far a call has come in a queue.
type queueStage uint8

const (
	queueMeant   queueStage = iota // it is on its way there
	queueEntered                   // it waits, and it is not known yet how
	queueRings                     // agents ring for it, and nobody has answered it yet
	queueWaits                     // the unit talks with it
	queueOver                      // it waits no longer
)

// queued is how a call waits in a queue.
type queued struct {
	number  string
	stage   queueStage
	rung    []string // agents whose phones ring for it, or did last
	leaving bool     // it goes to a mailbox, as soon as nobody rings any more
}

// waited is what the record of a call says of its queue.
type waited struct {
	queue, agent string
	long         time.Duration
}

// queues tells whether the call waits in a queue.
func (c *liveCall) queues() bool {
	return c.queued != nil && c.queued.stage != queueMeant && c.queued.stage != queueOver
}

// enqueue makes the route of a call that is to wait in a queue: it is asked where it goes
// on to as soon as it is under way.
func (c *liveCall) enqueue(number string) call.Route {
	c.queued = &queued{number: number}
	return call.Route{Onward: true}
}

// queueOnward has a call enter its queue, or be talked with because the first agents have
// not answered it; false where it has to do with no queue.
func (c *liveCall) queueOnward(leg call.LegID) bool {
	q, k := c.queued, &c.u.queueing
	if q == nil || q.stage != queueMeant && q.stage != queueRings {
		return false
	}
	goOn := func(r call.Route) { c.input(call.Input{Event: call.Onward, Leg: leg, Route: r}) }
	if q.stage == queueRings {
		c.queueMissed()
		q.stage = queueWaits
		goOn(c.queueScript())
		return true
	}
	caller := queue.Caller{ID: c.id, Queue: q.number}
	caller.Extension, _ = c.leg(c.core.Sides()[0]).phone()
	why := queue.Nobody
	if c.sh.ID() == 0 {
		why = k.all.Enter(k.office(c.sh), caller, c.sh.Now())
	}
	if why != "" {
		goOn(c.queueOverflow(why))
		return true
	}
	q.stage, c.wait = queueEntered, waited{queue: q.number}
	k.entered = append(k.entered, c)
	k.soon(c.sh)
	return true
}

// queueOverflow is where a call goes that can't wait, or does no longer.
func (c *liveCall) queueOverflow(why queue.Why) call.Route {
	c.queued.stage = queueOver
	_, g, ok := c.u.plan.Load().Queue(c.queued.number)
	switch {
	case ok && g.Overflow != "":
		return c.forward(g.Number, g.Overflow, "")
	case why == queue.Full:
		return call.Route{Refuse: call.Refusal{Status: 486}}
	}
	return call.Route{Refuse: call.Refusal{Status: 480}}
}

// queueScript has the unit talk with who waits.
func (c *liveCall) queueScript() call.Route {
	set, _, _ := c.u.plan.Load().Queue(c.queued.number)
	w := attendant.Waiting{
		Lang: set.Lang, Every: time.Duration(set.EverySeconds) * time.Second, Quiet: set.Quiet,
		Message: set.Mailbox != "",
	}
	if w.Lang == "" {
		w.Lang = c.u.lang.String()
	}
	return c.attendedBy(attendant.NewWait(queueLine{c}, w))
}

// queueLine is its queue, as the script of a call sees it.
type queueLine struct{ c *liveCall }

var _ attendant.Line = queueLine{}

// Place is whose turn the caller is.
func (l queueLine) Place() int {
	if !l.c.queues() {
		return 0
	}
	return l.c.u.queueing.all.Place(l.c.id)
}

// Missed notes that nobody took the caller.
func (l queueLine) Missed(call.Refusal) (waits bool) {
	q := l.c.queued
	if q.leaving {
		q.leaving = false
		return true
	}
	if !l.c.queues() {
		return false
	}
	l.c.queueMissed()
	return true
}

// Message has the caller leave a message.
func (l queueLine) Message() {
	c := l.c
	set, _, _ := c.u.plan.Load().Queue(c.queued.number)
	if set.Mailbox == "" { // it came from another queue, or this one was changed
		return
	}
	c.queueLeft(queue.Message)
	if c.core.Ringing() {
		c.queued.leaving = true
		c.input(call.Input{Event: call.Withdraw})
	}
	c.input(call.Input{Event: call.Connect, Route: c.leaves(set.Mailbox), Hear: call.HearMusic})
}

// queueMissed notes that the agents who rang for a call have not answered. Who has left
// too many calls unanswered is paused.
func (c *liveCall) queueMissed() {
	k, q := &c.u.queueing, c.queued
	for _, extension := range k.all.Missed(k.office(c.sh), c.id, q.rung, c.sh.Now()) {
		c.u.log.Warn("agent is paused: it does not answer", "queue", q.number, "extension", extension)
		if c.u.cfg.Services != nil {
			c.u.cfg.Services.Serve(plan.Asked{Action: plan.PauseOn}, fact.Party{Extension: extension}, c.id,
				func(string, bool) {})
		}
	}
	q.rung = nil
	k.soon(c.sh)
}

// queueTaken notes that a leg talks with who waited.
func (c *liveCall) queueTaken(l *liveLeg) {
	if !c.queues() {
		return
	}
	k := &c.u.queueing
	c.queued.stage = queueOver
	c.wait.agent, _ = l.phone()
	c.wait.long = k.all.Took(k.office(c.sh), c.id, c.wait.agent, c.sh.Now())
	k.soon(c.sh)
}

// queueLeft notes that a call waits no longer, and why.
func (c *liveCall) queueLeft(why queue.Why) {
	if !c.queues() {
		return
	}
	k := &c.u.queueing
	c.queued.stage = queueOver
	c.wait.long = k.all.Left(c.id, why, c.sh.Now())
	k.soon(c.sh)
}

// queueLate has a call that waits no longer go on elsewhere.
func (c *liveCall) queueLate(why queue.Why, long time.Duration) {
	if !c.queues() {
		return
	}
	in := call.Input{Event: call.Connect, Hear: call.HearMusic}
	if c.queued.stage == queueEntered {
		in.Event, in.Leg = call.Onward, call.None
	}
	c.wait.long = long
	in.Route = c.queueOverflow(why)
	c.input(in)
}

// queueRing has agents ring for a call.
func (c *liveCall) queueRing(f *queue.Offer) {
	q, k := c.queued, &c.u.queueing
	var r call.Route
	q.rung = nil
	for _, w := range f.Waves {
		for _, b := range c.u.cfg.Phones.Lookup(w.Extension, c.sh.Now()) {
			if len(r.Contacts) == call.MaxContacts {
				break
			}
			r.Contacts = append(r.Contacts, call.Contact{
				Extension: w.Extension, Key: strconv.Itoa(c.known(b)), After: w.After, For: w.For,
			})
			q.rung = append(q.rung, w.Extension)
		}
	}
	r = c.spare(r)
	switch {
	case r.Refuse.Status != 0: // they are set apart from it
		k.all.Missed(k.office(c.sh), c.id, nil, c.sh.Now())
	case c.core.Room() < len(r.Contacts)+call.LegsKept:
		long := k.all.Left(c.id, queue.TooLong, c.sh.Now())
		c.queueLate(queue.TooLong, long)
	case q.stage == queueEntered:
		q.stage, r.Onward = queueRings, true
		c.input(call.Input{Event: call.Onward, Leg: call.None, Route: r})
	default:
		c.input(call.Input{Event: call.Connect, Route: r, Hear: call.HearSame})
	}
}

// soon has the queues looked at as soon as what goes on now is done.
func (k *queueing) soon(sh *stack.Shard) { k.lookAt(sh, sh.Now()) }

func (k *queueing) lookAt(sh *stack.Shard, at time.Time) {
	if k.alarm == nil {
		k.alarm = sh.At(at, k.look)
		return
	}
	k.alarm.Again(at)
}

// look has agents ring for those who wait, in turn. Whoever came just now and for whom
// nobody rings is answered, and hears that it waits.
func (k *queueing) look(sh *stack.Shard) {
	now := sh.Now()
	offers, late := k.all.Look(k.office(sh), now)
	for i := range late {
		if c := k.u.find(late[i].ID); c != nil {
			c.queueLate(late[i].Why, late[i].Waited)
		}
	}
	for i := range offers {
		if c := k.u.find(offers[i].ID); c != nil && c.queues() {
			c.queueRing(&offers[i])
		}
	}
	entered := k.entered
	k.entered = nil
	for _, c := range entered {
		if c.queues() && c.queued.stage == queueEntered {
			c.queued.stage = queueWaits
			c.input(call.Input{Event: call.Onward, Leg: call.None, Route: c.queueScript()})
		}
	}
	if k.all.Anybody() {
		k.lookAt(sh, now.Add(queueCheck))
	}
}

// freed notes that a phone is in a call no more.
func (k *queueing) freed(l *liveLeg) {
	extension, _ := l.phone()
	if extension == "" || l.c.sh.ID() != 0 {
		return
	}
	if k.all.Talks(extension) && !k.u.engaged(extension, nil) {
		k.all.Freed(k.office(l.c.sh), extension, l.c.sh.Now())
	}
	if k.all.Anybody() {
		k.soon(l.c.sh)
	}
}

// queueOffice answers what the queues ask.
type queueOffice struct {
	u       *Unit
	plan    *plan.Plan
	now     time.Time
	engaged map[string]bool // looked up once
}

var _ queue.Office = (*queueOffice)(nil)

func (k *queueing) office(sh *stack.Shard) *queueOffice {
	return &queueOffice{u: k.u, plan: k.u.plan.Load(), now: sh.Now()}
}

// Queue is how a queue is set.
func (o *queueOffice) Queue(number string) (fact.QueueSet, *fact.Group, bool) {
	return o.plan.Queue(number)
}

// Agent says how it stands with an extension.
func (o *queueOffice) Agent(extension string) queue.Stand {
	if o.engaged == nil {
		o.engaged = o.u.allEngaged()
	}
	s := o.plan.Services(extension)
	registered := len(o.u.cfg.Phones.Lookup(extension, o.now)) > 0
	return queue.Stand{
		There:   registered && !(s.Paused && s.PausedBy == plan.BySelf),
		Able:    registered && !s.Paused && !s.DoNotDisturb && s.Forward[fact.ForwardAlways] == "",
		Engaged: o.engaged[extension],
	}
}

// Idle is since when an extension has no call.
func (o *queueOffice) Idle(extension string) time.Time {
	o.u.mu.Lock()
	defer o.u.mu.Unlock()
	return o.u.groups.idle[extension]
}

// allEngaged are the extensions in a call.
func (u *Unit) allEngaged() map[string]bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	in := make(map[string]bool, 2*len(u.calls))
	for _, c := range u.calls {
		for _, l := range c.legs {
			if extension, _ := l.phone(); extension != "" && !l.gone {
				in[extension] = true
			}
		}
	}
	return in
}

// QueueState is a queue as onlookers see it.
type QueueState struct {
	queue.Report
	Name    string
	Callers []string // the numbers of those in Waiting, "" for who shows none
}

// Queues tells how it stands with all queues. It waits for the unit's loop, so long at
// most; ok is false where that does not answer.
func (u *Unit) Queues(wait time.Duration) (all []QueueState, ok bool) {
	out := make(chan []QueueState, 1)
	if u.stack == nil || !u.stack.Shard(0).Post(func(sh *stack.Shard) { out <- u.queueing.states(sh) }) {
		return nil, false
	}
	select {
	case all = <-out:
		return all, true
	case <-time.After(wait):
		return nil, false
	}
}

func (k *queueing) states(sh *stack.Shard) []QueueState {
	o := k.office(sh)
	var all []QueueState
	for _, number := range o.plan.Queues() {
		_, g, _ := o.plan.Queue(number)
		s := QueueState{Name: g.Name, Report: k.all.Report(o, number,
			func(e string) bool { return o.plan.Services(e).Paused }, sh.Now())}
		for _, w := range s.Waiting {
			number := ""
			if c := k.u.find(w.Call); c != nil {
				number, _ = c.leg(c.core.Sides()[0]).party("")
			}
			s.Callers = append(s.Callers, number)
		}
		all = append(all, s)
	}
	return slices.Clip(all)
}
