package stack

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// benchShard is a shard that is not running: the benchmark calls it.
func benchShard(b *testing.B, auth Authenticator, h Handler) *Shard {
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

// BenchmarkChallenge is a REGISTER without credentials and its 401.
func BenchmarkChallenge(b *testing.B) {
	sh := benchShard(b, bouncer{}, silent{})
	msg := options("z9hG4bKa")
	buf := make([]byte, 0, 2048)
	d := benchDatagram(nil)
	b.ReportAllocs()
	for b.Loop() {
		buf = benchCopy(buf, msg)
		d.Buf = buf
		sh.arrive(d)
		sh.out, sh.outBuf = sh.out[:0], sh.outBuf[:0]
	}
}

// BenchmarkOptions is a request with a transaction, answered at once.
func BenchmarkOptions(b *testing.B) {
	sh := benchShard(b, admitAll{}, silent{})
	msg := options("z9hG4bK00000000")
	at := 0
	for i := range len(msg) - 8 {
		if msg[i:i+8] == "00000000" {
			at = i
			break
		}
	}
	buf := make([]byte, 0, 2048)
	d := benchDatagram(nil)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		buf = benchCopy(buf, msg)
		benchBranch(buf, at, n)
		n++
		sh.now = sh.now.Add(time.Millisecond)
		d.Buf = buf
		sh.arrive(d)
		sh.wheel.run(sh.now)
		sh.out, sh.outBuf = sh.out[:0], sh.outBuf[:0]
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

// BenchmarkCall is a whole call between two stacks in memory: INVITE, 200,
// ACK, BYE, 200, both sides counted.
func BenchmarkCall(b *testing.B) {
	n := NewNetwork()
	start := func(addr netip.AddrPort) *Stack {
		st, err := New(Config{
			Listeners: []Listener{{Name: "udp", Side: PhoneSide, Transport: "udp", Address: addr, RPort: true}},
			Packets:   []Packets{n.Packets(addr)}, Auth: admitAll{}, Handler: silent{},
			Session: session.DefaultConfig(), KnownSource: everybody,
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := st.Start(context.Background()); err != nil {
			b.Fatal(err)
		}
		return st
	}
	unit, phone := start(unitAddr), start(phoneAddr)
	defer unit.Stop()
	defer phone.Stop()
	place := edge.Source{Remote: unitAddr, Transport: "udp", Listener: "udp"}
	c := &caller{done: make(chan struct{}), left: b.N, place: place}
	b.ReportAllocs()
	b.ResetTimer()
	phone.Shard(0).Post(c.dial)
	<-c.done
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
