//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/e2e/peer"
)

// TestContactOfTheCarrier: vulnerability: a phone with a valid credential
// registers the carrier's own address as its contact, so that an internal call
// would be sent there as an outside call that no gate has seen. Verified: the
// registration is refused, and whoever calls that extension reaches no carrier.
func TestContactOfTheCarrier(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.startCarrier()
	u := w.startUnit("announcements_max = 0")
	u.lineTo(c, "201")
	thief := w.sipp(u.phone("203", "udp", true))
	for _, contact := range []string{c.at.String(), c.at.Addr().String(), c.at.Addr().String() + ":5999"} {
		run := thief.run("register", "CONTACT", contact)
		run.Service, run.Timeout = "203", 3*time.Second
		if err := peer.RunSIPp(w.ctx, run); err == nil {
			t.Errorf("the contact sip:203@%s was registered", contact)
		}
	}
	before := c.asked()
	w.sipp(u.phone("201", "udp", true)).calls("203", "uac_refused", "STATUS", "480")
	if n := c.asked() - before; n > 0 {
		t.Errorf("the internal call made %d INVITEs to the carrier", n)
	}
}

// TestRedirectAbroad: vulnerability: a phone answers a call with 302 and a
// contact abroad, so that the unit itself would dial it. Verified: the gate is
// asked for it as for any call, refuses, and the carrier sees nothing.
func TestRedirectAbroad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.startCarrier()
	u := w.startUnit("announcements_max = 0")
	u.lineTo(c, "201")
	a, b := w.sipp(u.phone("201", "udp", true)), w.sipp(u.phone("202", "udp", true))
	b.register(300)
	for _, contact := range []string{
		"sip:01023276123456@" + b.Server.String(), "sip:+23276123456@" + c.at.String(), "tel:+23276123456",
	} {
		before := c.asked()
		b.answers(1, "uas_refuse", "STATUS", "302 Moved Temporarily\nContact: <"+contact+">")
		if err := a.try(6*time.Second, "202", "uac"); err == nil {
			t.Errorf("%s: the call was answered", contact)
		}
		if n := c.asked() - before; n > 0 {
			t.Errorf("%s: %d INVITEs to the carrier", contact, n)
		}
	}
	// The control: a redirect to an ordinary number does go out.
	b.answers(1, "uas_refuse", "STATUS", "302 Moved Temporarily\nContact: <sip:0398765432@"+b.Server.String()+">")
	a.calls("202", "uac", "TALK", "100")
	if got := c.called(); !slices.Equal(got, []string{"0398765432"}) {
		t.Errorf("the switch was called at %q", got)
	}
	for _, r := range query[[]control.CallRecord](u, "calls") {
		if r.Verdict == "pass" && !strings.HasSuffix(r.To, "202") && r.To != "0398765432" {
			t.Errorf("passed: %+v", r)
		}
	}
}

// TestEmergencyPreempts: on a line with one channel, somebody talks; 110 is
// dialed and must get through.
func TestEmergencyPreempts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.startCarrier()
	u := w.startUnit("announcements_max = 0")
	u.lineTo(c, "201", "--channels", "1")
	a := w.baresip(u.phone("201", "udp", true), toneA)
	w.must(a.Registered(w.ctx))
	w.must(a.Dial("0398765432"))
	w.established(a)
	w.sipp(u.phone("202", "udp", true)).calls("110", "uac", "TALK", "300")
	w.hungUp(a)
	if got := c.called(); !slices.Equal(got, []string{"0398765432", "110"}) {
		t.Errorf("the switch was called at %q", got)
	}
}

// TestGroup: a call from outside rings two phones at once; one answers, the
// other stops ringing.
func TestGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.startCarrier()
	u := w.startUnit("")
	pa, pb := u.phone("201", "udp", true), u.phone("202", "tcp", true)
	u.cli("group", "set", "600", "201,202", "--name", "sales")
	u.lineTo(c, "600")
	a, b := w.baresip(pa, toneA), w.baresip(pb, toneB)
	w.must(a.Registered(w.ctx))
	w.must(b.Registered(w.ctx))
	c.line.Stop()
	calling := c.calls("0455551234", "2000")
	for _, phone := range []*peer.Baresip{a, b} {
		_, err := phone.Await(w.ctx, "CALL_INCOMING")
		w.must(err)
	}
	w.must(b.Accept())
	w.hungUp(a)
	w.answers(b)
	w.must(calling.Result(w.ctx))
	w.hungUp(b)
}
