package media

import (
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sekisho/sekisho/plane"
)

// numbered opens pairs that are numbers only, the next free one of few.
type numbered struct {
	mu    sync.Mutex
	few   int
	inUse map[uint16]bool
	fd    int // of all of them: a socket that nothing comes to
}

func numbers(t *testing.T, few int) *numbered {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return &numbered{few: few, inUse: map[uint16]bool{}, fd: fd}
}

func (n *numbered) OpenPair(from netip.AddrPort) (Socket, Socket, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for port := uint16(10_000); port < uint16(10_000+2*n.few); port += 2 {
		if !n.inUse[port] {
			n.inUse[port] = true
			at := netip.AddrPortFrom(from.Addr(), port)
			return number{n, at}, number{n, netip.AddrPortFrom(from.Addr(), port+1)}, nil
		}
	}
	return nil, nil, ErrLimit
}

type number struct {
	n  *numbered
	at netip.AddrPort
}

func (s number) FD() int                      { return s.n.fd }
func (s number) Local() netip.AddrPort        { return s.at }
func (s number) Connect(netip.AddrPort) error { return nil }

func (s number) Close() error {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	delete(s.n.inUse, s.at.Port())
	return nil
}

func TestPairsAreOpenInAdvanceAndTakenAtRandom(t *testing.T) {
	n := numbers(t, 1000)
	p := newPool(n, 0, nil, slog.New(slog.DiscardHandler))
	var done sync.WaitGroup
	done.Go(p.run)
	defer done.Wait()
	defer p.close()
	p.prepare(netip.AddrPortFrom(loopback, 0))
	full := func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.shelves[netip.AddrPortFrom(loopback, 0)].ready) == PairsReady
	}
	until(t, full)
	var taken []uint16
	for range PairsReady/2 - 1 { // more would have others opened
		pair, err := p.take(netip.AddrPortFrom(loopback, 0), false)
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, pair.RTP.Local().Port())
	}
	backward := slices.Clone(taken)
	slices.Reverse(backward)
	if slices.IsSorted(taken) || slices.IsSorted(backward) {
		t.Errorf("taken in the order in which they were opened: %v", taken)
	}
	// It may have opened some meanwhile: it does so again when half are gone.
	for half := false; !half; {
		if _, err := p.take(netip.AddrPortFrom(loopback, 0), false); err != nil {
			t.Fatal(err)
		}
		p.mu.Lock()
		half = len(p.shelves[netip.AddrPortFrom(loopback, 0)].ready) <= PairsReady/2
		p.mu.Unlock()
	}
	until(t, full)
}

// TestEmergencyCallsGetTheLastPorts has calls take all of a range: what is kept
// is for emergency calls.
func TestEmergencyCallsGetTheLastPorts(t *testing.T) {
	n := numbers(t, 3*PairsReady)
	p := newPool(n, 0, nil, slog.New(slog.DiscardHandler))
	defer p.close()
	from := netip.AddrPortFrom(loopback, 0)
	p.prepare(from)
	p.fill()
	for i := range n.few - PairsKept {
		if _, err := p.take(from, false); err != nil {
			t.Fatalf("call %d of the range: %v", i, err)
		}
		p.fill() // as its goroutine would
	}
	if _, err := p.take(from, false); err == nil {
		t.Error("an ordinary call has what is kept")
	}
	for i := range PairsKept {
		if pair, err := p.take(from, true); err != nil || pair.RTP == nil {
			t.Fatalf("emergency leg %d: %v", i, err)
		}
	}
	if _, err := p.take(from, true); err == nil {
		t.Error("there are more pairs than ports")
	}
}

// TestPortsRestAfterACall takes from a pool of real sockets, all of the range
// but one, and gives back.
func TestPortsRestAfterACall(t *testing.T) {
	begun := time.Now()
	p := newPool(&ports{}, 0, nil, slog.New(slog.DiscardHandler))
	defer p.close()
	from := netip.AddrPortFrom(loopback, 0)
	first, err := p.take(from, false)
	if err != nil {
		t.Fatal(err)
	}
	p.give(first)
	other, err := p.take(from, false)
	if err != nil || other.RTP == first.RTP {
		t.Fatalf("a port is used again at once (%v)", err)
	}
	p.mu.Lock()
	p.rise(p.shelves[from], begun.Add(RestTime+time.Minute))
	n := len(p.shelves[from].ready)
	p.mu.Unlock()
	if n != 1 {
		t.Fatalf("%d pairs are ready when one has rested", n)
	}
	again, err := p.take(from, false)
	if err != nil || again.RTP != first.RTP {
		t.Errorf("what has rested is not used again: %v, %v", again.RTP.Local(), err)
	}
	p.give(again)
	p.give(other)
}

// TestAPairIsAsNewAfterItsRest ties a pair to a peer, has packets of the old
// call wait in it, and takes it for another call.
func TestAPairIsAsNewAfterItsRest(t *testing.T) {
	p := newPool(&ports{}, 0, nil, slog.New(slog.DiscardHandler))
	defer p.close()
	from := netip.AddrPortFrom(loopback, 0)
	pair, err := p.take(from, false)
	if err != nil {
		t.Fatal(err)
	}
	old, other := listen(t), listen(t)
	if err := pair.RTP.Connect(local(old)); err != nil {
		t.Fatal(err)
	}
	pair.tied = true
	say := func(c *net.UDPConn, what string) {
		if _, err := c.WriteToUDPAddrPort([]byte(what), pair.RTP.Local()); err != nil {
			t.Fatal(err)
		}
	}
	hear := func() string {
		var b [100]byte
		n, err := unix.Read(pair.RTP.FD(), b[:])
		if err != nil {
			return err.Error()
		}
		return string(b[:n])
	}
	for range 100 {
		say(old, "of the call before")
	}
	p.give(pair)
	say(old, "late")
	p.mu.Lock()
	p.rise(p.shelves[from], time.Now().Add(RestTime))
	p.mu.Unlock()
	if again, err := p.take(from, false); err != nil || again.RTP != pair.RTP {
		t.Fatalf("another pair was taken (%v)", err)
	}
	if got := hear(); got != unix.EAGAIN.Error() {
		t.Errorf("the next call hears %q", got)
	}
	say(other, "of the next call")
	if got := hear(); got != "of the next call" {
		t.Errorf("the next call's peer is not heard: %q", got)
	}
}

func listen(t *testing.T) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func local(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

// alone4 is a loopback address whose ports no other test at work has.
func alone4() netip.Addr {
	pid := os.Getpid()
	return netip.AddrFrom4([4]byte{127, 200, byte(pid >> 8), byte(pid) | 1})
}

// TestACallGetsAPortOfTheFew has a range of three pairs: a call must not fail
// while any of them is free, rested or not.
func TestACallGetsAPortOfTheFew(t *testing.T) {
	few := &fewPorts{first: 21_000}
	p := newPool(few, 0, nil, slog.New(slog.DiscardHandler))
	defer p.close()
	from := netip.AddrPortFrom(alone4(), 0)
	var all []Pair
	for range 3 {
		pair, err := p.take(from, false)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pair)
	}
	if _, err := p.take(from, false); err == nil {
		t.Error("a fourth pair of three")
	}
	for i := range 10 {
		p.give(all[i%3])
		pair, err := p.take(from, false)
		if err != nil {
			t.Fatalf("no port for call %d: %v", i, err)
		}
		all[i%3] = pair
	}
	for _, pair := range all {
		p.give(pair)
	}
}

// fewPorts has three pairs of ports.
type fewPorts struct{ first uint16 }

func (f *fewPorts) OpenPair(from netip.AddrPort) (rtp, rtcp Socket, err error) {
	a, b, err := plane.MediaPorts{First: f.first, Last: f.first + 5}.OpenPair(from)
	if err != nil {
		return nil, nil, err
	}
	return a, b, nil
}

func TestRestIsBounded(t *testing.T) {
	n := numbers(t, RestingMax+100)
	p := newPool(n, 0, nil, slog.New(slog.DiscardHandler))
	defer p.close()
	from := netip.AddrPortFrom(loopback, 0)
	var all []Pair
	for range RestingMax + 50 {
		pair, err := p.take(from, false)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pair)
	}
	for _, pair := range all {
		p.give(pair)
	}
	if p.rests != RestingMax || len(p.surplus) != 50 {
		t.Errorf("%d rest, %d are to be closed", p.rests, len(p.surplus))
	}
	p.shed(time.Now().Add(RestTime))
	if n := len(n.inUse); n != PairsReady {
		t.Errorf("%d pairs stay open after the rush, want %d", n, PairsReady)
	}
	marked, err := p.open(from)
	if err != nil {
		t.Fatal(err)
	}
	marked.marked = true
	p.give(marked)
	if len(p.surplus) != 1 || p.rests != 0 {
		t.Error("a pair whose packets are marked otherwise is used again")
	}
}

// TestQueueKeepsItsRoom: pairs leave a queue in the order in which they came, and it takes no
// more room than those need that are in it at once.
func TestQueueKeepsItsRoom(t *testing.T) {
	var q queue
	const rest = 100
	made := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for i := range 50 * rest {
		q.push(rested{at: made.Add(time.Duration(i))})
		if n := len(q.all()); n > rest {
			if first := q.all()[0].at; !first.Equal(made.Add(time.Duration(i - rest))) {
				t.Fatalf("the first of %d is %v", n, first)
			}
			q.drop(1)
		}
	}
	if len(q.all()) != rest || cap(q.list) > 4*rest {
		t.Errorf("%d pairs in the room of %d", len(q.all()), cap(q.list))
	}
}
