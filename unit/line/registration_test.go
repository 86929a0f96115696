package line

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

func TestRegistration(t *testing.T) {
	s := newSite(t, row("a", "generic-registration", "carrier.example"))
	if s.state("a").Up {
		t.Error("up before it is registered")
	}
	reg := s.task(sip.REGISTER)
	if reg.URI != "sip:carrier.example" || reg.To != "<sip:user-a@carrier.example>" || reg.From != reg.To ||
		!reg.Contact || header(reg, "Expires") != "3600" || header(reg, "Supported") != "path" ||
		reg.Next != "sip:carrier.example" {
		t.Errorf("REGISTER is %+v", reg)
	}
	if !s.idle(20 * time.Second) {
		t.Error("a second one while the first is out")
	}
	e, _ := s.Endpoint("a", 0)
	s.answer(reg, 200,
		fmt.Sprintf("Contact: <sip:other@192.0.2.5>;expires=50, <sip:%s@192.0.2.5>;expires=100", e.ContactUser),
		"Path: <sip:edge.carrier.example;lr>", "Service-Route: <sip:core.carrier.example;lr>")
	if got := s.ledger.take(); got != "line.registered line.up" {
		t.Errorf("facts: %s", got)
	}
	if got := strings.Join(s.Routes("a"), " "); got != "sip:edge.carrier.example;lr sip:core.carrier.example;lr" {
		t.Errorf("routes: %s", got)
	}
	granted := s.now
	again := s.task(sip.REGISTER)
	if after := s.now.Sub(granted); after < 70*time.Second || after > 80*time.Second {
		t.Errorf("refreshed after %s of 100 s", after)
	}
	if again.CallID != reg.CallID || again.CSeq != reg.CSeq+1 || again.FromTag != reg.FromTag {
		t.Errorf("refresh is %+v, after %+v", again, reg)
	}
	s.answer(again, 200)
	if got := s.ledger.take(); got != "" {
		t.Errorf("facts of a refresh: %s", got)
	}
	if !s.state("a").Registered || !s.IsLineAddr(carrierAddr.Addr()) {
		t.Error("not registered, or its address is not known")
	}
}

func TestRegistrationFails(t *testing.T) {
	s := newSite(t, row("a", "generic-registration", "carrier.example"))
	var pauses []time.Duration
	last := s.now
	for i, status := range []int{503, 0, 500, 403, 200, 503} {
		reg := s.task(sip.REGISTER)
		pauses = append(pauses, s.now.Sub(last).Round(time.Millisecond))
		last = s.now
		var lines []string
		if i == 2 {
			lines = []string{"Retry-After: 77"}
		}
		s.answer(reg, status, lines...)
	}
	limits := [][2]time.Duration{
		{0, 0},
		{4 * time.Second, 5 * time.Second},
		{8 * time.Second, 10 * time.Second},
		{77 * time.Second, 77 * time.Second},
		{4 * time.Minute, 5 * time.Minute},
		{45 * time.Minute, 48 * time.Minute},
	}
	for i, p := range pauses {
		if p < limits[i][0] || p > limits[i][1] {
			t.Errorf("pause %d is %s, want %s to %s", i, p, limits[i][0], limits[i][1])
		}
	}
	want := "line.failed line.failed line.failed line.failed line.registered line.up line.failed"
	if got := s.ledger.take(); got != want {
		t.Errorf("facts: %s", got)
	}
	if !s.state("a").Up {
		t.Error("one failed refresh took the line down")
	}
	s.now = s.now.Add(time.Hour)
	s.Due(s.now)
	if st := s.state("a"); st.Up || st.Why != (Why{Word: WhyRefused, Status: 503}) {
		t.Errorf("after the registration ran out: %+v", st)
	}
	if got := s.ledger.take(); got != "line.down" {
		t.Errorf("facts: %s", got)
	}
}

func TestRegistrationTooBrief(t *testing.T) {
	s := newSite(t, row("a", "generic-registration", "carrier.example"))
	s.answer(s.task(sip.REGISTER), 423, "Min-Expires: 7200")
	start := s.now
	reg := s.task(sip.REGISTER)
	if header(reg, "Expires") != "7200" || s.now.Sub(start) != 0 {
		t.Errorf("asked for %s after %s", header(reg, "Expires"), s.now.Sub(start))
	}
	s.answer(reg, 423, "Min-Expires: 7200") // nonsense: must not become a storm
	s.task(sip.REGISTER)
	if s.now.Sub(start) < time.Second {
		t.Error("a second 423 is answered at once")
	}
}

func TestRegistrarFailover(t *testing.T) {
	s := newSite(t, row("a", "generic-registration", "one.example, two.example:5070"))
	first := s.task(sip.REGISTER)
	s.answer(first, 0)
	start := s.now
	second := s.task(sip.REGISTER)
	if first.Next != "sip:one.example" || second.Next != "sip:two.example:5070" || s.now.Sub(start) != 0 {
		t.Errorf("next hops %s and %s after %s", first.Next, second.Next, s.now.Sub(start))
	}
	if second.URI != first.URI {
		t.Errorf("the domain changed to %s", second.URI)
	}
	s.answer(second, 503)
	if third := s.task(sip.REGISTER); third.Next != first.Next || s.now.Sub(start) < time.Second {
		t.Errorf("third goes to %s after %s", third.Next, s.now.Sub(start))
	}
}

func TestLateAnswers(t *testing.T) {
	s := newSite(t, row("a", "generic-registration", "carrier.example"))
	old := s.task(sip.REGISTER)
	s.now = s.now.Add(AnswerWithin + time.Second)
	fresh := s.task(sip.REGISTER)
	s.answer(old, 200)
	if s.state("a").Registered {
		t.Error("an answer to a REGISTER that was given up counts")
	}
	s.answer(fresh, 200)
	if !s.state("a").Registered {
		t.Error("the answer to the present one does not count")
	}
	un := s.Unregister(s.now)
	if len(un) != 1 || header(un[0], "Expires") != "0" || un[0].CSeq <= fresh.CSeq {
		t.Errorf("unregister: %+v", un)
	}
}

// NGN: a fresh From tag each time, refresh at 40 %, no random contact.
func TestRegistrationOfOfficeA(t *testing.T) {
	s := newSite(t, row("a", "hikari-office-a", "ntt-east.example"))
	reg := s.task(sip.REGISTER)
	if reg.FromTag != "" || header(reg, "Expires") != "3600" {
		t.Errorf("REGISTER is %+v", reg)
	}
	s.answer(reg, 200, "Service-Route: <sip:pcscf.example;lr>")
	start := s.now
	s.task(sip.REGISTER)
	if after := s.now.Sub(start); after < 22*time.Minute || after > 24*time.Minute {
		t.Errorf("refreshed after %s of 1 h", after)
	}
	e, err := s.Endpoint("a", 7)
	if err != nil || e.ContactUser != "user-a" || e.Profile.Signaling.RPort || e.Profile.Signaling.SourcePort != 5060 ||
		e.Profile.Signaling.DSCP != 32 || e.Session.Expires != 300*time.Second || e.Session.Refresher != "uas" {
		t.Errorf("endpoint: %+v, %v", e, err)
	}
}

func TestSupervision(t *testing.T) {
	s := newSite(t, row("a", "generic-static", "198.51.100.1"))
	ask := func(status int) time.Duration {
		start := s.now
		o := s.task(sip.OPTIONS)
		after := s.now.Sub(start)
		s.answer(o, status)
		return after
	}
	ask(405) // any answer will do
	if got := s.ledger.take(); got != "line.up" || !s.state("a").Up {
		t.Errorf("facts: %s", got)
	}
	if after := ask(0); after != 30*time.Second {
		t.Errorf("asked again after %s", after)
	}
	if !s.state("a").Up {
		t.Error("one loss took the line down")
	}
	if after := ask(503); after != DoubtEvery {
		t.Errorf("in doubt, asked again after %s", after)
	}
	if s.state("a").Up || s.ledger.take() != "line.down" {
		t.Error("two losses did not take the line down")
	}
	ask(200)
	if s.state("a").Up {
		t.Error("one answer brought the line up")
	}
	if after := ask(200); after != DoubtEvery || !s.state("a").Up || s.ledger.take() != "line.up" {
		t.Errorf("two answers did not bring the line up (after %s)", after)
	}
	s.Doubt("a", s.now)
	if after := ask(200); after != 0 {
		t.Errorf("in doubt, asked after %s", after)
	}
	lost := s.task(sip.OPTIONS)
	if !s.idle(AnswerWithin - time.Second) {
		t.Error("asked again while waiting")
	}
	s.now = s.now.Add(2 * time.Second)
	s.task(sip.OPTIONS)
	s.answer(lost, 0)
	if !s.state("a").Up {
		t.Error("a driver that never told and then told late counts as two losses")
	}
}
