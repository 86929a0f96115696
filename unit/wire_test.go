package unit

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"regexp"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

var sockets = flag.Bool("sockets", false, "SIP and voice go through the kernel's sockets, in real time")

// inTime runs a test in virtual time, where the network is in memory too; with -sockets in
// real time, over the kernel's sockets and the code that the program reads and writes them by.
func inTime(t *testing.T, run func(t *testing.T)) {
	if *sockets {
		t.Parallel() // it waits, and does not compute
		run(t)
		return
	}
	synctest.Test(t, run)
}

// took tells whether something lasted so long: exactly, or in real time about.
func took(got, want time.Duration) bool {
	return got == want || *sockets && got > want && got < want+patience
}

// wire is an office's own part of the loopback network: 127.N.0.0/16. Nobody else has it
// while its guard is bound.
type wire struct {
	net   byte
	guard net.PacketConn
}

// The second bytes that offices have, and the port of their guards.
const (
	netFirst  = 16
	netLast   = 63
	guardPort = 5059
)

// newWire takes a part that nobody uses.
func newWire(t testing.TB) *wire {
	t.Helper()
	first := rand.IntN(netLast - netFirst + 1)
	for i := range netLast - netFirst + 1 {
		n := byte(netFirst + (first+i)%(netLast-netFirst+1))
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, n, 255, 254}), guardPort)
		if c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at)); err == nil {
			t.Cleanup(func() { _ = c.Close() })
			return &wire{net: n, guard: c}
		}
	}
	t.Fatalf("127.%d.0.0 to 127.%d.0.0 are all in use", netFirst, netLast)
	return nil
}

// place is where an address of the network in memory is on the wire; nil changes nothing.
func (w *wire) place(at netip.AddrPort) netip.AddrPort {
	if w == nil {
		return at
	}
	a := at.Addr().As4()
	a[1] = w.net
	return netip.AddrPortFrom(netip.AddrFrom4(a), at.Port())
}

// moved has what an office before had stored name the addresses of this one.
func moved[T any](w *wire, stored T) (out T) {
	text, err := json.Marshal(stored)
	if err == nil {
		err = json.Unmarshal(aNet.ReplaceAll(text, fmt.Appendf(nil, "127.%d.", w.net)), &out)
	}
	if err != nil {
		panic(err) // a test's rows can be written
	}
	return out
}

var aNet = regexp.MustCompile(`\b127\.(1[6-9]|[2-5][0-9]|6[0-3])\.`)

// listen opens the unit's listeners.
func (w *wire) listen(t testing.TB, shards int) (all []stack.Packets) {
	t.Helper()
	list, err := plane.OpenPackets([]plane.Listener{
		{Name: "phones", Plane: plane.Voice, Transport: plane.UDP, Addr: w.place(phoneSide)},
		{Name: "lines", Plane: plane.Voice, Transport: plane.UDP, Addr: w.place(lineSide)},
	}, shards)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		all = append(all, p)
	}
	return all
}

// plugIn gives a puppet a socket of its own, from which it takes what comes until the test
// is over.
func (p *puppet) plugIn() {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(p.addr))
	if err != nil {
		p.t.Fatal(err)
	}
	p.conn = conn
	var reader sync.WaitGroup
	reader.Go(func() {
		buf := make([]byte, 1<<16)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			p.receive(from, append([]byte(nil), buf[:n]...))
		}
	})
	p.t.Cleanup(func() {
		_ = conn.Close()
		reader.Wait()
	})
}
