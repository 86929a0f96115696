package unit

import (
	"context"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/unit/queue"
	"github.com/sekisho/sekisho/wire/sip"
)

// withQueue is an office in which the callers of group 400 wait for 202 and 203, who ring
// one after the other.
func withQueue(t *testing.T, cfg officeConfig, set fact.QueueSet, change func(*fact.Group)) *office {
	t.Helper()
	cfg.shards, cfg.announcements, cfg.lang = 1, 4, "en"
	o := newOffice(t, cfg)
	set.Queue = "400"
	if set.Most == 0 {
		set.Most, set.WaitSeconds = 5, 600
	}
	o.routing = append(o.routing, set, fact.RingsSet{Scope: fact.ScopeUnit, Mode: "day", Ring: []string{"400"}})
	s := o.planSettings()
	s.Groups[0].Strategy = fact.RingLinear
	if change != nil {
		change(&s.Groups[0])
	}
	p, err := plan.New(s)
	o.must(err)
	o.unit.SetPlan(p)
	return o
}

// queueOf waits until a queue is as it should be.
func (o *office) queueOf(what string, is func(QueueState) bool) {
	o.t.Helper()
	o.eventually(what, func() bool {
		all, ok := o.unit.Queues(patience)
		return ok && len(all) == 1 && is(all[0])
	})
}

func waiting(n int) func(QueueState) bool {
	return func(s QueueState) bool { return len(s.Waiting) == n }
}

// answers has a phone that rings take the call.
func (p *puppet) answers() *talk {
	p.t.Helper()
	b := p.rung()
	b.reply(180, "")
	b.reply(200, p.description("sendrecv"))
	b.next(sip.ACK)
	return b
}

// hearsPlace holds that the clips of a place are said, as they come.
func (s *speaker) hearsPlace(clips ...string) {
	s.t.Helper()
	heard := s.record(clips[len(clips)-1], 1)
	last := -1
	for _, name := range clips {
		at := spokenAt(s.t, heard, name)
		if at <= last {
			s.t.Errorf("%s is said at %d, and what comes before at %d", name, at, last)
		}
		last = at
	}
}

// TestQueue: a caller for whom an agent is free rings there and is not answered before the
// agent does; who finds all of them busy is answered, hears that it waits and its place,
// then music, and is put through when an agent is free; the record says how long it
// waited, and for whom.
func TestQueue(t *testing.T) { inTime(t, testQueue) }

func testQueue(t *testing.T) {
	o := withQueue(t, officeConfig{}, fact.QueueSet{}, func(g *fact.Group) { g.Members = []string{"202"} })
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	b := o.p202.rung()
	b.reply(180, "")
	a.response(sip.INVITE, 180)
	o.hikari.expectNone("an answer before the agent's", func(m *sip.Message) bool { return m.Status() >= 200 })
	b.reply(200, o.p202.description("sendrecv"))
	b.next(sip.ACK)
	a.response(sip.INVITE, 200)
	a.ack("")

	x, agent := newSpeaker(t, o.backup), newSpeaker(t, o.p202)
	second := o.backup.call("0312345671", o.backup.description("sendrecv"))
	to := mediaPort(t, second.response(sip.INVITE, 200))
	second.ack("")
	o.queueOf("one waits", waiting(1))
	third := o.p201.call("400", o.p201.description("sendrecv"))
	third.response(sip.INVITE, 200)
	third.ack("")
	o.queueOf("two wait", waiting(2))
	x.hearsPlace("queue-wait", "word-place-now", "banme", "digit-1", "word-place-end")
	x.hearsMusic()
	o.p202.silent()
	b.bye()
	a.hungUp()
	c := o.p202.answers()
	x.say(to, 0x61, agent)
	o.queueOf("one waits still", waiting(1))
	third.bye()
	o.queueOf("nobody waits", waiting(0))
	second.bye()
	c.hungUp()
	o.over()
	o.queueOf("the counts", func(s QueueState) bool {
		return s.Came == 3 && s.Answered == 2 && s.Abandoned == 1
	})
	f := endOf(o, func(f fact.CallEnded) bool { return f.Line == "l2" })
	if f.Queue != "400" || f.Agent != "202" || f.WaitedMS < 8000 || f.Answerer != "202-1" || f.Answered.IsZero() {
		t.Errorf("recorded %+v", f)
	}
	f = endOf(o, func(f fact.CallEnded) bool { return f.Line == "" })
	if f.Queue != "400" || f.Agent != "" || f.WaitedMS <= 0 || f.Extension != "201" {
		t.Errorf("recorded of who gave up %+v", f)
	}
}

// endOf is the end of the call that fits.
func endOf(o *office, fits func(fact.CallEnded) bool) fact.CallEnded {
	o.t.Helper()
	for _, f := range all[fact.CallEnded](o) {
		if fits(f) {
			return f
		}
	}
	o.t.Error("no such call has ended")
	return fact.CallEnded{}
}

// TestQueueRingsInTurn: who does not answer is left alone, and the next one rings; the
// caller hears music meanwhile, whatever the phone sends before it answers; whoever left
// two calls unanswered is paused by the unit.
func TestQueueRingsInTurn(t *testing.T) { inTime(t, testQueueRingsInTurn) }

func testQueueRingsInTurn(t *testing.T) {
	p := &pauses{paused: make(chan string, 4)}
	o := withQueue(t, officeConfig{services: p}, fact.QueueSet{Misses: 2}, func(g *fact.Group) { g.Seconds = 1 })
	x := newSpeaker(t, o.hikari)
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	b := o.p202.rung()
	b.reply(180, "")
	b.canceled()
	a.response(sip.INVITE, 200)
	a.ack("")
	c := o.p203.rung()
	c.reply(183, o.p203.description("sendrecv"))
	x.hearsMusic()
	c.canceled()
	b = o.p202.rung() // once more, after its rest
	b.reply(180, "")
	b.canceled()
	select {
	case got := <-p.paused:
		if got != "202" {
			t.Errorf("%s is paused", got)
		}
	case <-time.After(patience):
		t.Error("nobody is paused")
	}
	d := o.p203.answers()
	a.bye()
	d.hungUp()
	o.over()
}

// pauses are the services of an office in which agents are paused.
type pauses struct{ paused chan string }

func (p *pauses) Serve(asked plan.Asked, by fact.Party, _ string, done func(string, bool)) {
	if asked.Action == plan.PauseOn && by.Device == "" {
		p.paused <- by.Extension
	}
	done("", true)
}

// TestQueueOverflows: who can't wait, or has waited for too long, goes where the group
// overflows to: at once where as many wait as may, or nobody is there.
func TestQueueOverflows(t *testing.T) { inTime(t, testQueueOverflows) }

func testQueueOverflows(t *testing.T) {
	quiet := fact.QueueSet{Most: 1, WaitSeconds: 2}
	o := withQueue(t, officeConfig{}, quiet, func(g *fact.Group) { g.Members, g.Overflow = []string{"202"}, "203" })
	p, q := o.up(o.p202, "201", o.p201)
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	o.queueOf("one waits", waiting(1))
	full := o.backup.call("0312345671", o.backup.description("sendrecv"))
	o.p203.declines()
	full.response(sip.INVITE, 486)
	full.ackRefusal()
	b := o.p203.answers() // after two seconds
	o.queueOf("it waits no longer", func(s QueueState) bool {
		return len(s.Waiting) == 0 && s.TooLong == 1 && s.Full == 1
	})
	a.bye()
	b.hungUp()
	p.bye()
	q.hungUp()
	o.over()

	s := o.planSettings()
	s.Groups[0].Members, s.Groups[0].Out, s.Groups[0].Overflow = []string{"202"}, []string{"202"}, "203"
	nobody, err := plan.New(s)
	o.must(err)
	o.unit.SetPlan(nobody)
	a = o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	b = o.p203.answers()
	a.response(sip.INVITE, 200)
	a.ack("")
	a.bye()
	b.hungUp()
	o.over()
	o.queueOf("it is counted", func(s QueueState) bool { return s.Nobody == 1 })
}

// TestQueueToTheMailbox: with the key 1 who waits leaves a message, even while an agent
// rings, who rings no longer then.
func TestQueueToTheMailbox(t *testing.T) { inTime(t, testQueueToTheMailbox) }

func testQueueToTheMailbox(t *testing.T) {
	box := newBoxes()
	o := withQueue(t, officeConfig{scripts: box}, fact.QueueSet{Mailbox: "201"}, func(g *fact.Group) { g.Seconds = 1 })
	x := newSpeaker(t, o.hikari)
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	b := o.p202.rung()
	b.reply(180, "")
	b.canceled()
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	c := o.p203.rung()
	c.reply(180, "")
	x.press(to, "1")
	c.canceled()
	if i := spokenAt(t, x.record("mailbox-leave", 1), "mailbox-leave"); i < 0 {
		t.Error("the caller is not greeted")
	}
	x.beep(t)
	x.tells(to, 500, 1.5)
	a.bye()
	if m := box.left(t); m.Extension != "201" {
		t.Errorf("a message for %s", m.Extension)
	}
	o.over()
	o.queueOf("it is counted", func(s QueueState) bool { return s.Messages == 1 && s.Answered == 0 })
}

// TestQueueHasItsTimeAfterACall: an agent does not ring for so long after a call as its
// queue says; whoever comes by a transfer waits like others.
func TestQueueHasItsTimeAfterACall(t *testing.T) { inTime(t, testQueueHasItsTimeAfterACall) }

func testQueueHasItsTimeAfterACall(t *testing.T) {
	only := func(g *fact.Group) { g.Members = []string{"202"} }
	o := withQueue(t, officeConfig{}, fact.QueueSet{WrapSeconds: 3}, only)
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	b := o.p202.answers()
	a.response(sip.INVITE, 200)
	a.ack("")
	b.bye()
	a.hungUp()
	free := time.Now().Add(3 * time.Second)
	o.queueOf("the time after a call", func(s QueueState) bool { return s.Agents[0].Phase == queue.WrapsUp })
	c, d := o.up(o.p203, "201", o.p201)
	d.refer("400", 202)
	d.hungUp()
	o.queueOf("one waits", waiting(1))
	e := o.p202.answers()
	if early := time.Until(free); early > 100*time.Millisecond {
		t.Errorf("the agent rings %s too early", early)
	}
	o.quietFor(o.p201) // nothing is looked at any more: nobody waits
	c.bye()
	e.hungUp()
	o.over()
	o.queueOf("the agent is free", func(s QueueState) bool { return s.Agents[0].Phase == queue.Free })
}

// TestLampOfAQueue: it blinks while somebody waits, and shows who is next.
func TestLampOfAQueue(t *testing.T) { inTime(t, testLampOfAQueue) }

func testLampOfAQueue(t *testing.T) {
	only := func(g *fact.Group) { g.Members = []string{"202"} }
	o := withQueue(t, officeConfig{caller: "0398765432"}, fact.QueueSet{}, only)
	p, q := o.up(o.p202, "201", o.p201)
	b := o.p203.watch("400")
	b.shows("terminated")
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.settles(`early recipient "" sip:0398765432@office`)
	a.bye()
	b.settles("terminated")
	p.bye()
	q.hungUp()
	o.over()
}

// TestLampOfAnAgent: each phone's key for logging in shows how it stands with its own
// extension, that for pausing whether it is paused, after a restart too.
func TestLampOfAnAgent(t *testing.T) { inTime(t, testLampOfAnAgent) }

func testLampOfAnAgent(t *testing.T) {
	o := withQueue(t, officeConfig{}, fact.QueueSet{}, nil)
	in, none, pause := o.p202.watch("login400"), o.p201.watch("login400"), o.p202.watch("pause")
	in.shows("confirmed recipient")
	none.shows("terminated") // it is no agent
	pause.shows("terminated")
	with := func(out []string, more ...fact.Routed) {
		t.Helper()
		s := o.planSettings()
		s.Groups[0].Out = out
		s.Routing = append(s.Routing, more...)
		p, err := plan.New(s)
		o.must(err)
		o.unit.SetPlan(p)
	}
	paused := fact.ServiceSet{Extension: "202", Service: fact.ServicePause, On: true, By: "phone/202-1"}
	with(nil, paused)
	in.settles("confirmed recipient held")
	pause.settles("confirmed recipient")
	with([]string{"202"})
	in.settles("terminated")
	pause.settles("terminated")
	o.p201.asks("login401", "Event: dialog").response(sip.SUBSCRIBE, 404)
	if p := o.unit.Plan(); p.OfExtension("login401") || p.OfExtension("night") {
		t.Error("a name is an extension's own that is none")
	}
}

// TestQueueIsPickedUp: somebody else takes the call for which an agent rings, by the number
// of the queue, and it counts as answered.
func TestQueueIsPickedUp(t *testing.T) { inTime(t, testQueueIsPickedUp) }

func testQueueIsPickedUp(t *testing.T) {
	o := withQueue(t, officeConfig{}, fact.QueueSet{}, nil)
	o.p201.call("**400", o.p201.description("sendrecv")).response(sip.INVITE, 404) // nobody calls
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	b := o.p202.rung()
	b.reply(180, "")
	c := o.p201.call("**400", o.p201.description("sendrecv"))
	c.response(sip.INVITE, 200)
	c.ack("")
	b.canceled()
	a.response(sip.INVITE, 200)
	a.ack("")
	c.bye()
	a.hungUp()
	o.over()
	o.queueOf("it is counted", func(s QueueState) bool { return s.Answered == 1 && s.Abandoned == 0 })
	if f := endOf(o, func(f fact.CallEnded) bool { return f.Line == "l1" }); f.Agent != "201" {
		t.Errorf("recorded %+v", f)
	}
}

// TestQueueOverflowsToAQueue: who has waited for too long waits on in another queue, in
// which nobody is there for long: two queues that overflow to each other end the call.
func TestQueueOverflowsToAQueue(t *testing.T) { inTime(t, testQueueOverflowsToAQueue) }

func testQueueOverflowsToAQueue(t *testing.T) {
	o := withQueue(t, officeConfig{}, fact.QueueSet{}, nil)
	s := o.planSettings()
	s.Groups = []fact.Group{
		{Number: "400", Members: []string{"202"}, Overflow: "401"},
		{Number: "401", Members: []string{"203"}, Overflow: "400", Strategy: fact.RingLinear, Seconds: 1},
	}
	s.Routing = []fact.Routed{
		fact.QueueSet{Queue: "400", Most: 5, WaitSeconds: 1},
		fact.QueueSet{Queue: "401", Most: 5, WaitSeconds: 3},
		fact.RingsSet{Scope: fact.ScopeUnit, Mode: "day", Ring: []string{"400"}},
	}
	p, err := plan.New(s)
	o.must(err)
	o.unit.SetPlan(p)
	c, d := o.up(o.p202, "201", o.p201)
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	a.response(sip.INVITE, 200) // 202 talks
	a.ack("")
	b := o.p203.rung()
	b.reply(180, "")
	b.canceled()
	o.eventually("it has waited in both, and in the first once more", func() bool {
		all, ok := o.unit.Queues(patience)
		return ok && len(all) == 2 && all[0].TooLong == 2 && all[1].TooLong == 1
	})
	a.hungUp()
	c.bye()
	d.hungUp()
	o.over()
	if f := endOf(o, func(f fact.CallEnded) bool { return f.Line == "l1" }); f.Queue != "400" || f.Agent != "" ||
		f.Reason != "no answer" {
		t.Errorf("recorded %+v", f)
	}
}

// TestQueueAndRestart: whom the unit talks with while it waits is hung up on when the unit
// stops, or is back after its death: nobody waits on with nobody there.
func TestQueueAndRestart(t *testing.T) { inTime(t, testQueueAndRestart) }

func testQueueAndRestart(t *testing.T) {
	dead := withQueue(t, officeConfig{}, fact.QueueSet{}, func(g *fact.Group) { g.Members = []string{"202"} })
	c, d := dead.up(dead.p202, "201", dead.p201)
	a := dead.hikari.call("0312345670", dead.hikari.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	dead.queueOf("one waits", waiting(1))
	dead.eventually("its dialog is stored", func() bool { return dead.books.dialogs() == 1 })
	left := dead.books.stored()
	o := newOffice(t, officeConfig{shards: 1, left: left, late: true})
	o.must(o.unit.Start(context.Background(), o.stack, o.relay))
	m := o.hikari.request(sip.BYE)
	o.hikari.reply(m, 200, "", "")
	if string(m.CallID()) != a.callID {
		t.Errorf("hung up is %s", m.CallID())
	}
	stopped := make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	go func() { stopped <- dead.unit.Stop(ctx) }()
	a.hungUp()
	c.hungUp()
	d.hungUp()
	dead.must(<-stopped)
}
