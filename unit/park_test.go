package unit

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
)

// outsider is a call from outside that 202 has answered, with voice.
type outsider struct {
	a, b  *talk // the carrier's side, 202's side
	mouth *speaker
	toA   *sip.Message
}

func (o *office) outsider(t *testing.T) *outsider {
	t.Helper()
	c := &outsider{mouth: newSpeaker(t, o.hikari)}
	c.a = o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	c.b = o.p202.rung()
	c.b.reply(200, o.p202.description("sendrecv"))
	c.toA = c.a.response(sip.INVITE, 200)
	c.a.ack("")
	c.b.next(sip.ACK)
	return c
}

// taken has a phone dial, and talk with the outsider.
func (c *outsider) taken(t *testing.T, by *puppet, dialed string) *talk {
	t.Helper()
	mouth := newSpeaker(t, by)
	d := by.call(dialed, by.description("sendrecv"))
	ok := d.response(sip.INVITE, 200)
	d.ack("")
	mouth.say(mediaPort(t, ok), 0x33, c.mouth)
	c.mouth.say(mediaPort(t, c.toA), 0x22, mouth)
	return d
}

// confirmed has a phone dial what the unit does at once, and hears beeps.
func (o *office) confirmed(by *puppet, dialed string) {
	o.t.Helper()
	d := by.call(dialed, by.description("sendrecv"))
	d.response(sip.INVITE, 200)
	d.ack("")
	d.hungUp()
}

// dialsInVain has a phone dial in vain.
func (o *office) dialsInVain(by *puppet, dialed string, status int) {
	o.t.Helper()
	d := by.call(dialed, by.description("sendrecv"))
	d.response(sip.INVITE, status)
	d.ackRefusal()
}

// TestPark: one key parks whom a phone talks with, by calling the place while it
// holds; the caller hears music; anybody takes it by the key or the code.
func TestPark(t *testing.T) {
	for _, dialed := range []string{"park1", "*771"} {
		inBubble(t, dialed, func(t *testing.T) {
			o := newOffice(t, officeConfig{shards: 1})
			c := o.outsider(t)
			c.b.reinvite(c.b.p.description("sendonly"))
			c.b.ack("")
			o.confirmed(o.p202, dialed)
			c.b.hungUp()
			c.mouth.hearsMusic()
			o.dialsInVain(o.p203, "*772", 404)
			if f := last[fact.CallMoved](o); f.How != fact.MovedParked || f.Place != "park1" || f.Device != "202-1" {
				t.Errorf("recorded %+v", f)
			}
			d := c.taken(t, o.p203, dialed)
			if f := last[fact.CallMoved](o); f.How != fact.MovedTaken || f.Place != "park1" || f.Device != "203-1" {
				t.Errorf("recorded %+v", f)
			}
			o.dialsInVain(o.p201, dialed, 404) // it is free again
			d.bye()
			c.a.hungUp()
			o.over()
		})
	}
}

// TestParkByTransfer sends a caller to a place by REFER; where somebody waits there it
// stays.
func TestParkByTransfer(t *testing.T) { inTime(t, testParkByTransfer) }

func testParkByTransfer(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	c := o.outsider(t)
	x, y := o.talkInside(o.p201, o.p203)
	c.b.refer("park1", 202)
	c.b.notified("100")
	c.b.notified("200")
	c.b.hungUp()
	x.refer("park1", 202)
	x.notified("100")
	x.notified("486")
	d := c.taken(t, o.p202, "park1")
	x.bye()
	y.hungUp()
	d.bye()
	c.a.hungUp()
	o.over()
}

// TestParkIsGivenBack rings the phone that parked when nobody takes the caller.
func TestParkIsGivenBack(t *testing.T) { inTime(t, testParkIsGivenBack) }

func testParkIsGivenBack(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, parkWait: 200 * time.Millisecond})
	c := o.outsider(t)
	o.confirmed(o.p202, "park1")
	c.b.hungUp()
	d := o.p202.rung()
	if from := string(d.invite.Value(sip.HeaderFrom)); !strings.Contains(from, "戻り hikari") {
		t.Errorf("202 is shown %s", from)
	}
	d.reply(486, "") // it waits once more
	d.next(sip.ACK)
	d = o.p202.rung()
	d.reply(200, o.p202.description("sendrecv"))
	d.next(sip.ACK)
	c.a.bye()
	d.hungUp()
	o.over()
}

// TestOwnHold: only the extension that held takes the caller back.
func TestOwnHold(t *testing.T) { inTime(t, testOwnHold) }

func testOwnHold(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	c := o.outsider(t)
	o.confirmed(o.p202, "*70")
	c.b.hungUp()
	o.dialsInVain(o.p203, "*70", 404)
	d := c.taken(t, o.p202, "*70")
	d.bye()
	c.a.hungUp()
	o.over()
}

// TestParkOfWhomIsHeldLast: a phone that holds two callers parks whom it has put on hold
// last, as it did to dial for that, in whatever order they called.
func TestParkOfWhomIsHeldLast(t *testing.T) {
	for _, last := range []string{"older", "newer"} {
		inBubble(t, last, func(t *testing.T) {
			o := newOffice(t, officeConfig{shards: 1})
			older, line := o.outside("09012345678")
			o.holds(older)
			newer, b := o.within()
			o.holds(newer)
			parked, other := newer, older
			if last == "older" {
				older.reinvite(o.p201.description("sendrecv"))
				older.ack("")
				time.Sleep(time.Second)
				o.holds(older)
				parked, other = older, newer
			}
			o.confirmed(o.p201, "*771")
			parked.hungUp()
			other.bye()
			if last == "older" {
				b.hungUp()
				line.bye()
			} else {
				line.hungUp()
				b.bye()
			}
			o.over()
		})
	}
}

// within has 201 talk with 202.
func (o *office) within() (a, b *talk) {
	o.t.Helper()
	a = o.p201.call("202", o.p201.description("sendrecv"))
	b = o.p202.rung()
	b.reply(200, o.p202.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	return a, b
}

// holds has a phone put its call on hold, a second after whatever was before.
func (o *office) holds(d *talk) {
	o.t.Helper()
	time.Sleep(time.Second)
	d.reinvite(d.p.description("sendonly"))
	d.ack("")
}

// TestPickUp takes a call that rings at another phone, of the same group or named.
func TestPickUp(t *testing.T) {
	for dialed, by := range map[string]string{"*88": "203", "*88202": "201", "**202": "201"} {
		inBubble(t, dialed, func(t *testing.T) {
			o := newOffice(t, officeConfig{shards: 1})
			o.dialsInVain(o.p201, dialed, 404) // nothing rings
			a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
			b := o.p202.rung()
			b.reply(180, "")
			a.response(sip.INVITE, 180)
			o.dialsInVain(o.p201, "*88", 404) // 201 is in no group
			o.dialsInVain(o.p201, "**203", 404)
			p := o.p203
			if by == "201" {
				p = o.p201
			}
			d := p.call(dialed, p.description("sendrecv"))
			d.response(sip.INVITE, 200)
			d.ack("")
			m := b.canceled()
			if reason := string(m.Value(sip.HeaderReason)); !strings.Contains(reason, "cause=200") {
				t.Errorf("202 shows a missed call: %q", reason)
			}
			a.response(sip.INVITE, 200)
			a.ack("")
			if f := last[fact.CallAnswered](o); f.Device != by+"-1" {
				t.Errorf("recorded %+v", f)
			}
			d.bye()
			a.hungUp()
			o.over()
		})
	}
}

// holdsAndIsLost has a phone hold, and start anew.
func (d *talk) holdsAndIsLost(held *talk) {
	d.p.t.Helper()
	d.reinvite("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
		"m=audio 40000 RTP/AVP 0\r\na=sendonly\r\n")
	d.ack("")
	held.send(sip.INFO, "Signal=5\r\nDuration=160\r\n", "Content-Type: application/dtmf-relay")
	d.p.reply(d.next(sip.INFO), 481, "", "")
}

// TestHolderIsLost: whom a phone held that is gone hears music, and may be taken.
func TestHolderIsLost(t *testing.T) { inTime(t, testHolderIsLost) }

func testHolderIsLost(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	c := o.outsider(t)
	c.b.holdsAndIsLost(c.a)
	c.mouth.hearsMusic()
	d := c.taken(t, o.p203, "**202")
	d.bye()
	c.a.hungUp()
	o.over()
}
