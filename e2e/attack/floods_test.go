//go:build e2e

package attack

import (
	"crypto/rand"
	"fmt"
	"net"
	"strings"
	"time"
)

// Sizes of the floods: enough to overrun every queue, within CI's time.
const (
	junkDatagrams = 100_000
	junkSockets   = 64
	stormCopies   = 5_000
	halfOpen      = 300
	halfOpenMost  = 128 // calls that one phone may hold, with room
)

// floods are attacks by quantity.
var floods = []attack{
	{
		name:          "junk from many ports",
		vulnerability: "junk makes the unit keep something for each, or starves the honest",
		scenario: fmt.Sprintf("%d datagrams from %d sockets, of ten kinds, while honest phones "+
			"call", junkDatagrams, junkSockets),
		verified: "honest calls and emergency calls get through during the flood",
		may:      []string{domestic, "110"},
		run: func(g *ground) {
			var xs []*intruder
			for i := range junkSockets {
				xs = append(xs, g.intrude(byte(hostThief+i%8)))
			}
			kinds := []string{
				"", "\r\n\r\n", "junk", "INVITE sip:x SIP/2.0\r\n\r\n", strings.Repeat("\xff", 1200),
				"SIP/2.0 200 OK\r\n\r\n",
				xs[0].text(&request{method: "OPTIONS"}), xs[0].text(&request{method: "REGISTER"}),
				xs[0].text(&request{method: "INVITE"}), xs[0].text(&request{method: "BYE", to: "<sip:a@b>;tag=c"}),
				xs[0].text(&request{method: "INVITE", uri: "sip:110@" + g.phones().String()}),
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				for i := range junkDatagrams {
					_, _ = xs[i%len(xs)].conn.WriteToUDPAddrPort([]byte(kinds[i%len(kinds)]), g.phones())
				}
			}()
			marks, rounds := g.marks(), 0
			for running := true; running; rounds++ {
				for _, to := range []string{domestic, "110", friend} {
					if s := g.dial(g.staff, to); s != 200 {
						g.Errorf("during the flood %s calls %s: %d", staff, to, s)
					}
				}
				select {
				case <-done:
					running = false
				default:
				}
			}
			y := g.intrude(hostThief)
			g.until("strangers are answered again by every shard", func() bool {
				answered := 0
				for range 20 {
					if statusOf(y.ask(g.phones(), request{method: "INVITE"})) == 401 {
						answered++
					}
				}
				return answered == 20
			})
			if n := len(g.reached(marks)); n != 2*rounds {
				g.Errorf("%d calls reached the carriers, %d are the honest phone's", n, 2*rounds)
			}
		},
	},
	{
		name:          "a storm of copies",
		vulnerability: "each copy of a request counts as a call",
		scenario:      fmt.Sprintf("one signed INVITE abroad, sent %d times", stormCopies),
		verified:      "one call on record",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			uri := "sip:" + abroad + "@" + g.phones().String()
			count := func() (n int) {
				for _, r := range g.calls() {
					if r.Extension == insider && r.To == abroad {
						n++
					}
				}
				return n
			}
			before := count()
			challenge := x.ask(g.phones(), request{method: "INVITE", uri: uri})
			r := request{method: "INVITE", uri: uri}
			x.fill(&r)
			r.more = []string{x.authorization(challenge, &r, login{account: g.stolen})}
			text := x.text(&r)
			for range stormCopies {
				x.send(g.phones(), text)
			}
			x.finish(g.phones(), &r, 2*time.Second)
			for x.hear(silence) != "" {
			}
			g.until("the call is on record", func() bool { return count() > before })
			if n := count() - before; n != 1 {
				g.Errorf("%d calls on record", n)
			}
		},
	},
	{
		name:          "many calls of one credential",
		vulnerability: "a stolen credential takes all calls, ports or channels",
		scenario:      fmt.Sprintf("%d INVITEs of one phone to a phone that rings and never answers", halfOpen),
		verified:      "most are refused; honest calls get through meanwhile",
		may:           []string{domestic, "110"},
		run: func(g *ground) {
			b, x := g.puppetPhone(hostThief), g.intrude(hostThief)
			go b.ring()
			uri := "sip:" + puppet + "@" + g.phones().String()
			var calls []request
			challenge := x.ask(g.phones(), request{method: "INVITE", uri: uri})
			for i := range uint32(halfOpen) {
				r := request{method: "INVITE", uri: uri}
				x.fill(&r)
				r.more = []string{x.authorization(challenge, &r, login{account: g.stolen, nc: i + 1})}
				x.send(g.phones(), x.text(&r))
				calls = append(calls, r)
				if i%20 == 0 {
					time.Sleep(10 * time.Millisecond)
				}
			}
			time.Sleep(silence)
			if n := len(g.live()); n > halfOpenMost {
				g.Errorf("one phone holds %d calls", n)
			}
			for _, to := range []string{"110", domestic, friend} {
				if s := g.dial(g.staff, to); s != 200 {
					g.Errorf("meanwhile %s calls %s: %d", staff, to, s)
				}
			}
			g.until("the calls are over", func() bool {
				for i, r := range calls { // again and again, as some get lost
					r.method, r.body, r.more, r.length, r.contact = "CANCEL", "", nil, "", "-"
					x.send(g.phones(), x.text(&r))
					if i%20 == 0 {
						x.drain()
					}
				}
				return len(g.live()) == 0
			})
			g.must(b.conn.SetReadDeadline(time.Now()))
		},
	},
	{
		name:          "registrations without end",
		vulnerability: "a credential fills the registrar",
		scenario: "200 REGISTERs with four new contacts each, from one credential, with long instances " +
			"and User-Agents",
		verified: "few contacts are kept",
		run: func(g *ground) {
			x := g.intrude(hostThief)
			for range 200 {
				var contacts []string
				for range 4 {
					contacts = append(contacts,
						"<sip:"+rand.Text()+"@"+x.self.String()+">;+sip.instance=\"<"+rand.Text()+">\"")
				}
				if s := x.register(g.puppet, strings.Join(contacts, ","), "User-Agent: "+strings.Repeat("x",
					600)); s == 503 {
					break
				}
			}
			x.retire()
		},
	},
}

// ring has a phone ring for every call, and stop when it is called off, until
// its socket's deadline.
func (x *intruder) ring() {
	say := func(r, status, method string, to *net.UDPAddr) {
		lines := []string{"SIP/2.0 " + status, "To: " + header(r, "To") + ";tag=p"}
		for _, h := range []string{"Via", "From", "Call-ID"} {
			lines = append(lines, h+": "+header(r, h))
		}
		number, _, _ := strings.Cut(header(r, "CSeq"), " ")
		lines = append(lines, "CSeq: "+number+" "+method, "Content-Length: 0", "", "")
		_, _ = x.conn.WriteToUDP([]byte(strings.Join(lines, "\r\n")), to)
	}
	for {
		n, from, err := x.conn.ReadFromUDP(x.buf[:])
		if err != nil {
			return
		}
		switch r := string(x.buf[:n]); {
		case strings.HasPrefix(r, "INVITE"):
			say(r, "180 Ringing", "INVITE", from)
		case strings.HasPrefix(r, "CANCEL"):
			say(r, "200 OK", "CANCEL", from)
			say(r, "487 Request Terminated", "INVITE", from)
		}
	}
}
