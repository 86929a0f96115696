package plane

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip/edge"
	"golang.org/x/sys/unix"
)

// tosOf reads one datagram's TOS byte, from the packet itself.
func tosOf(t *testing.T, c *net.UDPConn) int {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b, oob := make([]byte, 100), make([]byte, 100)
	_, n, _, _, err := c.ReadMsgUDP(b, oob)
	if err != nil {
		t.Fatal(err)
	}
	list, err := unix.ParseSocketControlMessage(oob[:n])
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if m.Header.Level == unix.IPPROTO_IP && m.Header.Type == unix.IP_TOS {
			return int(m.Data[0])
		}
	}
	t.Fatal("no TOS came with the datagram")
	return 0
}

// listenTOS is a peer that is told the TOS of what it gets.
func listenTOS(t *testing.T) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_RECVTOS, 1)
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOpenWhileRunning adds a listener with a DSCP of its own to two shards,
// and takes it away again: no other process can have its port meanwhile, and
// the other listener goes on.
func TestOpenWhileRunning(t *testing.T) {
	ps := openTest(t, 2, "127.0.0.1:0")
	at, err := ps[0].Open(3, netip.MustParseAddrPort("127.0.0.1:0"), 32)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := ps[1].Open(3, at, 32); err != nil || second != at {
		t.Fatalf("second shard: %s, %v", second, err)
	}
	if _, err := ps[0].Open(4, at, 32); !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("the same address a second time: %v", err)
	}
	peer := listenTOS(t)
	to := netip.MustParseAddrPort(peer.LocalAddr().String())
	out := []edge.Datagram{{Buf: []byte("a"), Remote: to, Listener: 0}, {Buf: []byte("b"), Remote: to, Listener: 3}}
	if n, err := ps[1].WriteBatch(out); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if a, b := tosOf(t, peer), tosOf(t, peer); a != 0 || b != 32<<2 {
		t.Errorf("TOS %#x and %#x, want 0 and 0x80", a, b)
	}
	ps[1].Shut(3)
	ps[1].Shut(3)
	if _, err := ps[1].WriteBatch(out[1:]); !errors.Is(err, ErrListener) {
		t.Errorf("sent through a closed listener: %v", err)
	}
	if _, err := peer.WriteToUDPAddrPort([]byte("in"), at); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, ps[0], 1); got[0].Listener != 3 || string(got[0].Buf) != "in" {
		t.Errorf("got %q of listener %d", got[0].Buf, got[0].Listener)
	}
	ps[0].Shut(3)
	if _, err := ps[0].Open(3, at, 0); err != nil {
		t.Errorf("open again: %v", err)
	}
}

func TestOverlap(t *testing.T) {
	listeners := []Listener{
		{Name: "phones", Transport: UDP, Addr: netip.MustParseAddrPort("192.168.1.1:5060")},
		{Name: "phones-tcp", Transport: TCP, Addr: netip.MustParseAddrPort("192.168.1.1:5062")},
		{Name: "lines", Transport: UDP, Addr: netip.MustParseAddrPort("0.0.0.0:5080")},
	}
	for at, want := range map[string]string{
		"192.168.1.1:5060": "phones", "0.0.0.0:5060": "phones", "192.168.2.1:5060": "", "[::]:5060": "",
		"192.168.1.1:5062": "", "192.168.2.1:5080": "lines", "0.0.0.0:0": "", "[::ffff:192.168.1.1]:5060": "phones",
	} {
		l, found := Overlap(netip.MustParseAddrPort(at), listeners)
		if l.Name != want || found != (want != "") {
			t.Errorf("%s overlaps %q, want %q", at, l.Name, want)
		}
	}
}
