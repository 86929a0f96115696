package unit

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// set gives extensions what they do with their calls.
func (o *office) set(services ...fact.ServiceSet) {
	o.t.Helper()
	s := plan.Settings{
		Extensions: []string{"201", "202", "203"},
		Groups:     []fact.Group{{Number: "400", Members: []string{"202", "203"}}},
	}
	for _, l := range o.lines.List(time.Now()) {
		s.Lines = append(s.Lines, plan.Line{ID: l.ID, Numbers: l.Numbers, Number: l.Number.Line})
	}
	for _, f := range services {
		f.On = true
		s.Routing = append(s.Routing, f)
	}
	p, err := plan.New(s)
	o.must(err)
	o.unit.SetPlan(p)
}

// TestEmergencyShowsThePhone: whoever is logged in there.
func TestEmergencyShowsThePhone(t *testing.T) {
	c := &liveCall{home: "801", origin: gate.Origin{Extension: "202"}}
	for emergency, want := range map[bool]string{true: "801", false: "202"} {
		l := &liveLeg{c: c, asked: &call.Effect{Emergency: emergency}}
		if got := c.presents(l, number.Destination{}).Extension; got != want {
			t.Errorf("%t: shows %s, not %s", emergency, got, want)
		}
	}
}

const key1 = "Signal=1\r\nDuration=160\r\n"

// TestForwardedOutside: whoever answers outside takes the call with the key 1, and
// not before; the extension stands behind it, and shows its number.
func TestForwardedOutside(t *testing.T) { inTime(t, testForwardedOutside) }

func testForwardedOutside(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.set(fact.ServiceSet{Extension: "202", Service: fact.ForwardAlways, To: "+819012345678"})
	x, y := newSpeaker(t, o.backup), newSpeaker(t, o.hikari)
	a := o.backup.call("0312345671", o.backup.description("sendrecv"))
	b := o.hikari.rung()
	if f := last[fact.CallJudged](o); f.Origin != "forward" || f.Extension != "202" || f.Verb != "pass" {
		t.Errorf("judged %+v", f)
	}
	b.reply(200, o.hikari.description("sendrecv"))
	b.next(sip.ACK)
	o.backup.expectNone("an answer before the key", func(m *sip.Message) bool {
		return m.Status() >= 200 && string(m.CallID()) == a.callID
	})
	if l := y.level(500 * time.Millisecond); l < -40 {
		t.Errorf("the question has %.1f dBm0", l)
	}
	y.press(mediaPort(t, b.invite), "1")
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	x.say(to, 0x61, y) // and the question is over
	b.bye()
	a.hungUp()
	o.over()
}

// TestForwardedOutsideShowsWhoCalled: a line that is set so is told the caller's number, and
// whose number sent the call on, and why.
func TestForwardedOutsideShowsWhoCalled(t *testing.T) {
	inTime(t, testForwardedOutsideShowsWhoCalled)
}

func testForwardedOutsideShowsWhoCalled(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, forwarded: fact.ForwardedDiversion, caller: "0455551234"})
	o.set(fact.ServiceSet{Extension: "202", Service: fact.ForwardBusy, To: "09012345678"})
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	b := o.p202.rung()
	b.reply(486, "")
	out := o.hikari.rung()
	from, sent := string(out.invite.Value(sip.HeaderFrom)), string(out.invite.Value(sip.HeaderDiversion))
	if !strings.HasPrefix(from, "<sip:0455551234@") || !strings.HasPrefix(sent, "<sip:0312345670@") ||
		!strings.Contains(sent, "reason=user-busy") {
		t.Errorf("From %s, Diversion %s", from, sent)
	}
	out.reply(486, "")
	out.next(sip.ACK)
	a.response(sip.INVITE, 486)
	a.ackRefusal()
	o.over()
}

// TestForwardedToAMailbox: what presses no key never takes a call.
func TestForwardedToAMailbox(t *testing.T) { inTime(t, testForwardedToAMailbox) }

func testForwardedToAMailbox(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.set(fact.ServiceSet{Extension: "202", Service: fact.ForwardAlways, To: "+819012345678"})
	a := o.backup.call("0312345671", o.backup.description("sendrecv"))
	b := o.hikari.rung()
	b.reply(200, o.hikari.description("sendrecv"))
	b.next(sip.ACK)
	b.bye() // it has recorded enough
	a.response(sip.INVITE, 480)
	a.ackRefusal()
	o.over()
}

// TestForwardsOfAPhone: one that is busy, that does not answer, and that is not
// there; each goes where it was sent on to.
func TestForwardsOfAPhone(t *testing.T) { inTime(t, testForwardsOfAPhone) }

func testForwardsOfAPhone(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, call: call.Config{NoAnswer: 10 * patience}})
	o.set(
		fact.ServiceSet{Extension: "202", Service: fact.ForwardBusy, To: "203"},
		fact.ServiceSet{Extension: "202", Service: fact.ForwardUnanswered, To: "203", Seconds: 1},
	)
	for _, busy := range []bool{true, false} {
		a := o.p201.call("202", o.p201.description("sendrecv"))
		b := o.p202.rung()
		if busy {
			b.reply(486, "")
			b.next(sip.ACK)
		} else {
			b.reply(180, "")
			b.canceled()
		}
		c := o.p203.rung()
		c.reply(200, o.p203.description("sendrecv"))
		c.next(sip.ACK)
		a.response(sip.INVITE, 200)
		a.ack("")
		a.bye()
		c.hungUp()
	}
	o.set(fact.ServiceSet{Extension: "203", Service: fact.ServiceDoNotDisturb},
		fact.ServiceSet{Extension: "203", Service: fact.ForwardBusy, To: "202"})
	a := o.p201.call("203", o.p201.description("sendrecv"))
	b := o.p202.rung()
	b.reply(200, o.p202.description("sendrecv"))
	b.next(sip.ACK)
	a.response(sip.INVITE, 200)
	a.ack("")
	a.bye()
	b.hungUp()
	o.over()
}

// TestForwardsEnd: a circle within the unit, and one through the outside, which
// comes back before anybody has answered.
func TestForwardsEnd(t *testing.T) { inTime(t, testForwardsEnd) }

func testForwardsEnd(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.set(
		fact.ServiceSet{Extension: "202", Service: fact.ForwardAlways, To: "203"},
		fact.ServiceSet{Extension: "203", Service: fact.ForwardAlways, To: "202"},
	)
	a := o.p201.call("202", o.p201.description("sendrecv"))
	a.response(sip.INVITE, 482)
	a.ackRefusal()
	o.set(fact.ServiceSet{Extension: "202", Service: fact.ForwardAlways, To: "+819012345678"})
	var calls, rings []*talk
	for range RingingMax {
		calls = append(calls, o.p201.call("202", o.p201.description("sendrecv")))
		b := o.hikari.rung()
		b.reply(180, "")
		rings = append(rings, b)
	}
	b := o.p201.call("202", o.p201.description("sendrecv"))
	b.response(sip.INVITE, 482)
	b.ackRefusal()
	for i, c := range calls {
		c.cancel()
		rings[i].canceled()
		c.response(sip.INVITE, 487)
		c.ackRefusal()
	}
	o.eventually("forwards may ring again", func() bool { return o.unit.mayRing("202>+819012345678") })
}

// TestOneCallAtATime: an extension without call waiting is busy while it talks.
func TestOneCallAtATime(t *testing.T) { inTime(t, testOneCallAtATime) }

func testOneCallAtATime(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.set(fact.ServiceSet{Extension: "202", Service: fact.ServiceOneCall})
	a := o.p202.call("203", o.p202.description("sendrecv"))
	b := o.p203.rung()
	b.reply(200, o.p203.description("sendrecv"))
	b.next(sip.ACK)
	a.response(sip.INVITE, 200)
	a.ack("")
	c := o.p201.call("202", o.p201.description("sendrecv"))
	c.response(sip.INVITE, 486)
	c.ackRefusal()
	a.bye()
	b.hungUp()
	d := o.p201.call("202", o.p201.description("sendrecv"))
	e := o.p202.rung()
	e.reply(486, "")
	e.next(sip.ACK)
	d.response(sip.INVITE, 486)
	d.ackRefusal()
	o.over()
}
