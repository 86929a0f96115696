//go:build e2e

package e2e

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/e2e/peer"
)

// portSites is where other sites connect to a unit under test.
const portSites = 15081

// startSite starts a unit that other sites connect to.
func (w *world) startSite() *unit {
	w.Helper()
	addr := w.addr()
	u := w.newUnit(addr, fmt.Sprintf("site_addr = %q", netip.AddrPortFrom(addr, portSites)))
	u.start()
	u.claim()
	return u
}

func (u *unit) siteAddr() string { return netip.AddrPortFrom(u.addr, portSites).String() }

func (u *unit) siteCode() string {
	u.Helper()
	return query[control.SiteOwn](u, "site", "code").Code
}

// pairs has a unit trust another one, which has some extensions.
func (u *unit) pairs(name string, with *unit, numbers, address string) {
	u.Helper()
	u.cli("site", "pair", name, "--code", with.siteCode(), "--numbers", numbers, "--address", address)
}

// site waits until a unit says of a site that it is up, or away.
func (u *unit) site(name string, up bool) (found control.Site) {
	u.Helper()
	u.until(40*time.Second, fmt.Sprintf("site %s is up: %v", name, up), func() bool {
		for _, s := range query[[]control.Site](u, "site", "list") {
			if s.Site == name && s.Up == up {
				found = s
				return true
			}
		}
		return false
	})
	return found
}

// trunk carries the connections to a site, until it is cut.
type trunk struct {
	ln    net.Listener
	to    string
	mu    sync.Mutex
	conns []net.Conn
	shut  bool
}

// trunkTo stands before a unit.
func (w *world) trunkTo(u *unit) *trunk {
	w.Helper()
	ln, err := net.Listen("tcp", netip.AddrPortFrom(w.addr(), portSites).String())
	w.must(err)
	t := &trunk{ln: ln, to: u.siteAddr()}
	go t.carry()
	w.Cleanup(func() {
		_ = ln.Close()
		t.cut(true)
	})
	return t
}

func (t *trunk) carry() {
	for {
		in, err := t.ln.Accept()
		if err != nil {
			return
		}
		t.mu.Lock()
		out, err := net.DialTimeout("tcp", t.to, 5*time.Second)
		if t.shut || err != nil {
			_ = in.Close()
			if err == nil {
				_ = out.Close()
			}
			t.mu.Unlock()
			continue
		}
		t.conns = append(t.conns, in, out)
		t.mu.Unlock()
		for _, p := range [][2]net.Conn{{in, out}, {out, in}} {
			go func() {
				_, _ = io.Copy(p[0], p[1])
				_ = p[0].Close()
			}()
		}
	}
}

// cut ends what is carried and carries nothing, or carries again.
func (t *trunk) cut(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shut = on
	for _, c := range t.conns {
		_ = c.Close()
	}
	t.conns = nil
}

// TestSites: phones of a head office and a branch, each at a unit of its own, call each
// other by their extensions. The branch connects to the head office; the way between them
// is cut and mended, and outlives a restart. Sound is measured at both ends.
func TestSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head, branch := w.startSite(), w.startUnit("")
	way := w.trunkTo(head)
	pa, pb := head.phone("201", "udp", true), branch.phone("301", "udp", true)
	pb.Answer = true
	a, b := w.baresip(pa, toneA), w.baresip(pb, toneB)
	w.must(a.Registered(w.ctx))
	w.must(b.Registered(w.ctx))
	branch.pairs("tokyo", head, "2xx", way.ln.Addr().String())
	if s := branch.site("tokyo", false); s.Reason == nil {
		t.Error("it is not said why a site is away that has not paired with us")
	}
	w.must(a.Dial("301"))
	w.told(a, "an extension that nobody has", "404")
	head.cli("site", "pair", "osaka", "--code", branch.siteCode(), "--numbers", "3xx")
	head.site("osaka", true)
	branch.site("tokyo", true)
	if _, err := head.tryCLI("phone", "add", "305"); err == nil || !strings.Contains(err.Error(), "is of site osaka") {
		t.Errorf("an extension of the branch is given to a phone here: %v", err)
	}

	w.must(a.Dial("301"))
	w.established(a)
	w.answers(b)
	w.talk()
	w.must(a.Hold())
	w.remoteChange(a)
	w.must(a.Resume())
	w.remoteChange(a)
	way.cut(true) // the voice goes on
	head.site("osaka", false)
	branch.site("tokyo", false)
	w.talk()
	way.cut(false)
	branch.site("tokyo", true)
	w.must(b.Hangup())
	w.hungUp(a)
	w.must(heardAround(w.last(a), toneB, holdTime))
	w.must(heardAround(w.last(b), toneA, holdTime))

	way.cut(true)
	head.site("osaka", false)
	w.must(a.Dial("301"))
	w.told(a, "an extension of a site that is away", "503")
	branch.stop()
	way.cut(false)
	branch.start()
	head.site("osaka", true)
	w.must(a.Dial("301"))
	w.established(a)
	w.answers(b)
	w.talked(a, b)
	for _, r := range head.records(4) {
		if !r.Answered.IsZero() && (r.Direction != "internal" || r.Verdict != "") {
			t.Errorf("on record: %+v", r)
		}
	}
	branch.cli("line", "add", "over", "--profile", "site", "--registrar", "tokyo")
	branch.lineUp()
	w.must(b.Dial("09012345678"))
	w.told(b, "a number outside, over lines that are not for the branch", "603")
	refused := func(r control.CallRecord) bool { return r.Rule == "site" && r.Verdict == "refuse" }
	head.until(10*time.Second, "the head office has that on record", func() bool {
		return slices.ContainsFunc(head.records(1), refused)
	})
	branch.cli("site", "unpair", "tokyo")
	head.site("osaka", false)
}

// TestLampsOfSites: a sipgo phone at the head office watches the lamp of a baresip at the
// branch, over TLS between two programs. It follows a call there, is dark while the way is
// cut, comes right by itself, and after the branch was started anew; and what rings there is
// taken by another baresip at the head office, once the branch allows that.
func TestLampsOfSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head, branch := w.startSite(), w.startUnit("")
	way := w.trunkTo(head)
	watcher, taker := w.caller(head.phone("201", "udp", true)), w.baresip(head.phone("202", "udp", true), toneA)
	a, b := w.baresip(branch.phone("301", "udp", true), 0), w.baresip(branch.phone("302", "udp", true), toneB)
	for _, p := range []*peer.Baresip{taker, a, b} {
		w.must(p.Registered(w.ctx))
	}
	head.cli("site", "pair", "osaka", "--code", branch.siteCode(), "--numbers", "3xx")
	branch.pairs("tokyo", head, "2xx", way.ln.Addr().String())
	head.site("osaka", true)
	l := watcher.watches("301")
	head.lampIs("301", "idle")
	w.must(b.Dial("301"))
	w.rings(a)
	if d := l.shows("early").Dialog[0]; d.Remote != "" || d.CallID != "" {
		t.Errorf("the lamp tells another site who calls: %+v", d)
	}
	w.must(a.Accept())
	w.established(b)
	l.shows("confirmed")
	way.cut(true)
	l.shows("terminated")
	head.lampIs("301", "unknown")
	way.cut(false)
	l.shows("confirmed")
	w.must(b.Hangup())
	w.hungUp(a)
	w.hungUp(b)
	l.shows("terminated")

	w.must(b.Dial("301"))
	w.rings(a)
	l.shows("early")
	w.must(taker.Dial("**301"))
	w.told(taker, "a call at a site that allows no pickup", "403")
	branch.cli("site", "pickup", "tokyo", "on")
	w.must(taker.Dial("**301"))
	w.established(taker)
	w.hungUp(a)
	w.established(b)
	w.talked(taker, b)
	l.shows("terminated")

	branch.stop()
	head.lampIs("301", "unknown")
	branch.start()
	head.lampIs("301", "idle")
	w.must(b.Dial("301"))
	w.rings(a)
	l.shows("early")
	branch.cli("site", "lamps", "tokyo", "off")
	l.shows("terminated")
	w.must(b.Hangup())
	head.cli("evidence", "verify")
}

// lampIs waits until a unit says that a lamp is so.
func (u *unit) lampIs(name, shows string) {
	u.Helper()
	u.until(40*time.Second, fmt.Sprintf("the lamp of %s is %s", name, shows), func() bool {
		for _, l := range query[[]control.Lamp](u, "lamps") {
			if l.Lamp == name {
				return l.Shows == shows
			}
		}
		return false
	})
}

// TestAWrongSiteIsRefused: a unit whose code was not typed, one that has another key
// since, and whoever has captured what it had before.
func TestAWrongSiteIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head, branch, other := w.startSite(), w.startUnit(""), w.startUnit("")
	head.cli("site", "pair", "osaka", "--code", branch.siteCode(), "--numbers", "3xx")
	other.pairs("tokyo", head, "2xx", head.siteAddr())
	if s := other.site("tokyo", false); s.Up {
		t.Error("a unit that was not paired is let in")
	}
	branch.pairs("tokyo", head, "2xx", head.siteAddr())
	head.site("osaka", true)
	captured := filepath.Join(w.dir, "captured.pem")
	b, err := os.ReadFile(filepath.Join(branch.data, "site.pem"))
	w.must(err)
	w.must(os.WriteFile(captured, b, 0o600))
	if err := knock(head, captured); err != nil {
		t.Fatalf("the key in use is refused: %v", err)
	}
	code := query[control.SiteOwn](branch, "site", "renew").Code
	head.site("osaka", false) // until the new code is typed
	head.cli("site", "pair", "osaka", "--code", code, "--numbers", "3xx")
	head.site("osaka", true)
	if err := knock(head, captured); err == nil {
		t.Error("a captured old certificate is let in")
	}
	if err := knock(head, filepath.Join(branch.data, "site.pem")); err != nil {
		t.Errorf("the new one is refused: %v", err)
	}
	if err := knock(head, ""); err == nil {
		t.Error("no certificate at all is let in")
	}
	if _, err := head.tryCLI("site", "pair", "x", "--code", "ABCD-EFGH", "--numbers", "4xx"); err == nil {
		t.Error("a code with slips is taken")
	}
	if _, err := head.tryCLI("site", "pair", "x", "--code", other.siteCode(), "--numbers", "35x"); err == nil {
		t.Error("a range that another site has is taken")
	}
	head.cli("evidence", "verify")
}

// knock connects to a unit with a certificate, and asks whether it is there.
func knock(u *unit, file string) error {
	config := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}
	if file != "" {
		cert, err := tls.LoadX509KeyPair(file, file)
		if err != nil {
			return err
		}
		config.Certificates = []tls.Certificate{cert}
	}
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", u.siteAddr(), config)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	ask := "OPTIONS sip:x@office SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bKknock\r\nMax-Forwards: 70\r\n" +
		"From: <sip:x@office>;tag=1\r\nTo: <sip:x@office>\r\nCall-ID: knock\r\nCSeq: 1 OPTIONS\r\n" +
		"Content-Length: 0\r\n\r\n"
	if _, err := io.WriteString(c, ask); err != nil {
		return err
	}
	answer := make([]byte, 16)
	if _, err := io.ReadFull(c, answer); err != nil {
		return err
	}
	if !strings.HasPrefix(string(answer), "SIP/2.0 200") {
		return fmt.Errorf("it answers %q", answer)
	}
	return nil
}

// TestThreeSites: two branches reach each other by way of the head office, and a number
// that each of three thinks is the next one's goes in no circle.
func TestThreeSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, c := w.startSite(), w.startSite(), w.startSite()
	a.pairs("b", b, "3xx", b.siteAddr())
	a.pairs("c", c, "4xx,5xx", c.siteAddr())
	b.pairs("a", a, "2xx,4xx,5xx", a.siteAddr()) // 4xx by way of a
	c.pairs("a", a, "2xx", a.siteAddr())
	c.pairs("b", b, "3xx,5xx", b.siteAddr())
	b.cli("site", "pair", "c", "--code", c.siteCode(), "--numbers", "6xx") // so that c may come
	for u, sites := range map[*unit][]string{a: {"b", "c"}, b: {"a"}, c: {"a", "b"}} {
		for _, s := range sites {
			u.site(s, true)
		}
	}
	pb, pc := b.phone("301", "udp", true), c.phone("401", "udp", true)
	pc.Answer = true
	x, y := w.baresip(pb, toneA), w.baresip(pc, toneB)
	w.must(x.Registered(w.ctx))
	w.must(y.Registered(w.ctx))
	w.must(x.Dial("401"))
	w.established(x)
	w.answers(y)
	w.talked(x, y)
	w.hungUp(x)
	w.must(x.Dial("555")) // b → a → c → b
	w.told(x, "a number that goes in a circle", "480")
	a.records(2)
	c.records(2)
	if !slices.ContainsFunc(b.records(3), func(r control.CallRecord) bool { return r.Status == 482 }) {
		t.Error("b has not known its own call again")
	}
}
