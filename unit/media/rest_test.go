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
	// Tests at work elsewhere, and the kernel, take ports from 20,000 on.
	few := somePorts{first: 10_000 + 8*uint16(os.Getpid()%1000), n: n}
	r, err := New(Config{Sockets: few, OnEvent: w.event, Engine: string(under), Deferred: true})
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
		return len(p.shelves[from].ready) == int(n)
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
		for _, s := range l.pool.shelves {
			for _, r := range s.resting.all() {
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

	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	if l.owed.Load() {
		t.Error("a call without a packet wakes the loop")
	}
	for _, p := range []uint16{a.pair.RTP.Local().Port(), b.pair.RTP.Local().Port()} {
		if p != before[0] && p != before[1] {
			t.Fatalf("port %d is none of those of the call before, %v", p, before)
		}
	}
	time.Sleep(answerSoonest)
	x.say(make([]int16, 160))
	y.hear(1)
	y.say(make([]int16, 160))
	x.hear(1)
	if s := a.Stats(); s.Strange != 0 || s.PacketsIn != 1 || s.Remote != x.at() {
		t.Errorf("the second call heard what was not for it: %+v", s)
	}
}

// noEngine listens to whatever it is asked for.
type noEngine struct{ engine.Engine }

func (noEngine) Listen(*engine.Port) error { return nil }

// TestWhatATurnBroughtBeforeALegIsNotItsOwn has a loop begin with a leg in turns
// that began soon and late after the leg was made: what lies in the engine when a
// leg is made comes with a turn that begins soon, after the commands for the leg.
func TestWhatATurnBroughtBeforeALegIsNotItsOwn(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		want  uint64
	}{{-time.Millisecond, 0}, {0, 0}, {answerSoonest - 1, 0}, {answerSoonest, 1}, {time.Second, 1}} {
		l := &loop{engine: noEngine{}}
		s := &stream{loop: l, made: time.Now(), pair: Pair{ears: new(ears), heard: true}}
		s.rtp, s.rtcp = &s.pair.ears.rtp, &s.pair.ears.rtcp
		l.turns, l.now = 1, s.made.Add(c.after)
		l.add(s)
		s.rtp.Owner.Packet(s.rtp, make([]byte, 172), netip.AddrPort{})
		if s.counts.strange != c.want {
			t.Errorf("%s before the turn: %d packets judged, want %d", c.after, s.counts.strange, c.want)
		}
		l.turns++
		s.rtp.Owner.Packet(s.rtp, make([]byte, 172), netip.AddrPort{})
		if s.counts.strange != c.want+1 {
			t.Errorf("%s before the turn: a packet of the next one was not judged", c.after)
		}
	}
}

// TestNobodyListensToNoise has a stranger send to a port that rests until the
// loop no longer listens to it; then a call has it.
func TestNobodyListensToNoise(t *testing.T) {
	w := deferredWorld(t, 3)
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
	other := w.call("other")
	leg(t, other, "o", Policy{})
	w.Flush()
	until(t, func() bool {
		l.turn.Lock()
		defer l.turn.Unlock()
		return len(l.streams) == 1
	}) // so that the loop waits for packets, and its commands with it
	_, a, _, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	if !l.owed.Load() {
		t.Error("a call whose packets would wake nobody wakes nobody itself")
	}
	w.Flush()
	talk(t, x, y)
	if s := a.Stats(); s.Strange != 0 {
		t.Errorf("the next call was told of %d packets of a stranger's", s.Strange)
	}
}

// TestNoiseThatACallFindsIsListenedTo has a pair be taken in the turn that would
// end listening to it: the call was told that its packets wake the loop.
func TestNoiseThatACallFindsIsListenedTo(t *testing.T) {
	forgets := 0
	l := &loop{engine: forgetful{n: &forgets}}
	e := new(ears)
	for _, taken := range []bool{true, false} {
		e.attention.Store(attentive)
		if taken && !e.taken() {
			t.Error("a pair that is listened to is taken for one that is not")
		}
		l.noisy, forgets = append(l.noisy, e), 0
		l.hush()
		if (forgets == 0) != taken {
			t.Errorf("taken %v: %d ports are listened to no more", taken, forgets)
		}
	}
	if e.taken() {
		t.Error("a pair that is not listened to is taken for one that is")
	}
}

// forgetful counts the ports that it was told to forget.
type forgetful struct {
	engine.Engine
	n *int
}

func (f forgetful) Forget(*engine.Port) { *f.n++ }
