//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sekisho/sekisho/e2e/internal/sound"
	"github.com/sekisho/sekisho/e2e/peer"
)

const (
	// testTimeout bounds each test, its clients' starting included.
	testTimeout = 60 * time.Second
	// toneLength is longer than any call of a test: no tone ends by itself.
	toneLength = 60 * time.Second
	// toneDB is the level the clients speak at, dBm0.
	toneDB = -12
	// talkTime is how long two clients speak when their sound is judged.
	talkTime = 3 * time.Second
	// holdTime is the most of a hole that a hold and its return may leave.
	holdTime = time.Second
)

// The tones of the two sides: no harmonic of one is near the other.
const (
	toneA = 440
	toneB = 1050
)

// world is the clients and addresses of one test.
type world struct {
	*testing.T

	ctx context.Context
	dir string
}

// newWorld gives a test its folder, its context and its loopback network.
func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldFor(t, testTimeout)
}

func newWorldFor(t *testing.T, limit time.Duration) *world {
	t.Helper()
	_, _ = binary() // before the test's time runs; newUnit says why it failed
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	w := &world{T: t, ctx: ctx, dir: t.ArtifactDir()}
	t.Cleanup(func() {
		cancel()
		if !t.Failed() { // what went well needs no artifacts
			_ = os.RemoveAll(w.dir)
		}
	})
	return w
}

var lastHost atomic.Uint32

// addr returns a loopback address that nothing else in this run has, nor
// another run on the machine at the same time.
func (w *world) addr() netip.Addr {
	host := lastHost.Add(1)
	pid := uint32(os.Getpid())
	return netip.AddrFrom4([4]byte{127, byte(64 + pid>>6%64), byte(pid%64<<2 | host>>8), byte(host)})
}

var lastDesk atomic.Uint32

// desk returns a place for a phone: ports at 127.0.0.1. Phones take whichever
// address the kernel gives for their sound, and on loopback it gives that one;
// a unit drops sound that comes from another address than the signaling said.
func (w *world) desk() netip.AddrPort {
	w.Helper()
	const first, size, each = 6000, 4000, 4
	start := uint32(os.Getpid()) % 10 * (size / 10)
	for range size / each {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}),
			uint16(first+(start+lastDesk.Add(1)*each)%size))
		if c, err := net.ListenPacket("udp4", at.String()); err == nil {
			c.Close()
			return at
		}
	}
	w.Fatal("no port is free")
	return netip.AddrPort{}
}

// must ends the test when a step failed.
func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// tone returns a WAV file with this tone.
func (w *world) tone(hz float64) string {
	w.Helper()
	path := filepath.Join(w.dir, fmt.Sprintf("tone-%.0f.wav", hz))
	w.must(sound.WriteTone(path, hz, toneDB, toneLength))
	return path
}

// baresip starts a baresip that is stopped at the end of the test. Its folder,
// tone and address are filled in where they are not given.
func (w *world) baresip(p peer.Phone, hz float64) *peer.Baresip {
	w.Helper()
	w.furnish(&p, hz)
	b, err := peer.StartBaresip(w.ctx, p, dial)
	w.must(err)
	w.Cleanup(b.Stop)
	return b
}

// linphone is the same for linphone.
func (w *world) linphone(p peer.Phone, hz float64) *peer.Linphone {
	w.Helper()
	w.furnish(&p, hz)
	l, err := peer.StartLinphone(w.ctx, p)
	w.must(err)
	w.Cleanup(l.Stop)
	return l
}

func (w *world) furnish(p *peer.Phone, hz float64) {
	w.Helper()
	p.Dir = filepath.Join(w.dir, "phone-"+p.Extension)
	if p.Play == "" {
		p.Play = w.tone(hz)
	}
	if !p.Local.IsValid() {
		p.Local = w.desk()
	}
}

// talk lets the clients speak. It is real time that passes: what is measured
// is how much sound arrives in it.
func (w *world) talk() {
	w.Helper()
	select {
	case <-time.After(talkTime):
	case <-w.ctx.Done():
		w.Fatal("no time to talk")
	}
}

// heard judges a recording: the tone must be there at about the level it was
// spoken at (G.711 and a relay change nothing), for about as long as the talk
// was, and without holes.
func heard(path string, hz float64) error { return heardAround(path, hz, 0) }

// heardAround allows a hole besides: a time of hold.
func heardAround(path string, hz float64, hold time.Duration) error {
	p, err := sound.Read(path)
	if err != nil {
		return err
	}
	h := sound.Hear(p, hz)
	switch {
	case h.LevelDB < toneDB-1.5 || h.LevelDB > toneDB+1.5:
		return fmt.Errorf("%s: %.0f Hz at the wrong level: %v", filepath.Base(path), hz, h)
	case h.Present < talkTime*9/10:
		return fmt.Errorf("%s: %.0f Hz for too short: %v", filepath.Base(path), hz, h)
	case h.Holes > hold+talkTime/50+40*time.Millisecond:
		return fmt.Errorf("%s: %.0f Hz with holes: %v", filepath.Base(path), hz, h)
	}
	return nil
}

// last is the newest recording of a baresip.
func (w *world) last(b *peer.Baresip) string {
	w.Helper()
	files, err := b.Heard()
	w.must(err)
	if len(files) == 0 {
		w.Fatal("nothing was recorded: no sound came at all")
	}
	last := files[len(files)-1]
	// Its header is written when baresip has ended the call for itself too; what
	// stays empty is for the caller to judge.
	for range 100 {
		if p, err := sound.Read(last); err == nil && p.Len() > 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return last
}

func uri(user string, at netip.AddrPort) string { return fmt.Sprintf("sip:%s@%s", user, at) }

// TestPeersTalk proves the clients and the measuring without a unit: a
// different tone in each direction, both found; and when one side is muted,
// the same judgment fails for that direction and only for that.
func TestPeersTalk(t *testing.T) {
	t.Parallel()
	for _, muted := range []bool{false, true} {
		t.Run(fmt.Sprintf("muted=%v", muted), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			atB := w.desk()
			b := w.baresip(peer.Phone{Extension: "202", Local: atB, Answer: true}, toneB)
			a := w.baresip(peer.Phone{Extension: "201"}, toneA)
			w.must(a.Dial(uri("202", atB)))
			_, err := a.Await(w.ctx, "CALL_ESTABLISHED")
			w.must(err)
			if muted {
				w.must(a.ToggleMute())
			}
			w.talk()
			w.must(a.Hangup())
			_, err = b.Await(w.ctx, "CALL_CLOSED")
			w.must(err)
			a.Stop()
			b.Stop()
			w.must(heard(w.last(a), toneB))
			err = heard(w.last(b), toneA)
			switch {
			case muted && err == nil:
				t.Error("a muted direction was judged to be good sound")
			case !muted && err != nil:
				t.Error(err)
			}
		})
	}
}

// TestPeersLinphone proves linphone's sound, hold and DTMF against baresip.
func TestPeersLinphone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	atB := w.desk()
	b := w.baresip(peer.Phone{Extension: "202", Local: atB, Answer: true}, toneB)
	l := w.linphone(peer.Phone{Extension: "201"}, toneA)
	w.must(l.Dial(uri("202", atB)))
	w.must(l.Talking(w.ctx))
	w.talk()
	w.must(l.Digits("5"))
	e, err := b.Await(w.ctx, "CALL_DTMF_START")
	w.must(err)
	if !strings.Contains(e.Param, "5") {
		t.Errorf("heard key %q, want 5", e.Param)
	}
	w.must(l.Hold())
	_, err = l.Expect(w.ctx, `is now paused`)
	w.must(err)
	w.must(l.Resume())
	w.must(l.Talking(w.ctx))
	w.must(b.Hangup())
	if _, err := l.Ended(w.ctx); err != nil {
		t.Error(err)
	}
	l.Stop()
	b.Stop()
	w.must(heardAround(l.Heard(), toneB, holdTime))
	w.must(heardAround(w.last(b), toneA, holdTime))
}

// scenario names a SIPp scenario of testdata.
func scenario(name string) string { return filepath.Join("testdata", "sipp", name+".xml") }

// keys are the replacements of the SIPp scenarios, with their defaults.
func keys(pairs ...string) map[string]string {
	m := map[string]string{
		"FROM": "sipp", "TO": "[service]", "TALK": "1000", "RING": "200", "EXPIRES": "300",
		"CHALLENGE": "401", "STATUS": "486 Busy Here", "MEDIA_IP": "[media_ip]", "MEDIA_PORT": "[media_port]",
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// TestPeersKamailio proves the carrier's side without a unit: baresip is the
// customer of a Kamailio, SIPp is the switch behind it that echoes the sound,
// and then calls the customer.
func TestPeersKamailio(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	proxy := netip.AddrPortFrom(w.addr(), peer.SIPPort)
	sw := netip.AddrPortFrom(w.addr(), peer.SIPPort)
	k, err := peer.StartKamailio(w.ctx, peer.Kamailio{
		Listen: proxy, User: "0312345678", Secret: "carrier-secret", Switch: sw, Dir: filepath.Join(w.dir, "kamailio"),
	})
	w.must(err)
	t.Cleanup(k.Stop)
	carrier, err := peer.StartSIPp(w.ctx, peer.SIPp{
		Name: "carrier", Scenario: scenario("uas"), Keys: keys(), Local: sw, Called: true,
		Media: netip.AddrPortFrom(sw.Addr(), 6000), RTPEcho: true, Dir: w.dir,
	})
	w.must(err)
	t.Cleanup(carrier.Stop)
	b := w.baresip(peer.Phone{
		Extension: "0312345678", User: "0312345678", Secret: "carrier-secret", Server: proxy, Answer: true,
	}, toneA)
	w.must(b.Registered(w.ctx))
	w.must(b.Dial("0398765432"))
	_, err = b.Await(w.ctx, "CALL_ESTABLISHED")
	w.must(err)
	w.talk()
	w.must(b.Hangup())
	_, err = b.Await(w.ctx, "CALL_CLOSED")
	w.must(err)
	w.must(heard(w.last(b), toneA))
	carrier.Stop()
	w.must(peer.RunSIPp(w.ctx, peer.SIPp{
		Name: "switch", Scenario: scenario("uac_plain"), Keys: keys("FROM", "0455551234"),
		Local: sw, Remote: proxy, Service: "0312345678", Dir: w.dir,
	}))
	out, err := peer.SIPsak(w.ctx, w.dir, "sip:ping@"+proxy.String(), proxy)
	w.must(err)
	if !strings.Contains(out, "SIP/2.0 200") {
		t.Errorf("sipsak got no 200:\n%s", out)
	}
}

// TestPeersSHA256 proves that linphone registers with SHA-256, and that this
// is seen in its log, against Kamailio.
func TestPeersSHA256(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	proxy := netip.AddrPortFrom(w.addr(), peer.SIPPort)
	k, err := peer.StartKamailio(w.ctx, peer.Kamailio{
		Listen: proxy, User: "201", Secret: "secret", Switch: proxy, SHA256: true,
		Dir: filepath.Join(w.dir, "kamailio"),
	})
	w.must(err)
	t.Cleanup(k.Stop)
	l := w.linphone(peer.Phone{Extension: "201", User: "201", Secret: "secret", Server: proxy}, toneA)
	w.must(l.Registered(w.ctx))
	w.sha256(l)
	l.Stop()
	wrong := w.linphone(peer.Phone{Extension: "201", User: "201", Secret: "wrong", Server: proxy}, toneA)
	if wrong.Registered(w.ctx) == nil {
		t.Error("a wrong password registered")
	}
}

// TestPeersSIPp proves the scripts of SIPp against each other over Kamailio:
// a caller with digest, and a called side that answers, refuses or rings on.
func TestPeersSIPp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.startCarrier()
	c.line.Stop()
	s := w.sipp(peer.Phone{Extension: mainNumber, User: mainNumber, Secret: carrierSecret, Server: c.at})
	s.register(300)
	for _, tt := range []struct{ caller, called, status string }{
		{"uac", "uas", ""},
		{"uac_refused", "uas_refuse", "486 Busy Here"},
		{"uac_barred", "uas_refuse", "403 Forbidden"},
		{"uac_barred", "uas_refuse", "484 Address Incomplete"},
		{"uac_cancel", "uas_cancelled", ""},
	} {
		called, err := peer.StartSIPp(w.ctx, peer.SIPp{
			Name: "called-" + tt.called + tt.status[:min(3, len(tt.status))], Scenario: scenario(tt.called),
			Keys: keys("STATUS", tt.status), Local: c.sw, Called: true, Calls: 1, Dir: w.dir,
		})
		w.must(err)
		code, _, _ := strings.Cut(tt.status, " ")
		s.calls("0398765432", tt.caller, "CHALLENGE", "407", "STATUS", code)
		w.must(called.Result(w.ctx))
	}
	if err := s.try(3*time.Second, "0398765432", "uac", "CHALLENGE", "407", "TALK", "10"); err == nil {
		t.Error("a call to nobody was answered")
	}
}
