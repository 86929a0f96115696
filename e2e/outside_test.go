//go:build e2e

package e2e

import (
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/e2e/peer"
)

// The customer's account at the carrier of these tests.
const (
	mainNumber    = "0312345678"
	carrierSecret = "carrier-secret-of-the-test"
)

// carrier is Kamailio as a carrier's proxy and registrar, with SIPp as the
// switch behind it.
type carrier struct {
	*world

	proxy *peer.Process
	at    netip.AddrPort // the proxy
	sw    netip.AddrPort // the switch
	line  *peer.SIPpRun  // the switch, answering calls
}

// startCarrier starts a carrier whose switch answers every call and echoes
// what it hears.
func (w *world) startCarrier() *carrier {
	w.Helper()
	c := &carrier{
		world: w, at: netip.AddrPortFrom(w.addr(), peer.SIPPort), sw: netip.AddrPortFrom(w.addr(), peer.SIPPort),
	}
	var err error
	c.proxy, err = peer.StartKamailio(w.ctx, peer.Kamailio{
		Listen: c.at, User: mainNumber, Secret: carrierSecret, Switch: c.sw, Dir: filepath.Join(w.dir, "kamailio"),
	})
	w.must(err)
	w.Cleanup(c.proxy.Stop)
	c.answer()
	return c
}

// answer starts the switch as the one that is called.
func (c *carrier) answer() {
	c.Helper()
	var err error
	c.line, err = peer.StartSIPp(c.ctx, peer.SIPp{
		Name: "switch", Scenario: scenario("uas"), Keys: keys("RING", "100"), Local: c.sw, Called: true,
		Media: netip.AddrPortFrom(c.sw.Addr(), 6000), RTPEcho: true, Dir: filepath.Join(c.dir, "switch"),
	})
	c.must(err)
	c.Cleanup(c.line.Stop)
}

// calls lets the switch call the customer's main number, for a talk of some
// milliseconds in which it echoes. It must not answer calls at that time.
func (c *carrier) calls(from, talk string) *peer.SIPpRun {
	c.Helper()
	run, err := peer.StartSIPp(c.ctx, peer.SIPp{
		Name: "switch-calls", Scenario: scenario("uac_plain"), Keys: keys("FROM", from, "TALK", talk),
		Local: c.sw, Remote: c.at, Service: mainNumber, Calls: 1, Dir: c.dir, RTPEcho: true,
	})
	c.must(err)
	c.Cleanup(run.Stop)
	return run
}

var (
	calledNumber = regexp.MustCompile(`(?m)^INVITE sip:([^@]*)@`)
	callID       = regexp.MustCompile(`(?mi)^(?:Call-ID|i): *(\S+)`)
)

// called lists the numbers that reached the switch, each INVITE once.
func (c *carrier) called() []string {
	c.Helper()
	log, err := c.line.Messages()
	if os.IsNotExist(err) {
		return nil
	}
	c.must(err)
	var numbers []string
	seen := map[string]bool{}
	for message := range strings.SplitSeq(log, "-----------------------------------------------") {
		m, id := calledNumber.FindStringSubmatch(message), callID.FindStringSubmatch(message)
		if m != nil && id != nil && !seen[id[1]] {
			seen[id[1]] = true
			numbers = append(numbers, m[1])
		}
	}
	return numbers
}

// asked counts the INVITEs that came to the proxy, whatever became of them.
func (c *carrier) asked() int { return c.proxy.Count(`request INVITE `) }

// lineTo adds the carrier's line to the unit and waits until it is up.
func (u *unit) lineTo(c *carrier, ring string, more ...string) {
	u.Helper()
	secret := filepath.Join(u.dir, "line.secret")
	u.must(os.WriteFile(secret, []byte(carrierSecret+"\n"), 0o600))
	u.cli(append([]string{
		"line", "add", "main", "--profile", "generic-registration", "--registrar", c.at.String(),
		"--user", mainNumber, "--secret-file", secret, "--number", mainNumber + "=" + ring, "--area-code", "03",
	}, more...)...)
	u.lineUp()
}

func (u *unit) lineUp() {
	u.Helper()
	u.until(10*time.Second, "the line is up", func() bool {
		lines := query[[]control.Line](u, "line", "list")
		return len(lines) == 1 && lines[0].State == "up"
	})
}

// TestOutside is the way of the product over a foreign carrier's proxy: a call
// out with sound, a call in, emergency, and a call abroad that is refused and
// reaches nobody, until that country is opened for that extension.
func TestOutside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.startCarrier()
	u := w.startUnit("")
	u.lineTo(c, "201")
	p := u.phone("201", "udp", true)
	p.Answer = true
	a := w.baresip(p, toneA)
	w.must(a.Registered(w.ctx))

	// Out: the switch echoes the caller's own tone, which has gone through the
	// relay twice.
	w.must(a.Dial("0398765432"))
	w.established(a)
	w.talk()
	w.must(a.Hangup())
	w.hungUp(a)
	w.must(heard(w.last(a), toneA))
	w.must(a.Dial("110"))
	w.established(a)
	w.must(a.Hangup())
	w.hungUp(a)
	if got, want := c.called(), []string{"0398765432", "110"}; !slices.Equal(got, want) {
		t.Errorf("the switch was called at %q, want %q", got, want)
	}

	// Abroad: refused, with the reason, and nothing reaches the carrier.
	before := c.asked()
	w.must(a.Dial("01023276123456"))
	e := w.hungUp(a)
	if !strings.HasPrefix(e.Param, "603") && !strings.HasPrefix(e.Param, "403") {
		t.Errorf("a call abroad ended with %q, want 603 or 403", e.Param)
	}
	if n := c.asked() - before; n != 0 {
		t.Errorf("a refused call made %d INVITEs to the carrier", n)
	}
	// The control: opened for this extension it does go out.
	u.cli("gate", "open", "SL", "--for", "201", "--until", "1h", "--reason", "control of the test")
	w.must(a.Dial("01023276123456"))
	w.established(a)
	w.must(a.Hangup())
	w.hungUp(a)
	if got := c.called(); len(got) != 3 || !strings.HasSuffix(got[2], "23276123456") {
		t.Errorf("opened for the extension, the switch was called at %q", got)
	}
	u.checkOutsideRecords()
}

func (u *unit) checkOutsideRecords() {
	u.Helper()
	rows := u.records(4)
	slices.SortFunc(rows, func(a, b control.CallRecord) int { return a.Started.Compare(b.Started) })
	want := []struct{ to, verdict string }{
		{"0398765432", "pass"}, {"110", "pass"}, {"01023276123456", "refuse"}, {"01023276123456", "pass"},
	}
	for i, w := range want {
		if i >= len(rows) || rows[i].To != w.to || rows[i].Verdict != w.verdict || rows[i].Extension != "201" {
			u.Errorf("call %d on record: %+v, want %+v", i, rows[min(i, len(rows)-1)], w)
		}
	}
	if out, err := u.tryCLI("evidence", "verify"); err != nil {
		u.Errorf("the evidence: %v\n%s", err, out)
	}
}

// TestCalledFromOutside: the carrier's switch calls the main number, and the
// phone that it is set to rings.
func TestCalledFromOutside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.startCarrier()
	u := w.startUnit("")
	u.lineTo(c, "201")
	p := u.phone("201", "udp", true)
	p.Answer = true
	a := w.baresip(p, toneA)
	w.must(a.Registered(w.ctx))
	c.line.Stop()
	w.must(c.calls("0455551234", "3500").Result(w.ctx))
	w.hungUp(a)
	w.must(heard(w.last(a), toneA)) // the switch's echo
	r := u.records(1)[0]
	if r.From != "0455551234" || r.Line != "main" || r.Answered.IsZero() {
		t.Errorf("on record: %+v", r)
	}
}

// spellings write one number of Sierra Leone in ways that have fooled gates.
var spellings = []string{
	"01023276123456", "+23276123456", "0033010123276123456", "003301023276123456", "001001023276123456",
	"18401023276123456", "18601023276123456", "*01023276123456", "%2301023276123456", "*18401023276123456",
	"010-232-76-123456", "010.232.76.123456", "(010)23276123456", "010%2023276123456", "010%E3%83%BC23276123456",
	"%EF%BC%90%EF%BC%91%EF%BC%9023276123456", "+01023276123456", "++23276123456", "+8101023276123456",
	"0%2B23276123456", "00123276123456", "0061010123276123456", "122010232761234", "1100", "01023276123456w1",
	"01023276123456%3Bphone-context=+81", "%30%31%30%32%33%32%37%36%31%32%33%34%35%36", "!01023276123456",
	"0312345678%0d01023276123456", "~01023276123456", "$01023276123456", "&01023276123456", "'01023276123456",
}

// TestBarredSpellings dials the number in every spelling from a phone with a
// valid credential: each is refused, none reaches the carrier, while ordinary
// and emergency calls go through.
func TestBarredSpellings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.startCarrier()
	u := w.startUnit("announcements_max = 0")
	u.lineTo(c, "201", "--channels", "8")
	s := w.sipp(u.phone("201", "udp", true))
	s.register(300)
	for _, number := range spellings {
		if err := s.try(5*time.Second, number, "uac_barred"); err != nil {
			t.Errorf("%s: %v", number, err)
		}
	}
	for _, number := range []string{"0398765432", "110", "118", "119"} {
		s.calls(number, "uac", "TALK", "200")
	}
	if got, want := c.called(), []string{"0398765432", "110", "118", "119"}; !slices.Equal(got, want) {
		t.Errorf("the switch was called at %q, want %q", got, want)
	}
	if n := c.asked(); n < 4 || n > 2*4 { // each with or without a challenge
		t.Errorf("the proxy saw %d INVITEs, want those of 4 calls", n)
	}
	for _, r := range u.records(len(spellings) + 4) {
		if strings.HasPrefix(r.To, "03") || len(r.To) == 3 {
			continue
		}
		if r.Verdict == "pass" {
			t.Errorf("on record as passed: %+v", r)
		}
	}
}

// TestUnclaimed: until its owner has claimed it, a unit makes internal and
// emergency calls only. (Lines can be added only by an owner, so the verdict
// is asked of the gate.)
func TestUnclaimed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.newUnit(w.addr(), "")
	u.start()
	u.ready()
	if _, err := u.tryCLI("claim", "not-the-code"); err == nil {
		t.Error("a wrong code claimed the unit")
	}
	u.cli("phone", "add", "201")
	for number, want := range map[string]string{"0398765432": "refuse", "110": "pass", "01023276123456": "refuse"} {
		trace := query[control.GateTrace](u, "gate", "check", number, "--from", "201")
		if trace.Verdict != want {
			t.Errorf("unclaimed, %s: %s by rule %s, want %s", number, trace.Verdict, trace.Rule, want)
		}
	}
}

// TestAnnouncement: a refused call tells why in words, as early media, before
// its final response.
func TestAnnouncement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.startCarrier()
	u := w.startUnit("announcements_max = 2\n")
	u.lineTo(c, "201")
	a := w.baresip(u.phone("201", "udp", true), toneA)
	w.must(a.Registered(w.ctx))
	w.must(a.Dial("01023276123456"))
	_, err := a.Await(w.ctx, "CALL_PROGRESS")
	w.must(err)
	e := w.hungUp(a)
	if !strings.HasPrefix(e.Param, "6") && !strings.HasPrefix(e.Param, "4") {
		t.Errorf("ended with %q", e.Param)
	}
	w.speech(w.last(a))
}
