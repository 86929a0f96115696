package engine

import (
	"encoding/binary"
	"net/netip"
	"testing"
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
