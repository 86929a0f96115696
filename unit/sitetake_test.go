package unit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// mayTake has the branch let the head office take what rings there.
func mayTake(shop *office) {
	f := headOffice.of("head", "2xx")
	f.PickUp = true
	shop.pairs(f)
	shop.siteUp("head", true)
}

// TestPickUpAtAnotherSite: a phone here takes what rings there, from inside or outside, at an
// extension or in a group, with voice; the lamps follow, and it is on record there.
func TestPickUpAtAnotherSite(t *testing.T) { inTime(t, testPickUpAtAnotherSite) }

func testPickUpAtAnotherSite(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	mayTake(shop)
	b := head.p203.watch("301")
	b.shows("terminated")
	head.lampIs("301", lamp.Idle)
	c := &talking{mouthA: newSpeaker(t, head.p201), mouthB: newSpeaker(t, shop.p202), markA: 0x11, markB: 0x22}
	caller := shop.p202.call("301", shop.p202.description("sendrecv"))
	rings := shop.p201.rung()
	rings.reply(180, "")
	b.shows("early recipient")
	d := head.p201.call("**301", head.p201.description("sendrecv"))
	rings.canceled()
	c.toA = d.response(sip.INVITE, 200)
	if who := identityIn(c.toA); who != `"branch" <sip:anonymous@office>` {
		t.Errorf("201 shows %s", who)
	}
	d.ack("")
	c.toB = caller.response(sip.INVITE, 200)
	caller.ack("")
	c.a, c.b = d, caller
	c.bothWays()
	b.settles("terminated")
	if f := last[fact.CallMoved](shop); f.How != fact.MovedTaken || f.Device != "site/head" {
		t.Errorf("recorded %+v", f)
	}
	d.bye()
	caller.hungUp()
	head.over()
	shop.over()

	out := shop.hikari.call("0312345680", shop.hikari.description("sendrecv")) // the group rings
	rings, other := shop.p202.rung(), shop.p203.rung()
	rings.reply(180, "")
	other.reply(180, "")
	d = head.p201.call("**302", head.p201.description("sendrecv"))
	rings.canceled()
	other.canceled()
	d.response(sip.INVITE, 200)
	d.ack("")
	out.response(sip.INVITE, 200)
	out.ack("")
	// 201 talks with somebody outside: it sends him to nobody outside.
	head.eventually("the head office knows", func() bool { return head.strangers() == 1 })
	d.refer("09087654321", 202)
	d.notified("100")
	d.notified("403")
	if f := last[fact.CallJudged](head); f.Rule != "line-to-line" {
		t.Errorf("judged %+v", f)
	}
	out.bye()
	d.hungUp()
	head.over()
	shop.over()
}

// TestPickUpAtAnotherSiteByTheBlinkingKey: a phone that takes by the name of the call finds
// one, where the site lets it, which says nothing of who calls; and none where it does not.
func TestPickUpAtAnotherSiteByTheBlinkingKey(t *testing.T) {
	inTime(t, testPickUpAtAnotherSiteByTheBlinkingKey)
}

func testPickUpAtAnotherSiteByTheBlinkingKey(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	b := head.p203.watch("301")
	b.shows("terminated")
	head.lampIs("301", lamp.Idle)
	caller := shop.p202.call("301", shop.p202.description("sendrecv"))
	rings := shop.p201.rung()
	rings.reply(180, "")
	b.settles("early recipient")
	if d := b.info.Dialog[0]; d.CallID != "" {
		t.Errorf("what may not be taken has a name: %+v", d)
	}
	mayTake(shop) // from now on
	for b.settles("early recipient"); b.info.Dialog[0].CallID == ""; {
		b.settles("early recipient")
	}
	d := b.info.Dialog[0]
	replaces := fmt.Sprintf("Replaces: %s;to-tag=%s;from-tag=%s", d.CallID, d.LocalTag, d.RemoteTag)
	a := head.p203.call("301", head.p203.description("sendrecv"), replaces)
	rings.canceled()
	a.response(sip.INVITE, 200)
	a.ack("")
	caller.response(sip.INVITE, 200)
	caller.ack("")
	b.settles("terminated")
	a.bye()
	caller.hungUp()
	a = head.p203.call("301", head.p203.description("sendrecv"), replaces) // it is over
	a.response(sip.INVITE, 480)
	a.ackRefusal()
	a = head.p203.call("301", head.p203.description("sendrecv"), strings.Replace(replaces, "301", "201", 1))
	a.response(sip.INVITE, 481)
	a.ackRefusal()
	a = head.p201.call("119", head.p201.description("sendrecv"), replaces)
	head.backup.rung().reply(180, "")
	a.response(sip.INVITE, 180)
	a.cancel()
}

// TestPickUpLightsNoLamp of the extension at which the call rang, where the site tells
// nothing of that.
func TestPickUpLightsNoLamp(t *testing.T) { inTime(t, testPickUpLightsNoLamp) }

func testPickUpLightsNoLamp(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	f := headOffice.of("head", "2xx")
	f.PickUp, f.NoLamps = true, true
	shop.pairs(f)
	shop.siteUp("head", true)
	b := head.p203.watch("301")
	b.shows("terminated")
	head.lampIs("301", lamp.Unknown)
	caller := shop.p202.call("301", shop.p202.description("sendrecv"))
	rings := shop.p201.rung()
	rings.reply(180, "")
	d := head.p201.call("**301", head.p201.description("sendrecv"))
	rings.canceled()
	d.response(sip.INVITE, 200)
	d.ack("")
	caller.response(sip.INVITE, 200)
	caller.ack("")
	head.lampIs("301", lamp.Unknown)
	head.p203.expectNone("a NOTIFY", isMethod(sip.NOTIFY))
	d.bye()
	caller.hungUp()
	// A call of ours to there is ours to show.
	c := between(t, head.p201, shop.p201)
	b.settles("confirmed recipient")
	c.a.bye()
	c.b.hungUp()
	b.settles("terminated")
	head.lampIs("301", lamp.Unknown)
	head.over()
	shop.over()
}

// TestASiteTakesNoCalls where the owner has not let it, nor what is none of ours, nor for
// somebody outside, nor an emergency call's place; and nobody is called in its stead while
// the site is away.
func TestASiteTakesNoCalls(t *testing.T) { inTime(t, testASiteTakesNoCalls) }

func testASiteTakesNoCalls(t *testing.T) {
	head, shop, r := twoSites(t, officeConfig{})
	refused := func(user string, status int) {
		t.Helper()
		d := head.p201.call(user, head.p201.description("sendrecv"))
		d.response(sip.INVITE, status)
		d.ackRefusal()
	}
	caller := shop.p202.call("301", shop.p202.description("sendrecv"))
	rings := shop.p201.rung()
	rings.reply(180, "")
	refused("**301", 403)
	mayTake(shop)
	refused("**302", 480) // nothing rings there
	refused("**399", 480)
	take := session.Header{Name: takeHeader, Value: "301"}
	for _, party := range []string{partyOutside, ""} {
		if s := head.asksAs("<sip:201@head>", "branch", "301", take,
			session.Header{Name: partyHeader, Value: party}).ends(); s != 403 {
			t.Errorf("for somebody %q: %d", party, s)
		}
	}
	for _, user := range []string{"**301", "201", "park1", "09012345678"} {
		if s := head.asksAs("<sip:201@head>", "branch", user, take, inside).ends(); s != 404 {
			t.Errorf("%s: %d", user, s)
		}
	}
	shop.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
	caller.cancel()
	rings.canceled()
	caller = shop.p202.call("201", shop.p202.description("sendrecv")) // it rings there, by way of here
	rings = head.p201.rung()
	rings.reply(180, "")
	caller.response(sip.INVITE, 180)
	if s := head.asksAs("<sip:202@head>", "branch", "201", take, inside).ends(); s != 404 {
		t.Errorf("what rings at its own extension: %d", s)
	}
	caller.cancel()
	rings.canceled()
	head.over()
	shop.over()
	f := branch.of("branch", "3xx")
	f.Public = "0612345678"
	head.pairs(f)
	r.cut()
	head.siteUp("branch", false)
	refused("**301", 503)
	head.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
	r.open()
	head.siteUp("branch", true)
	shop.siteUp("head", true)
	a := head.asksAs("<sip:201@head>", "branch", "119", take, inside)
	out := shop.backup.rung()
	if e := last[fact.EmergencyCalled](shop); e.Site != "head" || e.Number != "119" {
		t.Errorf("recorded %+v", e)
	}
	out.reply(180, "")
	a.rings()
	a.hangUp()
	out.canceled()
	head.over()
	shop.over()
}

// TestASiteSetApartTakesNoCalls that have come in on a line.
func TestASiteSetApartTakesNoCalls(t *testing.T) { inTime(t, testASiteSetApartTakesNoCalls) }

func testASiteSetApartTakesNoCalls(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	mayTake(shop)
	shop.desk.SetPolicy(shop.policy(fact.Quarantine{
		ID: "q1", Kind: "site", Value: "head", Reason: "x", CreatedBy: "owner",
	}))
	out := shop.hikari.call("0312345670", shop.hikari.description("sendrecv"))
	rings := shop.p202.rung()
	rings.reply(180, "")
	d := head.p201.call("**302", head.p201.description("sendrecv"))
	d.response(sip.INVITE, 403)
	d.ackRefusal()
	out.cancel()
	rings.canceled()
	shop.over()
}

// TestASiteTakesNoCallThatIsPaidHere: whom a phone here has called outside talks with nobody
// of a site, on that phone's budget and without a verdict, neither while the phone sends it on
// and somebody rings nor when the phone that held it is lost. A phone here takes it.
func TestASiteTakesNoCallThatIsPaidHere(t *testing.T) { inTime(t, testASiteTakesNoCallThatIsPaidHere) }

func testASiteTakesNoCallThatIsPaidHere(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	mayTake(shop)
	c := shop.talkOutside(t)
	c.a.refer("302", 202)
	c.a.notified("100")
	rings := shop.p202.rung()
	rings.reply(180, "")
	c.a.notified("180")
	head.dialsInVain(head.p201, "**302", 480)
	d := shop.p203.call("**302", shop.p203.description("sendrecv"))
	rings.canceled()
	d.response(sip.INVITE, 200)
	d.ack("")
	c.a.notified("200")
	c.a.hungUp()
	c.b.bye()
	d.hungUp()
	shop.over()

	c = shop.talkOutside(t)
	c.a.holdsAndIsLost(c.b)
	c.mouthB.hearsMusic()
	head.dialsInVain(head.p201, "**301", 480)
	d = shop.p203.call("**301", shop.p203.description("sendrecv"))
	d.response(sip.INVITE, 200)
	d.ack("")
	d.bye()
	c.b.hungUp()
	shop.over()

	in := shop.outsider(t) // nor does one who has called from outside, where nothing rings
	in.b.holdsAndIsLost(in.a)
	in.mouth.hearsMusic()
	head.dialsInVain(head.p201, "**302", 480)
	in.a.bye()
	head.over()
	shop.over()
}

// TestTwoTakeAtAnotherSite: two phones here that take what rings there at the same time each
// ask the site, and do not get each other.
func TestTwoTakeAtAnotherSite(t *testing.T) { inTime(t, testTwoTakeAtAnotherSite) }

func testTwoTakeAtAnotherSite(t *testing.T) {
	head, b := newBadSite(t)
	first := head.p201.call("**301", head.p201.description("sendrecv"))
	asks := b.next(isMethod(sip.INVITE)) // the site says nothing yet
	second := head.p203.call("**301", head.p203.description("sendrecv"))
	head.eventually("both ask", func() bool { return len(b.got) > 0 })
	again := b.next(isMethod(sip.INVITE))
	for _, m := range []*sip.Message{asks, again} {
		if string(m.Named(takeHeader)) != "301" {
			t.Errorf("the site is asked to take %q", m.Named(takeHeader))
		}
		b.answer(m, 404, "")
	}
	for _, d := range []*talk{first, second} {
		d.response(sip.INVITE, 480)
		d.ackRefusal()
	}
	head.over()
}

// TestWhoIsTakenIsNotWhoWasCalled: whom a phone here has taken at another site is not on
// record as the extension that rang there, which has no part in the call.
func TestWhoIsTakenIsNotWhoWasCalled(t *testing.T) { inTime(t, testWhoIsTakenIsNotWhoWasCalled) }

func testWhoIsTakenIsNotWhoWasCalled(t *testing.T) {
	r := &recorder{}
	head, shop, _ := twoSites(t, officeConfig{recorder: r})
	mayTake(shop)
	head.records("201", "301")
	caller := shop.p202.call("301", shop.p202.description("sendrecv"))
	rings := shop.p201.rung()
	rings.reply(180, "")
	d := head.p201.call("**301", head.p201.description("sendrecv"))
	rings.canceled()
	d.response(sip.INVITE, 200)
	d.ack("")
	caller.response(sip.INVITE, 200)
	caller.ack("")
	head.eventually("the call is recorded", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.all) == 1
	})
	if f := r.all[0].Recording; f.Extension != "201" || f.Rule != "201" {
		t.Errorf("on record is the extension %q, by the setting of %q", f.Extension, f.Rule)
	}
	d.bye()
	caller.hungUp()
	head.over()
	shop.over()
}
