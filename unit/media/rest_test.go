package media

import (
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/unit/media/engine"
)

// somePorts has n pairs of ports.
type somePorts struct{ first, n uint16 }

func (s somePorts) OpenPair(from netip.AddrPort) (rtp, rtcp Socket, err error) {
	a, b, err := plane.MediaPorts{First: s.first, Last: s.first + 2*s.n - 1}.OpenPair(from)
	if err != nil {
		return nil, nil, err
	}
	return a, b, nil
}

// deferredWorld has one loop, n pairs of ports, and commands that wait for Flush.
func deferredWorld(t *testing.T, n uint16) *world {
	t.Helper()
	w := &world{t: t, ports: &ports{}, signal: make(chan struct{}, 1)}
	r, err := New(Config{
		Sockets: somePorts{first: 42_000 + 8*uint16(os.Getpid()%1000), n: n}, OnEvent: w.event, Engine: string(under),
		Deferred: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Relay = r
	t.Cleanup(func() { r.Close() })
	from, p := netip.AddrPortFrom(loopback, 0), r.loops[0].pool
	until(t, func() bool { // ports are tried by chance
		p.prepare(from)
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.ready[from]) == int(n)
	})
	return w
}

// resting gives the pairs that rest, once there are n.
func resting(t *testing.T, l *loop, n int) (list []*ears) {
	t.Helper()
	until(t, func() bool {
		l.pool.mu.Lock()
		defer l.pool.mu.Unlock()
		list = list[:0]
		for _, queue := range l.pool.resting {
			for _, r := range queue {
				list = append(list, r.pair.ears)
			}
		}
		return len(list) == n
	})
	return list
}

// TestPortsListenOnFromCallToCall has two calls use the same two pairs, while
// another call is up. The second one wakes nobody: its packets find all done,
// the first of them too, and nothing of the first call's is heard in it.
func TestPortsListenOnFromCallToCall(t *testing.T) {
	w := deferredWorld(t, 4)
	l := w.loops[0]
	other := w.call("other")
	leg(t, other, "x", Policy{})
	leg(t, other, "y", Policy{})
	c, a, b, oldX, oldY := connected(w, Policy{}, Policy{}, "0", "0")
	w.Flush()
	talk(t, oldX, oldY)
	before := []uint16{a.pair.RTP.Local().Port(), b.pair.RTP.Local().Port()}
	c.Close()
	list := resting(t, l, 2) // without a Flush: within lookEvery
	for range 20 {
		oldX.say(make([]int16, 160))
		oldY.say(make([]int16, 160))
	}
	heard := func() (n int) {
		l.turn.Lock()
		defer l.turn.Unlock()
		for _, e := range list {
			n += e.idle
		}
		return n
	}
	until(t, func() bool { return heard() == 40 })

	turns := l.turns.Load()
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	if l.owed.Load() {
		t.Error("a call without a packet wakes the loop")
	}
	for _, p := range []uint16{a.pair.RTP.Local().Port(), b.pair.RTP.Local().Port()} {
		if p != before[0] && p != before[1] {
			t.Fatalf("port %d is none of those of the call before, %v", p, before)
		}
	}
	x.say(make([]int16, 160))
	y.hear(1)
	y.say(make([]int16, 160))
	x.hear(1)
	if s := a.Stats(); s.Strange != 0 || s.PacketsIn != 1 || s.Remote != x.at() {
		t.Errorf("the second call heard what was not for it, after %d turns: %+v", l.turns.Load()-turns, s)
	}
}

// TestWhatATurnBroughtBeforeALegIsNotItsOwn hands a stream a packet of the turn
// that it was made in.
func TestWhatATurnBroughtBeforeALegIsNotItsOwn(t *testing.T) {
	l := &loop{}
	s := &stream{loop: l, before: l.turns.Add(7), rtp: &engine.Port{}, rtcp: &engine.Port{}}
	s.Packet(s.rtp, make([]byte, 172), netip.AddrPort{})
	if s.counts.strange != 0 {
		t.Error("a packet that came before was judged")
	}
	l.turns.Add(1)
	s.Packet(s.rtp, make([]byte, 172), netip.AddrPort{})
	if s.counts.strange != 1 {
		t.Error("a packet that came after was not judged")
	}
}

// TestNobodyListensToNoise has a stranger send to a port that rests until the
// loop no longer listens to it; then a call has it.
func TestNobodyListensToNoise(t *testing.T) {
	w := deferredWorld(t, 2)
	l := w.loops[0]
	c, a, _, _, _ := connected(w, Policy{}, Policy{}, "0", "0")
	to := a.pair.RTP.Local()
	c.Close()
	w.Flush()
	list := resting(t, l, 2)
	stranger := listen(t)
	idle := func() (most int) {
		l.turn.Lock()
		defer l.turn.Unlock()
		for _, e := range list {
			most = max(most, e.idle)
		}
		return most
	}
	shout := func(n int) {
		for range n {
			if _, err := stranger.WriteToUDPAddrPort(make([]byte, 172), to); err != nil {
				t.Fatal(err)
			}
		}
	}
	until(t, func() bool { shout(10); return idle() >= idleMax })
	time.Sleep(50 * time.Millisecond) // what was under way
	was := idle()
	shout(100)
	time.Sleep(50 * time.Millisecond)
	if n := idle(); n != was {
		t.Errorf("the loop was told of %d more packets, after %d", n-was, was)
	}
	_, a, _, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	w.Flush()
	talk(t, x, y)
	if s := a.Stats(); s.Strange != 0 {
		t.Errorf("the next call was told of %d packets of a stranger's", s.Strange)
	}
}
