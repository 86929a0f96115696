package unit

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

// TestHoldAndResume has either side hold the other, in each form: we answer, the
// other side is offered nothing and hears music.
func TestHoldAndResume(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards})
		a, b := o.outside("09012345678")
		hold := func(from, to *talk, offer, back string) {
			t.Helper()
			ok := from.reinvite(from.p.description(offer))
			from.ack("")
			if !strings.Contains(string(ok.Body()), "a="+back) {
				t.Errorf("offer %s is answered\n%s", offer, ok.Body())
			}
			to.p.expectNone("an offer", func(m *sip.Message) bool {
				return m.IsRequest() && (m.Method() == sip.INVITE || m.Method() == sip.UPDATE)
			})
		}
		hold(a, b, "sendonly", "recvonly")
		hold(a, b, "sendrecv", "sendrecv")
		hold(b, a, "inactive", "inactive")
		hold(b, a, "sendrecv", "sendrecv")
		hold(a, b, "inactive", "inactive") // both at once
		hold(b, a, "sendonly", "recvonly")
		a.bye()
		b.hungUp()
		o.over()
	})
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

func TestReliableProvisional(t *testing.T) { inTime(t, testReliableProvisional) }

func testReliableProvisional(t *testing.T) {
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

// plainVoice is the description of who takes no telephone-event.
const plainVoice = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
	"m=audio 40000 RTP/AVP 0\r\n"

func TestDigitsInINFO(t *testing.T) { inTime(t, testDigitsInINFO) }

func testDigitsInINFO(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a, b := o.outside("09012345678")
	// The carrier takes telephone-event: the digit goes there in its media.
	a.send(sip.INFO, "Signal=5\r\nDuration=160\r\n", "Content-Type: application/dtmf-relay")
	a.response(sip.INFO, 200)
	b.p.expectNone("an INFO", isMethod(sip.INFO))
	a.bye()
	b.hungUp()
	// A carrier that takes none gets it in INFO.
	a = o.p201.call("09012345678", o.p201.description("sendrecv"))
	b = o.hikari.rung()
	b.reply(200, plainVoice)
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	a.send(sip.INFO, "Signal=#\r\nDuration=160\r\n", "Content-Type: application/dtmf-relay")
	a.response(sip.INFO, 200)
	m := b.next(sip.INFO)
	b.p.reply(m, 200, "", "")
	if !strings.Contains(string(m.Body()), "Signal=#") {
		t.Errorf("the carrier gets %q", m.Body())
	}
	a.bye()
	b.hungUp()
	o.over()
}

func TestSessionRefreshStaysOnItsLeg(t *testing.T) { inTime(t, testSessionRefreshStaysOnItsLeg) }

func testSessionRefreshStaysOnItsLeg(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a, b := o.outside("09012345678")
	b.send(sip.UPDATE, "", "Session-Expires: 90;refresher=uac", "Supported: timer")
	b.response(sip.UPDATE, 200)
	same := "v=0\r\no=- 7 7 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
		"m=audio 40000 RTP/AVP 0\r\na=sendrecv\r\n"
	for range 2 { // another description, and then the same
		b.reinvite(same)
		b.ack("")
	}
	a.p.expectNone("a re-INVITE for a refresh", isMethod(sip.INVITE))
	a.bye()
	b.hungUp()
	o.over()
}

func TestEarlyUpdate(t *testing.T) { inTime(t, testEarlyUpdate) }

func testEarlyUpdate(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.p201.call("09012345678", o.p201.description("sendrecv"), "Supported: 100rel")
	b := o.hikari.rung()
	b.reply(183, o.hikari.description("sendrecv"), "Require: 100rel", "RSeq: 7")
	o.hikari.reply(b.next(sip.PRACK), 200, "", "")
	m := a.response(sip.INVITE, 183)
	a.send(sip.PRACK, "", "RAck: "+string(m.Value(sip.HeaderRSeq))+" 1 INVITE")
	a.response(sip.PRACK, 200)
	b.send(sip.UPDATE, o.hikari.description("sendrecv"))
	if ok := b.response(sip.UPDATE, 200); !strings.Contains(string(ok.Body()), "m=audio") {
		t.Errorf("no answer to the UPDATE:\n%s", ok.Bytes())
	}
	b.reply(200, "")
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	a.bye()
	b.hungUp()
	o.over()
}

func TestMediaThatCannotBe(t *testing.T) { inTime(t, testMediaThatCannotBe) }

func testMediaThatCannotBe(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	// A's offer makes no sense.
	a := o.p201.call("202", "v=0\r\nnonsense")
	m := o.p201.expect("the refusal", func(m *sip.Message) bool { return m.Status() >= 400 })
	a.remote = string(m.Value(sip.HeaderTo))
	a.ackRefusal()
	if m.Status() != 488 {
		t.Errorf("a senseless offer gets %d", m.Status())
	}
	// B's answer makes none: B is hung up, A refused.
	a = o.p201.call("202", o.p201.description("sendrecv"))
	b := o.p202.rung()
	b.reply(200, "v=0\r\nnonsense")
	b.next(sip.ACK)
	b.hungUp()
	a.response(sip.INVITE, 488)
	a.ackRefusal()
	// Not a description at all.
	a = o.p201.call("202", "hello", "Content-Type: text/plain")
	a.response(sip.INVITE, 415)
	a.ackRefusal()
	o.over()
}

// TestOtherOfferOverTLS: a phone that takes no SRTP is offered plain RTP.
func TestOtherOfferOverTLS(t *testing.T) { inTime(t, testOtherOfferOverTLS) }

func testOtherOfferOverTLS(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.phones.mu.Lock()
	o.phones.contacts[1].Target.Transport = "tls"
	o.phones.mu.Unlock()
	a := o.p201.call("202", o.p201.description("sendrecv"))
	b := o.p202.rung()
	if !strings.Contains(string(b.invite.Body()), "RTP/SAVP") {
		t.Errorf("the first offer is\n%s", b.invite.Body())
	}
	b.reply(488, "")
	b.next(sip.ACK)
	b = o.p202.rung()
	if !strings.Contains(string(b.invite.Body()), "RTP/AVP") {
		t.Errorf("the second offer is\n%s", b.invite.Body())
	}
	b.reply(488, "")
	b.next(sip.ACK)
	a.response(sip.INVITE, 488)
	a.ackRefusal()
	o.over()
}

// TestNamesCannotEscape: what a carrier says of the caller stays inside its
// place in our INVITE.
func TestNamesCannotEscape(t *testing.T) {
	for _, user := range []string{`a>;x=<sip:b`, "0901234", `"`, "a b\r\nX: y"} {
		got := address(`Eve" <sip:1@evil>`+"\r\nX: y\\", user, "office")
		if strings.Count(got, `"`) != 2 || strings.Count(got, "<") != 2 || strings.ContainsAny(got, "\r\n\\") {
			t.Errorf("%q becomes %s", user, got)
		}
	}
}

func TestTooManyCalls(t *testing.T) { inTime(t, testTooManyCalls) }

func testTooManyCalls(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.unit.cfg.CallsMax = 1
	a, b := o.outside("09012345678")
	c := o.p202.call("201", o.p202.description("sendrecv"))
	c.response(sip.INVITE, 503)
	c.ackRefusal()
	e := o.p203.call("118", o.p203.description("sendrecv")) // emergency is not counted
	d := o.hikari.rung()
	d.reply(200, o.hikari.description("sendrecv"))
	e.response(sip.INVITE, 200)
	e.ack("")
	d.next(sip.ACK)
	e.bye()
	d.hungUp()
	a.bye()
	b.hungUp()
	o.over()
}

func TestMaxForwardsEnds(t *testing.T) { inTime(t, testMaxForwardsEnds) }

func testMaxForwardsEnds(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	a := o.p201.call("202", o.p201.description("sendrecv"))
	b := o.p202.rung()
	b.reply(486, "")
	b.next(sip.ACK)
	a.response(sip.INVITE, 486)
	a.ackRefusal()
	o.p201.hops = 1
	a = o.p201.call("202", o.p201.description("sendrecv"))
	a.response(sip.INVITE, 483)
	a.ackRefusal()
	o.p202.expectNone("a call", isMethod(sip.INVITE))
}

func TestReadReason(t *testing.T) {
	for value, want := range map[string]string{
		`Q.850;cause=16;text="Terminated"`:      "Q.850;cause=16",
		`SIP ;cause=200 ;text="Call completed"`: "SIP;cause=200",
		`sip;text="a;cause=1";cause=486`:        "SIP;cause=486",
		`Q.850;cause=16, SIP;cause=200`:         "Q.850;cause=16",
		`X;cause=1`:                             "",
		`SIP;cause=9999`:                        "",
		`SIP;cause=-1`:                          "",
		`SIP`:                                   "",
		``:                                      "",
	} {
		if got := readReason(value).String(); got != want {
			t.Errorf("%q reads as %q, want %q", value, got, want)
		}
	}
}
