package app_test

import (
	"errors"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/office"
)

// TestTheSourceOfAFloodIsBarred runs a unit in a network namespace of its own,
// with its real packet filter: what sends junk without end is barred, a phone
// whose address sends the same is not, though it is disabled: it may call 119.
func TestTheSourceOfAFloodIsBarred(t *testing.T) {
	if os.Geteuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("network namespaces take root")
		}
		t.Skip("network namespaces take root")
	}
	runtime.LockOSThread() // never unlocked: the thread ends with the test
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	loopbackUp(t)
	w := newWorldWith(t, func(_ *world, c *config.Config) { c.Voice.PacketFilter = true }, nil)
	w.phone("201", func(office.Ring) int { return 200 }) // at .3
	off := control.PhoneSwitchRequest{Phone: "201", Disabled: true}
	_, err := control.Call(w.ctx(), w.client, control.PhoneSwitch, off)
	w.must(err)
	to := net.UDPAddrFromAddrPort(w.phones)
	flood := func(host byte) {
		c := w.socket(w.host(host), 0)
		defer c.Close()
		for range 20_000 { // some do not fit into the socket's buffer
			if _, err := c.WriteTo([]byte("EVIL EVIL"), to); err != nil && !errors.Is(err, unix.EPERM) {
				t.Fatal(err)
			}
		}
	}
	w.until("one source is barred", func() bool {
		flood(66)
		flood(3)
		return strings.Contains(w.figures(), "\nsekisho_filter_sources 1\n")
	})
	junk := w.settled(`sekisho_sip_dropped_total{why="junk"}`)
	flood(66)
	if now := w.settled(`sekisho_sip_dropped_total{why="junk"}`); now != junk {
		t.Errorf("a barred source's datagrams reach the unit: %s, then %s", junk, now)
	}
	flood(3)
	w.until("a phone's address is heard still", func() bool {
		return w.figure(`sekisho_sip_dropped_total{why="junk"}`) != junk
	})
}

// settled gives a figure once it has stood still for a while: what waits in
// the socket's buffer is counted too.
func (w *world) settled(name string) string {
	w.Helper()
	last := w.figure(name)
	w.until(name+" stands still", func() bool {
		before := last
		time.Sleep(100 * time.Millisecond)
		last = w.figure(name)
		return last == before
	})
	return last
}

// figure gives one figure's value as it is written.
func (w *world) figure(name string) string {
	w.Helper()
	_, rest, ok := strings.Cut(w.figures(), "\n"+name+" ")
	if !ok {
		w.Fatalf("no figure %s", name)
	}
	value, _, _ := strings.Cut(rest, "\n")
	return value
}

func loopbackUp(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	r, err := unix.NewIfreq("lo")
	if err == nil {
		r.SetUint16(unix.IFF_UP)
		err = unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, r)
	}
	if err != nil {
		t.Fatal(err)
	}
}
