package plane

import (
	"errors"
	"net/netip"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// take reads one datagram, or gives false after wait.
func take(s *MediaSocket, wait time.Duration) (string, bool) {
	b := make([]byte, 100)
	for end := time.Now().Add(wait); time.Now().Before(end); {
		fds := []unix.PollFd{{Fd: int32(s.FD()), Events: unix.POLLIN}}
		_, _ = unix.Poll(fds, 10)
		if n, _, err := unix.Recvfrom(s.FD(), b, unix.MSG_DONTWAIT); err == nil {
			return string(b[:n]), true
		}
	}
	return "", false
}

func TestMediaPair(t *testing.T) {
	home := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 0)
	m := MediaPorts{First: 20_001, Last: 29_999, DSCP: 46}
	rtp, rtcp, err := m.OpenPair(home)
	if err != nil {
		t.Fatal(err)
	}
	defer rtp.Close()
	defer rtcp.Close()
	if p := rtp.Local().Port(); p%2 != 0 || p < 20_002 || p > 29_998 || rtcp.Local().Port() != p+1 {
		t.Errorf("ports are %d and %d", p, rtcp.Local().Port())
	}
	if tos, err := unix.GetsockoptInt(rtp.FD(), unix.IPPROTO_IP, unix.IP_TOS); err != nil || tos != 46<<2 {
		t.Errorf("TOS is %#x, %v", tos, err)
	}
	peer, other, err := m.OpenPair(home)
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	defer other.Close()
	if err := rtp.Connect(peer.Local()); err != nil {
		t.Fatal(err)
	}
	// The kernel drops what a third host sends; the peer is heard.
	for _, s := range []*MediaSocket{other, peer} {
		if err := unix.Sendto(s.FD(), []byte(s.Local().String()), 0, sockaddr(rtp.Local())); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok := take(rtp, 2*time.Second); !ok || got != peer.Local().String() {
		t.Errorf("heard %q, %v", got, ok)
	}
	if got, ok := take(rtp, 30*time.Millisecond); ok {
		t.Errorf("heard %q too", got)
	}
	// Without its peer the socket hears everybody, on the same port.
	if err := rtp.Connect(netip.AddrPort{}); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*MediaSocket{other, peer} {
		if err := unix.Sendto(s.FD(), []byte(s.Local().String()), 0, sockaddr(rtp.Local())); err != nil {
			t.Fatal(err)
		}
		if got, ok := take(rtp, 2*time.Second); !ok || got != s.Local().String() {
			t.Errorf("heard %q, %v", got, ok)
		}
	}
	for range 2 {
		if err := rtp.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

// TestMediaPortsFrom opens a pair above a port, whatever the range is.
func TestMediaPortsFrom(t *testing.T) {
	m := MediaPorts{First: 20_000, Last: 29_999}
	for range 20 {
		rtp, rtcp, err := m.OpenPair(netip.MustParseAddrPort("127.0.0.1:49152"))
		if err != nil {
			t.Fatal(err)
		}
		if p := rtp.Local().Port(); p < 49_152 || p%2 != 0 {
			t.Errorf("port is %d", p)
		}
		rtp.Close()
		rtcp.Close()
	}
}

func TestMediaPortsRunOut(t *testing.T) {
	pid := os.Getpid() // nobody else is at that address
	home := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 201, byte(pid >> 8), byte(pid) | 1}), 0)
	m := MediaPorts{First: 31_000, Last: 31_003}
	var open []*MediaSocket
	for {
		rtp, rtcp, err := m.OpenPair(home)
		if err != nil {
			if !errors.Is(err, ErrNoPorts) {
				t.Errorf("error is %v", err)
			}
			break
		}
		open = append(open, rtp, rtcp)
	}
	if len(open) != 4 {
		t.Errorf("%d sockets out of a range of 4", len(open))
	}
	for _, s := range open {
		s.Close()
	}
	if _, _, err := (MediaPorts{First: 100, Last: 100}).OpenPair(home); !errors.Is(err, ErrNoPorts) {
		t.Errorf("an empty range gives %v", err)
	}
}

func TestMediaPortsAreUnpredictable(t *testing.T) {
	m := MediaPorts{First: 20_000, Last: 59_999}
	seen := map[int]int{}
	var last uint16
	for range 40 {
		rtp, rtcp, err := m.OpenPair(netip.MustParseAddrPort("127.0.0.1:0"))
		if err != nil {
			t.Fatal(err)
		}
		seen[int(rtp.Local().Port())-int(last)]++
		last = rtp.Local().Port()
		rtp.Close()
		rtcp.Close()
	}
	for step, n := range seen {
		if n > 3 {
			t.Errorf("ports go on by %d %d times", step, n)
		}
	}
}

// TestMediaLeavesFilesToOthers opens pairs until no more may be open.
func TestMediaLeavesFilesToOthers(t *testing.T) {
	home := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 0)
	first, other, err := MediaPorts{First: 20_000, Last: 39_999}.OpenPair(home)
	if err != nil {
		t.Fatal(err)
	}
	open := []*MediaSocket{first, other}
	defer func() {
		for _, s := range open {
			_ = s.Close()
		}
	}()
	m := MediaPorts{First: 20_000, Last: 39_999, FilesMax: max(first.FD(), other.FD()) + 20}
	for range 20 {
		a, b, err := m.OpenPair(home)
		if err != nil {
			if !errors.Is(err, ErrNoPorts) {
				t.Errorf("%v", err)
			}
			return
		}
		if a.FD() >= m.FilesMax || b.FD() >= m.FilesMax {
			t.Fatalf("files %d and %d of %d", a.FD(), b.FD(), m.FilesMax)
		}
		open = append(open, a, b)
	}
	t.Error("40 more files are open than may be")
}
