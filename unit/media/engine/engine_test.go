package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sekisho/sekisho/plane"
)

// both runs a test on each engine that this kernel allows.
func both(t *testing.T, f func(t *testing.T, b *bench)) {
	for _, k := range []Kind{Epoll, Uring} {
		t.Run(string(k), func(t *testing.T) {
			if _, why := Choose(k); why != nil {
				t.Skipf("this kernel allows no %s: %v", k, why)
			}
			w, err := NewWaker()
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			e, err := Open(k, w, true)
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			f(t, &bench{T: t, Engine: e, wake: w})
		})
	}
}

// bench is an engine under test, and the owner of its ports.
type bench struct {
	*testing.T
	Engine
	wake   *Waker
	heard  []heard
	unsent int
}

type heard struct {
	at    *Port
	what  string
	bytes int
	from  netip.AddrPort
}

func (b *bench) Packet(p *Port, data []byte, from netip.AddrPort) {
	b.heard = append(b.heard, heard{p, string(data[:min(len(data), 16)]), len(data), from})
}

func (b *bench) Unsent(*Port) { b.unsent++ }

// until waits until n packets have come, and gives them.
func (b *bench) until(n int) []heard {
	b.Helper()
	for end := time.Now().Add(10 * time.Second); len(b.heard) < n; {
		if time.Now().After(end) {
			b.Fatalf("%d packets of %d came", len(b.heard), n)
		}
		b.Wait(time.Second, func() {})
	}
	got := b.heard
	b.heard = nil
	return got
}

// quiet fails if anything comes.
func (b *bench) quiet(why string) {
	b.Helper()
	for end := time.Now().Add(20 * time.Millisecond); time.Now().Before(end); {
		b.Wait(time.Until(end), func() {})
	}
	b.Wait(0, func() {})
	if len(b.heard) > 0 {
		b.Fatalf("%s: %v came", why, b.heard)
	}
}

var loopback = netip.MustParseAddr("127.0.0.1")

// port opens a socket that the engine listens to.
func (b *bench) port() (*Port, *plane.MediaSocket) {
	b.Helper()
	s, other, err := plane.MediaPorts{First: 20_000, Last: 39_999}.OpenPair(netip.AddrPortFrom(loopback, 0))
	if err != nil {
		b.Fatal(err)
	}
	other.Close()
	b.Cleanup(func() { s.Close() })
	p := &Port{Owner: b, FD: s.FD(), Named: true}
	if err := b.Listen(p); err != nil {
		b.Fatal(err)
	}
	return p, s
}

func (b *bench) send(p *Port, what string, to *Address) {
	b.Helper()
	if err := b.Send(p, []byte(what), to); err != nil {
		b.Fatalf("send %q: %v", what, err)
	}
}

func TestPacketsComeWithTheirSender(t *testing.T) {
	both(t, func(t *testing.T, b *bench) {
		x, sx := b.port()
		y, sy := b.port()
		b.send(x, "to y", NewAddress(sy.Local()))
		if got := b.until(1)[0]; got != (heard{y, "to y", 4, sx.Local()}) {
			t.Fatalf("got %+v", got)
		}
		// Connected, and without names.
		if err := errors.Join(sx.Connect(sy.Local()), sy.Connect(sx.Local())); err != nil {
			t.Fatal(err)
		}
		x.Named, y.Named = false, false
		if err := errors.Join(b.Listen(x), b.Listen(y)); err != nil {
			t.Fatal(err)
		}
		b.send(x, "to y", nil)
		b.send(y, "to x", nil)
		got := b.until(2)
		slices.SortFunc(got, func(a, c heard) int { return len(a.what) - len(c.what) })
		for _, h := range got {
			if h.from.IsValid() || h.at == y && h.what != "to y" || h.at == x && h.what != "to x" {
				t.Fatalf("got %+v", h)
			}
		}
		// And with names again, as after new signaling.
		x.Named = true
		if err := b.Listen(x); err != nil {
			t.Fatal(err)
		}
		b.send(y, "again", nil)
		if got := b.until(1)[0]; got != (heard{x, "again", 5, sy.Local()}) {
			t.Fatalf("got %+v", got)
		}
	})
}

// More packets than there are buffers, events and submissions come whole, each
// once, and in order.
func TestNothingIsLostInABurst(t *testing.T) {
	both(t, func(t *testing.T, b *bench) {
		x, sx := b.port()
		y, sy := b.port()
		if err := errors.Join(sx.Connect(sy.Local()), sy.Connect(sx.Local())); err != nil {
			t.Fatal(err)
		}
		y.Named = false
		if err := b.Listen(y); err != nil {
			t.Fatal(err)
		}
		const half, rounds = 100, 20 // a socket's buffer holds some 150
		for r := range rounds {
			for i := range half {
				b.send(x, fmt.Sprint(r*half+i), nil)
			}
			for i, h := range b.until(half) {
				if h.at != y || h.what != fmt.Sprint(r*half+i) {
					t.Fatalf("round %d, packet %d is %+v", r, i, h)
				}
			}
		}
		b.quiet("after the burst")
	})
}

// All sockets have more waiting than the kernel has buffers for.
func TestBuffersRunOut(t *testing.T) {
	both(t, func(t *testing.T, b *bench) {
		x, _ := b.port()
		var ys []*Port
		const ports, each = 20, 60 // above buffersCount
		for i := range ports {
			y, sy := b.port()
			y.Named = i%2 == 0
			if err := b.Listen(y); err != nil {
				t.Fatal(err)
			}
			ys = append(ys, y)
			for n := range each {
				b.send(x, fmt.Sprint(n), NewAddress(sy.Local()))
			}
		}
		next := map[*Port]int{}
		for _, h := range b.until(ports * each) {
			if h.what != fmt.Sprint(next[h.at]) {
				t.Fatalf("packet %d is %q", next[h.at], h.what)
			}
			next[h.at]++
		}
		for i, y := range ys {
			if next[y] != each {
				t.Fatalf("port %d got %d packets", i, next[y])
			}
		}
	})
}

func TestLongPacketsAreSeenToBeCutOff(t *testing.T) {
	both(t, func(t *testing.T, b *bench) {
		x, _ := b.port()
		y, sy := b.port()
		for _, named := range []bool{true, false} {
			y.Named = named
			if err := b.Listen(y); err != nil {
				t.Fatal(err)
			}
			for _, n := range []int{PacketBytesMax - 1, PacketBytesMax + 500} {
				if err := b.Send(x, make([]byte, n), NewAddress(sy.Local())); err != nil {
					t.Fatal(err)
				}
				got := b.until(1)[0].bytes
				if n < PacketBytesMax && got != n || n > PacketBytesMax && got < PacketBytesMax {
					t.Fatalf("named %v: %d bytes came as %d", named, n, got)
				}
			}
		}
	})
}

// A peer that is not there answers with ICMP errors: they end nothing.
func TestErrorsOfThePeerEndNothing(t *testing.T) {
	both(t, func(t *testing.T, b *bench) {
		x, sx := b.port()
		y, sy := b.port()
		gone, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Bind(gone, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			t.Fatal(err)
		}
		sa, err := unix.Getsockname(gone)
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(gone)
		nobody := netip.AddrPortFrom(loopback, uint16(sa.(*unix.SockaddrInet4).Port))
		for _, named := range []bool{true, false} {
			if err := sx.Connect(nobody); err != nil {
				t.Fatal(err)
			}
			x.Named = named
			if err := b.Listen(x); err != nil {
				t.Fatal(err)
			}
			for range 5 { // those after the first are refused at once or later
				_ = b.Send(x, []byte("hello?"), nil)
				b.Wait(5*time.Millisecond, func() {})
			}
			if err := sx.Connect(sy.Local()); err != nil {
				t.Fatal(err)
			}
			b.Wait(0, func() {})
			b.send(y, "here I am", NewAddress(sx.Local()))
			if got := b.until(1)[0]; got.at != x || got.what != "here I am" {
				t.Fatalf("got %+v", got)
			}
		}
	})
}

// What a full peer can't take is told and dropped, and nobody waits for it.
func TestFullPeerIsToldNotWaitedFor(t *testing.T) {
	both(t, func(t *testing.T, b *bench) {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(pair[0])
		defer unix.Close(pair[1])
		p := &Port{Owner: b, FD: pair[0]}
		if err := b.Listen(p); err != nil {
			t.Fatal(err)
		}
		const many = 2000
		refused := 0
		for i := range many {
			if b.Send(p, binary.BigEndian.AppendUint32(nil, uint32(i)), nil) != nil {
				refused++
			}
			if i%100 == 0 {
				b.Wait(0, func() {})
			}
		}
		b.Wait(0, func() {})
		b.Wait(0, func() {})
		taken := 0
		for buf := make([]byte, 16); ; taken++ {
			if _, err := unix.Read(pair[1], buf); err != nil {
				break
			}
		}
		if taken == 0 || taken == many || refused+b.unsent != many-taken {
			t.Fatalf("%d of %d arrived, %d refused, %d unsent", taken, many, refused, b.unsent)
		}
	})
}

// Who is forgotten hears nothing more, not even through another port that has
// its place or its descriptor now.
func TestForgottenPortHearsNothing(t *testing.T) {
	both(t, func(t *testing.T, b *bench) {
		x, _ := b.port()
		y, sy := b.port()
		at := NewAddress(sy.Local())
		b.send(x, "first", at)
		b.until(1)
		b.send(x, "too late", at)
		b.Forget(y)
		b.Forget(y) // twice is once
		z, _ := b.port()
		if z.place != y.place {
			t.Fatal("the place was not used again")
		}
		b.quiet("after Forget")
		// Nor when its place is another's between a packet's coming and its telling.
		before, sb := b.port()
		b.send(x, "came before", NewAddress(sb.Local()))
		b.Wait(5*time.Second, func() {
			b.Forget(before)
			if after, _ := b.port(); after.place != before.place {
				t.Fatal("the place was not used again")
			}
		})
		b.quiet("after Forget within a wait")
		sy.Close()
		if _, sy = b.port(); sy.FD() != y.FD {
			t.Log("the descriptor was not used again")
		}
		b.send(x, "again", NewAddress(sy.Local()))
		if got := b.until(1)[0]; got.at == y || got.at == z || got.what != "again" {
			t.Fatalf("got %+v", got)
		}
	})
}

// A port that was listened to anew, and anew again before the kernel could say
// what became of that, is let go of as a whole: nothing holds its number.
func TestForgottenPortFreesItsNumber(t *testing.T) {
	both(t, func(t *testing.T, b *bench) {
		y, sy := b.port()
		b.Wait(0, func() {})
		for _, named := range []bool{false, true} {
			y.Named = named
			if err := b.Listen(y); err != nil {
				t.Fatal(err)
			}
		}
		b.Wait(0, func() {})
		b.Wait(0, func() {})
		at := sy.Local()
		b.Forget(y)
		b.Wait(0, func() {})
		b.Wait(0, func() {})
		sy.Close()
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: at.Addr().As4(), Port: int(at.Port())}); err != nil {
			t.Fatalf("%s after Forget and Close: %v", at, err)
		}
	})
}

func TestWakeEndsAWait(t *testing.T) {
	both(t, func(t *testing.T, b *bench) {
		for range 3 {
			woken, awake := 0, make(chan struct{})
			go func() {
				b.wake.Wake()
				close(awake)
			}()
			b.Wait(-1, func() { woken++ })
			if woken != 1 {
				t.Fatalf("woke was called %d times", woken)
			}
			<-awake
			b.wake.Wake() // however often: then the waker rests
			b.rests()
		}
	})
}

// rests waits until nothing of the waker is left that would end a wait.
func (b *bench) rests() {
	b.Helper()
	for range 10 {
		b.Wait(0, func() {})
		fds := []unix.PollFd{{Fd: int32(b.wake.fd), Events: unix.POLLIN}}
		if n, err := unix.Poll(fds, 0); n == 0 && err == nil {
			return
		}
	}
	b.Fatal("the waker does not rest")
}

func TestChoose(t *testing.T) {
	if k, why := Choose(Epoll); k != Epoll || why != nil {
		t.Errorf("epoll: %s, %v", k, why)
	}
	if _, why := Choose("kqueue"); !errors.Is(why, ErrKind) {
		t.Errorf("kqueue: %v", why)
	}
	k, why := Choose("")
	if (k == Uring) != (why == nil) {
		t.Errorf("by itself: %s, %v", k, why)
	}
}

// TestHeldWait has an engine wait with traffic around: a collection does not
// wait for it, and with nothing coming a wait ends after holdFor.
func TestHeldWait(t *testing.T) {
	both(t, func(t *testing.T, b *bench) {
		b.wake.Wake()
		b.Wait(time.Second, func() {})
		collected := make(chan time.Duration)
		go func() {
			start := time.Now()
			runtime.GC()
			collected <- time.Since(start)
		}()
		for done := false; !done; {
			select {
			case d := <-collected:
				if done = true; d > 5*time.Second {
					t.Errorf("a collection took %s", d)
				}
			default:
				b.wake.Wake()
				b.Wait(time.Second, func() {})
				b.Wait(5*time.Millisecond, func() {})
			}
		}
		b.wake.Wake()
		b.Wait(time.Second, func() {})
		start := time.Now()
		b.Wait(-1, func() {}) // a signal may end it before
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("a held wait lasted %s", d)
		}
	})
}

func TestHolding(t *testing.T) {
	var shared holding
	shared.note(true)
	if d, held := shared.span(-1); held || d != -1 {
		t.Errorf("where places are few a wait takes %s, held %v", d, held)
	}
	h := holding{keep: true}
	if d, held := h.span(-1); held || d != -1 {
		t.Errorf("with nothing heard a wait takes %s, held %v", d, held)
	}
	h.note(true)
	h.note(false)
	if d, held := h.span(-1); !held || d <= 0 || d > holdFor {
		t.Errorf("after traffic a wait takes %s, held %v", d, held)
	}
	if d, held := h.span(time.Microsecond); !held || d != time.Microsecond {
		t.Errorf("after traffic a short wait takes %s, held %v", d, held)
	}
}
