package stack

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// benchShard is a shard that is not running: the benchmark calls it.
func benchShard(b testing.TB, auth Authenticator, h Handler) *Shard {
	b.Helper()
	st, err := New(Config{
		Listeners: []Listener{{Name: "phones", Side: PhoneSide, Transport: "udp", Address: unitAddr}},
		Packets:   []Packets{NewNetwork().Packets(unitAddr)}, Auth: auth, Handler: h,
		Session: session.DefaultConfig(), Product: "Sekisho", KnownSource: everybody,
	})
	if err != nil {
		b.Fatal(err)
	}
	return st.Shard(0)
}

// everybody is registered.
func everybody(netip.AddrPort) bool { return true }

// silent answers everything and notes nothing.
type silent struct{}

func (silent) Invite(_ *Shard, se *Session)                       { _ = se.Answer(sdp("answer")) }
func (silent) Request(_ *Shard, r *Request)                       { _ = r.Respond(200, "") }
func (silent) SessionEvent(_ *Shard, _ *Session, _ session.Event) {}
func benchDatagram(msg []byte) *edge.Datagram {
	return &edge.Datagram{Buf: msg, Remote: phoneAddr, Local: unitAddr}
}
func benchCopy(dst []byte, msg string) []byte { return append(dst[:0], msg...) }
func benchBranch(msg []byte, at int, n int)   { putHex(msg[at:at+8], n) }

func putHex(dst []byte, n int) {
	for i := range dst {
		dst[i] = "0123456789abcdef"[n&15]
		n >>= 4
	}
}

// asking gives a function that has a shard take one request after another,
// each with a branch of its own, a millisecond apart.
func asking(sh *Shard) func() {
	msg := options("z9hG4bK00000000")
	at := strings.Index(msg, "00000000")
	d, buf, n := benchDatagram(nil), make([]byte, 0, 2048), 0
	return func() {
		buf = benchCopy(buf, msg)
		benchBranch(buf, at, n)
		n++
		d.Buf = buf
		sh.now = sh.now.Add(time.Millisecond)
		sh.arrive(d)
		sh.wheel.run(sh.now)
		sh.out, sh.outBuf = sh.out[:0], sh.outBuf[:0]
	}
}

// BenchmarkChallenge is a request without credentials and its 407s.
func BenchmarkChallenge(b *testing.B) {
	ask := asking(benchShard(b, bouncer{}, silent{}))
	b.ReportAllocs()
	for b.Loop() {
		ask()
	}
}

// BenchmarkOptions is a request with a transaction, answered at once.
func BenchmarkOptions(b *testing.B) {
	ask := asking(benchShard(b, admitAll{}, silent{}))
	b.ReportAllocs()
	for b.Loop() {
		ask()
	}
}

// TestRequestsLeaveNothing: challenging and answering make no garbage once the
// shard has its room.
func TestRequestsLeaveNothing(t *testing.T) {
	for name, auth := range map[string]Authenticator{"challenged": bouncer{}, "answered": admitAll{}} {
		ask := asking(benchShard(t, auth, silent{}))
		for range 2 * lingerEach {
			ask()
		}
		if n := testing.AllocsPerRun(10*lingerEach, ask); n != 0 {
			t.Errorf("%s: %v allocations for each request", name, n)
		}
	}
}

// caller makes one call after another.
type caller struct {
	done  chan struct{}
	left  int
	place edge.Source
}

func (c *caller) dial(sh *Shard) {
	if c.left == 0 {
		close(c.done)
		return
	}
	c.left--
	_, _ = sh.Invite(PhoneCall{
		Place: c.place, URI: "sip:202@10.0.0.1", From: "<sip:201@10.0.0.1>", To: "<sip:202@10.0.0.1>",
		Body: sdp("offer"), Owner: c,
	})
}

// SessionEvent hangs up what was answered, and dials again.
func (c *caller) SessionEvent(sh *Shard, se *Session, ev session.Event) {
	switch ev.Kind {
	case session.Answered:
		_ = se.Bye("")
	case session.Ended:
		c.dial(sh)
	}
}

// benchStack is a stack that runs, on a network in memory.
func benchStack(b *testing.B, n *Network, addr netip.AddrPort, h Handler) *Stack {
	b.Helper()
	st, err := New(Config{
		Listeners: []Listener{{Name: "udp", Side: PhoneSide, Transport: "udp", Address: addr, RPort: true}},
		Packets:   []Packets{n.Packets(addr)}, Auth: admitAll{}, Handler: h,
		Session: session.DefaultConfig(), KnownSource: everybody,
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := st.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(st.Stop)
	return st
}

// benchCalls has a phone make calls to the unit, one after another.
func benchCalls(b *testing.B, phone *Stack) {
	b.Helper()
	place := edge.Source{Remote: unitAddr, Transport: "udp", Listener: "udp"}
	c := &caller{done: make(chan struct{}), left: b.N, place: place}
	b.ReportAllocs()
	b.ResetTimer()
	phone.Shard(0).Post(c.dial)
	<-c.done
}

// BenchmarkCall is a whole call between two stacks in memory: INVITE, 200,
// ACK, BYE, 200, both sides counted.
func BenchmarkCall(b *testing.B) {
	n := NewNetwork()
	benchStack(b, n, unitAddr, silent{})
	benchCalls(b, benchStack(b, n, phoneAddr, silent{}))
}

// bridge is a bare back-to-back user agent: it dials whoever is called, and
// tells each side what the other does.
type bridge struct {
	silent
	other map[*Session]*Session
}

// Invite dials the called phone.
func (b *bridge) Invite(sh *Shard, se *Session) {
	out, err := sh.Invite(PhoneCall{
		Place: edge.Source{Remote: carrierAddr, Transport: "udp", Listener: "udp"}, URI: "sip:202@10.9.9.9",
		From: "<sip:201@10.0.0.1>", To: "<sip:202@10.0.0.1>", Body: se.PeerOffer(), Owner: b,
	})
	if err != nil {
		_ = se.Refuse(503, "")
		return
	}
	se.Owner, b.other[se], b.other[out] = b, out, se
}

// SessionEvent passes on answer and end.
func (b *bridge) SessionEvent(_ *Shard, se *Session, ev session.Event) {
	o := b.other[se]
	switch {
	case o == nil:
	case ev.Kind == session.Answered:
		_ = o.Answer(ev.Body)
	case ev.Kind == session.Ended:
		delete(b.other, se)
		delete(b.other, o)
		_ = o.Bye("")
	}
}

// BenchmarkBridgedCall is a whole call through a back-to-back user agent
// between two phones: the work of three stacks, four sides.
func BenchmarkBridgedCall(b *testing.B) {
	n := NewNetwork()
	benchStack(b, n, unitAddr, &bridge{other: make(map[*Session]*Session)})
	benchStack(b, n, carrierAddr, silent{})
	benchCalls(b, benchStack(b, n, phoneAddr, silent{}))
}

// BenchmarkShardOf is the choice of the shard for a parsed request.
func BenchmarkShardOf(b *testing.B) {
	var m sip.Message
	if err := sip.Parse([]byte(options("z9hG4bKa")), &m); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		shardOf(&m, 4)
	}
}

// BenchmarkShed is an INVITE that an overloaded shard turns away, and its ACK.
func BenchmarkShed(b *testing.B) {
	sh := benchShard(b, admitAll{}, silent{})
	credentials := `Authorization: Digest username="201-1", realm="sekisho", nonce="` + strings.Repeat("n", 54) +
		`", uri="sip:202@10.0.0.1", response="` + strings.Repeat("a", 64) +
		`", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="c"` + "\r\n"
	const branch = "z9hG4bK00000000"
	messages := [...]string{
		strings.Replace(invite(branch, "sip:201@10.0.0.66"), "Content-Type", credentials+"Content-Type", 1),
		head("ACK", branch, "sip:201@10.0.0.66") + "Content-Length: 0\r\n\r\n",
	}
	d, buf, n := benchDatagram(nil), make([]byte, 0, 2048), 0
	b.ReportAllocs()
	for b.Loop() {
		sh.now = sh.now.Add(time.Millisecond)
		sh.load.until = sh.now.Add(overloadHold)
		for _, msg := range messages {
			buf = benchCopy(buf, msg)
			benchBranch(buf, strings.Index(msg, "00000000"), n)
			d.Buf, d.At = buf, sh.now.Add(-2*shedFull)
			sh.arrive(d)
		}
		n++
		sh.out, sh.outBuf = sh.out[:0], sh.outBuf[:0]
	}
	if shed := sh.stack.Counters.Shed.Load(); shed == 0 {
		b.Fatal("nothing was shed")
	}
}
