package unit

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/vectors/dial"
	"github.com/sekisho/sekisho/wire/sip"
)

// refer sends a REFER to a user, with what its URI says besides, and waits for the
// answer.
func (d *talk) refer(user string, status int, headers ...string) {
	d.p.t.Helper()
	if !strings.Contains(user, "@") {
		user += "@office"
	}
	d.send(sip.REFER, "", append(headers, fmt.Sprintf("Refer-To: <sip:%s>", user))...)
	d.response(sip.REFER, status)
}

// named is a URI that names a dialog: whom the phone talks with there.
func (d *talk) named(user string) string {
	_, ours, _ := strings.Cut(d.remote, ";tag=")
	_, theirs, _ := strings.Cut(d.local, ";tag=")
	return fmt.Sprintf("%s@office?Replaces=%s%%3Bto-tag%%3D%s%%3Bfrom-tag%%3D%s", user, d.callID, ours, theirs)
}

// notified waits for a NOTIFY that says how a REFER goes.
func (d *talk) notified(says string) {
	d.p.t.Helper()
	m := d.next(sip.NOTIFY)
	d.p.reply(m, 200, "", "")
	state := "active"
	if says[0] != '1' {
		state = "terminated"
	}
	if !strings.HasPrefix(string(m.Body()), "SIP/2.0 "+says) ||
		!strings.HasPrefix(string(m.Value(sip.HeaderSubscriptionState)), state) {
		d.p.t.Errorf("NOTIFY says\n%s", m.Bytes())
	}
}

// talkInside has a phone talk with another one.
func (o *office) talkInside(from, to *puppet) (a, b *talk) {
	o.t.Helper()
	a = from.call(to.name, from.description("sendrecv"))
	b = to.rung()
	b.reply(200, to.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	return a, b
}

// TestTransferUnannounced hands whom 201 talks with outside over to 203, by hold and
// REFER: 203 is shown who it is, both hear each other, and 201 hears how it went.
func TestTransferUnannounced(t *testing.T) { inTime(t, testTransferUnannounced) }

func testTransferUnannounced(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	mouth := newSpeaker(t, o.p203)
	c := o.talkOutside(t)
	c.a.reinvite(c.a.p.description("sendonly"))
	c.a.ack("")
	c.a.refer("203", 202)
	c.a.notified("100")
	d := o.p203.rung()
	if from := string(d.invite.Value(sip.HeaderFrom)); !strings.Contains(from, "09012345678") {
		t.Errorf("203 is shown %s", from)
	}
	c.mouthB.hearsMusic()
	d.reply(180, "")
	c.a.notified("180")
	d.reply(200, o.p203.description("sendrecv"))
	d.next(sip.ACK)
	c.a.notified("200")
	c.a.hungUp()
	mouth.say(mediaPort(t, d.invite), 0x33, c.mouthB)
	c.mouthB.say(mediaPort(t, c.toB), 0x22, mouth)
	f := last[fact.CallMoved](o)
	if f.How != fact.MovedOver || f.Device != "201-1" || f.To != "203" {
		t.Errorf("recorded %+v", f)
	}
	c.b.bye()
	d.hungUp()
	o.over()
}

// TestTransferComesToNothing: who handed over hears why, and goes on talking; or it
// has hung up, and its phone rings.
func TestTransferComesToNothing(t *testing.T) { inTime(t, testTransferComesToNothing) }

func testTransferComesToNothing(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	c := o.talkOutside(t)
	c.a.refer("203", 202)
	c.a.notified("100")
	d := o.p203.rung()
	d.reply(486, "")
	d.next(sip.ACK)
	c.a.notified("486")
	c.bothWays()
	c.a.refer("203", 202)
	c.a.notified("100")
	d = o.p203.rung()
	c.a.bye()
	d.reply(486, "")
	d.next(sip.ACK)
	back := o.p201.rung()
	if from := string(back.invite.Value(sip.HeaderFrom)); !strings.Contains(from, "戻り 09012345678") {
		t.Errorf("201 is shown %s", from)
	}
	back.reply(200, o.p201.description("sendrecv"))
	back.next(sip.ACK)
	c.toA = back.invite
	c.bothWays()
	back.bye()
	c.b.hungUp()
	o.over()
}

// TestTransferOutside: where a phone sends whom it talks with inside to an outside
// number, the gate judges that as the phone's own; whom it talks with outside it
// sends nowhere outside.
func TestTransferOutside(t *testing.T) { inTime(t, testTransferOutside) }

func testTransferOutside(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a, b := o.talkInside(o.p202, o.p201)
	b.refer("09087654321", 202) // 201, which was called
	b.notified("100")
	out := o.hikari.rung()
	f := last[fact.CallJudged](o)
	if f.Origin != "transfer" || f.Extension != "201" || f.Device != "201-1" || f.Verb != "pass" {
		t.Errorf("judged: %+v", f)
	}
	out.reply(200, o.hikari.description("sendrecv"))
	out.next(sip.ACK)
	b.notified("200")
	b.hungUp()
	a.bye()
	out.hungUp()
	o.over()

	a, b = o.talkInside(o.p202, o.p201)
	b.refer("0112327612345", 202) // which 201 may not call so
	b.notified("100")
	b.notified("4")
	a.bye()
	b.hungUp()
	o.over()

	c := o.talkOutside(t)
	c.a.refer("09087654321", 202)
	c.a.notified("100")
	c.a.notified("403")
	if f := last[fact.CallJudged](o); f.Origin != "line-to-line" || f.Rule != "line-to-line" || f.Extension != "201" {
		t.Errorf("judged: %+v", f)
	}
	o.hikari.expectNone("another call", isMethod(sip.INVITE))
	c.a.bye()
	c.b.hungUp()
	o.over()
}

// TestTransferAnnounced joins whom a phone talks with in two calls, by a REFER in
// either of them: the call with the line goes on.
func TestTransferAnnounced(t *testing.T) {
	for _, by := range []string{"the line's call", "the other call"} {
		inBubble(t, by, func(t *testing.T) {
			o := newOffice(t, officeConfig{shards: 1})
			mouth := newSpeaker(t, o.p203)
			c := o.talkOutside(t)
			c.a.reinvite(c.a.p.description("sendonly"))
			c.a.ack("")
			a2, d := o.talkInside(o.p201, o.p203)
			first, second := c.a, a2
			if by == "the other call" {
				first, second = a2, c.a
			}
			first.refer(second.named("203"), 202)
			first.notified("100")
			first.notified("200")
			c.a.hungUp()
			a2.hungUp()
			mouth.say(mediaPort(t, d.invite), 0x33, c.mouthB)
			c.mouthB.say(mediaPort(t, c.toB), 0x22, mouth)
			if f := last[fact.CallMoved](o); f.How != fact.MovedJoined || f.Device != "201-1" || f.With == "" {
				t.Errorf("recorded %+v", f)
			}
			d.bye()
			c.b.hungUp()
			o.over()
		})
	}
}

// TestWhoHasLoggedOutSendsNobodyOn: a call that was left up at a shared phone is not sent on
// in the name of who talked there.
func TestWhoHasLoggedOutSendsNobodyOn(t *testing.T) {
	inTime(t, testWhoHasLoggedOutSendsNobodyOn)
}

func testWhoHasLoggedOutSendsNobodyOn(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a, b := o.talkInside(o.p201, o.p202)
	o.phones.seat("201-1", "801")
	a.refer("09012345678", 403)
	o.phones.seat("201-1", "201")
	a.refer("park1", 202)
	a.notified("100")
	a.notified("200")
	a.hungUp()
	b.bye()
	o.over()
}

// TestLinesAreNotJoined: nobody of the office would be in such a call.
func TestLinesAreNotJoined(t *testing.T) { inTime(t, testLinesAreNotJoined) }

func testLinesAreNotJoined(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	c := o.talkOutside(t)
	a2, b2 := o.outside("09087654321")
	c.a.refer(a2.named("x"), 603)
	f := last[fact.CallMoved](o)
	if f.How != fact.MovedNot || f.Device != "201-1" || f.With == "" || f.With == f.Call {
		t.Errorf("recorded %+v", f)
	}
	a2.refer(c.a.named("x"), 603)
	if g := last[fact.CallMoved](o); g.Call != f.With || g.With != f.Call {
		t.Errorf("recorded %+v after %+v", g, f)
	}
	for _, d := range []*talk{c.a, a2} {
		d.bye()
	}
	c.b.hungUp()
	b2.hungUp()
	o.over()
}

// TestReferRefused: what can't be handed over, by whom it can't be, and to where.
func TestReferRefused(t *testing.T) { inTime(t, testReferRefused) }

func testReferRefused(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a, b := o.talkInside(o.p201, o.p202)
	x, y := o.talkInside(o.p203, o.p202)
	a.refer(x.named("202"), 403)               // another phone's call
	a.refer("x@office?Replaces=nonsense", 400) // no dialog
	a.refer(strings.Replace(x.named("202"), x.callID, "none", 1), 481)
	a.send(sip.REFER, "")
	a.response(sip.REFER, 400)
	c := o.talkOutside(t)
	c.b.refer("203", 405) // a carrier has no such wish
	for _, d := range []*talk{a, x, c.a} {
		d.bye()
	}
	b.hungUp()
	y.hungUp()
	c.b.hungUp()
	o.over()
}

// TestTransferWithoutReport: a phone that wants to hear nothing of its transfer (RFC
// 4488) is told nothing.
func TestTransferWithoutReport(t *testing.T) { inTime(t, testTransferWithoutReport) }

func testTransferWithoutReport(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a, b := o.talkInside(o.p201, o.p202)
	a.refer("203", 202, "Refer-Sub: false", "Supported: norefersub")
	d := o.p203.rung()
	d.reply(200, o.p203.description("sendrecv"))
	d.next(sip.ACK)
	a.hungUp()
	o.p201.expectNone("a NOTIFY", isMethod(sip.NOTIFY))
	b.bye()
	d.hungUp()
	o.over()
}

// TestInviteInPlace: an INVITE that names a dialog takes its place: that of a ringing
// phone for anybody, that of a talking one at the same extension.
func TestInviteInPlace(t *testing.T) { inTime(t, testInviteInPlace) }

func testInviteInPlace(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.p201.call("202", o.p201.description("sendrecv"))
	b := o.p202.rung()
	b.reply(180, "")
	a.response(sip.INVITE, 180)
	d := o.p203.call("202", o.p203.description("sendrecv"), b.replacing(), "Require: replaces")
	d.response(sip.INVITE, 200)
	d.ack("")
	b.canceled()
	a.response(sip.INVITE, 200)
	a.ack("")
	// 202 is not in this call any more, and 201 can't be put in its own place by 202.
	for _, c := range []struct {
		named  *talk
		status int
	}{{b, 481}, {a, 403}} {
		e := o.p202.call("201", o.p202.description("sendrecv"), c.named.replacing())
		e.response(sip.INVITE, c.status)
		e.ackRefusal()
	}
	e := o.p203.call("201", o.p203.description("sendrecv"), d.replacing()) // its own
	e.response(sip.INVITE, 200)
	e.ack("")
	d.hungUp()
	a.bye()
	e.hungUp()
	o.over()
}

// ordinary is what carriers may be asked for that a phone may dial by factory default.
var ordinary = regexp.MustCompile(`^(110|118|119|0[1-9][0-9]{8,9})$`)

// TestTransferStrings sends whom a phone talks with to what attackers dial: a carrier
// is asked for nothing but ordinary numbers of Japan.
func TestTransferStrings(t *testing.T) { inTime(t, testTransferStrings) }

func testTransferStrings(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	asked := make(chan string, hubMail)
	for _, carrier := range []*puppet{o.hikari, o.backup} {
		carrier.actBy(func(m *sip.Message) {
			if m.Method() == sip.INVITE && m.IsRequest() {
				asked <- string(m.RequestURI().User)
				carrier.reply(m, 486, "busy", "")
			}
		})
	}
	const each, most = 20, 300 // REFERs in one call, and in all
	var a, b *talk
	n, domestic := 0, 0
	for c := range dial.Generate(2026) {
		if n == most {
			break
		}
		if c.Dialed == "" {
			continue // no URI can say that
		}
		if n%each == 0 {
			if n > 0 {
				a.bye()
				b.hungUp()
			}
			a, b = o.talkInside(o.p201, o.p202)
		}
		n++
		var user strings.Builder
		for i := range len(c.Dialed) {
			fmt.Fprintf(&user, "%%%02X", c.Dialed[i])
		}
		b.refer(user.String(), 202)
		b.notified("100")
		for m := b.next(sip.NOTIFY); ; m = b.next(sip.NOTIFY) {
			b.p.reply(m, 200, "", "")
			if strings.HasPrefix(string(m.Value(sip.HeaderSubscriptionState)), "terminated") {
				break
			}
		}
		for len(asked) > 0 {
			number := <-asked
			want := o.unit.Plan().Dialed(c.Dialed).Destination.National()
			if c.WantDomestic {
				want = "0" + c.Number[2:]
			}
			if domestic++; !ordinary.MatchString(number) || number != want {
				t.Errorf("%q has the carrier asked for %q", c.Dialed, number)
			}
		}
	}
	if domestic < most/10 {
		t.Errorf("only %d of %d strings reached a carrier", domestic, most)
	}
	a.bye()
	b.hungUp()
	o.over()
}
