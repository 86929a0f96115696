package unit

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
)

func TestRedirect(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
		b := o.p202.rung()
		b.reply(302, "", "Contact: <sip:08011112222@office>")
		b.next(sip.ACK)
		c := o.hikari.rung()
		f := last[fact.CallJudged](o)
		if f.Origin != "redirect" || f.Device != "202-1" || f.Verb != "pass" {
			t.Errorf("judged %+v", f)
		}
		c.reply(200, o.hikari.description("sendrecv"))
		a.response(sip.INVITE, 200)
		a.ack("")
		c.next(sip.ACK)
		a.bye()
		c.hungUp()
		o.over()
	})
}

// TestEndsThatTellAll: where no verdict on disk names the caller, or another
// stood behind one, the end of the call does.
func TestEndsThatTellAll(t *testing.T) {
	for name, begin := range map[string]func(o *office) *talk{
		"redirected": func(o *office) *talk {
			a := o.p201.call("202", o.p201.description("sendrecv"))
			b := o.p202.rung()
			b.reply(302, "", "Contact: <sip:08011112222@office>")
			b.next(sip.ACK)
			return a
		},
		"emergency": func(o *office) *talk { return o.p201.call("110", o.p201.description("sendrecv")) },
	} {
		inBubble(t, name, func(t *testing.T) {
			o := newOffice(t, officeConfig{shards: 1})
			a := begin(o)
			b := o.hikari.rung()
			b.reply(200, o.hikari.description("sendrecv"))
			a.response(sip.INVITE, 200)
			a.ack("")
			b.next(sip.ACK)
			a.bye()
			b.hungUp()
			o.over()
			if f := last[fact.CallEnded](o); f.First || f.Device != "201-1" || f.From != "201" || f.Started.IsZero() {
				t.Errorf("ended: %+v", f)
			}
		})
	}
}

// TestWhoHasLoggedOutRedirectsNobody outside, in the name of whom the phone was called for.
func TestWhoHasLoggedOutRedirectsNobody(t *testing.T) { inTime(t, testWhoHasLoggedOutRedirectsNobody) }

func testWhoHasLoggedOutRedirectsNobody(t *testing.T) {
	for to, rings := range map[string]func(o *office) *puppet{
		"08011112222": nil,
		"203":         func(o *office) *puppet { return o.p203 },
		"110":         func(o *office) *puppet { return o.hikari },
	} {
		o := newOffice(t, officeConfig{shards: 1})
		a := o.p201.call("202", o.p201.description("sendrecv"))
		b := o.p202.rung()
		o.phones.seat("202-1", "801")
		b.reply(302, "", "Contact: <sip:"+to+"@office>")
		b.next(sip.ACK)
		if rings == nil {
			a.response(sip.INVITE, 403)
			a.ackRefusal()
		} else { // within the office, and for help, it may
			c := rings(o).rung()
			c.reply(200, c.p.description("sendrecv"))
			a.response(sip.INVITE, 200)
			a.ack("")
			c.next(sip.ACK)
			a.bye()
			c.hungUp()
		}
		o.over()
	}
}

func TestRedirectAbroadIsRefused(t *testing.T) { inTime(t, testRedirectAbroadIsRefused) }

func testRedirectAbroadIsRefused(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.p201.call("202", o.p201.description("sendrecv"))
	b := o.p202.rung()
	b.reply(302, "", "Contact: <sip:01023276123456@127.0.9.1>")
	b.next(sip.ACK)
	m := o.p201.expect("the refusal", func(m *sip.Message) bool { return m.Status() >= 400 })
	a.remote = string(m.Value(sip.HeaderTo))
	a.ackRefusal()
	f := last[fact.CallJudged](o)
	if f.Origin != "redirect" || f.Extension != "202" || f.Verb != "refuse" || f.Rule != "international" {
		t.Errorf("judged %+v", f)
	}
	o.hikari.expectNone("a call", isMethod(sip.INVITE))
	o.over()
}

func TestFailover(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a := o.p201.call("09012345678", o.p201.description("sendrecv"))
		b := o.hikari.rung()
		b.reply(503, "")
		b.next(sip.ACK)
		c := o.backup.rung()
		c.reply(200, o.backup.description("sendrecv"))
		a.response(sip.INVITE, 200)
		a.ack("")
		c.next(sip.ACK)
		if f := last[fact.CallJudged](o); f.Line != "l2" {
			t.Errorf("judged %+v", f)
		}
		a.bye()
		c.hungUp()
		o.over()
	})
}

// TestRefusalOfOneLine: a number that the first line does not carry goes by
// the second.
func TestRefusalOfOneLine(t *testing.T) { inTime(t, testRefusalOfOneLine) }

func testRefusalOfOneLine(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.p201.call("0120123456", o.p201.description("sendrecv"))
	b := o.backup.rung()
	b.reply(486, "")
	b.next(sip.ACK)
	a.response(sip.INVITE, 486)
	a.ackRefusal()
	if got := o.books.kinds(); len(got) != 3 {
		t.Errorf("books say %v", got)
	}
	o.hikari.expectNone("a call", isMethod(sip.INVITE))
	o.over()
}

func TestEmergencyPreempts(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards, channels: 1})
		a, b := o.outside("09012345678")
		a2 := o.p202.call("09012345678", o.p202.description("sendrecv"))
		b2 := o.backup.rung()
		b2.reply(200, o.backup.description("sendrecv"))
		a2.response(sip.INVITE, 200)
		a2.ack("")
		b2.next(sip.ACK)
		e := o.p203.call("119", o.p203.description("sendrecv"))
		a.hungUp()
		if r := string(b.hungUp().Value(sip.HeaderReason)); !strings.HasPrefix(r, "Q.850;cause=8") {
			t.Errorf("the carrier is told %q", r)
		}
		d := o.hikari.rung()
		if user := string(d.invite.RequestURI().User); user != "119" {
			t.Errorf("the carrier is asked for %q", user)
		}
		d.reply(200, o.hikari.description("sendrecv"))
		e.response(sip.INVITE, 200)
		e.ack("")
		d.next(sip.ACK)
		if f := last[fact.CallEnded](o); f.Reason != "preempted" {
			t.Errorf("ended: %+v", f)
		}
		d.bye()
		e.hungUp()
		a2.bye()
		b2.hungUp()
		if f := last[fact.EmergencyCalled](o); f.Number != "119" || f.Device != "203-1" {
			t.Errorf("emergency: %+v", f)
		}
		// The call-back rings the phone that dialed, beside the number's own.
		back := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
		x, y := o.p203.rung(), o.p202.rung()
		if from := string(x.invite.Value(sip.HeaderFrom)); !strings.Contains(from, "203") {
			t.Errorf("the call-back is shown as %q", from)
		}
		x.reply(180, "")
		y.reply(180, "")
		back.response(sip.INVITE, 180)
		back.cancel()
		back.response(sip.INVITE, 487)
		back.ackRefusal()
		x.canceled()
		y.canceled()
		o.over()
	})
}

// TestACallBackForNobodyWhoIsKnown is let in like another, and shown as what it may be; it
// rings at the number's own phones.
func TestACallBackForNobodyWhoIsKnown(t *testing.T) { inTime(t, testACallBackForNobodyWhoIsKnown) }

func testACallBackForNobodyWhoIsKnown(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.set(fact.ServiceSet{Extension: "202", Service: fact.ServiceDoNotDisturb})
	o.lines.EmergencyCalled("l1", "", true, time.Now())
	back := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	x := o.p202.rung()
	if from := string(x.invite.Value(sip.HeaderFrom)); !strings.HasPrefix(from, `"緊急通報の折り返し"`) {
		t.Errorf("the call-back is shown as %q", from)
	}
	x.reply(180, "")
	back.response(sip.INVITE, 180)
	back.cancel()
	back.response(sip.INVITE, 487)
	back.ackRefusal()
	x.canceled()
	o.over()
}

func TestEmergencyWhenStoreFails(t *testing.T) { inTime(t, testEmergencyWhenStoreFails) }

func testEmergencyWhenStoreFails(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.books.mu.Lock()
	o.books.fail = errDisk
	o.books.mu.Unlock()
	a := o.p201.call("09012345678", o.p201.description("sendrecv"))
	a.response(sip.INVITE, 503)
	a.ackRefusal()
	o.hikari.expectNone("a call without a verdict", isMethod(sip.INVITE))
	e := o.p201.call("110", o.p201.description("sendrecv"))
	d := o.hikari.rung()
	d.reply(200, o.hikari.description("sendrecv"))
	e.response(sip.INVITE, 200)
	e.ack("")
	d.next(sip.ACK)
	e.bye()
	d.hungUp()
}

// TestWithoutPasswordOnlyEmergency: a phone whose password fails reaches the
// police, and nobody else.
func TestWithoutPasswordOnlyEmergency(t *testing.T) {
	inTime(t, testWithoutPasswordOnlyEmergency)
}

func testWithoutPasswordOnlyEmergency(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	p := newPuppet(t, o.h, "299", "127.0.1.9:5069", phoneSide)
	for _, dialed := range []string{"201", "09012345678", "400"} {
		a := p.call(dialed, p.description("sendrecv"))
		a.response(sip.INVITE, 403)
		a.ackRefusal()
	}
	e := p.call("110", p.description("sendrecv"))
	d := o.hikari.rung()
	d.reply(200, o.hikari.description("sendrecv"))
	e.response(sip.INVITE, 200)
	e.ack("")
	d.next(sip.ACK)
	if f := last[fact.EmergencyCalled](o); f.Authenticated || f.Extension != "203" {
		t.Errorf("emergency: %+v", f)
	}
	e.bye()
	d.hungUp()
	o.over()
}

// TestEmergencyTakesTheFreeLine: nobody is cut off while another line is free.
func TestEmergencyTakesTheFreeLine(t *testing.T) { inTime(t, testEmergencyTakesTheFreeLine) }

func testEmergencyTakesTheFreeLine(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, channels: 1})
	a, b := o.outside("09012345678")
	e := o.p203.call("110", o.p203.description("sendrecv"))
	d := o.backup.rung()
	d.reply(200, o.backup.description("sendrecv"))
	e.response(sip.INVITE, 200)
	e.ack("")
	d.next(sip.ACK)
	b.p.expectNone("a BYE", isMethod(sip.BYE))
	e.bye()
	d.hungUp()
	a.bye()
	b.hungUp()
	o.over()
}

// slowBooks has line dialogs wait for the disk until the function is called.
func (o *office) slowBooks() func() {
	slow := make(chan struct{})
	o.books.slow = slow
	stored := sync.OnceFunc(func() { close(slow) })
	o.t.Cleanup(stored)
	return stored
}

// TestTheLineHearsOfItsAnswerWhenItIsStored: a kill between the answer and the
// disk must not leave a call open at the carrier, so the ACK waits.
func TestTheLineHearsOfItsAnswerWhenItIsStored(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		stored := o.slowBooks()
		a := o.p201.call("09012345678", o.p201.description("sendrecv"))
		c := o.hikari.rung()
		c.reply(200, o.hikari.description("sendrecv"))
		o.hikari.expectNone("an ACK for what is not stored", isMethod(sip.ACK))
		if got := o.books.kinds(); !slices.Equal(got, []string{"call.judged", "call.answered"}) {
			t.Errorf("with the dialog the books say %v: the answer must be on disk before its ACK", got)
		}
		stored()
		a.response(sip.INVITE, 200)
		a.ack("")
		c.next(sip.ACK)
		if o.books.dialogs() != 1 {
			t.Errorf("%d dialogs stored", o.books.dialogs())
		}
		a.bye()
		c.hungUp()
		o.over()
	})
}

// TestAnEmergencyWaitsForNoDisk: its ACK goes out although nothing is stored.
func TestAnEmergencyWaitsForNoDisk(t *testing.T) { inTime(t, testAnEmergencyWaitsForNoDisk) }

func testAnEmergencyWaitsForNoDisk(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	stored := o.slowBooks()
	a := o.p201.call("110", o.p201.description("sendrecv"))
	c := o.hikari.rung()
	c.reply(200, o.hikari.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	c.next(sip.ACK)
	stored()
	a.bye()
	c.hungUp()
	o.over()
}
