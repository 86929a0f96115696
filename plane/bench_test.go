package plane

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip/edge"
)

// BenchmarkDatagrams sends and receives batches of a SIP message's size over
// loopback; one operation is one datagram both ways.
func BenchmarkDatagrams(b *testing.B) {
	l := Listener{Name: "a", Plane: Voice, Transport: UDP, Addr: netip.MustParseAddrPort("127.0.0.1:0")}
	ps, err := OpenPackets([]Listener{l}, 1)
	if err != nil {
		b.Fatal(err)
	}
	p := ps[0]
	defer p.Close()
	out, in := make([]edge.Datagram, BatchMax), room(BatchMax)
	for i := range out {
		out[i] = edge.Datagram{Buf: make([]byte, 600), Remote: p.Local(0)}
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%BatchMax != 0 {
			continue
		}
		if sent, err := p.WriteBatch(out); sent != len(out) {
			b.Fatal(err)
		}
		for got := 0; got < len(out); {
			k, err := p.ReadBatch(in, time.Now().Add(time.Second))
			if err != nil || k == 0 {
				b.Fatalf("%d read, %v", got, err)
			}
			got += k
		}
	}
}
