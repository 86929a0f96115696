package unit

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// TestWishOutlivesGlareAndHold: the phone that is asked makes an offer itself at the same
// time, by which it holds. That is answered, it is asked again, and when it goes on talking
// the call is recorded.
func TestWishOutlivesGlareAndHold(t *testing.T) { inTime(t, testWishOutlivesGlareAndHold) }

func testWishOutlivesGlareAndHold(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	c := talkOpus(t, o.p201, o.p202)
	c.a.record("on")
	c.a.refuses(491)
	c.a.reinvite(o.p201.opus("sendonly"))
	c.a.ack("")
	c.a.goesOver("sendonly")
	c.b.goesOver("sendrecv")
	k := o.reel(r, 1)
	c.mouthB.hearsMusic() // as it does not in Opus
	c.a.reinvite(o.p201.description("sendrecv"))
	c.a.ack("")
	c.mouthB.noticed()
	k.talk(t, end{c.mouthA, mediaPort(t, c.toA)}, end{c.mouthB, mediaPort(t, c.toB)}, true)
	c.a.bye()
	c.b.hungUp()
	k.ended(t)
	o.over()
}

// TestWishOutlivesATransfer: while the caller is asked, the other phone hands it over. The
// call is recorded with whoever takes it.
func TestWishOutlivesATransfer(t *testing.T) { inTime(t, testWishOutlivesATransfer) }

func testWishOutlivesATransfer(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	c := talkOpus(t, o.p201, o.p202)
	c.b.record("on")
	asked := c.a.asked()
	c.b.refer("203", 202)
	y := newSpeaker(t, o.p203)
	d := o.p203.rung()
	d.reply(200, o.p203.opus("sendrecv"))
	d.next(sip.ACK)
	c.b.notified("100")
	c.b.notified("200")
	c.b.hungUp()
	r.none(t)
	o.p201.reply(asked, 200, "", o.p201.description("sendrecv"))
	c.a.next(sip.ACK)
	d.goesOver("sendrecv")
	k := o.reel(r, 1)
	y.noticed()
	k.talk(t, end{c.mouthA, mediaPort(t, c.toA)}, end{y, mediaPort(t, d.invite)}, true)
	c.a.bye()
	d.hungUp()
	k.ended(t)
	o.over()
}

// TestWishOutlivesItsCall: 201 asks 203 before it hands over whom it talks with, has that
// call be recorded, and hands over while 203 is asked. The other call is recorded.
func TestWishOutlivesItsCall(t *testing.T) { inTime(t, testWishOutlivesItsCall) }

func testWishOutlivesItsCall(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	c := talkOpus(t, o.p201, o.p202)
	c.a.reinvite(o.p201.opus("sendonly"))
	c.a.ack("")
	d := talkOpus(t, o.p201, o.p203)
	got := make(chan error, 1)
	go func() { got <- o.unit.Record(context.Background(), "203", plan.RecordOn, "user:root") }()
	d.a.goesOver("sendrecv")
	asked := d.b.asked()
	c.a.refer(d.a.named("203"), 202)
	c.a.notified("100")
	c.a.notified("200")
	c.a.hungUp()
	d.a.hungUp()
	o.p203.reply(asked, 200, "", o.p203.description("sendrecv"))
	d.b.next(sip.ACK)
	c.b.goesOver("sendrecv")
	if err := <-got; err != nil {
		t.Error(err)
	}
	k := o.reel(r, 1)
	c.mouthB.noticed()
	k.talk(t, end{c.mouthB, mediaPort(t, c.toB)}, end{d.mouthB, mediaPort(t, d.toB)}, true)
	c.b.bye()
	d.b.hungUp()
	k.ended(t)
	o.over()
}

// TestWishEndsInACallForHelp: so does 202 as it talks with who may answer a call for help.
// That call is not recorded, and who wished it is told.
func TestWishEndsInACallForHelp(t *testing.T) { inTime(t, testWishEndsInACallForHelp) }

func testWishEndsInACallForHelp(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	help, desk := o.up(o.p201, "110", o.hikari)
	hangUp(help, desk)
	a, b := o.up(o.hikari, "0312345670", o.p202)
	b.reinvite(o.p202.description("sendonly"))
	b.ack("")
	d := talkOpus(t, o.p202, o.p203)
	got := make(chan error, 1)
	go func() { got <- o.unit.Record(context.Background(), "203", plan.RecordOn, "user:root") }()
	d.a.goesOver("sendrecv")
	asked := d.b.asked()
	b.refer(d.a.named("203"), 202)
	b.notified("100")
	b.notified("200")
	b.hungUp()
	d.a.hungUp()
	if err := <-got; !errors.Is(err, ErrNoCall) {
		t.Errorf("a call back: %v", err)
	}
	o.p203.reply(asked, 200, "", o.p203.description("sendrecv"))
	d.b.next(sip.ACK)
	a.p.expectNone("an offer", isMethod(sip.INVITE))
	r.none(t)
	d.b.bye()
	a.hungUp()
}

// TestWishInARoom: while somebody who comes into a room has an offer to answer the recording
// of another's call there waits, and begins then.
func TestWishInARoom(t *testing.T) { inTime(t, testWishInARoom) }

func testWishInARoom(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r, announcements: 4, lang: "en"})
	o.records("201")
	a, x := o.meets(t, o.p201, "*301")
	b := o.p202.call("*301", "")
	b.response(sip.INVITE, 200)
	o.eventually("a recording waits", func() bool {
		waits := make(chan bool, 1)
		_ = onLoop(context.Background(), o.unit.stack.Shard(0), func(sh *stack.Shard) {
			waits <- o.unit.first(sh, func(c *liveCall) bool { return c.wish != nil }) != nil
		})
		return <-waits
	})
	o.eventually("201 is told no more", func() bool { return x.ear.level(300*time.Millisecond) < -45 })
	r.none(t)
	b.ack(o.p202.description("sendrecv"))
	k := o.reel(r, 1)
	a.bye()
	k.ended(t)
	b.bye()
	o.over()
}

// TestManyWishes: who wants a recording again and again has nobody asked each time, and no
// more are told than there is room for.
func TestManyWishes(t *testing.T) { inTime(t, testManyWishes) }

func testManyWishes(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	c := talkOpus(t, o.p201, o.p202)
	c.a.record("on")
	c.a.goesOver("sendrecv")
	c.b.refuses(606)
	c.a.askedBack()
	for range 5 {
		c.a.record("on")
	}
	c.a.p.expectNone("an offer", isMethod(sip.INVITE))
	c.b.p.expectNone("an offer", isMethod(sip.INVITE))
	time.Sleep(ShiftPause)
	c.a.record("on")
	asked := c.a.asked()
	for range WishersMax {
		c.a.record("on")
	}
	err := o.unit.Record(context.Background(), "201", plan.RecordOn, "user:root")
	if !errors.Is(err, ErrNotRecorded) {
		t.Errorf("one wish too many: %v", err)
	}
	o.p201.reply(asked, 200, "", o.p201.description("sendrecv"))
	c.a.next(sip.ACK)
	c.b.goesOver("sendrecv")
	k := o.reel(r, 1)
	c.a.bye()
	c.b.hungUp()
	k.ended(t)
	o.over()
}

// TestWhoGoesBackIsLeft: a phone that goes back to what can't be recorded is asked again a
// few times, and then left at it.
func TestWhoGoesBackIsLeft(t *testing.T) { inTime(t, testWhoGoesBackIsLeft) }

func testWhoGoesBackIsLeft(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	c := talkOpus(t, o.p201, o.p202)
	c.a.record("on")
	for range ShiftsMax {
		c.a.goesOver("sendrecv")
		c.b.goesOver("sendrecv")
		o.reel(r, 1)
		for _, to := range []func(*puppet) string{
			func(p *puppet) string { return p.fax() },
			func(p *puppet) string { return p.opus("sendrecv") },
		} {
			c.a.send(sip.INVITE, to(o.p201))
			o.p202.reply(c.b.next(sip.INVITE), 200, "", to(o.p202))
			c.b.next(sip.ACK)
			c.a.response(sip.INVITE, 200)
			c.a.ack("")
		}
	}
	c.a.p.expectNone("another offer", isMethod(sip.INVITE))
	c.b.p.expectNone("another offer", isMethod(sip.INVITE))
	c.inOpus()
	c.a.bye()
	c.b.hungUp()
	o.reel(r, 1).ended(t)
	o.over()
}

// TestWishIsTakenBack: who wanted a recording and does so no more before it begins gets none;
// both have gone over and hear each other. One who hangs up ends it.
func TestWishIsTakenBack(t *testing.T) { inTime(t, testWishIsTakenBack) }

func testWishIsTakenBack(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r})
	c := talkOpus(t, o.p201, o.p202)
	c.a.record("on")
	asked := c.a.asked()
	c.a.record("off")
	o.p201.reply(asked, 200, "", o.p201.description("sendrecv"))
	c.a.next(sip.ACK)
	c.b.goesOver("sendrecv")
	c.bothWays()
	r.none(t)
	c.a.bye()
	c.b.hungUp()
	o.over()

	c = talkOpus(t, o.p201, o.p202)
	got := make(chan error, 1)
	go func() { got <- o.unit.Record(context.Background(), "201", plan.RecordOn, "user:root") }()
	c.a.asked()
	c.b.bye()
	c.a.hungUp()
	if err := <-got; !errors.Is(err, ErrNoCall) {
		t.Errorf("202 hung up: %v", err)
	}
	o.over()
	r.none(t)
}

// TestWishTakesTooLong: where it is not known in time whether a call can be recorded, who
// dialed the code is told that it is not, and it is not.
func TestWishTakesTooLong(t *testing.T) { inTime(t, testWishTakesTooLong) }

func testWishTakesTooLong(t *testing.T) {
	r := &recorder{}
	o := newOffice(t, officeConfig{shards: 1, recorder: r, announcements: 1, lang: "en"})
	c := talkOpus(t, o.p201, o.p202)
	x := newSpeaker(t, o.p203)
	d := o.p201.call("*51", o.p203.description("sendrecv"))
	asked := c.a.asked()
	d.response(sip.INVITE, 200)
	d.ack("")
	if i := spokenAt(t, x.record(PromptFailed, 1), PromptFailed); i < 0 {
		t.Error("201 is not told that nothing is recorded")
	}
	d.hungUp()
	o.p201.reply(asked, 200, "", o.p201.description("sendrecv"))
	c.a.next(sip.ACK)
	c.b.goesOver("sendrecv")
	c.bothWays()
	r.none(t)
	c.a.bye()
	c.b.hungUp()
	o.over()
}
