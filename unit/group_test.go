package unit

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// groups puts ring groups in force.
func (o *office) groups(groups ...fact.Group) {
	o.t.Helper()
	s := plan.Settings{Extensions: []string{"201", "202", "203"}, Groups: groups}
	for _, l := range o.lines.List(time.Now()) {
		s.Lines = append(s.Lines, plan.Line{ID: l.ID, Numbers: l.Numbers, Number: l.Number.Line})
	}
	p, err := plan.New(s)
	o.must(err)
	o.unit.SetPlan(p)
}

// declines has a phone that rings be busy.
func (p *puppet) declines() {
	p.t.Helper()
	b := p.rung()
	b.reply(486, "")
	b.next(sip.ACK)
}

// silent holds that a phone does not ring.
func (p *puppet) silent() {
	p.t.Helper()
	p.expectNone("an INVITE", func(m *sip.Message) bool { return m.IsRequest() && m.Method() == sip.INVITE })
}

// TestGroupTogether: whoever answers has the call, and every other phone hears that
// it was completed elsewhere, so that none shows a call that was missed.
func TestGroupTogether(t *testing.T) { inTime(t, testGroupTogether) }

func testGroupTogether(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.groups(fact.Group{Number: "400", Members: []string{"202", "203"}})
	a := o.hikari.call("0312345680", o.hikari.description("sendrecv"))
	b, c := o.p202.rung(), o.p203.rung()
	b.reply(180, "")
	c.reply(180, "")
	c.reply(200, o.p203.description("sendrecv"))
	c.next(sip.ACK)
	m := b.canceled()
	if got := string(m.Value(sip.HeaderReason)); got != `SIP;cause=200;text="Call completed elsewhere"` {
		t.Errorf("the phone that lost hears %q", got)
	}
	a.response(sip.INVITE, 200)
	a.ack("")
	a.bye()
	c.hungUp()
	o.over()
}

// TestGroupInOrder: one after the other, the next at once where one is busy, and
// then whom the group overflows to.
func TestGroupInOrder(t *testing.T) { inTime(t, testGroupInOrder) }

func testGroupInOrder(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.groups(fact.Group{
		Number: "400", Members: []string{"202", "203"}, Strategy: fact.RingLinear, Seconds: 1, Overflow: "201",
	})
	a := o.hikari.call("0312345680", o.hikari.description("sendrecv"))
	b := o.p202.rung()
	o.p203.silent()
	b.reply(180, "")
	b.canceled()
	o.p203.declines()
	c := o.p201.rung()
	c.reply(200, o.p201.description("sendrecv"))
	c.next(sip.ACK)
	a.response(sip.INVITE, 200)
	a.ack("")
	a.bye()
	c.hungUp()
	o.over()
}

// TestGroupsTurn: each call of a round robin begins with another one; who was in no
// call for longest is first; who has logged out does not ring; delays.
func TestGroupsTurn(t *testing.T) { inTime(t, testGroupsTurn) }

func testGroupsTurn(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	first := func(g fact.Group, phones ...*puppet) {
		t.Helper()
		o.groups(g)
		a := o.p201.call("400", o.p201.description("sendrecv"))
		for _, p := range phones {
			p.declines()
		}
		a.response(sip.INVITE, 486)
		a.ackRefusal()
	}
	robin := fact.Group{Number: "400", Members: []string{"202", "203"}, Strategy: fact.RingRoundRobin, Seconds: 30}
	first(robin, o.p202, o.p203)
	first(robin, o.p203, o.p202)
	first(robin, o.p202, o.p203)
	b := o.p202.call("203", o.p202.description("sendrecv"))
	o.p203.declines()
	b.response(sip.INVITE, 486)
	b.ackRefusal()
	idle := robin
	idle.Strategy = fact.RingLongestIdle
	o.eventually("the call is over", func() bool { return len(o.unit.Calls()) == 0 })
	first(idle, o.p203, o.p202)
	out := robin
	out.Strategy, out.Out = fact.RingLinear, []string{"202"}
	first(out, o.p203)
	o.p202.silent()
	late := robin
	late.Strategy, late.Delays = fact.RingAll, map[string]int{"202": 1}
	o.groups(late)
	a := o.p201.call("400", o.p201.description("sendrecv"))
	c := o.p203.rung()
	c.reply(180, "")
	o.p202.silent()
	d := o.p202.rung() // a second later
	d.reply(180, "")
	a.cancel()
	c.canceled()
	d.canceled()
	a.response(sip.INVITE, 487)
	a.ackRefusal()
	o.over()
}

// TestGroupSkipsWhoTalks: a member in a call does not ring where the group says so.
func TestGroupSkipsWhoTalks(t *testing.T) { inTime(t, testGroupSkipsWhoTalks) }

func testGroupSkipsWhoTalks(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.groups(fact.Group{Number: "400", Members: []string{"202", "203"}, SkipBusy: true})
	a := o.p202.call("201", o.p202.description("sendrecv"))
	b := o.p201.rung()
	b.reply(200, o.p201.description("sendrecv"))
	b.next(sip.ACK)
	a.response(sip.INVITE, 200)
	a.ack("")
	c := o.hikari.call("0312345680", o.hikari.description("sendrecv"))
	o.p203.declines()
	c.response(sip.INVITE, 486)
	c.ackRefusal()
	o.p202.silent()
	a.bye()
	b.hungUp()
	o.over()
}

func TestFaultsOfGroups(t *testing.T) {
	for want, g := range map[string]fact.Group{
		"no strategy": {Number: "400", Members: []string{"202"}, Strategy: "loud"},
		"at most 600": {Number: "400", Members: []string{"202"}, Seconds: 601},
		"itself":      {Number: "400", Members: []string{"202"}, Overflow: "400"},
		"no delay":    {Number: "400", Members: []string{"202"}, Delays: map[string]int{"203": 1}},
	} {
		_, err := plan.New(plan.Settings{Extensions: []string{"202", "203"}, Groups: []fact.Group{g}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", g, err, want)
		}
	}
}

// TestGroupOverflowsToAMailbox: whom nobody in a group answers leaves a message, or hears
// that the office is closed.
func TestGroupOverflowsToAMailbox(t *testing.T) { inTime(t, testGroupOverflowsToAMailbox) }

func testGroupOverflowsToAMailbox(t *testing.T) {
	b := newBoxes()
	o := newOffice(t, officeConfig{shards: 1, announcements: 2, lang: "en", scripts: b, caller: "0398765432"})
	g := fact.Group{Number: "400", Members: []string{"202", "203"}, Overflow: "mailbox-201"}
	o.groups(g)
	x := newSpeaker(t, o.hikari)
	a := o.hikari.call("0312345680", o.hikari.description("sendrecv"))
	o.p202.declines()
	o.p203.declines()
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	if i := spokenAt(t, x.record("mailbox-leave", 1), "mailbox-leave"); i < 0 {
		t.Error("the caller is not greeted")
	}
	x.beep(t)
	x.tells(to, 700, 1.5)
	x.press(to, "#")
	if m := b.left(t); m.Extension != "201" || m.From != "0398765432" {
		t.Errorf("left %s for %s", m.From, m.Extension)
	}
	a.bye()
	o.over()
	g.Out = g.Members // nobody is logged in: at once
	o.groups(g)
	a = o.hikari.call("0312345680", o.hikari.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	a.bye()
	o.over()
}
