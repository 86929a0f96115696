//go:build e2e

package attack

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/office"
)

// dialStream opens a TCP or TLS connection from a host of the ground.
func (g *ground) dialStream(host byte, port uint16) (net.Conn, error) {
	d := net.Dialer{
		Timeout: 2 * time.Second, LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(g.host(host), 0)),
	}
	c, err := d.DialContext(g.Context(), "tcp4", g.at(hostUnit, port).String())
	if err != nil || port != portTLS {
		return c, err
	}
	return tls.Client(c, &tls.Config{InsecureSkipVerify: true}), nil //nolint:gosec // an intruder does not care
}

// stream sends bytes on a connection of their own and gives what comes back
// until the other side closes or is silent.
func (g *ground) stream(port uint16, pieces ...string) (got string, closed bool) {
	g.Helper()
	c, err := g.dialStream(hostThief, port)
	g.must(err)
	defer c.Close()
	for _, p := range pieces {
		if _, err := c.Write([]byte(p)); err != nil {
			break
		}
	}
	_ = c.SetReadDeadline(time.Now().Add(silence))
	b, err := io.ReadAll(io.LimitReader(c, 1<<20))
	return string(b), !errors.Is(err, os.ErrDeadlineExceeded)
}

// overTCP writes a request as it goes over TCP.
func (g *ground) overTCP(r request) string {
	x := g.intrude(hostThief)
	r.branch = "z9hG4bKtcp"
	r.via = "SIP/2.0/TCP " + x.self.String() + ";branch=z9hG4bKtcp"
	return x.text(&r)
}

// streams are attacks on connections.
var streams = []attack{
	{
		name:          "lies about the length",
		vulnerability: "the stream is cut where the intruder wants it, and a body becomes a request",
		scenario: "Content-Length negative, huge, twice, short, missing, with signs and spaces; an INVITE " +
			"in the body",
		verified: "no success; at most challenges",
		run: func(g *ground) {
			inner := g.overTCP(request{method: "INVITE", uri: "sip:" + abroad + "@" + g.phones().String()})
			for _, length := range []string{
				"-1", "99999999999999999999", "4294967295", "65536", "0", "+5", "5 5", "0x10", "",
				"5\r\nContent-Length: 0",
				"0\r\nl: 500",
			} {
				r := request{
					method: "OPTIONS", body: inner, length: length,
					more: []string{"Content-Type: message/sip"},
				}
				if length == "" {
					r.length = " "
				}
				got, _ := g.stream(portPhones, g.overTCP(r))
				for m := range strings.SplitSeq(got, "SIP/2.0 ") {
					if strings.HasPrefix(m, "2") || strings.HasPrefix(m, "18") {
						g.Errorf("length %q: %q", length, m)
					}
				}
			}
		},
	},
	{
		name:          "a phone's connection breaks in a call",
		vulnerability: "nobody can hang up a call whose phone has lost its connection",
		scenario: "a call to a phone on TCP, whose connection ends; the phone registers on another; the caller " +
			"hangs up",
		verified: "the BYE comes on the new connection, and no call is left",
		run: func(g *ground) {
			register := func() *intruder {
				x := g.intrudeTCP(hostPhones)
				contact := "<sip:p@" + x.self.String() + `;transport=tcp>;+sip.instance="<urn:uuid:p>"`
				if s := x.register(g.puppet, contact); s != 200 {
					g.Fatalf("the puppet registers: %d", s)
				}
				return x
			}
			x := register()
			calls := make(chan *office.Call, 1)
			go func() { // ends when the call is answered or has failed
				c, _, err := g.staff.Dial(g.step(), puppet)
				if err != nil {
					g.Error(err)
				}
				calls <- c
			}()
			x.reply(x.await("INVITE", 3*time.Second), "200 OK", sdpAt(x.self), "Contact: <sip:p@"+x.self.String()+">")
			c := <-calls
			if c == nil || x.await("ACK", 3*time.Second) == "" {
				g.Fatal("there is no call")
			}
			x.tcp.Close()
			y := register()
			defer y.retire()
			hungUp := make(chan error, 1)
			go func() { hungUp <- c.Hangup(g.step()) }() // ends with the BYE
			bye := y.await("BYE", 3*time.Second)
			if bye == "" {
				g.Fatal("no BYE on the new connection")
			}
			y.reply(bye, "200 OK", "")
			g.must(<-hungUp)
			g.until("no call is left", func() bool { return len(g.live()) == 0 })
		},
	},
	{
		name:          "giants and dribbles",
		vulnerability: "a connection makes the unit keep as much as it likes",
		scenario: "endless header, endless line, endless body, only line ends, binary junk, half a TLS " +
			"handshake, byte by byte",
		verified: "the connection is closed, or nothing is answered",
		run: func(g *ground) {
			options := g.overTCP(request{method: "OPTIONS"})
			head := strings.TrimSuffix(options, "\r\n")
			big := strings.Repeat("x", 1<<20)
			for name, c := range map[string][]string{
				"line": {head + "Subject: " + big}, "fields": {head + strings.Repeat("X: y\r\n", 50_000)},
				"body":  {strings.Replace(options, "Content-Length: 0", "Content-Length: 900000", 1) + big},
				"start": {big}, "folds": {head + "Subject: x" + strings.Repeat("\r\n x", 100_000)},
				"binary": {strings.Repeat("\x00\xff\x16\x03", 10_000)},
			} {
				if got, closed := g.stream(portPhones, c...); !closed || strings.Contains(got, "SIP/2.0 2") {
					g.Errorf("%s: closed %v, %.80q", name, closed, got)
				}
			}
			g.stream(portPhones, strings.Split(options, "")...)
			raw, err := (&net.Dialer{}).DialContext(g.Context(), "tcp4", g.at(hostUnit, portTLS).String())
			g.must(err)
			defer raw.Close()
			_, _ = raw.Write([]byte{0x16, 3, 1, 2, 0, 1})
		},
	},
	{
		name:          "all connections at once",
		vulnerability: "idle strangers keep everybody else from TCP and TLS",
		scenario:      "hundreds of connections from one host, half of them with an OPTIONS each, kept open",
		verified:      "one host gets a share only; another host signs in over TLS and TCP meanwhile",
		run: func(g *ground) {
			options, kept := g.overTCP(request{method: "OPTIONS"}), 0
			for i := range 300 {
				c, err := g.dialStream(hostThief, portPhones)
				if err != nil {
					continue
				}
				defer c.Close()
				if i%2 == 0 {
					_, _ = c.Write([]byte(options))
				}
				_ = c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
				one := make([]byte, 1)
				if _, err := c.Read(one); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
					kept++
				}
			}
			if kept == 0 || kept > 100 {
				g.Errorf("%d of 300 connections of one host are kept", kept)
			}
			for _, port := range []uint16{portPhones, portTLS} {
				c, err := g.dialStream(hostPhones, port)
				g.must(err)
				_, err = c.Write([]byte(options))
				g.must(err)
				_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
				b := make([]byte, 2048)
				n, err := c.Read(b)
				if err != nil || statusOf(string(b[:n])) != 401 {
					g.Errorf("port %d from another host: %q, %v", port, b[:n], err)
				}
				c.Close()
			}
		},
	},
}

// TestStrangersConnection: one unsigned request must not buy a connection for
// as long as a registration lasts. A stranger sends an OPTIONS and then a
// dribble; the connection is closed within the time that strangers get.
func TestStrangersConnection(t *testing.T) {
	t.Parallel()
	g := newGround(t, filepath.Join(t.TempDir(), "data"))
	c, err := g.dialStream(hostThief, portPhones)
	g.must(err)
	defer c.Close()
	_, err = c.Write([]byte(g.overTCP(request{method: "OPTIONS"})))
	g.must(err)
	b := make([]byte, 4096)
	for begun := time.Now(); time.Since(begun) < strangerTime; {
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := c.Read(b); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if _, err := c.Write([]byte("O")); err != nil {
			return
		}
	}
	t.Errorf("the connection is open after %s", strangerTime)
}

// strangerTime is more than the stack gives a connection on which nobody
// signed in.
const strangerTime = 35 * time.Second
