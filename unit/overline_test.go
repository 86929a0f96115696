package unit

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/vectors/dial"
	"github.com/sekisho/sekisho/wire/sip"
)

// TestDialStringsOfAnotherSite: whatever a site asks for that may call outside over our
// lines, only ordinary numbers of Japan come of it, and all of those.
func TestDialStringsOfAnotherSite(t *testing.T) { inTime(t, testDialStringsOfAnotherSite) }

func testDialStringsOfAnotherSite(t *testing.T) {
	head, _, _ := twoSites(t, officeConfig{})
	trusted := branch.of("branch", "3xx")
	trusted.Outside = true
	head.pairs(trusted)
	p, passed, looked := head.unit.Plan(), 0, 0
	for c := range dial.Generate(7) {
		if looked++; looked > 30_000 {
			break
		}
		target := p.FromSite(c.Dialed)
		if target.Kind != plan.Outside {
			if c.WantDomestic {
				t.Fatalf("%q leads to %+v", c.Dialed, target)
			}
			continue
		}
		for _, line := range target.Lines {
			v := head.desk.Check(gate.Request{
				Call: "c", Line: line, Dialed: c.Dialed, Destination: target.Destination, At: time.Now(),
				Origin: gate.Origin{Kind: gate.OriginSite, Site: "branch", SiteExtension: "301", Authenticated: true},
			})
			switch d := target.Destination; {
			case v.Verb != gate.VerbPass:
			case d.Class.Abroad(), d.Range == number.RangePremium, d.Range == number.RangeShared:
				t.Fatalf("%q passes as %v", c.Dialed, d)
			default:
				passed++
			}
			if c.WantDomestic && v.Verb != gate.VerbPass && !v.OfLine {
				t.Fatalf("%q is refused by %s", c.Dialed, v.Rule)
			}
		}
	}
	if passed < 1000 {
		t.Errorf("only %d passed", passed)
	}
}

// TestASiteHasItsOwnBudget: when that is used up the site calls no more, and extensions
// here still do.
func TestASiteHasItsOwnBudget(t *testing.T) { inTime(t, testASiteHasItsOwnBudget) }

func testASiteHasItsOwnBudget(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{limits: []fact.Limit{
		{Budget: "site/branch/mobile", Caps: fact.Caps{AtOnce: 1}},
	}})
	trusted := branch.of("branch", "3xx")
	trusted.Outside = true
	head.pairs(trusted)
	head.siteUp("branch", true)
	a := shop.asks("head", "09012345678", inside)
	out := head.hikari.rung()
	if s := shop.asks("head", "09087654321", inside).ends(); s != 603 {
		t.Errorf("a second call beyond the site's budget: %d", s)
	}
	if f := last[fact.CallJudged](head); f.Rule != gate.RuleBudget || f.Site != "branch" {
		t.Errorf("judged %+v", f)
	}
	mine, there := head.up(head.p201, "09011112222", head.hikari)
	mine.bye()
	there.hungUp()
	out.reply(180, "")
	a.rings()
	a.hangUp()
	out.canceled()
	head.over()
}

// linesOfSite has an office call over the lines of another one where its own carry
// nothing.
func (o *office) linesOfSite(name string) {
	o.t.Helper()
	row, err := o.lines.Seal(fact.Line{
		ID: "over", Profile: "site", Registrar: name, Transport: "tls", Channels: 4, Priority: 9,
	}, "")
	o.must(err)
	o.must(o.lines.Add(row))
	o.unit.SetPlan(o.plan())
	o.desk.SetPolicy(o.policy())
}

// TestCallsOverAnotherSitesLines: what no line of the branch carries goes out at the head
// office, judged here and there, where that is switched on; emergency calls so whatever is.
func TestCallsOverAnotherSitesLines(t *testing.T) { inTime(t, testCallsOverAnotherSitesLines) }

func testCallsOverAnotherSitesLines(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	shop.linesOfSite("head")
	fails := func() {
		for _, carrier := range []*puppet{shop.hikari, shop.backup} {
			r := carrier.rung()
			r.reply(503, "")
			r.next(sip.ACK)
		}
	}
	d := shop.p201.call("09012345678", shop.p201.description("sendrecv"))
	fails()
	m := d.p.expect("a refusal", func(m *sip.Message) bool { return m.Status() >= 300 })
	d.ackRefusal()
	if f := last[fact.CallJudged](head); m.Status() != 603 || f.Rule != "site" || f.SiteExtension != "301" {
		t.Errorf("not switched on: %d, judged %+v", m.Status(), f)
	}
	trusted := branch.of("branch", "3xx")
	trusted.Outside = true
	head.pairs(trusted)
	head.siteUp("branch", true)
	c := &talking{mouthA: newSpeaker(t, shop.p201), mouthB: newSpeaker(t, head.hikari), markA: 0x11, markB: 0x22}
	c.a = shop.p201.call("09012345678", shop.p201.description("sendrecv"))
	fails()
	c.b = head.hikari.rung()
	c.toB = c.b.invite
	c.b.reply(200, head.hikari.description("sendrecv"))
	c.toA = c.a.response(sip.INVITE, 200)
	c.a.ack("")
	c.b.next(sip.ACK)
	c.bothWays()
	if f := last[fact.CallJudged](shop); f.Line != "over" || f.Verb != "pass" || f.Extension != "301" {
		t.Errorf("the branch has judged %+v", f)
	}
	if f := last[fact.CallJudged](head); f.Origin != string(gate.OriginSite) || f.Verb != "pass" {
		t.Errorf("the head office has judged %+v", f)
	}
	c.a.refer("09087654321", 202) // both are outside
	c.a.notified("100")
	c.a.notified("403")
	c.a.bye()
	c.b.hungUp()
	head.pairs(branch.of("branch", "3xx"))
	head.siteUp("branch", true)
	e := shop.p201.call("119", shop.p201.description("sendrecv"))
	fails()
	out := head.backup.rung()
	if user := string(out.invite.RequestURI().User); user != "119" {
		t.Errorf("out goes %s", user)
	}
	out.reply(200, head.backup.description("sendrecv"))
	e.response(sip.INVITE, 200)
	e.ack("")
	out.next(sip.ACK)
	e.bye()
	out.hungUp()
	head.over()
	shop.over()
}

// TestACallerFromAnotherSiteIsParkedAndSentOn: as one of the same office is, within the
// site and back to the other one; whoever takes it is heard.
func TestACallerFromAnotherSiteIsParkedAndSentOn(t *testing.T) {
	inTime(t, testACallerFromAnotherSiteIsParkedAndSentOn)
}

func testACallerFromAnotherSiteIsParkedAndSentOn(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	c := between(t, shop.p201, head.p201)
	c.b.refer("park1", 202)
	c.b.notified("100")
	c.b.notified("200")
	c.b.hungUp()
	c.mouthA.hearsMusic()
	mouth := newSpeaker(t, head.p202)
	d := head.p202.call("park1", head.p202.description("sendrecv"))
	m := d.response(sip.INVITE, 200)
	d.ack("")
	mouth.say(mediaPort(t, m), 0x33, c.mouthA)
	for _, to := range []*puppet{head.p203, shop.p203} { // then by transfer: here, and there
		d.refer(to.name, 202)
		d.notified("100")
		x := to.rung()
		want := "sip:301@"
		if to == shop.p203 { // there it is a number of its own, which no other site may show
			want = `"head" <sip:anonymous@`
		}
		if from := string(x.invite.Value(sip.HeaderFrom)); !strings.Contains(from, want) {
			t.Errorf("%s is shown %s", to.name, from)
		}
		ear := newSpeaker(t, to)
		x.reply(200, to.description("sendrecv"))
		x.next(sip.ACK)
		d.notified("200")
		d.hungUp()
		c.mouthA.say(mediaPort(t, c.toA), 0x11, ear)
		d = x
	}
	c.a.bye()
	d.hungUp()
	head.over()
	shop.over()
}
