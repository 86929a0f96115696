package unit

import (
	"slices"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/wire/sip"
)

// lets an incoming call ring and gives up.
func (o *office) misses(from *puppet, number string, ring ...*puppet) fact.CallEnded {
	o.t.Helper()
	a := from.call(number, from.description("sendrecv"))
	var rung []*talk
	for _, p := range ring {
		b := p.rung()
		b.reply(180, "")
		rung = append(rung, b)
	}
	a.response(sip.INVITE, 180)
	a.cancel()
	a.response(sip.INVITE, 487)
	a.ackRefusal()
	for _, b := range rung {
		b.canceled()
	}
	o.over()
	return last[fact.CallEnded](o)
}

// TestMissedCalls: who was called misses a call that nobody took; where somebody did it
// is that one's, and nobody's to miss.
func TestMissedCalls(t *testing.T) { inTime(t, testMissedCalls) }

func testMissedCalls(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, caller: "0455551234"})
	if f := o.misses(o.hikari, "0312345680", o.p202, o.p203); !slices.Equal(f.Missed, []string{"202", "203"}) ||
		f.Taken != "" || f.Maker != "" || f.RangMS < 0 {
		t.Errorf("of a group: %+v", f)
	}
	if f := o.misses(o.p201, "202", o.p202); !slices.Equal(f.Missed, []string{"202"}) || f.Maker != "201" {
		t.Errorf("within the office: %+v", f)
	}
	o.set(fact.ServiceSet{Extension: "202", Service: fact.ServiceDoNotDisturb})
	a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	a.response(sip.INVITE, 486)
	a.ackRefusal()
	o.over()
	if f := last[fact.CallEnded](o); !slices.Equal(f.Missed, []string{"202"}) {
		t.Errorf("of who wants no calls: %+v", f)
	}
	o.unit.SetPlan(o.plan())
	a = o.hikari.call("0312345680", o.hikari.description("sendrecv"))
	b, c := o.p202.rung(), o.p203.rung()
	b.reply(180, "")
	c.reply(200, o.p203.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	c.next(sip.ACK)
	b.canceled()
	a.bye()
	c.hungUp()
	o.over()
	if f := last[fact.CallEnded](o); f.Missed != nil || f.Taken != "203" {
		t.Errorf("of who took it: %+v", f)
	}
	a = o.p201.call("09012345678", o.p201.description("sendrecv"))
	b = o.hikari.rung()
	b.reply(486, "")
	b.next(sip.ACK)
	a.response(sip.INVITE, 486)
	a.ackRefusal()
	o.over()
	if f := last[fact.CallEnded](o); f.Missed != nil || f.Taken != "" || f.Maker != "201" {
		t.Errorf("to the outside: %+v", f)
	}
}

// TestMissedCallerIsCalledBack: by a code, as if the extension had dialed the number; who
// withheld it, or claims another's, is not, and nobody else is in its place.
func TestMissedCallerIsCalledBack(t *testing.T) { inTime(t, testMissedCallerIsCalledBack) }

func testMissedCallerIsCalledBack(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, caller: "0455551234"})
	nobody := func(when string) {
		t.Helper()
		a := o.p202.call("*36", o.p202.description("sendrecv"))
		a.response(sip.INVITE, 404)
		a.ackRefusal()
		o.over()
	}
	nobody("at first")
	o.misses(o.hikari, "0312345670", o.p202)
	a := o.p202.call("*36", o.p202.description("sendrecv"))
	b := o.hikari.rung()
	if got := string(b.invite.RequestURI().User); got != "0455551234" {
		t.Errorf("calls back %s", got)
	}
	b.reply(486, "")
	b.next(sip.ACK)
	a.response(sip.INVITE, 486)
	a.ackRefusal()
	o.over()
	if f := last[fact.CallJudged](o); f.Origin != "dialed" || f.Extension != "202" || f.Dialed != "0455551234" {
		t.Errorf("judged %+v", f)
	}
	o.misses(o.p201, "202", o.p202)
	a = o.p202.call("*36", o.p202.description("sendrecv"))
	c := o.p201.rung()
	c.reply(486, "")
	c.next(sip.ACK)
	a.response(sip.INVITE, 486)
	a.ackRefusal()
	o.over()
	for _, from := range []struct{ number, mark string }{
		{"", ""}, {"0455551234", line.MarkPosing}, {"201", ""}, {"110", ""}, {"*8228", ""}, {"1840455551234", ""},
	} {
		o.unit.Missed("202", from.number, from.mark, true)
		nobody(from.number)
	}
	o.unit.Missed("203", "0455551234", "", true) // that calls inside alone
	a = o.p203.call("*36", o.p203.description("sendrecv"))
	a.response(sip.INVITE, 603)
	a.ackRefusal()
	o.over()
	if f := last[fact.CallJudged](o); f.Verb != "refuse" {
		t.Errorf("judged %+v", f)
	}
}
