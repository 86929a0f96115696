package unit

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/unit/site"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// between has a phone of one site talk with one of another, with voice.
func between(t *testing.T, from, to *puppet) *talking {
	t.Helper()
	c := &talking{mouthA: newSpeaker(t, from), mouthB: newSpeaker(t, to), markA: 0x11, markB: 0x22}
	c.a = from.call(to.name, from.description("sendrecv"))
	c.b = to.rung()
	c.toB = c.b.invite
	c.b.reply(180, "")
	c.a.response(sip.INVITE, 180)
	c.b.reply(200, to.description("sendrecv"))
	c.toA = c.a.response(sip.INVITE, 200)
	c.a.ack("")
	c.b.next(sip.ACK)
	c.bothWays()
	return c
}

// TestCallToAnotherSite: the extension of another site is dialed like any other; who
// calls is shown there, both hear each other, hold plays music, and no line and no
// verdict has a part in it.
func TestCallToAnotherSite(t *testing.T) { inTime(t, testCallToAnotherSite) }

func testCallToAnotherSite(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	c := between(t, head.p201, shop.p201)
	if from := string(c.b.invite.Value(sip.HeaderFrom)); !strings.Contains(from, `"【head】Desk 201" <sip:201@`) {
		t.Errorf("301 is shown %s", from)
	}
	c.a.reinvite(c.a.p.description("sendonly"))
	c.a.ack("")
	c.mouthB.hearsMusic()
	c.a.reinvite(c.a.p.description("sendrecv"))
	c.a.ack("")
	c.bothWays()
	c.b.bye()
	c.a.hungUp()
	head.over()
	shop.over()
	c = between(t, shop.p202, head.p202)
	c.a.bye()
	c.b.hungUp()
	head.over()
	shop.over()
	for _, o := range []*office{head, shop} {
		if n := len(all[fact.CallJudged](o)); n != 0 {
			t.Errorf("%d verdicts", n)
		}
	}
	if f := last[fact.CallEnded](shop); f.Direction != fact.Internal {
		t.Errorf("recorded %+v", f)
	}
	first := all[fact.CallEnded](shop)[0]
	if first.Site != "head" || first.SiteExtension != "201" || first.From != "201" || first.Extension != "" ||
		first.Origin != "site" {
		t.Errorf("the branch has recorded %+v", first)
	}
}

// TestASiteThatIsAway: who dials there is told so at once; a call that is up goes on
// and can be hung up afterwards; the state is on record.
func TestASiteThatIsAway(t *testing.T) { inTime(t, testASiteThatIsAway) }

func testASiteThatIsAway(t *testing.T) {
	head, shop, r := twoSites(t, officeConfig{})
	c := between(t, head.p201, shop.p201)
	before := len(all[fact.SiteUp](head)) // once, or again as the other end was paired
	r.cut()
	c.bothWays() // the voice needs no trunk
	head.siteUp("branch", false)
	shop.siteUp("head", false)
	d := head.p202.call("302", head.p202.description("sendrecv"))
	if m := d.response(sip.INVITE, 503); string(m.ReasonPhrase()) != phraseAway {
		t.Errorf("302 is refused with %s", m.ReasonPhrase())
	}
	d.ackRefusal()
	if f := last[fact.SiteDown](head); f.Site != "branch" || f.Why != site.WhyNoWay {
		t.Errorf("recorded %+v", f)
	}
	r.open()
	head.siteUp("branch", true)
	shop.siteUp("head", true)
	if n := len(all[fact.SiteUp](head)) - before; n != 1 {
		t.Errorf("the branch came back %d times", n)
	}
	c.bothWays()
	c.a.bye()
	c.b.hungUp()
	head.over()
	shop.over()
	between(t, head.p201, shop.p201).a.bye()
}

// TestASiteThatIsNotTrusted: what is unpaired gets in no more, over the connection that
// there is neither.
func TestASiteThatIsNotTrusted(t *testing.T) { inTime(t, testASiteThatIsNotTrusted) }

func testASiteThatIsNotTrusted(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	head.pairs()
	shop.siteUp("head", false)
	d := shop.p201.call("201", shop.p201.description("sendrecv"))
	d.response(sip.INVITE, 503)
	d.ackRefusal()
	stranger := branch
	stranger.key = "key-stranger"
	head.pairs(stranger.of("branch", "3xx")) // another key under the same name
	d = shop.p201.call("201", shop.p201.description("sendrecv"))
	d.response(sip.INVITE, 503)
	d.ackRefusal()
	head.p201.expectNone("an INVITE", isMethod(sip.INVITE))
}

// asked is what a site got for an INVITE that it made up.
type asked struct {
	o        *office
	statuses chan int
	se       *stack.Session
}

func (a *asked) SessionEvent(_ *stack.Shard, _ *stack.Session, ev session.Event) {
	switch ev.Kind {
	case session.Progress, session.Answered, session.Failed:
		a.statuses <- ev.Status
	}
}

// asks has an office send another one an INVITE of its own making.
func (o *office) asks(of, user string, headers ...session.Header) *asked {
	o.t.Helper()
	return o.asksAs("<sip:301@branch>", of, user, headers...)
}

// asksAs is asks in somebody's name.
func (o *office) asksAs(from, of, user string, headers ...session.Header) *asked {
	o.t.Helper()
	a := &asked{o: o, statuses: make(chan int, hubMail)}
	done := make(chan error, 1)
	o.stack.Shard(0).Post(func(sh *stack.Shard) {
		at, _, _ := o.sites.Place(of)
		var err error
		a.se, err = sh.Invite(stack.PhoneCall{
			Place: at, URI: "sip:" + user + "@head", From: from, To: "<sip:" + user + "@head>",
			Body: sdp([]byte(o.p201.description("sendrecv"))), Headers: headers, Owner: a,
		})
		done <- err
	})
	o.must(<-done)
	return a
}

// ends waits for a final status.
func (a *asked) ends() int {
	a.o.t.Helper()
	for timeout := time.After(patience); ; {
		select {
		case s := <-a.statuses:
			if s >= 200 {
				return s
			}
		case <-timeout:
			a.o.t.Fatal("no final answer")
		}
	}
}

// rings waits for a provisional status.
func (a *asked) rings() {
	a.o.t.Helper()
	select {
	case s := <-a.statuses:
		if s >= 200 {
			a.o.t.Fatalf("it ends with %d", s)
		}
	case <-time.After(patience):
		a.o.t.Fatal("it does not ring")
	}
}

func (a *asked) hangUp() {
	a.o.stack.Shard(0).Post(func(*stack.Shard) { a.se.End(487, "") })
}

var inside = session.Header{Name: partyHeader, Value: partyInside}

// TestASiteCallsOutside: not unless the owner has switched that on for it; then by its own
// kind of origin, not abroad, and never in the name of an extension of ours; nor does
// somebody outside by way of the site.
func TestASiteCallsOutside(t *testing.T) { inTime(t, testASiteCallsOutside) }

func testASiteCallsOutside(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	judged := func(user string, status int, rule string, headers ...session.Header) fact.CallJudged {
		t.Helper()
		if got := shop.asks("head", user, headers...).ends(); got != status {
			t.Errorf("%s: %d, want %d", user, got, status)
		}
		f := last[fact.CallJudged](head)
		if f.Rule != rule || f.Site != "branch" || f.Extension != "" {
			t.Errorf("%s is judged %+v", user, f)
		}
		return f
	}
	f := judged("09012345678", 603, "site", inside)
	if f.Origin != string(gate.OriginSite) || f.SiteExtension != "301" {
		t.Errorf("the origin is %+v", f.Party)
	}
	head.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
	trusted := branch.of("branch", "3xx")
	trusted.Outside = true
	head.pairs(trusted)
	head.siteUp("branch", true)
	a := shop.asks("head", "09012345678", inside)
	out := head.hikari.rung()
	if user := string(out.invite.RequestURI().User); user != "09012345678" {
		t.Errorf("out goes %s", user)
	}
	if f := last[fact.CallJudged](head); f.Verb != "pass" || f.Origin != string(gate.OriginSite) {
		t.Errorf("judged %+v", f)
	}
	out.reply(180, "")
	a.rings()
	a.hangUp()
	out.canceled()
	judged("010220301234", 603, "international", inside) // where 201 may
	judged("09012345678", 403, "line-to-line")           // nobody says that it is somebody of an office
	judged("09012345678", 403, "line-to-line", session.Header{Name: partyHeader, Value: partyOutside})
	if s := shop.asks("head", "*57", inside).ends(); s != 404 {
		t.Errorf("a feature code: %d", s)
	}
	head.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
	head.over()
}

// TestEmergencyOfAnotherSite passes, whatever is switched off.
func TestEmergencyOfAnotherSite(t *testing.T) { inTime(t, testEmergencyOfAnotherSite) }

func testEmergencyOfAnotherSite(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	a := shop.asks("head", "119", inside)
	out := head.backup.rung()
	if f := last[fact.EmergencyCalled](head); f.Site != "branch" || f.Number != "119" || f.SiteExtension != "301" {
		t.Errorf("recorded %+v", f)
	}
	out.reply(180, "")
	a.rings()
	a.hangUp()
	out.canceled()
	if s := shop.asks("head", "119", session.Header{Name: partyHeader, Value: partyOutside}).ends(); s < 400 {
		t.Errorf("somebody outside reaches an emergency service by way of a site: %d", s)
	}
}

// TestSitesGoInNoCircle: a call that has come through this unit, or through too many,
// is refused.
func TestSitesGoInNoCircle(t *testing.T) { inTime(t, testSitesGoInNoCircle) }

func testSitesGoInNoCircle(t *testing.T) {
	r := newRoad()
	a, b := headOffice, branch
	a.road, b.road = r, r
	head := newOffice(t, officeConfig{shards: 1, site: a})
	shop := newOffice(t, officeConfig{shards: 1, site: b})
	head.pairs(b.of("branch", "3xx", "5xx")) // each thinks that 5xx is the other's
	shop.pairs(a.of("head", "2xx", "5xx"))
	head.siteUp("branch", true)
	shop.siteUp("head", true)
	d := head.p201.call("555", head.p201.description("sendrecv"))
	m := d.p.expect("a refusal", func(m *sip.Message) bool { return m.Status() >= 300 })
	if m.Status() != 480 && m.Status() != 482 {
		t.Errorf("555 ends with %d", m.Status())
	}
	d.ackRefusal()
	for value, status := range map[string]int{a.key: 482, "x " + a.key + " y": 482, "1 2 3 4": 483} {
		if s := shop.asks("head", "201", session.Header{Name: pathHeader, Value: value}, inside).ends(); s != status {
			t.Errorf("by way of %s: %d, want %d", value, s, status)
		}
	}
	head.p201.expectNone("an INVITE", isMethod(sip.INVITE))
	head.over()
	shop.over()
}

// lineCall is a call from outside that rings at the branch by the head office's line.
func lineCall(t *testing.T, head, shop *office) (caller, at *talk) {
	t.Helper()
	caller = head.hikari.call("0312345600", head.hikari.description("sendrecv"))
	at = shop.p201.rung()
	at.reply(200, shop.p201.description("sendrecv"))
	caller.response(sip.INVITE, 200)
	caller.ack("")
	at.next(sip.ACK)
	return caller, at
}

// TestNoLinesAloneAcrossSites: whom the head office's line has brought, a phone of the
// branch sends to nobody outside, by transfer with or without a word; to somebody of an
// office it does.
func TestNoLinesAloneAcrossSites(t *testing.T) { inTime(t, testNoLinesAloneAcrossSites) }

func testNoLinesAloneAcrossSites(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	caller, at := lineCall(t, head, shop)
	at.refer("09087654321", 202)
	at.notified("100")
	at.notified("403")
	if f := last[fact.CallJudged](shop); f.Rule != "line-to-line" || f.Verb != "refuse" {
		t.Errorf("judged %+v", f)
	}
	// The branch's phone calls outside itself, and joins the two.
	shop.p201.expectNone("a BYE", isMethod(sip.BYE))
	mine := shop.p201.call("09087654321", shop.p201.description("sendrecv"))
	out := shop.hikari.rung()
	out.reply(200, shop.hikari.description("sendrecv"))
	mine.response(sip.INVITE, 200)
	mine.ack("")
	out.next(sip.ACK)
	at.refer(mine.named("x"), 603)
	if f := last[fact.CallMoved](shop); f.How != fact.MovedNot {
		t.Errorf("recorded %+v", f)
	}
	mine.bye()
	out.hungUp()
	// To another phone of the branch it may go.
	at.refer("302", 202)
	at.notified("100")
	to := shop.p202.rung()
	to.reply(200, shop.p202.description("sendrecv"))
	to.next(sip.ACK)
	at.notified("200")
	at.hungUp()
	caller.bye()
	to.hungUp()
	head.over()
	shop.over()
}

// strangers counts the legs of other sites at whose end is nobody of an office.
func (o *office) strangers() int {
	n := make(chan int, 1)
	o.stack.Shard(0).Post(func(*stack.Shard) {
		all := 0
		o.unit.mu.Lock()
		for _, c := range o.unit.calls {
			for _, l := range c.legs {
				if !l.gone && l.onSite() != "" && l.outside() {
					all++
				}
			}
		}
		o.unit.mu.Unlock()
		n <- all
	})
	return <-n
}

// TestASiteHearsWhoItTalksWith: the branch joins a caller of its own line with the head
// office. From then on the head office sends whom it talks with to nobody outside, whom it
// sent anywhere before.
func TestASiteHearsWhoItTalksWith(t *testing.T) { inTime(t, testASiteHearsWhoItTalksWith) }

func testASiteHearsWhoItTalksWith(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	c := between(t, shop.p201, head.p201)
	caller := shop.hikari.call("0312345670", shop.hikari.description("sendrecv"))
	at := shop.p202.rung()
	at.reply(200, shop.p202.description("sendrecv"))
	caller.response(sip.INVITE, 200)
	caller.ack("")
	at.next(sip.ACK)
	at.bye() // 302 has nothing to do with it
	caller.hungUp()
	caller = shop.hikari.call("0312345670", shop.hikari.description("sendrecv"))
	at = shop.p202.rung()
	at.reply(200, shop.p202.description("sendrecv"))
	caller.response(sip.INVITE, 200)
	caller.ack("")
	at.next(sip.ACK)
	// 302 asks at the head office, and joins.
	ask := shop.p202.call("202", shop.p202.description("sendrecv"))
	there := head.p202.rung()
	there.reply(200, head.p202.description("sendrecv"))
	ask.response(sip.INVITE, 200)
	ask.ack("")
	there.next(sip.ACK)
	at.refer(ask.named("x"), 202)
	at.notified("100")
	at.notified("200")
	at.hungUp()
	ask.hungUp()
	head.eventually("the head office knows", func() bool { return head.strangers() == 1 })
	there.refer("09087654321", 202)
	there.notified("100")
	there.notified("403")
	if f := last[fact.CallJudged](head); f.Rule != "line-to-line" {
		t.Errorf("judged %+v", f)
	}
	head.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
	caller.bye()
	there.hungUp()
	// Whom 201 talks with is still somebody of the branch: that goes by the gate, on 201's
	// budget.
	c.b.refer("09087654321", 202)
	c.b.notified("100")
	out := head.hikari.rung()
	if f := last[fact.CallJudged](head); f.Origin != "transfer" || f.Extension != "201" || f.Verb != "pass" {
		t.Errorf("judged %+v", f)
	}
	out.reply(200, head.hikari.description("sendrecv"))
	out.next(sip.ACK)
	c.b.notified("200")
	c.b.hungUp()
	// And now the branch knows that somebody outside is there.
	shop.eventually("the branch knows", func() bool { return shop.strangers() == 1 })
	c.a.refer("09011112222", 202)
	c.a.notified("100")
	c.a.notified("403")
	if f := last[fact.CallJudged](shop); f.Rule != "line-to-line" {
		t.Errorf("judged %+v", f)
	}
	c.a.bye()
	out.hungUp()
	head.over()
	shop.over()
}
