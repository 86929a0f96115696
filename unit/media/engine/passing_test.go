package engine

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

// passing passes on what comes, changed in its first byte.
type passing struct {
	*bench
	through *Port
}

func (p passing) Packet(_ *Port, data []byte, _ netip.AddrPort) {
	data[0]++
	if err := p.Send(p.through, data, nil); err != nil {
		p.Errorf("send: %v", err)
	}
}

// TestWhatIsPassedOnIsWhatCame passes on many more packets than there are
// buffers.
func TestWhatIsPassedOnIsWhatCame(t *testing.T) {
	both(t, func(t *testing.T, b *bench) {
		in, sin := b.port()
		out, sout := b.port()
		ear, sear := b.port()
		mouth, _ := b.port()
		if err := sout.Connect(sear.Local()); err != nil {
			t.Fatal(err)
		}
		in.Owner = passing{b, out}
		to, sent := NewAddress(sin.Local()), 0
		for range 40 {
			for range 50 { // what a socket's buffer surely holds
				p := make([]byte, 172)
				binary.BigEndian.PutUint32(p[1:], uint32(sent))
				if err := b.Send(mouth, p, to); err != nil {
					t.Fatal(err)
				}
				sent++
			}
			for i, h := range b.until(50) {
				i += sent - 50
				p := make([]byte, 16)
				p[0] = 1
				binary.BigEndian.PutUint32(p[1:], uint32(i))
				if h.at != ear || h.bytes != 172 || h.what != string(p) {
					t.Fatalf("packet %d came as %q", i, h.what)
				}
			}
		}
	})
}

// TestWhatWaitsLeavesFromItsOwnSocket forgets a port that has something to send,
// and listens to another one in its place; sockets that the kernel holds for
// the engine, and those that it has no room for.
func TestWhatWaitsLeavesFromItsOwnSocket(t *testing.T) {
	for _, room := range []bool{true, false} {
		both(t, func(t *testing.T, b *bench) {
			if u, ok := b.Engine.(*uring); ok && !room {
				u.files = 0
			}
			ear, sear := b.port()
			old, sold := b.port()
			if err := sold.Connect(sear.Local()); err != nil {
				t.Fatal(err)
			}
			b.send(old, "before", nil)
			b.Forget(old)
			next, snext := b.port()
			if next.place != old.place {
				t.Fatalf("places %d and %d", old.place, next.place)
			}
			if err := snext.Connect(sear.Local()); err != nil {
				t.Fatal(err)
			}
			b.send(next, "after", nil)
			got := b.until(2)
			if got[0] != (heard{ear, "before", 6, sold.Local()}) || got[1] != (heard{ear, "after", 5, snext.Local()}) {
				t.Errorf("got %+v", got)
			}
			if _, ok := b.Engine.(*uring); ok && next.fixed != room {
				t.Errorf("the kernel holds the socket: %v", next.fixed)
			}
		})
	}
}

// TestAReceiveThatBeginsTakesNoBufferThatIsToBeSent has a port listened to in
// the very turn in which as many packets as there are buffers are passed on:
// what waits at its socket must not be put down where a packet still lies.
func TestAReceiveThatBeginsTakesNoBufferThatIsToBeSent(t *testing.T) {
	const ways, each = 16, 16
	both(t, func(t *testing.T, b *bench) {
		mouth, _ := b.port()
		late, lateSocket := b.port()
		b.Forget(late)
		b.Wait(0, func() {})
		ears := map[*Port]bool{}
		var ins []*Address
		for range ways {
			in, inSocket := b.port()
			out, outSocket := b.port()
			ear, earSocket := b.port()
			if err := outSocket.Connect(earSocket.Local()); err != nil {
				t.Fatal(err)
			}
			in.Owner = passing{b, out}
			ears[ear] = true
			ins = append(ins, NewAddress(inSocket.Local()))
		}
		b.Wait(0, func() {})
		say := func(what string, to *Address) {
			if err := sendTo(mouth.FD, append([]byte(what), make([]byte, 166)...), to); err != nil {
				t.Fatal(err)
			}
		}
		for range each {
			for _, to := range ins {
				say("A", to)
			}
		}
		for range each {
			say("SECRET", NewAddress(lateSocket.Local()))
		}
		late.Named = true
		listen := func() {
			if err := b.Listen(late); err != nil {
				t.Error(err)
			}
		}
		passed := 0
		for end := time.Now().Add(10 * time.Second); passed < ways*each && time.Now().Before(end); {
			b.Wait(time.Millisecond, listen)
			for _, h := range b.heard {
				if !ears[h.at] {
					continue
				}
				if passed++; h.what[0] != 'B' {
					t.Fatalf("a packet that was passed on holds %q", h.what)
				}
			}
			b.heard = nil
		}
		if passed != ways*each {
			t.Errorf("%d of %d packets were passed on", passed, ways*each)
		}
	})
}
