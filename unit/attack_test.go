package unit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/quarantine"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/call"

	"github.com/sekisho/sekisho/wire/sip"
)

// replacing is the header field by which an INVITE takes the place of a phone's leg.
func (d *talk) replacing() string {
	_, ours, _ := strings.Cut(d.remote, ";tag=")
	_, theirs, _ := strings.Cut(d.local, ";tag=")
	return fmt.Sprintf("Replaces: %s;to-tag=%s;from-tag=%s", d.callID, ours, theirs)
}

// TestRefusedCallsAreNamed: an INVITE that names one that was refused finds nothing.
func TestRefusedCallsAreNamed(t *testing.T) { inTime(t, testRefusedCallsAreNamed) }

func testRefusedCallsAreNamed(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.p201.call("202", "hello", "Content-Type: text/plain")
	a.response(sip.INVITE, 415)
	b := o.p203.call("202", o.p203.description("sendrecv"), a.replacing())
	b.response(sip.INVITE, 481)
	b.ackRefusal()
	a.ackRefusal()
	o.over()
}

// TestStrangersTakeNoTransfer: a phone that names the dialog of who is being handed over,
// or of who hands over, gets nothing, though it may pick up the call where it rings.
func TestStrangersTakeNoTransfer(t *testing.T) { inTime(t, testStrangersTakeNoTransfer) }

func testStrangersTakeNoTransfer(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	p204 := newPuppet(t, o.h, "204", "127.0.1.4:5064", phoneSide)
	a, b := o.talkInside(o.p201, o.p202)
	b.refer("203", 202)
	b.notified("100")
	d := o.p203.rung()
	d.reply(180, "")
	b.notified("180")
	for _, c := range []struct {
		named  *talk
		status int
	}{{a, 403}, {b, 403}} {
		e := p204.call("201", p204.description("sendrecv"), c.named.replacing())
		e.response(sip.INVITE, c.status)
		e.ackRefusal()
	}
	o.dialsInVain(p204, "**202", 404) // which talked, and is rung by nobody
	e := p204.call("203", p204.description("sendrecv"), d.replacing())
	e.response(sip.INVITE, 200)
	e.ack("")
	d.canceled()
	b.notified("200")
	b.hungUp()
	a.bye()
	e.hungUp()
	o.over()
}

// TestEmergencyTakesNoPlace: an emergency call goes out whatever else its INVITE says.
func TestEmergencyTakesNoPlace(t *testing.T) { inTime(t, testEmergencyTakesNoPlace) }

func testEmergencyTakesNoPlace(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.p201.call("119", o.p201.description("sendrecv"), "Replaces: none;to-tag=a;from-tag=b")
	b := o.hikari.rung()
	b.reply(200, o.hikari.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	a.bye()
	b.hungUp()
	o.over()
}

// TestReferWishes: what a Refer-To asks for that is no call is not made one, and what is
// no number of ours, or a barred one, reaches no line in any dress.
func TestReferWishes(t *testing.T) { inTime(t, testReferWishes) }

func testReferWishes(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a, b := o.talkInside(o.p201, o.p202)
	for _, to := range []string{"<sip:203@office;method=BYE>", "<sip:203@office;method=MESSAGE>"} {
		a.send(sip.REFER, "", "Refer-To: "+to)
		a.response(sip.REFER, 403)
	}
	for _, to := range []string{
		"<http://203/>", "<sip:office>", "<sip:203%00@office>", "<sip:hikari@127.0.9.1>",
		"<tel:+232761234567>", "<tel:203;phone-context=+232>", "<sips:0112327612345@office>",
		"<sip:0112327612345@127.0.0.2:5060?Route=%3Csip%3A127.0.9.1%3Blr%3E&P-Asserted-Identity=x>",
		"<sip:s1@127.0.0.2:5060;lr;maddr=127.0.9.1>", "<sip:0112327612345@127.0.0.2;user=phone>",
	} {
		a.send(sip.REFER, "", "Refer-To: "+to)
		a.response(sip.REFER, 202)
		for status := "100"; status < "200"; {
			m := a.next(sip.NOTIFY)
			a.p.reply(m, 200, "", "")
			if status = string(m.Body()[len("SIP/2.0 "):][:3]); status >= "200" && status < "400" {
				t.Errorf("%s: %s", to, status)
			}
		}
	}
	o.hikari.expectNone("a call", isMethod(sip.INVITE))
	a.bye()
	b.hungUp()
	o.over()
}

// TestOutsidersTakeNoChannel: whom the unit talks with on a line reaches no emergency
// service, and takes no channel from the office's calls.
func TestOutsidersTakeNoChannel(t *testing.T) { inTime(t, testOutsidersTakeNoChannel) }

func testOutsidersTakeNoChannel(t *testing.T) {
	e := newExchange(map[byte]string{'2': "119"}, call.HearSame)
	o := newOffice(t, officeConfig{
		shards: 1, announcements: 1, channels: 1, scripts: scriptOf(func() attendant.Script { return e }),
	})
	c := o.outsider(t)
	a := o.p201.call("09012345678", o.p201.description("sendrecv"))
	b := o.backup.rung()
	b.reply(200, o.backup.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	c.b.refer("*96", 202)
	c.b.notified("100")
	c.b.notified("200")
	c.b.hungUp()
	c.a.info("2")
	if r := <-e.back; r.Status != 503 {
		t.Errorf("told %+v", r)
	}
	o.backup.expectNone("a BYE", isMethod(sip.BYE))
	hangUp(a, b)
	o.eventually("a channel is free", func() bool { return len(o.unit.Calls()) == 1 })
	c.a.info("2")
	if r := <-e.back; r.Status != 403 {
		t.Errorf("told %+v", r)
	}
	if f := last[fact.CallJudged](o); f.Party.Origin != "line-to-line" || f.Verb != "refuse" || f.Rule != "emergency" {
		t.Errorf("judged %+v", f)
	}
	c.a.bye()
	o.over()
}

// TestForwardOfAPhoneSetApart: what a phone had calls sent on to is nobody's any more
// when it is set apart.
func TestForwardOfAPhoneSetApart(t *testing.T) { inTime(t, testForwardOfAPhoneSetApart) }

func testForwardOfAPhoneSetApart(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.set(fact.ServiceSet{Extension: "202", Service: fact.ForwardAlways, To: "+819012345678", By: "phone/202-1"})
	o.setApart(quarantine.Phone, "202-1")
	a := o.backup.call("0312345671", o.backup.description("sendrecv"))
	a.response(sip.INVITE, 603)
	a.ackRefusal()
	if f := last[fact.CallJudged](o); f.Rule != "quarantine" || f.Device != "202-1" {
		t.Errorf("judged %+v", f)
	}
	o.hikari.expectNone("a call", isMethod(sip.INVITE))
	o.over()
}

// TestACallIsFull: who is handed over again and again goes on talking where there is no
// room for more, and nobody is lost in a call that has none.
func TestACallIsFull(t *testing.T) { inTime(t, testACallIsFull) }

func testACallIsFull(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	c := o.talkOutside(t)
	for range call.MaxLegs - 2 {
		c.a.refer("203", 202)
		c.a.notified("100")
		d := o.p203.rung()
		d.reply(486, "")
		d.next(sip.ACK)
		c.a.notified("486")
	}
	for _, to := range []string{"203", "09087654321"} {
		c.a.refer(to, 202)
		c.a.notified("100")
		c.a.notified("4")
	}
	a2, d := o.talkInside(o.p201, o.p203)
	c.a.refer(a2.named("203"), 403)
	a2.refer(c.a.named("x"), 403)
	a2.bye()
	d.hungUp()
	c.a.bye()
	c.b.hungUp()
	o.over()
}

// TestOwnHoldByAKey: whom an extension holds for itself nobody else takes by the key of
// the line, nor sees there.
func TestOwnHoldByAKey(t *testing.T) { inTime(t, testOwnHoldByAKey) }

func testOwnHoldByAKey(t *testing.T) {
	o := keyed(t, officeConfig{})
	lamp := o.p203.watch("key1")
	lamp.shows("terminated")
	c := o.outsider(t)
	o.confirmed(o.p202, "*70")
	c.b.hungUp()
	lamp.settles("confirmed recipient held")
	o.dialsInVain(o.p203, "key1", 486)
	d := o.p202.presses("key1") // its own
	d.bye()
	c.a.hungUp()
	o.over()
}
