package app_test

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/wire/sip"
)

// asked gives what the doctor says of each UDP listener, by its name.
func (w *world) asked() map[string]control.Check {
	w.Helper()
	checks, err := control.Call(w.ctx(), w.client, control.Doctor, control.DoctorRequest{})
	w.must(err)
	said := map[string]control.Check{}
	for _, c := range checks {
		for _, l := range w.app.Status().Listeners {
			if c.Name == "reach" && l.Transport == "udp" && c.Of.Say(text.EN) == "voice "+l.Name {
				said[l.Name] = c
			}
		}
	}
	return said
}

// says checks one of the doctor's answers.
func (w *world) says(c control.Check, result control.Result, key text.Key, part string) {
	w.Helper()
	if c.Result != result || c.Detail.Key != key || !strings.Contains(c.Detail.Say(text.EN), part) {
		w.Errorf("%s: %s %q, wanted %s %s with %q",
			c.Of.Say(text.EN), c.Result, c.Detail.Say(text.EN), result, key, part)
	}
}

// shut closes the sockets at an address, behind the unit's back: another one
// that is nowhere takes their descriptors.
func (w *world) shut(at netip.AddrPort) {
	w.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	w.must(err)
	shut := 0
	for _, f := range files {
		fd, err := strconv.Atoi(f.Name())
		w.must(err)
		name, err := unix.Getsockname(fd)
		four, ok := name.(*unix.SockaddrInet4)
		if err != nil || !ok || netip.AddrPortFrom(netip.AddrFrom4(four.Addr), uint16(four.Port)) != at {
			continue
		}
		nowhere, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		w.must(err)
		w.must(unix.Dup3(nowhere, fd, unix.O_CLOEXEC))
		w.must(unix.Close(nowhere))
		shut++
	}
	if shut == 0 {
		w.Fatalf("no socket at %s", at)
	}
}

// replace puts another program in the place of a listener. It says what reply
// makes of each datagram; nil: nothing.
func (w *world) replace(at netip.AddrPort, reply func([]byte) []byte) {
	w.Helper()
	w.shut(at)
	c := w.socket(at.Addr(), at.Port())
	w.Cleanup(func() { c.Close() })
	go func() {
		for buf := make([]byte, 4096); ; {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			if out := reply(buf[:n]); out != nil {
				_, _ = c.WriteTo(out, from)
			}
		}
	}()
}

func (w *world) lineSide() netip.AddrPort { return netip.AddrPortFrom(w.host(1), linePort) }

// quiet is a program that says nothing, chat one that speaks something else,
// and server one that speaks SIP, as any SIP server does.
func quiet([]byte) []byte { return nil }

func chat([]byte) []byte { return []byte("220 ready\r\n") }

func server(datagram []byte) []byte {
	var m sip.Message
	if sip.Parse(datagram, &m) != nil {
		return nil
	}
	var b sip.Builder
	b.Reset(nil)
	b.Response(&m, 200, "", []byte("server"), netip.AddrPort{})
	out, err := b.Finish("", nil)
	if err != nil {
		return nil
	}
	return out
}

// forgetful answers like server, but to another request than was asked.
func forgetful(datagram []byte) []byte {
	const ours = "branch=" + sip.MagicCookie
	return []byte(strings.Replace(string(server(datagram)), ours, ours+"x", 1))
}

// Phones are answered, strangers on the line side are heard: the doctor knows
// both when it asks.
func TestDoctorAsksUDPListeners(t *testing.T) {
	w := newWorldWith(t, func(*world, *config.Config) {}, nil)
	said := w.asked()
	w.says(said["udp"], control.ResultOK, "check.reach.answers", w.phones.String()+" answers SIP OPTIONS (401)")
	w.says(said["line-udp"], control.ResultOK, "check.reach.ignores", w.lineSide().String())
	if len(said) != len(w.app.Status().Listeners) {
		t.Errorf("of %d listeners the doctor asked %d", len(w.app.Status().Listeners), len(said))
	}
}

// A line's own listener is asked, too. Where the carrier stands on this very
// host the question comes from the carrier's address, and is owed an answer.
func TestDoctorAsksLinesOwnListeners(t *testing.T) {
	account := carrier.Account{User: "unit", Numbers: []string{mainNumber}, Manners: carrier.GenericStatic("self")}
	w := newWorldWith(t, apart, nil, account)
	w.addLine(control.LineAddRequest{Profile: "generic-static", User: "unit", LocalPort: 5061})
	said := w.asked()
	if len(said) != len(w.app.Status().Listeners) || len(said) != 3 {
		t.Errorf("of %d listeners the doctor asked %d", len(w.app.Status().Listeners), len(said))
	}
	own := ""
	for name, c := range said {
		if name != "udp" && name != "line-udp" {
			own = name
			w.says(c, control.ResultOK, "check.reach.ignores", ":5061 ")
		}
	}
	_, err := control.Call(w.ctx(), w.client, control.LineRemove, control.LineRequest{ID: "main"})
	w.must(err)
	w.addLine(control.LineAddRequest{
		Profile: "generic-static", User: "unit", LocalPort: 5061, Sources: []string{w.host(1).String()},
	})
	w.says(w.asked()[own], control.ResultOK, "check.reach.answers", ":5061 answers SIP OPTIONS (200)")
	w.says(w.asked()["line-udp"], control.ResultOK, "check.reach.ignores", ":5080 ")
	w.says(w.asked()["udp"], control.ResultOK, "check.reach.answers", "(401)")
}

// A listener on every address is asked on loopback, and the doctor says so.
func TestDoctorAsksOnLoopback(t *testing.T) {
	w := newWorldWith(t, func(w *world, c *config.Config) {
		c.Voice.Listen[0].Addr = "0.0.0.0:0"
		if six, err := net.ListenPacket("udp6", "[::1]:0"); err == nil {
			six.Close()
			c.Voice.Listen = append(c.Voice.Listen, config.Listen{
				Name: "six", Transport: "udp", Addr: "[::]:0", Digest: []string{"SHA-256"},
			})
		}
	}, nil)
	said := w.asked()
	w.says(said["udp"], control.ResultOK, "check.reach.answers", "(asked at 127.0.0.1:")
	if six, ok := said["six"]; ok {
		w.says(six, control.ResultOK, "check.reach.answers", "(asked at [::1]:")
	}
}

// Nobody listens where the sockets are gone, and the host says so.
func TestDoctorFindsShutListeners(t *testing.T) {
	w := newWorldWith(t, func(*world, *config.Config) {}, nil)
	w.shut(w.phones)
	w.shut(w.lineSide())
	said := w.asked()
	w.says(said["udp"], control.ResultFailed, "check.reach.nobody", w.phones.String())
	w.says(said["line-udp"], control.ResultFailed, "check.reach.nobody", w.lineSide().String())
}

// Another program on the port is no listener of ours, whatever it says.
func TestDoctorFindsOtherPrograms(t *testing.T) {
	for name, c := range map[string]struct {
		reply         func([]byte) []byte
		phones, lines text.Key
	}{
		"quiet":     {quiet, "check.reach.silent", "check.reach.unheard"},
		"chat":      {chat, "check.reach.strange", "check.reach.strange"},
		"forgetful": {forgetful, "check.reach.strange", "check.reach.strange"},
		"server":    {server, "check.reach.answers", "check.reach.exposed"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorldWith(t, func(*world, *config.Config) {}, nil)
			w.replace(w.phones, c.reply)
			w.replace(w.lineSide(), c.reply)
			said, result := w.asked(), control.ResultFailed
			w.says(said["line-udp"], result, c.lines, w.lineSide().String())
			if c.phones == "check.reach.answers" { // SIP with our branch: by OPTIONS nobody can tell
				result = control.ResultOK
			}
			w.says(said["udp"], result, c.phones, w.phones.String())
		})
	}
}

// flood sends datagrams from a host to an address until the test is over, some
// ten thousand a second.
func (w *world) flood(from netip.Addr, to netip.AddrPort, datagram string) {
	w.Helper()
	c, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, 0)), net.UDPAddrFromAddrPort(to))
	w.must(err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			for range 50 {
				if _, err := c.Write([]byte(datagram)); errors.Is(err, net.ErrClosed) {
					return
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	w.Cleanup(func() { c.Close(); <-done })
}

// While strangers use up what they may be answered, silence is no verdict.
func TestDoctorDoesNotJudgeUnderAttack(t *testing.T) {
	t.Run("budget", func(t *testing.T) {
		w := newWorldWith(t, func(*world, *config.Config) {}, nil)
		w.flood(w.host(1), w.phones, "OPTIONS sip:unit SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;rport;branch=z9hG4bKf\r\n"+
			"From: <sip:a@b>;tag=f\r\nTo: <sip:unit>\r\nCall-ID: f\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
		w.until("the doctor's own question is too much", func() bool {
			c := w.asked()["udp"]
			if c.Result == control.ResultFailed {
				t.Fatalf("under attack: %s", c.Detail.Say(text.EN))
			}
			return c.Result == control.ResultNotTested && c.Detail.Key == "check.reach.attacked"
		})
	})
	t.Run("junk", func(t *testing.T) {
		w := newWorldWith(t, func(*world, *config.Config) {}, nil)
		w.replace(w.phones, quiet)
		w.flood(w.host(4), w.lineSide(), "no SIP at all")
		w.says(w.asked()["udp"], control.ResultNotTested, "check.reach.attacked", "under attack")
	})
}
