package unit

import (
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

// identityIn is whom a 200 says that it comes from, "" for nobody.
func identityIn(m *sip.Message) string { return string(m.Value(sip.HeaderPAssertedIdentity)) }

// TestPhonesShowWhomTheyTalkWith: a phone is told the name of who answers; after an
// announced transfer, and when somebody takes a parked call, both phones are told whom
// they talk with now. Nobody is told what its phone shows already.
func TestPhonesShowWhomTheyTalkWith(t *testing.T) { inTime(t, testPhonesShowWhomTheyTalkWith) }

func testPhonesShowWhomTheyTalkWith(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.p201.call("202", o.p201.description("sendrecv"))
	b := o.p202.rung()
	b.reply(200, o.p202.description("sendrecv"))
	if who := identityIn(a.response(sip.INVITE, 200)); who != `"Desk 202" <sip:202@office>` {
		t.Errorf("201 shows %s", who)
	}
	a.ack("")
	b.next(sip.ACK)
	a2, d := o.talkInside(o.p201, o.p203)
	a.refer(a2.named("203"), 202)
	a.notified("100")
	a.notified("200")
	a.hungUp()
	a2.hungUp()
	o.p202.shows(`"Desk 203" <sip:203@office>`)
	o.p203.shows(`"Desk 202" <sip:202@office>`)

	d.reinvite(o.p203.description("sendonly"))
	d.ack("")
	o.confirmed(o.p203, "*771")
	d.hungUp()
	e := o.p201.call("*771", o.p201.description("sendrecv"))
	if who := identityIn(e.response(sip.INVITE, 200)); who != `"Desk 202" <sip:202@office>` {
		t.Errorf("who takes the parked call shows %s", who)
	}
	e.ack("")
	o.p202.shows(`"Desk 201" <sip:201@office>`)
	for _, p := range []*puppet{o.p201, o.p202, o.p203} {
		p.showsNothing()
	}
	e.bye()
	b.hungUp()
	o.over()
}

// TestPhoneShowsWhoIsOutside: who is handed a call from outside is shown its number, and
// the line is told nothing of the office.
func TestPhoneShowsWhoIsOutside(t *testing.T) { inTime(t, testPhoneShowsWhoIsOutside) }

func testPhoneShowsWhoIsOutside(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	c := o.outsider(t)
	a2, d := o.talkInside(o.p202, o.p203)
	c.b.refer(a2.named("203"), 202)
	c.b.notified("100")
	c.b.notified("200")
	c.b.hungUp()
	a2.hungUp()
	o.p203.shows(`<sip:hikari@office>`)
	o.hikari.showsNothing()
	d.bye()
	c.a.hungUp()
	o.over()
}
