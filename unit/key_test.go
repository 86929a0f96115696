package unit

import (
	"fmt"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/vectors/dial"
	"github.com/sekisho/sekisho/wire/sip"
)

// keyed is an office with three outside-line keys: two for line l1, one for l2.
func keyed(t testing.TB, cfg officeConfig) *office {
	t.Helper()
	cfg.shards = 1
	cfg.announcements = max(cfg.announcements, 2)
	o := newOffice(t, cfg)
	for i, l := range []string{"l1", "l1", "l2"} {
		o.routing = append(o.routing, fact.KeySet{Key: fmt.Sprintf("key%d", i+1), Line: l})
	}
	o.unit.SetPlan(o.plan())
	return o
}

// comesIn is a call from outside that rings at 202.
func (o *office) comesIn() (a, b *talk) {
	o.t.Helper()
	a = o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	return a, o.p202.rung()
}

// presses has a phone call a key whose call it gets.
func (p *puppet) presses(name string) *talk {
	p.t.Helper()
	d := p.call(name, p.description("sendrecv"))
	d.response(sip.INVITE, 200)
	d.ack("")
	return d
}

// TestKeyOfACallThatComesIn: it blinks, is answered by the key at any phone, goes on
// hold there for all to see, and is taken up again by the key anywhere.
func TestKeyOfACallThatComesIn(t *testing.T) { inTime(t, testKeyOfACallThatComesIn) }

func testKeyOfACallThatComesIn(t *testing.T) {
	o := keyed(t, officeConfig{})
	first, second := o.p203.watch("key1"), o.p203.watch("key2")
	mine := o.p201.watch("key1")
	for _, b := range []*bulb{first, second, mine} {
		b.shows("terminated")
	}
	y := newSpeaker(t, o.hikari)
	a, b := o.comesIn()
	b.reply(180, "")
	first.shows(`early recipient "" sip:hikari@office`)
	mine.shows(`early recipient "" sip:hikari@office`)
	x := newSpeaker(t, o.p201)
	c := o.p201.presses("**key1") // as phones do that put the code for taking calls in front
	b.canceled()
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	first.shows(`confirmed recipient`)
	mine.shows(`confirmed recipient "" sip:hikari@office`)
	y.say(to, 0x21, x)

	c.reinvite(o.p201.description("sendonly"))
	c.ack("")
	first.shows(`confirmed recipient held "" sip:hikari@office`)
	y.hearsMusic()
	z := newSpeaker(t, o.p203)
	d := o.p203.presses("key1")
	c.hungUp()
	y.say(to, 0x23, z)
	first.settles(`confirmed recipient "" sip:hikari@office`)

	d.bye()
	a.hungUp()
	first.settles("terminated")
	o.over()
	second.p.expectNone("a lamp of another key", isMethod(sip.NOTIFY))
}

// TestKeyIsSeized: a key that is pressed gives dial tone, and what is dialed there goes
// out on its line, without the outside prefix; the others see who has it.
func TestKeyIsSeized(t *testing.T) { inTime(t, testKeyIsSeized) }

func testKeyIsSeized(t *testing.T) {
	o := keyed(t, officeConfig{})
	b, mine := o.p203.watch("key3"), o.p201.watch("key3")
	b.shows("terminated")
	mine.shows("terminated")
	x := newSpeaker(t, o.p201)
	a := o.p201.call("key3", o.p201.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	b.shows("confirmed initiator")
	if l := x.level(500 * time.Millisecond); l < -18 || l > -14 {
		t.Errorf("dial tone has %.1f dBm0", l)
	}
	o.dialsInVain(o.p203, "key3", 486)
	x.press(to, "09012345678") // whole: nothing can follow
	y := newSpeaker(t, o.backup)
	d := o.backup.rung()
	if user := string(d.invite.RequestURI().User); user != "09012345678" {
		t.Errorf("dialed outside: %s", user)
	}
	d.reply(180, "")
	d.reply(200, o.backup.description("sendrecv"))
	d.next(sip.ACK)
	x.say(to, 0x31, y)
	mine.settles(`confirmed initiator "" sip:09012345678@office`)
	o.dialsInVain(o.p203, "key3", 486)
	if n := len(all[fact.CallJudged](o)); n != 1 {
		t.Errorf("%d verdicts: it was tried on another line", n)
	}
	f := last[fact.CallJudged](o)
	if f.Party.Origin != "dialed" || f.Party.Extension != "201" || f.Line != "l2" || f.Dialed != "09012345678" {
		t.Errorf("judged %+v", f)
	}
	a.bye()
	d.hungUp()
	b.settles("terminated")
	o.over()
}

// TestKeyHoldsItsCall: the phone that talks on a key presses it: the call waits there for
// all; the phone is told by beeps, and gets it back when nobody takes it.
func TestKeyHoldsItsCall(t *testing.T) { inTime(t, testKeyHoldsItsCall) }

func testKeyHoldsItsCall(t *testing.T) {
	o := keyed(t, officeConfig{parkWait: 2 * time.Second})
	lamp := o.p203.watch("key1")
	y := newSpeaker(t, o.hikari)
	a, b := o.comesIn()
	b.reply(200, o.p202.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	lamp.settles("confirmed recipient")
	b.reinvite(o.p202.description("sendonly"))
	b.ack("")
	o.confirmed(o.p202, "key1")
	b.hungUp()
	lamp.settles(`confirmed recipient held "" sip:hikari@office`)
	y.hearsMusic()
	if f := last[fact.CallMoved](o); f.How != fact.MovedParked || f.Place != "key1" || f.Device != "202-1" {
		t.Errorf("recorded %+v", f)
	}
	back := o.p202.rung()
	back.reply(200, o.p202.description("sendrecv"))
	back.next(sip.ACK)
	lamp.settles("confirmed recipient")
	back.bye()
	a.hungUp()
	lamp.settles("terminated")
	o.over()
}

// TestKeyOfALostPhone: whom a phone held that is gone can be taken by the key.
func TestKeyOfALostPhone(t *testing.T) { inTime(t, testKeyOfALostPhone) }

func testKeyOfALostPhone(t *testing.T) {
	o := keyed(t, officeConfig{})
	y := newSpeaker(t, o.hikari)
	a, b := o.comesIn()
	b.reply(200, o.p202.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	b.next(sip.ACK)
	b.reinvite("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
		"m=audio 40000 RTP/AVP 0\r\na=sendonly\r\n") // it takes keys by INFO only
	b.ack("")
	a.send(sip.INFO, "Signal=5\r\nDuration=160\r\n", "Content-Type: application/dtmf-relay")
	b.p.reply(b.next(sip.INFO), 481, "", "") // the phone has started anew
	lamp := o.p203.watch("key1")
	lamp.settles(`confirmed recipient held "" sip:hikari@office`)
	x := newSpeaker(t, o.p203)
	d := o.p203.presses("key1")
	y.say(to, 0x24, x)
	d.bye()
	a.hungUp()
	o.over()
}

// TestKeysAreTakenInOrder: calls that come in take the lowest key, those that go out the
// highest; one that is seized is nobody else's, and a code takes any that is free.
func TestKeysAreTakenInOrder(t *testing.T) { inTime(t, testKeysAreTakenInOrder) }

func testKeysAreTakenInOrder(t *testing.T) {
	o := keyed(t, officeConfig{})
	one, two := o.p203.watch("key1"), o.p203.watch("key2")
	one.shows("terminated")
	two.shows("terminated")
	out := o.p201.call("09012345678", o.p201.description("sendrecv"))
	far := o.hikari.rung()
	two.shows("confirmed initiator") // it dials
	a, b := o.comesIn()
	b.reply(180, "")
	one.settles(`early recipient "" sip:hikari@office`)
	o.dialsInVain(o.p203, "*572", 486)
	a.cancel()
	a.response(sip.INVITE, 487)
	a.ackRefusal()
	b.canceled()
	one.settles("terminated")
	any := o.p203.presses("*570") // of key3 and key1 the highest
	if k := o.unit.keyed("key3"); k == nil || k.origin.Device != "203-1" {
		t.Error("the highest key that is free was not taken")
	}
	any.bye()
	far.reply(486, "")
	out.response(sip.INVITE, 486)
	out.ackRefusal()
	two.settles("terminated")
	o.over()
	if n := len(o.unit.keys); n != 0 {
		t.Errorf("%d keys are still taken", n)
	}
}

// TestGlare: the last channel of a line is seized as a call comes in: that is busy, and
// whoever has dial tone calls. Who hears busy tone has key and channel no more.
func TestGlare(t *testing.T) { inTime(t, testGlare) }

func testGlare(t *testing.T) {
	o := keyed(t, officeConfig{channels: 2}) // one is kept for emergency calls
	x := newSpeaker(t, o.p201)
	a := o.p201.call("key1", o.p201.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	in := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	in.response(sip.INVITE, 486)
	in.ackRefusal()
	o.dialsInVain(o.p203, "key2", 503)
	x.press(to, "09012345678")
	d := o.hikari.rung()
	d.reply(486, "")
	if l := x.level(time.Second); l < -24 || l > -14 { // busy tone, half of the time
		t.Errorf("the caller hears %.1f dBm0", l)
	}
	b := o.p203.presses("key1") // and so do others
	a.bye()
	b.bye()
	o.over()
	if in := o.lines.List(time.Now())[0].InUse; in != 0 {
		t.Errorf("%d channels are still in use", in)
	}
}

// TestOneDialTone: a phone that presses another key gives up the dial tone that it has.
func TestOneDialTone(t *testing.T) { inTime(t, testOneDialTone) }

func testOneDialTone(t *testing.T) {
	o := keyed(t, officeConfig{})
	a := o.p201.presses("key1")
	b := o.p201.presses("key3")
	a.hungUp()
	o.eventually("the first key is free", func() bool { return o.unit.keyed("key1") == nil })
	if o.unit.keyed("key3") == nil {
		t.Error("the second is not seized")
	}
	c := o.p203.presses("key1")
	b.bye()
	c.bye()
	o.over()
}

// TestKeyStrings dials on a key what attackers dial: a carrier is asked for nothing but
// ordinary numbers of Japan.
func TestKeyStrings(t *testing.T) { inTime(t, testKeyStrings) }

func testKeyStrings(t *testing.T) {
	o := keyed(t, officeConfig{})
	asked := make(chan string, hubMail)
	for _, carrier := range []*puppet{o.hikari, o.backup} {
		carrier.actBy(func(m *sip.Message) {
			if m.Method() == sip.INVITE && m.IsRequest() {
				asked <- string(m.RequestURI().User)
				carrier.reply(m, 486, "busy", "")
			}
		})
	}
	const most = 150
	n, domestic := 0, 0
	for c := range dial.Generate(2026) {
		keys := keysOf(c.Dialed)
		if keys == "" || keys == "#" {
			continue
		}
		if n++; n > most {
			break
		}
		key := fmt.Sprintf("key%d", 1+n%3)
		a := o.p201.presses(key)
		d := o.unit.keyed(key)
		for _, digit := range []byte(keys) {
			d.post(call.Input{Event: call.Digit, Leg: call.A, Digit: digit})
		}
		d.post(call.Input{Event: call.Digit, Leg: call.A, Digit: '#'})
		o.eventually("it is dialed", func() bool {
			calls := o.unit.Calls()
			return len(calls) == 1 && calls[0].To != key
		})
		a.bye()
		o.eventually("the call is over", func() bool { return len(o.unit.Calls()) == 0 })
		for ; len(asked) > 0; domestic++ {
			if number := <-asked; !ordinary.MatchString(number) {
				t.Errorf("%q has the carrier asked for %q", keys, number)
			}
		}
	}
	if n < most || domestic < most/10 {
		t.Errorf("%d strings, %d calls within Japan", n, domestic)
	}
	o.over()
}

// keysOf is what of a string can be typed on a keypad.
func keysOf(dialed string) (keys string) {
	for _, r := range dialed {
		if r >= '0' && r <= '9' || r == '*' || r == '#' {
			keys += string(r)
		}
	}
	return keys
}

// TestKeyOfAnOwnHold: whom an extension holds for itself is not taken by the key at
// another one, which sees that the key is held and not for whom.
func TestKeyOfAnOwnHold(t *testing.T) { inTime(t, testKeyOfAnOwnHold) }

func testKeyOfAnOwnHold(t *testing.T) {
	o := keyed(t, officeConfig{})
	lamp, mine := o.p203.watch("key1"), o.p202.watch("key1")
	c := o.outsider(t)
	mine.settles(`confirmed recipient "" sip:hikari@office`)
	o.confirmed(o.p202, "*70")
	c.b.hungUp()
	lamp.settles("confirmed recipient held")
	mine.settles("confirmed recipient held")
	o.dialsInVain(o.p203, "key1", 486)
	d := c.taken(t, o.p202, "key1")
	mine.settles(`confirmed recipient "" sip:hikari@office`)
	d.bye()
	c.a.hungUp()
	lamp.settles("terminated")
	o.over()
}
