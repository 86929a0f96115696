package media

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/unit/media/engine"
	"github.com/sekisho/sekisho/wire/rtp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(eachEngine{m}) }

func TestTwoWayAudio(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0 8 101", "0 101")
	talk(t, x, y)
	talk(t, y, x)
	if e := w.await("a", Locked); e.Remote != x.at() {
		t.Errorf("locked onto %v, want %v", e.Remote, x.at())
	}
	w.await("b", FirstMedia)
	for _, l := range []*Leg{a, b} {
		settle(l)
		s := l.Stats()
		if s.PacketsIn != 50 || s.PacketsOut != 50 || s.OctetsIn != 8000 || s.Lost != 0 || s.Codec != "PCMU" {
			t.Errorf("leg %s: %+v", l.ID(), s)
		}
	}
	if x.to.Port()%2 != 0 || x.to == y.to {
		t.Errorf("ports %v and %v", x.to, y.to)
	}
}

// What one side's network says about itself does not reach the other.
func TestNothingLeaks(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	for _, body := range [][]byte{a.LocalDescription(), b.LocalDescription()} {
		if bytes.Contains(body, []byte("phone 1")) {
			t.Errorf("a name of the peer in\n%s", body)
		}
	}
	p := make([]byte, 12, 200)
	h := rtp.Header{Seq: 9, Timestamp: 9, SSRC: 9}
	h.Put(p)
	p[0] |= 0x11                                            // extension and one contributing source
	p = append(p, 1, 2, 3, 4, 0xbe, 0xde, 0, 1, 5, 6, 7, 8) // of 4 + 8 bytes
	p = append(p, bytes.Repeat([]byte{0x55}, 160)...)
	x.raw(p)
	list := y.hear(1)
	if len(list) != 1 || list[0].Size != rtp.HeaderBytes || len(list[0].payload) != 160 || list[0].SSRC == 9 {
		t.Fatalf("%+v", list)
	}
}

func TestLossIsCountedAndPassedOn(t *testing.T) {
	w := newWorld(t)
	_, a, _, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	x.say(make([]int16, 1600))
	x.h.Seq += 3
	x.say(make([]int16, 1600))
	list := y.hear(20)
	if len(list) != 20 || list[10].Seq-list[9].Seq != 4 {
		t.Errorf("%d packets, gap of %d", len(list), list[10].Seq-list[9].Seq)
	}
	settle(a)
	if s := a.Stats(); s.Lost != 3 {
		t.Errorf("lost %d, want 3", s.Lost)
	}
}

// A duplicate is not passed on: on an encrypted leg a second packet with the
// same number would give the key stream away.
func TestDuplicatesAreDropped(t *testing.T) {
	w := newWorld(t)
	_, _, _, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	x.say(make([]int16, 160))
	x.h.Seq--
	x.say(make([]int16, 160))
	x.say(make([]int16, 160))
	if list := y.hear(2); len(list) != 2 || list[1].Seq != list[0].Seq+1 {
		t.Errorf("%+v", list)
	}
	y.nothing("after a duplicate")
}

// Third hosts: vulnerability RTP bleed (R01) and injection (R02). An attacker
// sprays the ports before and during the call; the call keeps its audio and
// no packet comes back to the attacker or through to the other side.
func TestAttackerIsLeftOut(t *testing.T) {
	for name, loose := range map[string]bool{"by the kernel": false, "without the kernel": true} {
		t.Run(name, func(t *testing.T) { leftOut(t, loose) })
	}
}

func leftOut(t *testing.T, loose bool) {
	t.Helper()
	w := newWorld(t)
	attacker := newHandset(t) // on the phone's own host: the hardest case
	stranger := listenUDP(t, "127.0.0.2:0")
	_, a, _, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	settle(a)
	a.pair.RTP.(*udp).loose.Store(loose)
	attacker.to = x.to
	noise := ear.Tone(8000, 2000, -3, 0.04)
	spray := func(n int) {
		for range n {
			attacker.h.SSRC++ // sprays without knowing what follows what
			attacker.say(noise[:160])
			b := make([]byte, 172)
			rtp.Header{Seq: x.h.Seq, Timestamp: x.h.Timestamp, SSRC: x.h.SSRC}.Put(b)
			_, _ = stranger.WriteToUDPAddrPort(b, x.to)
		}
	}
	spray(20)
	y.nothing("before the call was locked")
	talk(t, x, y)
	settle(a)
	before := a.Stats().Strange
	attacker.h.SSRC, attacker.h.Seq = x.h.SSRC, x.h.Seq // now as good as it gets
	for range 20 {
		attacker.say(noise[:160])
	}
	spray(20)
	y.nothing("from an attacker")
	talk(t, x, y)
	attacker.nothing("to the attacker")
	settle(a)
	if seen := a.Stats().Strange - before; loose != (seen == 60) || !loose && seen != 0 {
		t.Errorf("%d of 60 packets of strangers were read", seen)
	}
	if got := a.Stats().Remote; got != x.at() {
		t.Errorf("locked onto %v, want %v", got, x.at())
	}
}

// A phone behind NAT is learned by its signaling address, from packets that
// follow each other.
func TestPhoneBehindNAT(t *testing.T) {
	for _, c := range []struct {
		name  string
		learn Learn
		works bool
	}{{"peer", LearnPeer, true}, {"nothing", LearnNothing, false}, {"anyone", LearnAnyone, true}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			x, y := newHandset(t), newHandset(t)
			call := w.call("c")
			a, b := leg(t, call, "a", Policy{Learn: c.learn}), leg(t, call, "b", Policy{})
			if _, err := a.TakeOffer([]byte(hidden(string(x.describe("0"))))); err != nil {
				t.Fatal(err)
			}
			y.read(must(t)(b.OfferFrom(a)))
			if err := b.TakeAnswer(y.describe("0")); err != nil {
				t.Fatal(err)
			}
			x.read(must(t)(a.AnswerFrom(b)))
			if err := call.Bridge(a, b); err != nil {
				t.Fatal(err)
			}
			x.say(make([]int16, 160*LearnPackets))
			if !c.works {
				y.nothing("from an address that is not to be learned")
				return
			}
			if e := w.await("a", Locked); e.Remote != x.at() {
				t.Fatalf("locked onto %v", e.Remote)
			}
			y.hear(1)
			talk(t, x, y)
		})
	}
}

// reoffer has a phone offer anew from where it stands now; the other phone
// answers as before. private hides the address, as behind NAT.
func reoffer(t *testing.T, a, b *Leg, now, other *handset, private bool) {
	t.Helper()
	now.version += 7
	offer := string(now.describe("0"))
	if private {
		offer = hidden(offer)
	}
	if _, err := a.TakeOffer([]byte(offer)); err != nil {
		t.Fatal(err)
	}
	must(t)(b.OfferFrom(a))
	if err := b.TakeAnswer(other.describe("0")); err != nil {
		t.Fatal(err)
	}
	now.read(must(t)(a.AnswerFrom(b)))
	settle(a) // until then the kernel drops what the new place sends
}

// hidden is a description with an address that can't be reached from here.
func hidden(offer string) string {
	return strings.ReplaceAll(offer, "c=IN IP4 127.0.0.1", "c=IN IP4 127.9.9.9")
}

// New signaling moves a leg; the old place is then a stranger.
func TestNewSignalingMovesALeg(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	talk(t, x, y)
	z := newHandset(t)
	reoffer(t, a, b, z, y, false)
	talk(t, z, y)
	x.say(make([]int16, 1600))
	y.nothing("from where the phone was")
}

// A phone behind NAT that takes another media port says a private address: it
// is learned again from its packets. What is still under way from its old port
// does not tie the leg to it, and a third host can't take the stream over, not
// while it is learned and not afterwards.
func TestPhoneBehindNATMovesItsPort(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	talk(t, x, y)
	stranger := newHandset(t)
	stranger.conn = listenUDP(t, "127.0.0.2:0")
	stranger.to = x.to
	for port := range 2 { // the second time from learned to learned
		z := newHandset(t)
		reoffer(t, a, b, z, y, true)
		x.say(make([]int16, 160*2*LearnPackets))
		stranger.say(make([]int16, 160*2*LearnPackets))
		y.nothing("from the old port or from a stranger")
		z.say(make([]int16, 160*LearnPackets))
		y.hear(1)
		talk(t, z, y)
		stranger.say(make([]int16, 160*2*LearnPackets))
		x.say(make([]int16, 160*2*LearnPackets))
		y.nothing("from the old port or from a stranger, afterwards")
		stranger.nothing("to a stranger")
		settle(a)
		if got := a.Stats().Remote; got != z.at() {
			t.Fatalf("move %d: locked onto %v, want %v", port, got, z.at())
		}
		x = z
	}
}

// A phone whose address changes as a whole is learned from where its signaling
// comes from now.
func TestMediaFollowsSignaling(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	talk(t, x, y)
	z := newHandset(t)
	z.conn = listenUDP(t, "127.0.0.3:0")
	moved := *z // to another network yet, with the same private address and port
	moved.conn = listenUDP(t, "127.0.0.4:"+portOf(z.at()))
	moved.h.SSRC++
	for _, now := range []*handset{z, &moved} {
		a.Follow(now.at().Addr())
		reoffer(t, a, b, now, y, true)
		x.say(make([]int16, 160*2*LearnPackets))
		y.nothing("from the old address")
		now.say(make([]int16, 160*LearnPackets))
		y.hear(1)
		talk(t, now, y)
		x = now
	}
}

func TestNoPacketsWhereNobodyShouldSend(t *testing.T) {
	lan := netip.MustParseAddr("192.0.2.1")
	for _, c := range []struct {
		to   string
		from netip.Addr
		want bool
	}{
		{"198.51.100.1:40000", lan, true},
		{"127.0.0.1:40000", loopback, true},
		{"127.0.0.1:40000", lan, false},
		{"198.51.100.1:53", lan, false},
		{"198.51.100.1:0", lan, false},
		{"224.0.1.75:40000", lan, false},
		{"255.255.255.255:40000", lan, false},
		{"0.0.0.0:40000", lan, false},
		{"0.1.2.3:40000", lan, false},
		{"[2001:db8::1]:40000", lan, false},
		{"[2001:db8::1]:40000", netip.MustParseAddr("2001:db8::2"), true},
		{"[ff02::1]:40000", netip.MustParseAddr("2001:db8::2"), false},
		{"[::1]:40000", netip.MustParseAddr("2001:db8::2"), false},
	} {
		if got := sendable(netip.MustParseAddrPort(c.to), c.from); got != c.want {
			t.Errorf("from %v to %s: %v", c.from, c.to, got)
		}
	}
}

// Two legs told to send to each other's ports would pass packets in a circle
// for ever.
func TestOwnPortsAreNoPeers(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	circle := strings.Replace(string(x.describe("0")), "m=audio", "m=audio", 1)
	circle = strings.Replace(circle, portOf(x.at()), portOf(y.to), 1)
	if _, err := a.TakeOffer([]byte(circle)); err != nil {
		t.Fatal(err)
	}
	must(t)(b.OfferFrom(a))
	if err := b.TakeAnswer(y.describe("0")); err != nil {
		t.Fatal(err)
	}
	must(t)(a.AnswerFrom(b))
	before := b.Stats().PacketsIn
	y.say(make([]int16, 1600))
	y.nothing("in a circle")
	if s := a.Stats(); s.PacketsOut != 0 {
		t.Errorf("%d packets went to our own port", s.PacketsOut)
	}
	if s := b.Stats(); s.PacketsIn-before > 10 {
		t.Errorf("%d packets came from 10", s.PacketsIn-before)
	}
}

func portOf(a netip.AddrPort) string { return a.String()[strings.LastIndexByte(a.String(), ':')+1:] }

// R1: ended calls free every port and goroutine.
func TestEndedCallsFreeTheirPorts(t *testing.T) {
	w := newWorld(t)
	for _, l := range w.loops {
		l.pool.prepare(netip.AddrPortFrom(loopback, 0))
	}
	settled := func() bool { return w.ports.count() == 2*len(w.loops)*(PairsReady+PairsKept) }
	until(t, settled)
	before := descriptors(t)
	for range 20 {
		c, a, _, x, y := connected(w, Policy{}, Policy{}, "0", "0")
		talk(t, x, y)
		if err := a.Play(NewTone(Busy)); err != nil {
			t.Fatal(err)
		}
		c.Close()
		c.Close()
		x.conn.Close()
		y.conn.Close()
		x.rtcp.Close()
		y.rtcp.Close()
		if _, err := c.AddLeg("late", LegConfig{Local: loopback}); err == nil {
			t.Fatal("a leg was added to a call that is over")
		}
	}
	until(t, func() bool { // as after RestTime
		for _, l := range w.loops {
			l.pool.shed(time.Now().Add(RestTime))
		}
		return settled()
	})
	until(t, func() bool { return descriptors(t) == before })
	if n := w.Calls(); n != 0 {
		t.Errorf("%d calls are left", n)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func until(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatal("not in time")
		}
		time.Sleep(time.Millisecond)
	}
}

// Once nothing from before can be left in the sockets, sources are compared by
// the kernel alone, which is cheaper; new signaling brings names back.
func TestKernelComparesSourcesInTheEnd(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	talk(t, x, y)
	named := func() (rtp, rtcp bool) {
		done := make(chan struct{})
		a.stream.loop.post(func() {
			rtp, rtcp = a.stream.rtp.Named, a.stream.rtcp.Named
			close(done)
		})
		<-done
		return rtp, rtcp
	}
	if rtp, _ := named(); !rtp {
		t.Error("nobody compares what came before the socket was connected")
	}
	until(t, func() bool {
		rtp, rtcp := named()
		return !rtp && !rtcp
	})
	talk(t, x, y)
	z := newHandset(t)
	reoffer(t, a, b, z, y, true)
	if rtp, rtcp := named(); !rtp || !rtcp {
		t.Error("after new signaling packets come without names")
	}
	z.say(make([]int16, 160*LearnPackets))
	y.hear(1)
	talk(t, z, y)
}

func TestLimits(t *testing.T) {
	p := &ports{}
	r, err := New(Config{Sockets: p, CallsMax: 1, Engine: string(under)})
	if err != nil {
		t.Fatal(err)
	}
	if name, why := r.Engine(); name != string(under) || why != nil {
		t.Errorf("the engine is %s (%v), want %s", name, why, under)
	}
	c, err := r.NewCall("1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.NewCall("2"); err == nil {
		t.Error("a call too many")
	}
	for i := range LegsMax {
		if _, err := c.AddLeg(string(rune('A'+i)), LegConfig{Local: loopback}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.AddLeg("more", LegConfig{Local: loopback}); err == nil {
		t.Error("a leg too many")
	}
	if _, err := New(Config{Sockets: p, Engine: "none"}); !errors.Is(err, engine.ErrKind) {
		t.Errorf("an engine that there is not: %v", err)
	}
	r.Close()
	r.Close()
	if _, err := r.NewCall("3"); err == nil {
		t.Error("a call after the end")
	}
	if n := p.count(); n != 0 {
		t.Errorf("%d sockets are open", n)
	}
}

// A call between a phone on IPv4 and one on IPv6.
func TestIPv6(t *testing.T) {
	six := netip.IPv6Loopback()
	conn, err := net.ListenUDP("udp6", net.UDPAddrFromAddrPort(netip.AddrPortFrom(six, 0)))
	if err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	defer conn.Close()
	w := newWorld(t)
	x, y := newHandset(t), newHandset(t)
	y.conn = conn
	c := w.call("c")
	a := leg(t, c, "a", Policy{})
	b, err := c.AddLeg("b", LegConfig{Local: six})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.TakeOffer(x.describe("0")); err != nil {
		t.Fatal(err)
	}
	if m := y.read(must(t)(b.OfferFrom(a))); m.Addr != six {
		t.Fatalf("offered %v", m.Addr)
	}
	answer := strings.ReplaceAll(string(y.describe("0")), "IP4 127.0.0.1", "IP6 ::1")
	if err := b.TakeAnswer([]byte(answer)); err != nil {
		t.Fatal(err)
	}
	x.read(must(t)(a.AnswerFrom(b)))
	if err := c.Bridge(a, b); err != nil {
		t.Fatal(err)
	}
	talk(t, x, y)
	if e := w.await("b", Locked); e.Remote != y.at() {
		t.Errorf("locked onto %v", e.Remote)
	}
}
