package plane

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip/edge"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// room makes datagrams to read into.
func room(n int) []edge.Datagram {
	ds := make([]edge.Datagram, n)
	for i := range ds {
		ds[i].Buf = make([]byte, 2048)
	}
	return ds
}

// openTest opens UDP listeners for n shards and closes them at the end.
func openTest(t *testing.T, n int, addrs ...string) []*Packets {
	t.Helper()
	var list []Listener
	for _, a := range addrs {
		list = append(list, Listener{Name: a, Plane: Voice, Transport: UDP, Addr: netip.MustParseAddrPort(a)})
	}
	ps, err := OpenPackets(list, n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, p := range ps {
			p.Close()
		}
	})
	return ps
}

// readAll reads until n datagrams came or two seconds passed.
func readAll(t *testing.T, p *Packets, n int) []edge.Datagram {
	t.Helper()
	deadline := time.Now().Add(2 * time.Second)
	var got []edge.Datagram
	for len(got) < n && time.Now().Before(deadline) {
		ds := room(16)
		k, err := p.ReadBatch(ds, deadline)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, ds[:k]...)
	}
	if len(got) != n {
		t.Fatalf("got %d datagrams, want %d", len(got), n)
	}
	return got
}

// answerFrom sends from one address to a wildcard listener and checks that the
// answer leaves from the address that was spoken to.
func answerFrom(t *testing.T, listen, spoken string) {
	t.Helper()
	p := openTest(t, 1, listen)[0]
	to := netip.AddrPortFrom(netip.MustParseAddr(spoken), p.Local(0).Port())
	peer, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	if _, err := peer.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	got := readAll(t, p, 1)
	if string(got[0].Buf) != "hello" || got[0].Local != to || got[0].Listener != 0 {
		t.Fatalf("got %q to %s, want hello to %s", got[0].Buf, got[0].Local, to)
	}
	got[0].Buf = []byte("answer")
	if n, err := p.WriteBatch(got); n != 1 || err != nil {
		t.Fatalf("write: %d, %v", n, err)
	}
	// The peer is connected to the spoken address: from another one the
	// kernel would not hand the answer over.
	peer.SetReadDeadline(time.Now().Add(2 * time.Second))
	b := make([]byte, 100)
	n, err := peer.Read(b)
	if err != nil || string(b[:n]) != "answer" {
		t.Fatalf("peer read %q, %v", b[:n], err)
	}
}

func TestAnswerLeavesFromWhereItCame(t *testing.T) {
	answerFrom(t, "0.0.0.0:0", "127.0.0.5")
	answerFrom(t, "127.0.0.1:0", "127.0.0.1")
	if ln, err := net.ListenPacket("udp6", "[::1]:0"); err == nil {
		ln.Close()
		answerFrom(t, "[::]:0", "::1")
	}
}

func TestBatchesOverTwoListeners(t *testing.T) {
	p := openTest(t, 1, "127.0.0.1:0", "127.0.0.2:0")[0]
	var ds []edge.Datagram
	const each = 100
	for i := range 2 * each {
		l := i / each
		ds = append(ds, edge.Datagram{Buf: []byte{byte(i)}, Remote: p.Local(1 - l), Local: p.Local(l), Listener: l})
	}
	if n, err := p.WriteBatch(ds); n != len(ds) || err != nil {
		t.Fatalf("write: %d, %v", n, err)
	}
	count := map[int]int{}
	for _, d := range readAll(t, p, 2*each) {
		if d.Remote != p.Local(1-d.Listener) {
			t.Fatalf("listener %d heard from %s", d.Listener, d.Remote)
		}
		count[d.Listener]++
	}
	if count[0] != each || count[1] != each {
		t.Fatalf("listeners heard %v", count)
	}
}

func TestShardsShareThePort(t *testing.T) {
	ps := openTest(t, 4, "127.0.0.1:0")
	for _, p := range ps[1:] {
		if p.Local(0) != ps[0].Local(0) {
			t.Fatalf("shards stand on %s and %s", ps[0].Local(0), p.Local(0))
		}
	}
	_, err := OpenPackets([]Listener{{Name: "second", Plane: Voice, Transport: UDP, Addr: ps[0].Local(0)}}, 4)
	if err == nil {
		t.Fatal("a second unit opened the port of the first")
	}
}

func TestWaitEnds(t *testing.T) {
	p := openTest(t, 1, "127.0.0.1:0")[0]
	start := time.Now()
	n, err := p.ReadBatch(room(1), start.Add(30*time.Millisecond))
	if n != 0 || err != nil || time.Since(start) < 30*time.Millisecond {
		t.Fatalf("deadline: %d, %v after %s", n, err, time.Since(start))
	}
	p.Wake() // before the wait: must not be lost
	if n, err := p.ReadBatch(room(1), time.Time{}); n != 0 || err != nil {
		t.Fatalf("wake: %d, %v", n, err)
	}
	ended := make(chan error)
	go func() {
		_, err := p.ReadBatch(room(1), time.Time{})
		ended <- err
	}()
	p.Close()
	select {
	case err := <-ended:
		if !errors.Is(err, net.ErrClosed) {
			t.Fatalf("close gave %v", err)
		}
	case <-time.After(2 * time.Second):
		t.Fatal("close did not end the wait")
	}
	p.Wake()
	if _, err := p.WriteBatch(room(1)); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("write after close gave %v", err)
	}
}

func TestWriteNamesWhatFailed(t *testing.T) {
	p := openTest(t, 1, "127.0.0.1:0")[0]
	good := edge.Datagram{Buf: []byte("x"), Remote: p.Local(0)}
	bad := []edge.Datagram{
		{Buf: []byte("x"), Remote: netip.MustParseAddrPort("[2001:db8::1]:5060")},
		{Buf: nil, Remote: p.Local(0)},
		{Buf: []byte("x"), Remote: p.Local(0), Listener: 7},
		{Buf: []byte("x")},
	}
	for i, b := range bad {
		n, err := p.WriteBatch([]edge.Datagram{good, b, good})
		if n != 1 || err == nil {
			t.Errorf("case %d: %d written, %v", i, n, err)
		}
	}
}

// TestFloodLeavesOthersHeard fills one socket and puts one datagram into the
// other: every read of some must bring both.
func TestFloodLeavesOthersHeard(t *testing.T) {
	p := openTest(t, 1, "127.0.0.1:0", "127.0.0.2:0")[0]
	flood := make([]edge.Datagram, 200)
	for i := range flood {
		flood[i] = edge.Datagram{Buf: []byte("flood"), Remote: p.Local(0), Listener: 1}
	}
	if n, err := p.WriteBatch(flood); n != len(flood) {
		t.Fatal(err)
	}
	for range 5 {
		quiet := []edge.Datagram{{Buf: []byte("answer"), Remote: p.Local(1)}}
		if n, err := p.WriteBatch(quiet); n != 1 {
			t.Fatal(err)
		}
		ds := room(16)
		n, err := p.ReadBatch(ds, time.Now().Add(time.Second))
		if err != nil || n != len(ds) && n != len(ds)/2+1 {
			t.Fatalf("read %d, %v", n, err)
		}
		heard := 0
		for _, d := range ds[:n] {
			heard += d.Listener
		}
		if heard != 1 {
			t.Fatalf("%d of %d datagrams are of the quiet socket", heard, n)
		}
	}
}

// TestWhenItCame lets a datagram lie in the socket: it says when it arrived,
// not when it was read.
func TestWhenItCame(t *testing.T) {
	for _, listen := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
		p := openTest(t, 1, listen)[0]
		to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), p.Local(0).Port())
		before := time.Now()
		if _, err := p.WriteBatch([]edge.Datagram{{Buf: []byte("x"), Remote: to}}); err != nil {
			t.Fatal(err)
		}
		sent := time.Now()
		ds := room(1)
		if n, err := p.ReadBatch(ds, time.Now().Add(-1)); n != 1 || err != nil {
			t.Fatalf("%d read, %v", n, err)
		}
		if at := ds[0].At; at.Before(before.Round(0)) || at.After(sent.Round(0)) {
			t.Errorf("%s: arrived at %v, sent from %v to %v", listen, at, before, sent)
		}
	}
}

// TestWaitCostsNothing reads, waits and is woken without allocating.
func TestWaitCostsNothing(t *testing.T) {
	p := openTest(t, 1, "127.0.0.1:0")[0]
	ds := room(4)
	out := []edge.Datagram{{Buf: []byte("x"), Remote: p.Local(0)}}
	n := testing.AllocsPerRun(100, func() {
		p.Wake()
		_, _ = p.ReadBatch(ds, time.Now().Add(time.Minute))
		_, _ = p.WriteBatch(out)
		_, _ = p.ReadBatch(ds, time.Now().Add(time.Minute))
		_, _ = p.ReadBatch(ds, time.Now().Add(100*time.Microsecond))
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestNoWakeIsLost has others leave work and wake the loop, which waits for
// ever when there is none: a lost wake would leave work undone.
func TestNoWakeIsLost(t *testing.T) {
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprint("keeps its place ", keep), func(t *testing.T) { noWakeIsLost(t, keep) })
	}
}

func noWakeIsLost(t *testing.T, keep bool) {
	p := openTest(t, 1, "127.0.0.1:0")[0]
	p.KeepPlace = keep
	const others, each = 4, 2000
	var left, done atomic.Int64
	for range others {
		go func() {
			for range each {
				left.Add(1)
				p.Wake()
			}
		}()
	}
	watch := time.AfterFunc(30*time.Second, func() { p.Close() })
	defer watch.Stop()
	ds := room(4)
	for done.Load() < others*each {
		done.Add(left.Swap(0))
		if done.Load() == others*each {
			break
		}
		if _, err := p.ReadBatch(ds, time.Time{}); err != nil {
			t.Fatalf("%d of %d done: %v", done.Load(), others*each, err)
		}
	}
}

// TestHold looks at the thread of a loop: while there is traffic it sleeps in
// the kernel's own wait, a collection does not wait for it, and when it has
// been quiet the goroutine waits as others do.
func TestHold(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))) // who keeps a place leaves one
	p := openTest(t, 1, "127.0.0.1:0")[0]
	p.KeepPlace = true
	thread := make(chan int, 1)
	ended := make(chan error)
	go func() {
		ds := room(1)
		_, err := p.ReadBatch(ds, time.Now())
		thread <- unix.Gettid()
		for err == nil {
			_, err = p.ReadBatch(ds, time.Time{})
		}
		ended <- err
	}()
	at := fmt.Sprintf("/proc/self/task/%d/syscall", <-thread)
	asleepIn := func(call int) bool {
		b, err := os.ReadFile(at)
		if err != nil {
			t.Fatal(err)
		}
		return strings.HasPrefix(string(b), strconv.Itoa(call)+" ")
	}
	within := func(what string, call int) {
		t.Helper()
		for start := time.Now(); !asleepIn(call); time.Sleep(time.Millisecond) {
			if time.Since(start) > 5*time.Second {
				t.Fatal(what)
			}
		}
	}
	within("a quiet loop does not leave its thread", unix.SYS_FUTEX)
	var traffic sync.WaitGroup
	stop := make(chan struct{})
	traffic.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				_, _ = p.WriteBatch([]edge.Datagram{{Buf: []byte("x"), Remote: p.Local(0)}})
			}
		}
	})
	within("with traffic the loop does not wait in the kernel", unix.SYS_EPOLL_PWAIT)
	start := time.Now()
	for range 10 {
		runtime.GC()
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("10 collections took %s", d)
	}
	close(stop)
	traffic.Wait()
	within("after the traffic the loop keeps its place", unix.SYS_FUTEX)
	p.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}
