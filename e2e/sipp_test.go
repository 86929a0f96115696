//go:build e2e

package e2e

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/e2e/internal/sound"
	"github.com/sekisho/sekisho/e2e/peer"
)

// sippPhone is a phone made of SIPp runs: they share an address and an account.
type sippPhone struct {
	*world

	peer.Phone

	at   netip.AddrPort
	runs int
}

// sipp makes a SIPp phone of an account.
func (w *world) sipp(p peer.Phone) *sippPhone {
	return &sippPhone{world: w, Phone: p, at: netip.AddrPortFrom(w.addr(), peer.SIPPort)}
}

// run describes a run of this phone.
func (s *sippPhone) run(script string, pairs ...string) peer.SIPp {
	s.runs++
	return peer.SIPp{
		Name:     fmt.Sprintf("%s-%d-%s", s.Extension, s.runs, script),
		Scenario: scenario(script), Local: s.at, Remote: s.Server, TCP: s.Transport == "tcp",
		User: s.User, Secret: s.Secret, Dir: filepath.Join(s.dir, "sipp-"+s.Extension),
		Keys: keys(append([]string{"FROM", s.Extension, "CONTACT", s.at.String()}, pairs...)...),
	}
}

// register registers it (or, with expires 0, takes it out).
func (s *sippPhone) register(expires int) {
	s.Helper()
	run := s.run("register", "EXPIRES", fmt.Sprint(expires))
	run.Service = s.Extension
	s.must(peer.RunSIPp(s.ctx, run))
}

// calls runs a caller's script to its end.
func (s *sippPhone) calls(to, script string, pairs ...string) {
	s.Helper()
	s.must(s.try(15*time.Second, to, script, pairs...))
}

// try is the same for a call that may fail.
func (s *sippPhone) try(limit time.Duration, to, script string, pairs ...string) error {
	run := s.run(script, pairs...)
	s.dials(&run, to)
	run.Timeout = limit
	return peer.RunSIPp(s.ctx, run)
}

// dials sets who a run calls. By itself SIPp would sign another URI than that
// of its request.
func (s *sippPhone) dials(run *peer.SIPp, to string) {
	run.Service, run.AuthURI = to, to+"@"+s.Server.String()
}

// answers starts a called party's script, for a number of calls (see Result)
// or, with 0, until the end of the test.
func (s *sippPhone) answers(calls int, script string, pairs ...string) *peer.SIPpRun {
	s.Helper()
	run := s.run(script, pairs...)
	run.Called, run.Calls, run.RTPEcho = true, calls, true
	p, err := peer.StartSIPp(s.ctx, run)
	s.must(err)
	s.Cleanup(p.Stop)
	return p
}

// TestSIPp registers two SIPp phones; they call, are busy, decline, give up,
// over UDP and TCP, each dialog checked message by message by its script.
func TestSIPp(t *testing.T) {
	t.Parallel()
	// Over TCP SIPp can't be called: its listening socket and its registered
	// connection are two processes. There a UDP phone is called.
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			u := w.startUnit("")
			a, b := w.sipp(u.phone("201", transport, true)), w.sipp(u.phone("202", "udp", true))
			a.register(300)
			b.register(300)
			for _, tt := range []struct{ caller, called, status string }{
				{"uac", "uas", ""},
				{"uac_refused", "uas_refuse", "486 Busy Here"},
				{"uac_refused", "uas_refuse", "603 Decline"},
				{"uac_cancel", "uas_cancelled", ""},
			} {
				code, _, _ := strings.Cut(tt.status, " ")
				called := b.answers(1, tt.called, "STATUS", tt.status)
				a.calls("202", tt.caller, "STATUS", code)
				w.must(called.Result(w.ctx))
			}
			a.register(0)
			b.register(0)
			a.register(300)
			a.calls("202", "uac_refused", "STATUS", "480")
		})
	}
}

// TestSIPpWatches has a SIPp phone watch another's lamp over a whole call, each
// NOTIFY checked by its script.
func TestSIPpWatches(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			u := w.startUnit("")
			a, b := w.sipp(u.phone("201", "udp", true)), w.sipp(u.phone("202", "udp", true))
			c := w.sipp(u.phone("203", transport, true))
			b.register(300)
			run := c.run("watch", "EXPIRES", "300")
			c.dials(&run, "202")
			run.Calls = 1
			watching, err := peer.StartSIPp(w.ctx, run)
			w.must(err)
			t.Cleanup(watching.Stop)
			w.until(10*time.Second, "202 is watched", func() bool {
				return len(query[[]control.Lamp](u, "lamps")) == 1
			})
			called := b.answers(1, "uas")
			a.calls("202", "uac")
			w.must(called.Result(w.ctx))
			w.must(watching.Result(w.ctx))
		})
	}
}

// TestSIPpLoad makes many short calls at once: none may fail.
func TestSIPpLoad(t *testing.T) {
	t.Parallel()
	const calls, rate = 200, 40
	w := newWorld(t)
	u := w.startUnit("")
	a, b := w.sipp(u.phone("201", "udp", true)), w.sipp(u.phone("202", "udp", true))
	b.register(300)
	b.answers(0, "uas", "RING", "50")
	run := a.run("uac", "TALK", "500")
	a.dials(&run, "202")
	run.Calls, run.Rate = calls, rate
	w.must(peer.RunSIPp(w.ctx, run))
	rows := u.records(calls)
	if len(rows) != calls {
		t.Errorf("%d calls on record, want %d", len(rows), calls)
	}
}

var product = regexp.MustCompile(`(?mi)^(?:Server|User-Agent): *sekisho`)

// TestOptions: anyone may ask, nobody learns which extensions there are.
func TestOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	u.account("201")
	status := regexp.MustCompile(`SIP/2\.0 (\d{3})`)
	var answers []string
	for _, user := range []string{"201", "299"} {
		at := u.listener("udp", false)
		out, err := peer.SIPsak(w.ctx, w.dir, fmt.Sprintf("sip:%s@%s", user, at), at)
		w.must(err)
		answers = append(answers, status.FindString(out))
		if product.MatchString(out) {
			t.Errorf("the answer to a stranger says what we are:\n%s", out)
		}
	}
	if answers[0] != answers[1] {
		t.Errorf("a known extension is answered %q, an unknown one %q", answers[0], answers[1])
	}
}

// voice opens an RTP end in the test.
func (w *world) voice(hz float64, ssrc uint32) *peer.Voice {
	w.Helper()
	conn, err := net.ListenPacket("udp4", netip.AddrPortFrom(w.addr(), 0).String())
	w.must(err)
	v := peer.NewVoice(conn, hz, ssrc)
	w.Cleanup(v.Close)
	return v
}

// spokenBy makes a script describe a voice of the test instead of SIPp's own
// sound.
func spokenBy(v *peer.Voice) []string {
	return []string{"MEDIA_IP", v.Local().Addr().String(), "MEDIA_PORT", fmt.Sprint(v.Local().Port())}
}

var (
	sdpAddress = regexp.MustCompile(`(?m)^c=IN IP4 (\S+?)\r?$`)
	sdpPort    = regexp.MustCompile(`(?m)^m=audio (\d+) `)
)

// rtpAddress waits for the unit's RTP address in what a run received: in the
// message whose first line matches.
func (w *world) rtpAddress(run *peer.SIPpRun, first string) netip.AddrPort {
	w.Helper()
	var addr netip.AddrPort
	w.until(15*time.Second, "an SDP in "+first, func() bool {
		log, err := run.Messages()
		if err != nil && !os.IsNotExist(err) {
			w.Fatal(err)
		}
		for message := range strings.SplitSeq(log, "-----------------------------------------------") {
			if !strings.Contains(message, "message received") || !strings.Contains(message, first) {
				continue
			}
			a, p := sdpAddress.FindStringSubmatch(message), sdpPort.FindStringSubmatch(message)
			if a != nil && p != nil {
				addr, err = netip.ParseAddrPort(a[1] + ":" + p[1])
				return err == nil
			}
		}
		return false
	})
	return addr
}

// The most that a relay on the same machine may add, with everything else that
// runs on it.
const (
	delayMax = 60 * time.Millisecond
	lossMax  = 3
)

// TestVoicePath measures the relayed sound to the packet: level, loss and
// delay in each direction, that nobody hears himself, and that a third host
// cannot move or join the stream.
func TestVoicePath(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	a, b := w.sipp(u.phone("201", "udp", true)), w.sipp(u.phone("202", "udp", true))
	b.register(300)
	va, vb, stranger := w.voice(toneA, 0xA), w.voice(toneB, 0xB), w.voice(1700, 0xE)
	called := b.run("uas", append(spokenBy(vb), "RING", "50")...)
	calling := a.run("uac", append(spokenBy(va), "TALK", "4500")...)
	a.dials(&calling, "202")
	called.Called = true
	rb, err := peer.StartSIPp(w.ctx, called)
	w.must(err)
	t.Cleanup(rb.Stop)
	calling.Calls = 1
	ra, err := peer.StartSIPp(w.ctx, calling)
	w.must(err)
	t.Cleanup(ra.Stop)
	toA, toB := w.rtpAddress(ra, "SIP/2.0 200"), w.rtpAddress(rb, "INVITE sip:")
	va.SpeakTo(toA)
	vb.SpeakTo(toB)
	w.until(10*time.Second, "sound in both directions", func() bool {
		return va.Heard().Packets > 25 && vb.Heard().Packets > 25
	})
	stranger.SpeakTo(toA)
	w.must(ra.Result(w.ctx))
	for _, d := range []struct {
		name     string
		from, to *peer.Voice
		hz       float64
	}{{"caller to called", va, vb, toneA}, {"called to caller", vb, va, toneB}} {
		ear := d.to.Heard()
		_, at := d.from.Spoken()
		h := sound.Hear(ear.Sound, d.hz)
		delay := ear.LoudAt.Sub(at)
		t.Logf("%s: %v, %d packets, %d lost, delay %v", d.name, h, ear.Packets, ear.Lost, delay)
		if h.LevelDB < toneDB-0.5 || h.LevelDB > toneDB+0.5 || h.Present < talkTime || h.Holes > 0 {
			t.Errorf("%s: heard %v", d.name, h)
		}
		if ear.Lost > lossMax || ear.Strayers > 0 {
			t.Errorf("%s: %d packets lost, %d of another source", d.name, ear.Lost, ear.Strayers)
		}
		if delay > delayMax {
			t.Errorf("%s: delay %v, at most %v", d.name, delay, delayMax)
		}
		for _, other := range []float64{toneA + toneB - d.hz, 1700} {
			if x := sound.Hear(ear.Sound, other); x.Present > 0 {
				t.Errorf("%s: %.0f Hz is heard, which nobody sent there: %v", d.name, other, x)
			}
		}
	}
	if n := stranger.Heard().Packets; n > 0 {
		t.Errorf("a stranger was sent %d packets of the call", n)
	}
}

// TestHoldForms: a call is held in each of the ways phones do it, and comes
// back. While it is held nothing is sent to the holder, and the other side, which
// is told nothing, goes on hearing something; afterwards there is sound again.
func TestHoldForms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, connection, direction string
	}{
		{"sendonly", "", "sendonly"},
		{"inactive", "", "inactive"},
		{"0.0.0.0", "0.0.0.0", "sendrecv"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			u := w.startUnit("")
			a := w.sipp(u.phone("201", "udp", true))
			pb := u.phone("202", "udp", true)
			pb.Answer = true
			b := w.baresip(pb, toneB)
			w.must(b.Registered(w.ctx))
			va := w.voice(toneA, 0xA)
			calling := a.run("uac_hold", append(spokenBy(va), "HOLD_A", tt.direction, "TALK", "1500",
				"HOLD_C", cmp.Or(tt.connection, va.Local().Addr().String()))...)
			a.dials(&calling, "202")
			calling.Calls = 1
			ra, err := peer.StartSIPp(w.ctx, calling)
			w.must(err)
			t.Cleanup(ra.Stop)
			va.SpeakTo(w.rtpAddress(ra, "SIP/2.0 200"))
			w.answers(b)
			w.must(ra.Result(w.ctx))
			h := va.Heard()
			if h.Packets < 100 || h.PausedAt < 50 || h.Packets-h.PausedAt < 50 {
				t.Errorf("%d packets before the hold, %d after it: no sound", h.PausedAt, h.Packets-h.PausedAt)
			}
			if h.Pause < time.Second {
				t.Errorf("the holder was sent sound while it held: no pause longer than %v", h.Pause)
			}
		})
	}
}

// TestSIPpInfo: a key as INFO from SIPp is heard by a baresip that wants
// RFC 4733.
func TestSIPpInfo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	a := w.sipp(u.phone("201", "udp", true))
	pb := u.phone("202", "udp", true)
	pb.Answer = true
	b := w.baresip(pb, toneB)
	w.must(b.Registered(w.ctx))
	a.calls("202", "uac_info", "TALK", "500")
	w.key(b, "5")
}
