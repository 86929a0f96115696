package plane

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// apartRun runs a function on a thread in a network namespace of its own, with
// its loopback interface up; the thread ends with it.
func apartRun(t *testing.T, f func() error) {
	t.Helper()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("network namespaces take root")
		}
		t.Skip("network namespaces take root")
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			err = loopbackUp()
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	r, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	r.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, r)
}

// hears reports whether a datagram from an address to a port of ours arrives.
// Loopback delivers before the send returns, so silence need not be waited for
// long.
func hears(from netip.Addr, to *net.UDPConn) (bool, error) {
	c, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, 0)), to.LocalAddr().(*net.UDPAddr))
	if err != nil {
		return false, err
	}
	defer c.Close()
	if _, err := c.Write([]byte("x")); err != nil && !errors.Is(err, unix.EPERM) {
		return false, err
	}
	if err := to.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		return false, err
	}
	var b [8]byte
	n, _, err := to.ReadFromUDP(b[:])
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return false, nil
	}
	return n == 1, err
}

func TestTheFilterDropsTheWorstOnOurPortsOnly(t *testing.T) {
	apartRun(t, func() error {
		ours, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return err
		}
		defer ours.Close()
		other, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return err
		}
		defer other.Close()
		port := portOf(ours)
		six, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback, Port: int(port)})
		if err != nil {
			return err
		}
		defer six.Close()
		f, err := OpenFilter()
		if err != nil {
			return err
		}
		bad, good := netip.MustParseAddr("127.0.0.66"), netip.MustParseAddr("127.0.0.67")
		network := netip.MustParseAddr("::") // the /64 of ::1
		expect := func(what string, from netip.Addr, to *net.UDPConn, want bool) {
			if got, err := hears(from, to); err != nil || got != want {
				t.Errorf("%s: heard %v (%v), want %v", what, got, err, want)
			}
		}
		if err := errors.Join(f.Guard([]uint16{port, port}), f.Guard([]uint16{port})); err != nil {
			return err
		}
		expect("before", bad, ours, true)
		if err := f.Bar([]netip.Addr{bad, network}, time.Minute); err != nil {
			return err
		}
		expect("barred", bad, ours, false)
		expect("barred, another service", bad, other, true)
		expect("another source", good, ours, true)
		expect("barred by its /64", netip.IPv6Loopback(), six, false)
		if err := follows(f, portOf(ours), portOf(other), func(what string, first, second bool) {
			expect(what, bad, ours, first)
			expect(what, bad, other, second)
		}); err != nil {
			return err
		}
		if list, err := f.Barred(); err != nil || len(list) != 2 {
			t.Errorf("barred are %v (%v)", list, err)
		}
		if err := f.Bar([]netip.Addr{bad}, time.Minute); err != nil {
			t.Errorf("barring twice: %v", err)
		}
		if err := errors.Join(f.Release(bad), f.Release(good)); err != nil {
			t.Errorf("release: %v", err)
		}
		expect("released", bad, ours, true)
		if err := untilOver(f, bad); err != nil {
			return err
		}
		expect("its time is over", bad, ours, true)
		again, err := OpenFilter() // as after a crash: the table that was left is replaced
		if err != nil {
			return err
		}
		if list, err := again.Barred(); err != nil || len(list) != 0 {
			t.Errorf("a new table holds %v (%v)", list, err)
		}
		return errors.Join(again.Close(), f.conn.CloseLasting())
	})
}

// follows adds a listener, closes the first one, and has it back. expect checks
// which of the two a barred source reaches.
func follows(f *Filter, first, second uint16, expect func(what string, first, second bool)) error {
	for _, c := range []struct {
		what   string
		ports  []uint16
		hears1 bool
		hears2 bool
	}{
		{"barred, both ports", []uint16{second, first}, false, false},
		{"barred, the first port is closed", []uint16{second}, true, false},
		{"barred, the first port only", []uint16{first}, false, true},
	} {
		if err := f.Guard(c.ports); err != nil {
			return err
		}
		expect(c.what, c.hears1, c.hears2)
	}
	return nil
}

func portOf(c *net.UDPConn) uint16 { return c.LocalAddr().(*net.UDPAddr).AddrPort().Port() }

// untilOver bars a source for a moment, and waits until it is not barred any
// more.
func untilOver(f *Filter, source netip.Addr) error {
	if err := f.Bar([]netip.Addr{source}, 50*time.Millisecond); err != nil {
		return err
	}
	deadline := time.Now().Add(5 * time.Second)
	for {
		list, err := f.Barred()
		if err != nil || !slices.Contains(list, source) {
			return err
		}
		if time.Now().After(deadline) {
			return errors.New("a source is barred for longer than it should be")
		}
		time.Sleep(10 * time.Millisecond)
	}
}
