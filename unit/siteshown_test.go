package unit

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// TestASiteShowsItselfOnly: whoever calls from another site is shown as of that site, with
// a number that was paired for it, or of a subscriber outside that has come to it; nobody
// is shown as one of ours, on the phone nor on record.
func TestASiteShowsItselfOnly(t *testing.T) { inTime(t, testASiteShowsItselfOnly) }

func testASiteShowsItselfOnly(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	outsider := session.Header{Name: partyHeader, Value: partyOutside}
	for _, x := range []struct {
		from          string
		is            session.Header
		shown, booked string
		extension     string
	}{
		{`"Desk 301" <sip:301@branch>`, inside, `"【branch】Desk 301" <sip:301@`, "301", "301"},
		{`<sip:301@branch>`, inside, `"branch" <sip:301@`, "301", "301"},
		{`"Desk 202" <sip:202@branch>`, inside, `"branch" <sip:anonymous@`, "", ""},
		{`"The boss" <sip:0312345600@branch>`, inside, `"branch" <sip:anonymous@`, "", ""},
		{`"Police" <sip:110@branch>`, outsider, `"branch" <sip:anonymous@`, "", ""},
		{`"Desk 202" <sip:202@branch>`, outsider, `"branch" <sip:anonymous@`, "", ""},
		{`"Desk 301" <sip:301@branch>`, outsider, `"branch" <sip:anonymous@`, "", ""},
		{`"x" <sip:*57@branch>`, outsider, `"branch" <sip:anonymous@`, "", ""},
		{`"Tanaka" <sip:09012345678@branch>`, outsider, `"【branch】Tanaka" <sip:09012345678@`, "09012345678", ""},
		{`"Anonymous" <sip:anonymous@anonymous.invalid>`, outsider, `"branch" <sip:anonymous@`, "", ""},
	} {
		a := shop.asksAs(x.from, "head", "201", x.is)
		at := head.p201.rung()
		if got := string(at.invite.Value(sip.HeaderFrom)); !strings.HasPrefix(got, x.shown) {
			t.Errorf("%s, %s, is shown as %s, want %s", x.from, x.is.Value, got, x.shown)
		}
		at.reply(180, "")
		a.rings()
		a.hangUp()
		at.canceled()
		head.over()
		f := last[fact.CallEnded](head)
		if f.From != x.booked || f.Extension != "" || f.Site != "branch" || f.SiteExtension != x.extension {
			t.Errorf("%s, %s, is on record as %+v from %q", x.from, x.is.Value, f.Party, f.From)
		}
	}
}

// TestTheCallBackReachesTheSite: who calls on the line of an emergency call within its time
// rings at the phone that made it, at its site, whatever that phone does with its calls; the
// number's own phones ring besides, and alone while the site is away.
func TestTheCallBackReachesTheSite(t *testing.T) { inTime(t, testTheCallBackReachesTheSite) }

func testTheCallBackReachesTheSite(t *testing.T) {
	head, shop, r := twoSites(t, officeConfig{})
	shop.linesOfSite("head")
	shop.routes(fact.ServiceSet{Extension: "302", Service: fact.ServiceDoNotDisturb, On: true, By: "owner"})
	e := shop.p202.call("119", shop.p202.description("sendrecv"))
	for _, carrier := range []*puppet{shop.hikari, shop.backup} {
		x := carrier.rung()
		x.reply(503, "")
		x.next(sip.ACK)
	}
	out := head.backup.rung()
	out.reply(200, head.backup.description("sendrecv"))
	e.response(sip.INVITE, 200)
	e.ack("")
	out.next(sip.ACK)
	out.bye()
	e.hungUp()
	back := head.backup.call("0312345671", head.backup.description("sendrecv"))
	at, beside := shop.p202.rung(), head.p202.rung()
	if from := string(at.invite.Value(sip.HeaderFrom)); !strings.HasPrefix(from, `"【head】緊急通報の折り返し (内線302)"`) {
		t.Errorf("the call-back is shown as %q", from)
	}
	beside.reply(180, "")
	back.response(sip.INVITE, 180)
	at.reply(200, shop.p202.description("sendrecv"))
	back.response(sip.INVITE, 200)
	back.ack("")
	at.next(sip.ACK)
	beside.canceled()
	at.bye()
	back.hungUp()
	head.over()
	shop.over()
	r.cut()
	head.siteUp("branch", false)
	back = head.backup.call("0312345671", head.backup.description("sendrecv"))
	beside = head.p202.rung()
	beside.reply(200, head.p202.description("sendrecv"))
	back.response(sip.INVITE, 200)
	back.ack("")
	beside.next(sip.ACK)
	back.bye()
	beside.hungUp()
	back = head.backup.call("0312345691", head.backup.description("sendrecv")) // this one rings a mobile phone
	back.response(sip.INVITE, 403)
	back.ackRefusal()
	if f := last[fact.CallJudged](head); f.Rule != "line-to-line" {
		t.Errorf("where the number leads is not asked: %+v", f)
	}
	head.over()
}

// TestLampOfASite is on while the site is away, and dark while it is in touch; there is
// none of a site that nobody has paired. The lamp of an extension there is one, too.
func TestLampOfASite(t *testing.T) { inTime(t, testLampOfASite) }

func testLampOfASite(t *testing.T) {
	head, _, r := twoSites(t, officeConfig{})
	b := head.p203.watch("site-branch")
	b.shows("terminated")
	r.cut()
	b.shows("confirmed recipient")
	r.open()
	b.shows("terminated")
	head.p202.watch("302").shows("terminated")
	for _, name := range []string{"site-other", "site-", "399999"} {
		head.p202.asks(name, "Event: dialog").response(sip.SUBSCRIBE, 404)
	}
	head.pairs()
	head.p202.asks("site-branch", "Event: dialog").response(sip.SUBSCRIBE, 404)
}

// TestASiteThatIsAwayIsCalledOutside where that was set: as the call of who dialed, which
// the gate judges; nobody who has come from outside gets outside by it.
func TestASiteThatIsAwayIsCalledOutside(t *testing.T) {
	inTime(t, testASiteThatIsAwayIsCalledOutside)
}

func testASiteThatIsAwayIsCalledOutside(t *testing.T) {
	head, _, r := twoSites(t, officeConfig{})
	f := branch.of("branch", "3xx")
	f.Public = "0612345678"
	head.pairs(f)
	head.siteUp("branch", true)
	r.cut()
	head.siteUp("branch", false)
	a := head.p201.call("302", head.p201.description("sendrecv"))
	b := head.hikari.rung()
	if user := string(b.invite.RequestURI().User); user != "0612345678" {
		t.Errorf("out goes %s", user)
	}
	j := last[fact.CallJudged](head)
	if j.Origin != "dialed" || j.Extension != "201" || j.Verb != "pass" || j.Dialed != "302" ||
		j.Direction != fact.Outgoing {
		t.Errorf("judged %+v", j)
	}
	b.reply(200, head.hikari.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	a.bye()
	b.hungUp()
	head.over()
	judged := len(all[fact.CallJudged](head))
	in := head.hikari.call("0312345600", head.hikari.description("sendrecv")) // it rings at 301
	in.response(sip.INVITE, 503)
	in.ackRefusal()
	head.over()
	if n := len(all[fact.CallJudged](head)); n != judged {
		t.Error("who has come from outside is sent outside")
	}
	f.Public = ""
	head.pairs(f)
	d := head.p201.call("302", head.p201.description("sendrecv"))
	d.response(sip.INVITE, 503)
	d.ackRefusal()
	head.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
}
