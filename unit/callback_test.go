package unit

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// busyAt has 201 find 202 busy, which talks with 203.
func (o *office) busyAt() (hangUp func()) {
	o.t.Helper()
	a, b := o.up(o.p202, "203", o.p203)
	c := o.p201.call("202", o.p201.description("sendrecv"))
	d := o.p202.rung()
	d.reply(486, "")
	d.next(sip.ACK)
	c.response(sip.INVITE, 486)
	c.ackRefusal()
	return func() {
		o.t.Helper()
		a.bye()
		b.hungUp()
	}
}

// quietFor looks that the unit calls nobody while it looks at its bookings twice.
func (o *office) quietFor(p *puppet) {
	o.t.Helper()
	looks := make(chan struct{}, 1)
	o.stack.Shard(0).Post(func(sh *stack.Shard) {
		sh.At(sh.Now().Add(2*callbackCheck+100*time.Millisecond), func(*stack.Shard) { close(looks) })
	})
	<-looks
	p.expectNone("a call", isCall)
}

func isCall(m *sip.Message) bool { return m.Method() == sip.INVITE && m.Status() == 0 }

// TestCallback: who found an extension busy and dials the code is called when both are
// free, and not before; when it answers the other one rings, and both hear each other.
func TestCallback(t *testing.T) { inTime(t, testCallback) }

func testCallback(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	end := o.busyAt()
	o.confirmed(o.p201, "*37")
	if f := last[fact.CallbackChanged](o); f.Change != fact.CallbackBooked || f.Extension != "201" || f.To != "202" ||
		f.By != "phone/201-1" {
		t.Errorf("recorded %+v", f)
	}
	o.quietFor(o.p201)
	end()
	mouth, other := newSpeaker(t, o.p201), newSpeaker(t, o.p202)
	a := o.p201.rung()
	a.shown(`"話中予約 202"`)
	o.p202.expectNone("a call before 201 answers", isCall)
	a.reply(200, o.p201.description("sendrecv"))
	a.next(sip.ACK)
	b := o.p202.rung()
	if from := string(b.invite.Value(sip.HeaderFrom)); !strings.Contains(from, "sip:201@") {
		t.Errorf("202 is shown %s", from)
	}
	b.reply(200, o.p202.description("sendrecv"))
	b.next(sip.ACK)
	mouth.say(mediaPort(t, a.invite), 0x33, other)
	other.say(mediaPort(t, b.invite), 0x22, mouth)
	hangUp(a, b)
	o.over()
	if f := last[fact.CallbackChanged](o); f.Change != fact.CallbackCalled || f.Call == "" {
		t.Errorf("recorded %+v", f)
	}
	o.quietFor(o.p201)
}

// bookings are the facts about callbacks.
func (o *office) bookings() (all []fact.CallbackChanged) {
	o.books.mu.Lock()
	defer o.books.mu.Unlock()
	for _, f := range o.books.facts {
		if f, ok := f.(fact.CallbackChanged); ok {
			all = append(all, f)
		}
	}
	return all
}

// TestCallbackIsCanceled: by the code, by time, and where nobody answers; who is busy
// again is not called a second time; and nothing outside is called back.
func TestCallbackIsCanceled(t *testing.T) { inTime(t, testCallbackIsCanceled) }

func testCallbackIsCanceled(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	end := o.busyAt()
	o.confirmed(o.p201, "*37202")
	o.confirmed(o.p201, "*38")
	if f := last[fact.CallbackChanged](o); f.Change != fact.CallbackCanceled || f.To != "202" {
		t.Errorf("recorded %+v", f)
	}
	o.confirmed(o.p201, "*37202")
	o.stack.Shard(0).Post(func(*stack.Shard) {
		for _, b := range o.unit.callbacks.list {
			b.until = time.Now()
		}
	})
	o.eventually("it is over", func() bool { return last[fact.CallbackChanged](o).Change == fact.CallbackExpired })
	end()
	o.quietFor(o.p201)
	o.confirmed(o.p201, "*37202")
	a := o.p201.rung()
	a.reply(486, "")
	a.next(sip.ACK)
	o.quietFor(o.p201)
	o.confirmed(o.p201, "*37202")
	a = o.p201.rung()
	a.reply(200, o.p201.description("sendrecv"))
	a.next(sip.ACK)
	b := o.p202.rung()
	b.reply(486, "")
	b.next(sip.ACK)
	a.hungUp()
	o.over()
	before := len(o.bookings())
	o.judgedAs(o.p201, "09012345678")
	for _, dialed := range []string{"*37", "*37201"} {
		o.confirmed(o.p201, dialed) // that it could not be done
	}
	if all := o.bookings(); len(all) != before {
		t.Errorf("recorded %+v", all[before:])
	}
}

// TestCallbackIsNoWayOut: where the one who was busy sends calls on outside, that is
// judged as a call sent on for it, when the callback is put through.
func TestCallbackIsNoWayOut(t *testing.T) { inTime(t, testCallbackIsNoWayOut) }

func testCallbackIsNoWayOut(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	end := o.busyAt()
	o.confirmed(o.p201, "*37")
	s := o.planSettings()
	s.Routing = []fact.Routed{fact.ServiceSet{
		Extension: "202", Service: fact.ForwardAlways, On: true, To: "+23277123456",
	}}
	p, err := plan.New(s)
	o.must(err)
	o.unit.SetPlan(p)
	end()
	a := o.p201.rung()
	a.reply(200, o.p201.description("sendrecv"))
	a.next(sip.ACK)
	a.hungUp()
	f := last[fact.CallJudged](o)
	if f.Verb != "refuse" || f.Number != "23277123456" || f.Origin != "forward" || f.Extension != "202" {
		t.Errorf("judged %+v", f)
	}
	o.over()
}
