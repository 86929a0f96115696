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
		if got := o.books.kinds(); !slices.Equal(got, []string{"call.ended"}) {
			t.Errorf("books say %v", got)
		}
		if f := last[fact.CallEnded](o); f.Reason != "hung up" || f.Device != "201-1" ||
			f.Registration != "registration/201-1/1" || f.To != "202" || f.Answered.IsZero() ||
			!f.First || f.Answerer != "202-1" || f.Started.IsZero() {
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
		for _, leak := range []string{"Desk 201", "sip:201", o.p201.addr.Addr().String(), "office"} {
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
		want := []string{"call.judged", "call.answered", "call.ended"}
		if got := o.books.kinds(); !slices.Equal(got, want) {
			t.Errorf("books say %v", got)
		}
		if f := last[fact.CallJudged](o); f.Direction != fact.Outgoing || f.From != "201" || f.Started.IsZero() ||
			!f.First {
			t.Errorf("the verdict does not tell of its call: %+v", f)
		}
		if f := last[fact.CallEnded](o); f.First || f.Answerer != "l1" || f.Device != "" || !f.Started.IsZero() {
			t.Errorf("ended: %+v", f)
		}
	})
}

func TestADisabledPhonesCallsEnd(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a, b := o.outside("09012345678")
		o.unit.EndCalls("202-1") // it is in no call
		o.hikari.expectNone("a BYE", isMethod(sip.BYE))
		o.unit.EndCalls("201-1")
		a.hungUp()
		b.hungUp()
		o.over()
		if f := last[fact.CallEnded](o); f.Reason != "phone disabled" {
			t.Errorf("books say %+v", f)
		}
	})
}

// TestADisabledPhonesRedirectionsEnd: a phone that has sent a caller on to an
// outside number stands behind that call, though it rings no more.
func TestADisabledPhonesRedirectionsEnd(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
		b := o.p202.rung()
		b.reply(302, "", "Contact: <sip:08011112222@office>")
		b.next(sip.ACK)
		c := o.hikari.rung()
		c.reply(200, o.hikari.description("sendrecv"))
		a.response(sip.INVITE, 200)
		a.ack("")
		c.next(sip.ACK)
		o.unit.EndCalls("202-1")
		a.hungUp()
		c.hungUp()
		o.over()
	})
}

func TestEmergencyGoesOnWhenItsPhoneIsDisabled(t *testing.T) {
	inTime(t, testEmergencyGoesOnWhenItsPhoneIsDisabled)
}

func testEmergencyGoesOnWhenItsPhoneIsDisabled(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a, b := o.outside("110")
	o.unit.EndCalls("201-1")
	o.hikari.expectNone("a BYE", isMethod(sip.BYE))
	a.send(sip.BYE, "")
	a.response(sip.BYE, 200)
	b.hungUp()
	o.over()
}

func TestInternationalIsRefused(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		for _, dialed := range []string{
			"01023276123456", "%2A01023276123456", "+23276123456", "18401023276123456", "999",
		} {
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

func TestRefusalIsSpoken(t *testing.T) { inTime(t, testRefusalIsSpoken) }

func testRefusalIsSpoken(t *testing.T) {
	for mode, first := range map[call.AnnounceMode]int{call.AnnounceEarly: 183, call.AnnounceAnswered: 200} {
		o := newOffice(t, officeConfig{
			shards: 1, announcements: 2, call: call.Config{Announce: mode, AnnounceMax: 300 * time.Millisecond},
		})
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

func TestAnnouncementsAreLimited(t *testing.T) { inTime(t, testAnnouncementsAreLimited) }

func testAnnouncementsAreLimited(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, announcements: 2})
	o.unit.slots.Store(int32(o.unit.cfg.Announcements))
	a := o.p201.call("01023276123456", o.p201.description("sendrecv"))
	o.p201.expect("the refusal", func(m *sip.Message) bool { return m.Status() >= 400 })
	a.ackRefusal()
	o.over()
	if n := o.unit.slots.Load(); n != int32(o.unit.cfg.Announcements) {
		t.Errorf("%d slots taken", n)
	}
	o.unit.slots.Store(0)
	o.unit.Announce(false)
	a = o.p201.call("01023276123456", o.p201.description("sendrecv"))
	if m := o.p201.expect("an answer", func(m *sip.Message) bool { return m.Status() > 100 }); m.Status() < 400 {
		t.Errorf("switched off, the answer is %d", m.Status())
	}
	a.ackRefusal()
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
		if f := last[fact.CallEnded](o); f.Direction != fact.Incoming || f.Line != "l1" || f.Answerer != "203-1" {
			t.Errorf("ended: %+v", f)
		}
		want := []string{"call.started", "call.answered", "call.ended"}
		if got := o.books.kinds(); !slices.Equal(got, want) {
			t.Errorf("books say %v", got)
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

func TestLineToLineIsRefused(t *testing.T) { inTime(t, testLineToLineIsRefused) }

func testLineToLineIsRefused(t *testing.T) {
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
