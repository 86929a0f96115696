package unit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// opus is a description of Opus, which the unit does not understand, and of more.
func (p *puppet) opus(direction string, more ...string) string {
	m := fmt.Sprintf("m=audio %d RTP/AVP 96 %s", p.port(), strings.Join(more, " "))
	return p.stream(strings.TrimSpace(m), []string{"rtpmap:96 opus/48000/2", direction})
}

// opusPayload is how both sides mark it.
const opusPayload = 96

// talkOpus has 201 talk in Opus, and in nothing else, with whom it reaches by a number.
func talkOpus(t *testing.T, from, to *puppet) *talking {
	t.Helper()
	c := &talking{mouthA: newSpeaker(t, from), mouthB: newSpeaker(t, to), markA: 0x11, markB: 0x22}
	c.a = from.call(to.name, from.opus("sendrecv"))
	c.b = to.rung()
	c.toB = c.b.invite
	c.b.reply(200, to.opus("sendrecv"))
	c.toA = c.a.response(sip.INVITE, 200)
	c.a.ack("")
	c.b.next(sip.ACK)
	return c
}

// inOpus looks that both hear each other in Opus.
func (c *talking) inOpus() {
	c.mouthA.t.Helper()
	c.mouthA.pt, c.mouthB.pt = opusPayload, opusPayload
	c.bothWays()
	c.mouthA.pt, c.mouthB.pt = 0, 0
}

// asked waits until the unit asks a side to speak what it understands, and nothing else.
func (d *talk) asked() *sip.Message {
	d.p.t.Helper()
	m := d.next(sip.INVITE)
	if body := string(m.Body()); strings.Contains(body, "opus") || !strings.Contains(body, " RTP/AVP 0 8 9 101\r\n") {
		d.p.t.Errorf("%s is offered\n%s", d.p.name, body)
	}
	return m
}

// askedBack waits until the unit asks a side to speak Opus again, which it does.
func (d *talk) askedBack() {
	d.p.t.Helper()
	m := d.next(sip.INVITE)
	if body := string(m.Body()); !strings.Contains(body, " RTP/AVP 96 101\r\n") {
		d.p.t.Errorf("%s is offered\n%s", d.p.name, body)
	}
	d.p.reply(m, 200, "", d.p.opus("sendrecv"))
	d.next(sip.ACK)
}

// goesOver has a side speak µ-law when it is asked.
func (d *talk) goesOver(direction string) {
	d.p.t.Helper()
	d.p.reply(d.asked(), 200, "", d.p.description(direction))
	d.next(sip.ACK)
}

// refuses has a side not do what the unit asks.
func (d *talk) refuses(status int) {
	d.p.t.Helper()
	d.p.reply(d.asked(), status, "", "")
	d.next(sip.ACK)
}

// none looks that nothing was begun.
func (r *recorder) none(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) > 0 {
		t.Errorf("%d recordings were begun", len(r.all))
	}
}

// TestCallGoesOverToBeRecorded: two talk in Opus. Whoever wants that recorded has both asked
// to go over, one after the other; when they have both are told, and each is recorded.
func TestCallGoesOverToBeRecorded(t *testing.T) { inTime(t, testCallGoesOverToBeRecorded) }

func testCallGoesOverToBeRecorded(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	c := talkOpus(t, o.p201, o.p202)
	c.inOpus()
	d := o.p201.call("*51", o.p201.description("sendrecv"))
	asked := c.a.asked()
	c.b.p.expectNone("an offer before 201 has gone over", isMethod(sip.INVITE))
	r.none(t)
	o.p201.reply(asked, 200, "", o.p201.description("sendrecv"))
	c.a.next(sip.ACK)
	c.b.goesOver("sendrecv")
	d.response(sip.INVITE, 200)
	d.ack("")
	d.hungUp()
	k := o.reel(r, 1)
	if k.By != "phone/201-1" || k.Rule != "" || k.From != "201" || k.Extension != "202" {
		t.Errorf("begun: %+v", k.Recording)
	}
	c.mouthA.noticed()
	c.mouthB.noticed()
	left, right := end{c.mouthA, mediaPort(t, c.toA)}, end{c.mouthB, mediaPort(t, c.toB)}
	k.talk(t, left, right, true)
	c.bothWays()
	o.confirmed(o.p201, "*50")
	k.ended(t)
	c.a.record("on") // both are understood now
	k = o.reel(r, 2)
	k.talk(t, left, right, true)
	c.a.bye()
	c.b.hungUp()
	k.ended(t)
	o.over()
}

// TestCallDoesNotGoOver: where one side refuses, both talk on as before, nothing is recorded,
// and who wanted it is told so. It can be asked for again later.
func TestCallDoesNotGoOver(t *testing.T) { inTime(t, testCallDoesNotGoOver) }

func testCallDoesNotGoOver(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r, announcements: 1, lang: "en"})
	c := talkOpus(t, o.p201, o.p202)
	x := newSpeaker(t, o.p203)
	// 201's other key has a phone of its own here, so that what it hears can be told apart.
	d := o.p201.call("*51", o.p203.description("sendrecv"))
	c.a.refuses(488)
	d.response(sip.INVITE, 200)
	d.ack("")
	if i := spokenAt(t, x.record(PromptFailed, 1), PromptFailed); i < 0 {
		t.Error("201 is not told that nothing is recorded")
	}
	d.hungUp()
	c.b.p.expectNone("an offer, though 201 refused", isMethod(sip.INVITE))
	c.inOpus()

	for _, refuses := range []func(){
		func() { c.b.refuses(606) },
		func() { // it takes the offer, and nothing that is in it
			o.p202.reply(c.b.asked(), 200, "", o.p202.stream("m=audio 0 RTP/AVP 0", []string{"inactive"}))
			c.b.next(sip.ACK)
			c.b.askedBack()
		},
	} {
		time.Sleep(ShiftPause)
		got := make(chan error, 1)
		go func() { got <- o.unit.Record(context.Background(), "201", plan.RecordOn, "user:root") }()
		c.a.goesOver("sendrecv")
		refuses()
		asked := c.a.next(sip.INVITE) // while it makes an offer of its own
		o.p201.reply(asked, 491, "", "")
		c.a.next(sip.ACK)
		c.a.reinvite(o.p201.description("sendonly"))
		c.a.ack("")
		c.a.askedBack()
		if err := <-got; !errors.Is(err, ErrNotHeard) {
			t.Errorf("202 refused: %v", err)
		}
		c.inOpus()
	}
	r.none(t)
	c.a.bye()
	c.b.hungUp()
	o.over()
}

// TestOnlyWhatIsRecordedIsOffered: a phone whose calls are recorded is offered what the unit
// understands and nothing else. One that has nothing of that is offered all there is; where
// the caller has nothing, both are asked once they talk.
func TestOnlyWhatIsRecordedIsOffered(t *testing.T) { inTime(t, testOnlyWhatIsRecordedIsOffered) }

func testOnlyWhatIsRecordedIsOffered(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	o.records("202")
	offered := func(d *talk, opus bool) {
		t.Helper()
		body := string(d.invite.Body())
		if strings.Contains(body, "opus") != opus || strings.Contains(body, "PCMU") != !opus {
			t.Errorf("202 is offered\n%s", body)
		}
	}
	both := o.p201.opus("sendrecv", "0")
	a := o.p201.call("202", both)
	b := o.p202.rung()
	offered(b, false)
	b.reply(200, o.p202.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	k := o.reel(r, 1)
	a.bye()
	b.hungUp()
	k.ended(t)

	a = o.p201.call("202", strings.Replace(both, "96 0", "96", 1))
	b = o.p202.rung()
	offered(b, true)
	b.reply(200, o.p202.opus("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	a.goesOver("sendrecv")
	b.goesOver("sendrecv")
	k = o.reel(r, 2)
	if k.By != "unit" || k.Rule != "202" {
		t.Errorf("begun: %+v", k.Recording)
	}
	a.bye()
	b.hungUp()
	k.ended(t)

	c := &talking{mouthA: newSpeaker(t, o.p201), mouthB: newSpeaker(t, o.p202), markA: 0x11, markB: 0x22}
	c.a = o.p201.call("202", o.p201.opus("sendrecv", "0"))
	b = o.p202.rung()
	offered(b, false)
	b.reply(488, "")
	b.next(sip.ACK)
	c.b = o.p202.rung()
	c.toB = c.b.invite
	if body := string(c.toB.Body()); !strings.Contains(body, "opus") {
		t.Errorf("202, which has nothing else, is offered\n%s", body)
	}
	c.b.reply(200, o.p202.opus("sendrecv"))
	c.toA = c.a.response(sip.INVITE, 200)
	c.a.ack("")
	c.b.next(sip.ACK)
	c.inOpus()
	c.a.p.expectNone("an offer, though 202 has refused already", isMethod(sip.INVITE))
	c.a.bye()
	c.b.hungUp()
	o.over()
	o.reel(r, 2)
}

// TestALineIsOfferedAll: so is a line, by the gate, before it is offered the plainest; what
// it answers is not asked to be another.
func TestALineIsOfferedAll(t *testing.T) { inTime(t, testALineIsOfferedAll) }

func testALineIsOfferedAll(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r, lineCodecs: []string{"opus"}})
	o.records("201")
	offered := func(opus, others bool) *talk {
		t.Helper()
		d := o.hikari.rung()
		body := string(d.invite.Body())
		if strings.Contains(body, "opus") != opus || strings.Contains(body, "PCMU") != others {
			t.Errorf("the line is offered\n%s", body)
		}
		return d
	}
	refused := func(d *talk, status int) {
		t.Helper()
		d.reply(status, "")
		d.next(sip.ACK)
	}
	a := o.p201.call("09012345678", o.p201.opus("sendrecv", "0"))
	refused(offered(false, true), 488)
	b := offered(true, true)
	b.reply(200, o.hikari.opus("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	a.p.expectNone("an offer, though the line has refused already", isMethod(sip.INVITE))
	b.p.expectNone("an offer", isMethod(sip.INVITE))
	if n := o.passes()["l1"]; n != 2 {
		t.Errorf("the gate let it out %d times", n)
	}
	a.bye()
	b.hungUp()

	a = o.p201.call("09012345678", o.p201.opus("sendrecv", "0"))
	refused(offered(false, true), 606)
	refused(offered(true, true), 488)
	refused(offered(true, false), 488)
	a.response(sip.INVITE, 488)
	a.ackRefusal()
	o.over()
	r.none(t)
}

// TestACallForHelpIsOfferedAll: whose calls are recorded is kept from nothing that it speaks
// as it calls for help, nor as it is called back.
func TestACallForHelpIsOfferedAll(t *testing.T) { inTime(t, testACallForHelpIsOfferedAll) }

func testACallForHelpIsOfferedAll(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r, lineCodecs: []string{"opus"}})
	o.records("201", "202", fact.ScopeUnit)
	for _, way := range []struct {
		from, to *puppet
		number   string
	}{{o.p201, o.hikari, "110"}, {o.hikari, o.p202, "0312345670"}} {
		a := way.from.call(way.number, way.from.opus("sendrecv", "0"))
		b := way.to.rung()
		if body := string(b.invite.Body()); !strings.Contains(body, "opus") || !strings.Contains(body, "PCMU") {
			t.Errorf("%s is offered\n%s", way.to.name, body)
		}
		b.reply(200, way.to.opus("sendrecv"))
		a.response(sip.INVITE, 200)
		a.ack("")
		b.next(sip.ACK)
		a.p.expectNone("another offer", isMethod(sip.INVITE))
		b.p.expectNone("another offer", isMethod(sip.INVITE))
		a.bye()
		b.hungUp()
	}
	r.none(t)
}

// TestWhoComesInGoesOver: somebody who speaks Opus takes a call that is recorded. It is asked
// to go over, and recorded; where it refuses nothing more is asked of either side.
func TestWhoComesInGoesOver(t *testing.T) { inTime(t, testWhoComesInGoesOver) }

func testWhoComesInGoesOver(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	for i, refuses := range []bool{false, true} {
		c := o.talkOutside(t)
		c.a.record("on")
		k := o.reel(r, i+1)
		c.a.reinvite(o.p201.description("sendonly"))
		c.a.ack("")
		d := &talking{mouthB: newSpeaker(t, o.p203)}
		d.a = o.p201.call("203", o.p201.opus("sendrecv", "0"))
		d.b = o.p203.rung()
		d.b.reply(200, o.p203.opus("sendrecv", "0"))
		d.a.response(sip.INVITE, 200)
		d.a.ack("")
		d.b.next(sip.ACK)
		c.a.refer(d.a.named("203"), 202)
		c.a.notified("100")
		c.a.notified("200")
		c.a.hungUp()
		d.a.hungUp()
		if refuses {
			d.b.refuses(488)
			back := c.b.next(sip.INVITE)
			o.hikari.reply(back, 200, "", o.hikari.description("sendrecv"))
			c.b.next(sip.ACK)
			o.hikari.expectNone("another offer", isMethod(sip.INVITE))
			o.p203.expectNone("another offer", isMethod(sip.INVITE))
		} else {
			d.b.goesOver("sendrecv")
			d.mouthB.noticed()
			k.talk(t, end{c.mouthB, mediaPort(t, c.toB)}, end{d.mouthB, mediaPort(t, d.b.invite)}, true)
		}
		d.b.bye()
		c.b.hungUp()
		k.ended(t)
		o.over()
	}
}

// TestBothSidesChangeTheCodec: a phone goes over to a codec that whom it talks with does not
// speak now, and the unit can't turn: that one is asked. Where it refuses nothing changes.
func TestBothSidesChangeTheCodec(t *testing.T) { inTime(t, testBothSidesChangeTheCodec) }

func testBothSidesChangeTheCodec(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	c := talkOpus(t, o.p201, o.p202)
	offer := func() string {
		return o.p201.stream(fmt.Sprintf("m=audio %d RTP/AVP 9 0", o.p201.port()), []string{"sendrecv"})
	}
	c.a.send(sip.INVITE, offer())
	c.b.p.reply(c.b.next(sip.INVITE), 488, "", "")
	c.b.next(sip.ACK)
	c.a.response(sip.INVITE, 488)
	c.a.ackRefusal()
	c.inOpus()
	c.a.send(sip.INVITE, offer())
	m := c.b.next(sip.INVITE)
	if body := string(m.Body()); strings.Contains(body, "opus") || !strings.Contains(body, " RTP/AVP 9 0 ") {
		t.Errorf("202 is offered\n%s", body)
	}
	o.p202.reply(m, 200, "", o.p202.g711("0"))
	c.b.next(sip.ACK)
	ok := c.a.response(sip.INVITE, 200)
	c.a.ack("")
	if body := string(ok.Body()); !strings.Contains(body, " RTP/AVP 0\r\n") {
		t.Errorf("201 is answered\n%s", body)
	}
	c.bothWays()
	c.a.bye()
	c.b.hungUp()
	o.over()
}

// TestAnotherSiteGoesOver: of a call between two sites one is asked at its phone, and the
// other by its site.
func TestAnotherSiteGoesOver(t *testing.T) { inTime(t, testAnotherSiteGoesOver) }

func testAnotherSiteGoesOver(t *testing.T) {
	r := &recorder{}
	head, shop, _ := twoSites(t, officeConfig{recorder: r})
	c := talkOpus(t, head.p201, shop.p201)
	c.inOpus()
	c.a.record("on")
	c.a.goesOver("sendrecv")
	c.b.goesOver("sendrecv")
	k := head.reel(r, 1)
	c.mouthB.noticed()
	k.talk(t, end{c.mouthA, mediaPort(t, c.toA)}, end{c.mouthB, mediaPort(t, c.toB)}, true)
	c.b.bye()
	c.a.hungUp()
	k.ended(t)
	head.over()
	shop.over()
}

// TestHandedOverToAnotherCodec: 201 and 202 talk in Opus. 201 is handed over to a phone that
// has no Opus, 203 to a line: who speaks Opus is asked to go over, and both hear each other.
// Nothing is recorded here.
func TestHandedOverToAnotherCodec(t *testing.T) { inTime(t, testHandedOverToAnotherCodec) }

func testHandedOverToAnotherCodec(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	for _, refuses := range []bool{false, true} {
		c := &talking{mouthA: newSpeaker(t, o.p201), mouthB: newSpeaker(t, o.p203), markA: 0x11, markB: 0x22}
		c.a = o.p201.call("202", o.p201.opus("sendrecv", "0"))
		b := o.p202.rung()
		b.reply(200, o.p202.opus("sendrecv", "0"))
		c.toA = c.a.response(sip.INVITE, 200)
		c.a.ack("")
		b.next(sip.ACK)
		b.refer("203", 202)
		c.b = o.p203.rung()
		c.toB = c.b.invite
		c.b.reply(200, o.p203.description("sendrecv"))
		c.b.next(sip.ACK)
		b.notified("100")
		b.notified("200")
		b.hungUp()
		if refuses {
			c.a.refuses(488)
			o.p203.reply(c.b.next(sip.INVITE), 488, "", "") // it is asked for Opus then
			c.b.next(sip.ACK)
			o.p201.expectNone("another offer", isMethod(sip.INVITE))
			o.p203.expectNone("another offer", isMethod(sip.INVITE))
		} else {
			c.a.goesOver("sendrecv")
			c.bothWays()
		}
		c.b.bye()
		c.a.hungUp()
		o.over()
	}

	line := o.talkOutside(t)
	line.a.reinvite(o.p201.description("sendonly"))
	line.a.ack("")
	d := talkOpus(t, o.p201, o.p203)
	line.a.refer(d.a.named("203"), 202)
	line.a.notified("100")
	line.a.notified("200")
	line.a.hungUp()
	d.a.hungUp()
	d.b.goesOver("sendrecv")
	line.mouthA, line.toA = d.mouthB, d.toB
	line.bothWays()
	d.b.bye()
	line.b.hungUp()
	o.over()
}
