//go:build e2e

package e2e

import (
	big "encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sekisho/sekisho/app/control"
	practice "github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/wire/sdp"
)

// What is spoken over the network, and how well it must be heard.
const (
	rate        = 8000
	frameMS     = 20
	speakTime   = 2 * time.Second
	carrierTone = 1000 // Hz, of the practice carrier
	missingMax  = 0.05 // share of frames
	echoMax     = 0.3  // seconds, there and back
	likenessMin = 0.8
)

// inNamespace opens UDP sockets in a network namespace: one for signaling, one
// for sound.
func inNamespace(name string, at netip.Addr) (signaling, sound net.PacketConn, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Never unlocked: the thread ends with the goroutine, so that nothing
		// else runs in the namespace.
		runtime.LockOSThread()
		var f *os.File
		if f, err = os.Open(filepath.Join("/run/netns", name)); err != nil {
			return
		}
		defer f.Close()
		if err = unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
			return
		}
		open := func() (net.PacketConn, error) {
			return net.ListenPacket("udp4", netip.AddrPortFrom(at, 0).String())
		}
		if signaling, err = open(); err == nil {
			sound, err = open()
		}
	}()
	<-done
	return signaling, sound, err
}

// listening is a socket that keeps the µ-law it hears.
type listening struct {
	net.PacketConn

	mu    sync.Mutex
	heard []byte
	first time.Time // when the first of heard came
	began time.Time // when we began to speak
}

func (l *listening) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := l.PacketConn.ReadFrom(b)
	if err == nil && n > 12 && b[1]&0x7f == 0 {
		l.mu.Lock()
		if len(l.heard) == 0 {
			l.first = time.Now()
		}
		l.heard = append(l.heard, b[12:n]...)
		l.mu.Unlock()
	}
	return n, from, err
}

// take gives what was heard, and forgets it.
func (l *listening) take() []int16 {
	l.mu.Lock()
	defer l.mu.Unlock()
	pcm := ear.FromMu(l.heard)
	l.heard = nil
	return pcm
}

// speak sends samples as RTP in real time and listens meanwhile; to is where
// an SDP answer says. nil samples say nothing for as long as speakTime.
func (l *listening) speak(answer []byte, pcm []int16) error {
	s, err := sdp.Parse(answer)
	if err != nil || len(s.Media) == 0 {
		return fmt.Errorf("answer %q: %w", answer, err)
	}
	to := net.UDPAddrFromAddrPort(s.Media[0].Remote())
	wire := ear.ToMu(pcm)
	const size = rate * frameMS / 1000
	packet := make([]byte, 12+size)
	buf := make([]byte, 2048)
	start := time.Now()
	l.began = start
	for n := range int(speakTime / (frameMS * time.Millisecond)) {
		if at := n * size; at+size <= len(wire) {
			packet[0], packet[1] = 0x80, 0
			big.BigEndian.PutUint16(packet[2:], uint16(n))
			big.BigEndian.PutUint32(packet[4:], uint32(n*size))
			big.BigEndian.PutUint32(packet[8:], 0x5ec15110)
			copy(packet[12:], wire[at:])
			if _, err := l.WriteTo(packet, to); err != nil {
				return err
			}
		}
		next := start.Add(time.Duration(n+1) * frameMS * time.Millisecond)
		for {
			if err := l.SetReadDeadline(next); err != nil {
				return err
			}
			_, _, err := l.ReadFrom(buf)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				break
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// clear judges a steady tone.
func clear(pcm []int16, hz float64) error {
	const least = int(speakTime/time.Second) * rate / 2 // half of what was said
	switch missing := ear.Missing(pcm, rate, hz); {
	case len(pcm) < least:
		return fmt.Errorf("only %d samples were heard", len(pcm))
	case missing > missingMax:
		return fmt.Errorf("%.0f Hz is missing in %.0f %% of the time; its level is %.1f dBm0",
			hz, 100*missing, ear.Level(pcm, rate, hz))
	}
	return nil
}

// abroad is a phone on the other side of the wire, and the carrier behind the
// unit.
type abroad struct {
	*world

	unit    *unit
	network network
	phone   *office.Phone
	sound   *listening
	carrier *practice.Carrier
	mu      sync.Mutex
	ear     *listening // of the carrier's last call
}

// TestPracticeCarrierFromAnotherNamespace: a phone in a second network
// namespace registers over veth and calls the practice carrier, with sound
// both ways, each direction told by its own tone; the doctor sees from there
// that voice is reachable and management is not.
func TestPracticeCarrierFromAnotherNamespace(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		skipWithoutRoot(t, "a second network namespace is the other side of the wire")
	}
	a := &abroad{world: newWorld(t)}
	a.network = a.world.network()
	a.start()
	a.furnish()
	tone := ear.Tone(rate, toneA, toneDB, speakTime.Seconds())

	heard, there := a.call("0312345671", tone)
	if err := clear(heard, carrierTone); err != nil {
		t.Errorf("the phone does not hear the carrier: %v", err)
	}
	if err := clear(there, toneA); err != nil {
		t.Errorf("the carrier does not hear the phone: %v", err)
	}
	// The control: a muted phone must not be heard, and still hears.
	heard, there = a.call("0312345671", nil)
	if clear(there, toneA) == nil {
		t.Error("the carrier hears a phone that is silent")
	}
	if err := clear(heard, carrierTone); err != nil {
		t.Errorf("the silent phone does not hear the carrier: %v", err)
	}
	// The echo: there and back again.
	sweep := ear.Sweep(rate, 300, 3000, toneDB, speakTime.Seconds())
	heard, _ = a.call("0312345670", sweep)
	delay, likeness := ear.Delay(sweep, heard, rate, echoMax)
	delay += a.sound.first.Sub(a.sound.began).Seconds()
	if likeness < likenessMin || delay > echoMax {
		t.Errorf("the echo is alike to %.2f after %.1f ms", likeness, 1000*delay)
	}
	t.Logf("echo after %.1f ms, alike to %.2f", 1000*delay, likeness)
	a.doctor()
}

func (a *abroad) start() {
	a.Helper()
	a.unit = a.newUnit(a.network.here, "announcements_max = 0\n")
	f, err := os.OpenFile(a.unit.config, os.O_APPEND|os.O_WRONLY, 0o600)
	a.must(err)
	management, err := net.Listen("tcp4", "127.0.0.1:0")
	a.must(err)
	_, err = fmt.Fprintf(f, "[management]\nlisten = [%q]\n", management.Addr())
	a.must(errors.Join(err, f.Close(), management.Close()))
	a.unit.start()
	a.unit.claim()
}

// furnish gives the unit its phone and its line.
func (a *abroad) furnish() {
	a.Helper()
	host := a.network.here // apart from the phone's address, which is a.network.far
	conn, err := net.ListenPacket("udp4", netip.AddrPortFrom(host, 0).String())
	a.must(err)
	a.carrier, err = practice.New(conn, practice.Config{
		Domain:   "carrier.test",
		Accounts: []practice.Account{{User: mainNumber, Secret: carrierSecret, Numbers: []string{mainNumber}}},
		Behave: func(r practice.Reading) practice.Behavior {
			if strings.HasSuffix(r.Digits, "1") {
				return practice.Behavior{Sound: practice.Tone}
			}
			return practice.Behavior{Sound: practice.Echo}
		},
		OpenMedia: func(local netip.Addr) (net.PacketConn, error) {
			c, err := net.ListenPacket("udp4", netip.AddrPortFrom(local, 0).String())
			a.mu.Lock()
			defer a.mu.Unlock()
			a.ear = &listening{PacketConn: c}
			return a.ear, err
		},
	})
	a.must(err)
	a.Cleanup(func() { a.carrier.Close() })
	secret := filepath.Join(a.world.dir, "line.secret")
	a.must(os.WriteFile(secret, []byte(carrierSecret+"\n"), 0o600))
	a.unit.cli("line", "add", "main", "--profile", "generic-registration", "--registrar", a.carrier.Addr().String(),
		"--user", mainNumber, "--secret-file", secret, "--number", mainNumber+"=201", "--area-code", "03",
		"--channels", "4")
	a.unit.lineUp()

	account := a.unit.account("201")
	signaling, sound, err := inNamespace(a.network.name, a.network.far)
	a.must(err)
	a.sound = &listening{PacketConn: sound}
	a.Cleanup(func() { a.sound.Close() })
	a.phone, err = office.New(signaling, office.Account{
		Extension: "201", User: account.User, Secret: account.Secret, UserAgent: "e2e",
		Server: a.unit.listener("udp", false),
	}, netip.MustParseAddrPort(sound.LocalAddr().String()))
	a.must(err)
	a.Cleanup(func() { a.phone.Close() })
	a.must(a.phone.Register(a.ctx, time.Hour))
}

// call speaks for a while with a number at the carrier, and gives what both
// sides heard.
func (a *abroad) call(number string, pcm []int16) (here, there []int16) {
	a.Helper()
	a.sound.take()
	call, o, err := a.phone.Dial(a.ctx, number)
	a.must(err)
	if call == nil {
		a.Fatalf("%s: %+v", number, o)
	}
	a.must(a.sound.speak(call.Answer(), pcm))
	a.must(call.Hangup(a.ctx))
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.sound.take(), a.ear.take()
}

// doctor asks the unit to look at itself from the other side.
func (a *abroad) doctor() {
	a.Helper()
	seen := map[string]int{}
	for _, c := range query[[]control.Check](a.unit, "doctor", "--from-namespace", a.network.name) {
		detail := c.Detail.Say(text.EN)
		if c.Name != "reach" || !strings.HasPrefix(detail, "from namespace ") {
			continue
		}
		here := strings.Contains(detail, " to "+a.network.here.String()+":")
		switch voice := strings.HasPrefix(c.Of.Say(text.EN), "voice "); {
		case voice && here:
			seen["voice"]++
			if c.Result != "ok" || !strings.HasSuffix(detail, ": reachable") {
				a.Errorf("voice from the other side: %+v", c)
			}
		case !voice:
			seen["management"]++
			if c.Result != "ok" || strings.HasSuffix(detail, ": reachable") {
				a.Errorf("management from the other side: %+v", c)
			}
		}
	}
	if seen["voice"] == 0 || seen["management"] == 0 {
		a.Errorf("the doctor tried %v from the other side", seen)
	}
}
