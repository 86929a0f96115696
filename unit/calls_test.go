package unit

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/wire/sip"
)

func TestPhoneCallsPhone(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a := o.p201.call("202", o.p201.description("sendrecv"))
		b := o.p202.rung()
		if from := string(b.invite.Value(sip.HeaderFrom)); !strings.HasPrefix(from, `"Desk 201" <sip:201@office>`) {
			t.Errorf("202 is shown %q", from)
		}
		if n := b.invite.MaxForwards(); n != 69 {
			t.Errorf("Max-Forwards is %d, want one less than 70", n)
		}
		if strings.Contains(string(b.invite.Bytes()), o.p201.addr.Addr().String()) {
			t.Errorf("201's address leaks to 202:\n%s", b.invite.Bytes())
		}
		b.reply(180, "")
		a.response(sip.INVITE, 180)
		b.reply(200, o.p202.description("sendrecv"))
		ok := a.response(sip.INVITE, 200)
		b.next(sip.ACK)
		a.ack("")
		if !strings.Contains(string(ok.Body()), "m=audio") {
			t.Errorf("no answer in %s", ok.Bytes())
		}
		o.eventually("the call is shown as talking", func() bool {
			calls := o.unit.Calls()
			return len(calls) == 1 && calls[0].State == "talking" && calls[0].Direction == fact.Internal
		})
		a.bye()
		b.hungUp()
		o.over()
		if got := o.books.kinds(); !slices.Equal(got, []string{"call.started", "call.answered", "call.ended"}) {
			t.Errorf("books say %v", got)
		}
		if f := last[fact.CallEnded](o); f.Reason != "hung up" || f.Device != "201-1" ||
			f.Registration != "registration/201-1/1" || f.To != "202" || f.Answered.IsZero() {
			t.Errorf("ended: %+v", f)
		}
	})
}

// outside makes a call up from 201 to a mobile number over l1.
func (o *office) outside(number string) (a, b *talk) {
	o.t.Helper()
	a = o.p201.call(number, o.p201.description("sendrecv"))
	b = o.hikari.rung()
	b.reply(183, o.hikari.description("sendrecv"))
	a.response(sip.INVITE, 183)
	b.reply(200, o.hikari.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	return a, b
}

func TestPhoneCallsOut(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a, b := o.outside("09012345678")
		if user := string(b.invite.RequestURI().User); user != "09012345678" {
			t.Errorf("the carrier is asked for %q", user)
		}
		if se := b.invite.Value(sip.HeaderSessionExpires); len(se) == 0 {
			t.Error("the line leg has no session timer")
		}
		for _, leak := range []string{"201", o.p201.addr.Addr().String(), "office"} {
			if strings.Contains(string(b.invite.Bytes()), leak) {
				t.Errorf("%q leaks to the carrier:\n%s", leak, b.invite.Bytes())
			}
		}
		o.eventually("the dialog is stored", func() bool { return o.books.dialogs() == 1 })
		b.p.reply(b.invite, 200, b.tag, "") // a repeated 2xx changes nothing
		b.send(sip.BYE, "", `Reason: Q.850;cause=16;text="carrier-secret"`)
		b.response(sip.BYE, 200)
		got := a.hungUp()
		if r := string(got.Value(sip.HeaderReason)); r != "Q.850;cause=16" {
			t.Errorf("201 is told %q", r)
		}
		o.over()
		want := []string{"call.started", "call.judged", "call.answered", "call.ended"}
		if got := o.books.kinds(); !slices.Equal(got, want) {
			t.Errorf("books say %v", got)
		}
	})
}

func TestInternationalIsRefused(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		for _, dialed := range []string{"01023276123456", "%2A01023276123456", "+23276123456", "18401023276123456", "999"} {
			a := o.p201.call(dialed, o.p201.description("sendrecv"))
			m := o.p201.expect("a refusal", func(m *sip.Message) bool {
				return m.Status() >= 300 && string(m.CallID()) == a.callID
			})
			a.remote = string(m.Value(sip.HeaderTo))
			a.ackRefusal()
			if m.Status() < 400 || len(m.Value(sip.HeaderReason)) == 0 {
				t.Errorf("%s: %d, Reason %q", dialed, m.Status(), m.Value(sip.HeaderReason))
			}
			f := last[fact.CallJudged](o)
			if f.Verb != "refuse" || f.Dialed != strings.ReplaceAll(dialed, "%2A", "*") || f.Device != "201-1" {
				t.Errorf("%s: judged %+v", dialed, f)
			}
		}
		o.hikari.expectNone("a call", isMethod(sip.INVITE))
		o.over()
	})
}

func TestRefusalIsSpoken(t *testing.T) {
	for mode, first := range map[call.AnnounceMode]int{call.AnnounceEarly: 183, call.AnnounceAnswered: 200} {
		o := newOffice(t, officeConfig{shards: 1, call: call.Config{Announce: mode, AnnounceMax: 300 * time.Millisecond}})
		a := o.p201.call("01023276123456", o.p201.description("sendrecv"))
		m := a.response(sip.INVITE, first)
		if !strings.Contains(string(m.Body()), "m=audio") {
			t.Errorf("mode %d: nothing to hear: %s", mode, m.Bytes())
		}
		if mode == call.AnnounceAnswered {
			a.ack("")
			if r := string(a.hungUp().Value(sip.HeaderReason)); !strings.HasPrefix(r, "SIP;cause=") {
				t.Errorf("BYE with Reason %q", r)
			}
		} else {
			o.p201.expect("the refusal", func(m *sip.Message) bool { return m.Status() >= 400 })
			a.ackRefusal()
		}
		o.over()
		if n := o.unit.slots.Load(); n != 0 {
			t.Errorf("mode %d: %d slots still taken", mode, n)
		}
	}
}

func TestAnnouncementsAreLimited(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, call: call.Config{Announce: call.AnnounceEarly}})
	o.unit.slots.Store(int32(o.unit.cfg.Announcements))
	a := o.p201.call("01023276123456", o.p201.description("sendrecv"))
	o.p201.expect("the refusal", func(m *sip.Message) bool { return m.Status() >= 400 })
	a.ackRefusal()
	o.over()
	if n := o.unit.slots.Load(); n != int32(o.unit.cfg.Announcements) {
		t.Errorf("%d slots taken", n)
	}
}

func TestLineCallsGroup(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a := o.hikari.call("0312345680", o.hikari.description("sendrecv"))
		b, c := o.p202.rung(), o.p203.rung()
		b.reply(180, "")
		a.response(sip.INVITE, 180)
		c.reply(180, "")
		c.reply(200, o.p203.description("sendrecv"))
		a.response(sip.INVITE, 200)
		a.ack("")
		c.next(sip.ACK)
		if r := string(b.canceled().Value(sip.HeaderReason)); r != `SIP;cause=200;text="Call completed elsewhere"` {
			t.Errorf("202 is told %q", r)
		}
		o.eventually("the dialog is stored", func() bool { return o.books.dialogs() == 1 })
		c.bye()
		a.hungUp()
		o.over()
		if f := last[fact.CallAnswered](o); f.Device != "203-1" {
			t.Errorf("answered by %+v", f)
		}
		if f := last[fact.CallEnded](o); f.Direction != fact.Incoming || f.Line != "l1" {
			t.Errorf("ended: %+v", f)
		}
	})
}

func TestLineCallsDID(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
		b := o.p202.rung()
		b.reply(486, "")
		b.next(sip.ACK)
		a.response(sip.INVITE, 486)
		a.ackRefusal()
		a = o.hikari.call("0399999999", o.hikari.description("sendrecv"))
		o.hikari.expect("a refusal or a ring", func(m *sip.Message) bool {
			return m.Status() >= 180 && string(m.CallID()) == a.callID
		})
		a.ackRefusal()
	})
}

func TestLineToLineIsRefused(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.hikari.call("0312345690", o.hikari.description("sendrecv"))
	m := o.hikari.expect("the refusal", func(m *sip.Message) bool {
		return m.Status() >= 400 && string(m.CallID()) == a.callID
	})
	a.remote = string(m.Value(sip.HeaderTo))
	a.ackRefusal()
	if f := last[fact.CallJudged](o); f.Rule != "line-to-line" || f.Verb != "refuse" {
		t.Errorf("judged %+v", f)
	}
	o.over()
}

func TestBusyDeclineNoAnswer(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards, call: call.Config{NoAnswer: 200 * time.Millisecond}})
		for _, c := range []struct{ phone, told int }{{486, 486}, {603, 603}, {404, 480}, {500, 480}} {
			a := o.p201.call("202", o.p201.description("sendrecv"))
			b := o.p202.rung()
			b.reply(c.phone, "")
			b.next(sip.ACK)
			a.response(sip.INVITE, c.told)
			a.ackRefusal()
		}
		a := o.p201.call("202", o.p201.description("sendrecv"))
		b := o.p202.rung()
		b.reply(180, "")
		a.response(sip.INVITE, 480)
		a.ackRefusal()
		b.canceled()
		o.over()
		if f := last[fact.CallEnded](o); f.Reason != "no answer" || f.Status != 480 {
			t.Errorf("ended: %+v", f)
		}
	})
}

func TestCancel(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a := o.p201.call("09012345678", o.p201.description("sendrecv"))
		b := o.hikari.rung()
		b.reply(180, "")
		a.response(sip.INVITE, 180)
		a.cancel(`Reason: SIP;cause=487;text="secret words"`)
		a.response(sip.CANCEL, 200)
		a.response(sip.INVITE, 487)
		a.ackRefusal()
		if r := string(b.canceled().Value(sip.HeaderReason)); r != "SIP;cause=487" {
			t.Errorf("the carrier is told %q", r)
		}
		o.over()
		if f := last[fact.CallEnded](o); f.Reason != "canceled" {
			t.Errorf("ended: %+v", f)
		}
	})
}

func TestHoldAndResume(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a, b := o.outside("09012345678")
		hold := func(from, to *talk, offer, reached, answer, back string) {
			t.Helper()
			from.send(sip.INVITE, from.p.description(offer))
			m := to.next(sip.INVITE)
			if !strings.Contains(string(m.Body()), "a="+reached) {
				t.Errorf("offer %s reaches the other side as\n%s", offer, m.Body())
			}
			to.p.reply(m, 200, "", to.p.description(answer))
			to.next(sip.ACK)
			ok := from.response(sip.INVITE, 200)
			from.ack("")
			if !strings.Contains(string(ok.Body()), "a="+back) {
				t.Errorf("answer %s comes back as\n%s", answer, ok.Body())
			}
		}
		hold(a, b, "sendonly", "sendonly", "recvonly", "recvonly")
		hold(a, b, "sendrecv", "sendrecv", "sendrecv", "sendrecv")
		hold(b, a, "inactive", "inactive", "inactive", "inactive")
		hold(b, a, "sendrecv", "sendrecv", "sendrecv", "sendrecv")
		a.send(sip.INVITE, a.p.description("sendonly"))
		m := b.next(sip.INVITE)
		b.p.reply(m, 488, "", "")
		b.next(sip.ACK)
		a.response(sip.INVITE, 488)
		a.ackRefusal()
		a.bye()
		b.hungUp()
		o.over()
	})
}

func TestGlare(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a, b := o.outside("09012345678")
	a.send(sip.INVITE, a.p.description("sendonly"))
	m := b.next(sip.INVITE)
	b.send(sip.INVITE, b.p.description("sendonly"))
	b.response(sip.INVITE, 491)
	b.ackRefusal()
	b.p.reply(m, 200, "", b.p.description("recvonly"))
	b.next(sip.ACK)
	a.response(sip.INVITE, 200)
	a.ack("")
	a.bye()
	b.hungUp()
	o.over()
}

func TestLateOffer(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a := o.p201.call("09012345678", "")
		b := o.hikari.rung()
		if !strings.Contains(string(b.invite.Body()), "m=audio") {
			t.Fatalf("no offer for the carrier:\n%s", b.invite.Bytes())
		}
		b.reply(183, o.hikari.description("sendrecv"))
		a.response(sip.INVITE, 180)
		b.reply(200, o.hikari.description("sendrecv"))
		ok := a.response(sip.INVITE, 200)
		if !strings.Contains(string(ok.Body()), "m=audio") {
			t.Fatalf("no offer for 201:\n%s", ok.Bytes())
		}
		a.ack(o.p201.description("sendrecv"))
		b.next(sip.ACK)
		offer := a.reinvite("") // and once more, within the call
		if !strings.Contains(string(offer.Body()), "m=audio") {
			t.Errorf("no offer in the 200 to a re-INVITE without one:\n%s", offer.Bytes())
		}
		a.ack(o.p201.description("sendrecv"))
		a.bye()
		b.hungUp()
		o.over()
	})
}

func TestReliableProvisional(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.p201.call("09012345678", o.p201.description("sendrecv"), "Supported: 100rel")
	b := o.hikari.rung()
	b.reply(183, o.hikari.description("sendrecv"), "Require: 100rel", "RSeq: 7")
	o.hikari.reply(b.next(sip.PRACK), 200, "", "")
	m := a.response(sip.INVITE, 183)
	rseq := string(m.Value(sip.HeaderRSeq))
	if rseq == "" || len(m.Body()) == 0 {
		t.Fatalf("201 got no reliable answer:\n%s", m.Bytes())
	}
	a.send(sip.PRACK, "", "RAck: "+rseq+" 1 INVITE")
	a.response(sip.PRACK, 200)
	b.reply(200, "")
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	a.bye()
	b.hungUp()
	o.over()
}

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

func TestRedirectAbroadIsRefused(t *testing.T) {
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

func TestEmergencyPreempts(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards, channels: 1})
		a, b := o.outside("09012345678")
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

func TestEmergencyWhenStoreFails(t *testing.T) {
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
