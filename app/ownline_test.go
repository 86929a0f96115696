package app_test

import (
	"errors"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
)

// seen is what arrived at sockets: ports it came from, by TOS byte.
type seen struct {
	mu    sync.Mutex
	ports map[int]map[uint16]bool
}

// take gives what was seen since, and forgets it.
func (s *seen) take() map[int][]uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[int][]uint16)
	for tos, ports := range s.ports {
		out[tos] = slices.Sorted(maps.Keys(ports))
	}
	s.ports = nil
	return out
}

// watched is a socket that notes the TOS byte and source port of every packet.
type watched struct {
	*net.UDPConn
	seen *seen
}

// ReadFrom is as in net.PacketConn.
func (c watched) ReadFrom(b []byte) (int, net.Addr, error) {
	oob := make([]byte, 128)
	n, k, _, from, err := c.ReadMsgUDP(b, oob)
	if err != nil {
		return n, nil, err
	}
	list, _ := unix.ParseSocketControlMessage(oob[:k])
	c.seen.mu.Lock()
	defer c.seen.mu.Unlock()
	for _, m := range list {
		if m.Header.Level == unix.IPPROTO_IP && m.Header.Type == unix.IP_TOS {
			if c.seen.ports == nil {
				c.seen.ports = make(map[int]map[uint16]bool)
			}
			if c.seen.ports[int(m.Data[0])] == nil {
				c.seen.ports[int(m.Data[0])] = make(map[uint16]bool)
			}
			c.seen.ports[int(m.Data[0])][uint16(from.Port)] = true
		}
	}
	return n, from, nil
}

// watch makes a socket that is told the TOS of what it gets (IP_RECVTOS).
func (w *world) watch(host netip.Addr, port uint16, s *seen) net.PacketConn {
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(host, port)))
	w.must(err)
	raw, err := c.SyscallConn()
	w.must(err)
	w.must(raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_RECVTOS, 1) }))
	w.must(err)
	return watched{c, s}
}

// trunk is one of several carriers of a world, with its line.
type trunk struct {
	id        string
	carrier   *carrier.Carrier
	added     control.LineAddRequest
	main, did string // numbers; the second rings 202
	sip, rtp  seen
}

// trunk starts a carrier at a host and adds its line. It takes no call that
// does not end in digit, or in 0.
func (w *world) trunk(c contract, host byte, priority int, digit string) *trunk {
	w.Helper()
	k := &trunk{id: c.profile, main: "03123" + digit + "0000", did: "03123" + digit + "0001"}
	account := c.account
	account.Numbers = []string{k.main, k.did}
	if account.User == mainNumber {
		account.User, c.line.User = k.main, k.main
	}
	if account.Secret == "" {
		account.Source = w.host(1)
	}
	account.Manners.Domain = w.host(host).String()
	var err error
	k.carrier, err = carrier.New(w.watch(w.host(host), 5060, &k.sip), carrier.Config{
		Domain: "carrier.test", Accounts: []carrier.Account{account},
		Behave: func(r carrier.Reading) carrier.Behavior {
			if strings.HasSuffix(r.Digits, digit) || strings.HasSuffix(r.Digits, "0") {
				return carrier.Behavior{}
			}
			return carrier.Behavior{Status: 503}
		},
		OpenMedia: func(local netip.Addr) (net.PacketConn, error) { return w.watch(local, 0, &k.rtp), nil },
	})
	w.must(err)
	w.Cleanup(func() { _ = k.carrier.Close() })
	r := c.line
	r.ID, r.Profile, r.Registrar, r.Transport, r.AreaCode = k.id, c.profile, k.carrier.Addr().String(), "udp", "03"
	r.Channels, r.Priority = 10, priority
	r.Numbers = []control.LineNumber{{Number: k.main, Ring: []string{"201"}}, {Number: k.did, Ring: []string{"202"}}}
	k.added = r
	_, err = control.Call(w.ctx(), w.client, control.LineAdd, r)
	w.must(err)
	return k
}

// up waits until every line is up.
func (w *world) up(n int) {
	w.Helper()
	w.until("the lines are up", func() bool {
		lines, err := control.Call(w.ctx(), w.client, control.LineList, control.None{})
		w.must(err)
		return len(lines) == n && !slices.ContainsFunc(lines, func(l control.Line) bool { return l.State != "up" })
	})
}

// apart is a configuration in which lines share port 5080.
func apart(w *world, c *config.Config) {
	c.Voice.LineAddr = netip.AddrPortFrom(w.host(1), 5080).String()
}

// speaks calls out by a trunk, says a word, and calls in by it.
func (w *world) speaks(k *trunk, p *office.Phone, number string, rings <-chan office.Ring) {
	w.Helper()
	call, o, err := p.Dial(w.ctx(), number)
	w.must(err)
	if call == nil {
		w.Fatalf("%s by %s: %+v; violations %+v", number, k.id, o, k.carrier.Violations())
	}
	w.say(p.Extension(), call.Answer())
	w.until("voice came to "+k.id, func() bool {
		k.rtp.mu.Lock()
		defer k.rtp.mu.Unlock()
		return len(k.rtp.ports) > 0
	})
	w.must(call.Hangup(w.ctx()))
	in, err := k.carrier.Place(w.ctx(), k.did, "0455551234", carrier.Tone)
	w.must(err)
	if status, err := in.Status(w.ctx()); status != 200 || err != nil {
		w.Fatalf("called by %s: %d, %v", k.id, status, err)
	}
	if r := <-rings; r.Caller != "0455551234" {
		w.Errorf("%s shows %q", k.id, r.Caller)
	}
	in.Hangup()
	<-in.Ended()
	w.until("no call is up", func() bool {
		calls, err := control.Call(w.ctx(), w.client, control.LiveCalls, control.None{})
		w.must(err)
		return len(calls) == 0
	})
	for _, v := range k.carrier.Violations() {
		w.Errorf("against the manners of %s: %s: %s", k.id, v.Rule, v.What)
	}
}

// say has a phone send a little voice to where a description says.
func (w *world) say(extension string, description []byte) {
	w.Helper()
	_, port, _ := strings.Cut(string(description), "m=audio ")
	port, _, _ = strings.Cut(port, " ")
	to, err := net.ResolveUDPAddr("udp", w.host(1).String()+":"+port)
	w.must(err)
	packet := make([]byte, 12+160)
	packet[0] = 0x80
	for i := range 5 {
		packet[3] = byte(i)
		_, err := w.mouths[extension].WriteTo(packet, to)
		w.must(err)
	}
}

// TestThreeLines has Office A on port 5060, a registration trunk and a home
// gateway side by side on one unit, added while it runs: calls both ways on
// each, with the ports and the DSCP that each wants in the packets themselves;
// and again after a restart.
func TestThreeLines(t *testing.T) {
	w := newWorldWith(t, func(w *world, c *config.Config) {
		apart(w, c)
		c.Media.Ports = "20000-20999"
	}, nil)
	rings := make(chan office.Ring, 8)
	p := w.phone("201", nil)
	w.phone("202", func(r office.Ring) int { rings <- r; return 200 })
	all := contracts()
	trunks := []*trunk{
		w.trunk(all[3], 2, 1, "1"), w.trunk(all[0], 4, 2, "2"), w.trunk(all[2], 5, 3, "3"),
	}
	for _, round := range []string{"at first", "after a restart"} {
		w.up(3)
		for _, k := range trunks {
			k.sip.take()
			k.rtp.take()
			w.speaks(k, p, "039876543"+k.main[5:6], rings)
			port, tos, least, most := uint16(5080), 24<<2, uint16(20000), uint16(20999)
			if k.id == "hikari-office-a" {
				port, tos, least, most = 5060, 32<<2, 49152, 65535
			}
			if got := k.sip.take(); len(got) != 1 || !slices.Equal(got[tos], []uint16{port}) {
				t.Errorf("%s, %s: signaling by TOS %v, want %#x from %d", round, k.id, got, tos, port)
			}
			got := k.rtp.take()
			if len(got) != 1 || len(got[46<<2]) == 0 || got[46<<2][0] < least || slices.Max(got[46<<2]) > most {
				t.Errorf("%s, %s: voice by TOS %v, want 0xb8 from %d to %d", round, k.id, got, least, most)
			}
		}
		if round == "at first" {
			w.stop()
			w.start()
			w.must(p.Register(w.ctx(), time.Hour))
		}
	}
}

// TestPortOfPhones: a line's own port never lies on that of phones or of
// another line; the error says so, and nothing is kept.
func TestPortOfPhones(t *testing.T) {
	w := newWorldWith(t, func(w *world, c *config.Config) {
		apart(w, c)
		w.phones = netip.AddrPortFrom(w.host(1), 5060)
		c.Voice.Listen[0].Addr = w.phones.String()
	}, nil)
	r := control.LineAddRequest{
		ID: "a", Profile: "hikari-office-a", Registrar: w.host(2).String(), User: mainNumber, Channels: 2,
		Numbers: []control.LineNumber{{Number: mainNumber, Ring: []string{}}},
	}
	try := func(what string, change func(*control.LineAddRequest), args ...string) {
		t.Helper()
		wish := r
		change(&wish)
		_, err := control.Call(w.ctx(), w.client, control.LineAdd, wish)
		var problem *control.Problem
		if len(args) == 0 {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
			return
		}
		if !errors.As(err, &problem) || problem.Do == "" {
			t.Fatalf("%s: %v", what, err)
		}
		for _, arg := range args {
			if said := problem.Error(); !strings.Contains(said, arg) {
				t.Errorf("%s: %q lacks %q", what, said, arg)
			}
		}
	}
	at := func(n byte) string { return w.host(n).String() }
	try("the phones' port", func(*control.LineAddRequest) {}, at(1)+":5060", "udp")
	try("every address", func(r *control.LineAddRequest) { r.LocalAddr = "0.0.0.0" }, "0.0.0.0:5060", "udp")
	try("no address of ours", func(r *control.LineAddRequest) { r.LocalAddr = "192.0.2.77" }, "192.0.2.77:5060")
	lines, err := control.Call(w.ctx(), w.client, control.LineList, control.None{})
	w.must(err)
	if len(lines) != 0 {
		t.Fatalf("kept: %+v", lines)
	}
	try("another address", func(r *control.LineAddRequest) { r.LocalAddr = at(6) })
	try("another line's port", func(r *control.LineAddRequest) { r.ID, r.LocalAddr = "b", at(6) }, "line/a")
	try("the port of line_addr", func(r *control.LineAddRequest) {
		r.ID, r.LocalAddr, r.LocalPort = "c", "0.0.0.0", 5080
	}, "line-udp")
	try("another port", func(r *control.LineAddRequest) { r.ID, r.LocalPort, r.DSCP = "d", 5062, 10 })
	lines, err = control.Call(w.ctx(), w.client, control.LineList, control.None{})
	w.must(err)
	if len(lines) != 2 || lines[0].Local != at(6)+":5060" || lines[0].DSCP != 32 || lines[0].Warning != nil ||
		lines[1].Local != at(1)+":5062" || lines[1].DSCP != 10 || lines[1].Warning == nil {
		t.Errorf("lines: %+v", lines)
	}
}

// TestLineRemovedUnderLoad takes a line with a listener of its own away and
// adds it again, while phones call by it all the time: every call is carried,
// by one line or the other, and hung up at its carrier.
func TestLineRemovedUnderLoad(t *testing.T) {
	w := newWorldWith(t, apart, nil)
	all := contracts()
	first, second := w.trunk(all[3], 2, 1, "1"), w.trunk(all[0], 4, 2, "2")
	w.up(2)
	stop := make(chan struct{})
	var phones sync.WaitGroup
	finish := sync.OnceFunc(func() {
		close(stop)
		phones.Wait()
	})
	defer finish()
	for _, extension := range []string{"201", "202", "203", "204"} {
		p := w.phone(extension, nil)
		phones.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				call, o, err := p.Dial(w.ctx(), domestic[:9]+"0")
				if err != nil || call == nil {
					t.Errorf("%s: %+v, %v", extension, o, err)
					return
				}
				if err := call.Hangup(w.ctx()); err != nil {
					t.Errorf("%s: %v", extension, err)
					return
				}
			}
		})
	}
	more := func(k *trunk) {
		t.Helper()
		n := len(k.carrier.Books().Entries())
		w.until("calls go by "+k.id, func() bool { return len(k.carrier.Books().Entries()) >= n+10 })
	}
	for range 3 {
		more(first)
		_, err := control.Call(w.ctx(), w.client, control.LineRemove, control.LineRequest{ID: first.id})
		w.must(err)
		more(second)
		_, err = control.Call(w.ctx(), w.client, control.LineAdd, first.added)
		w.must(err)
	}
	more(first)
	finish()
	for _, k := range []*trunk{first, second} {
		w.until("the books of "+k.id+" are closed", func() bool {
			open := func(e carrier.Entry) bool { return e.End.IsZero() }
			return !slices.ContainsFunc(k.carrier.Books().Entries(), open)
		})
	}
}
