package media

import (
	"testing"
	"time"
)

// BenchmarkRelay measures one packet from one leg to the other, with a plain
// phone on each side (and the phones' own system calls in it).
func BenchmarkRelay(b *testing.B) {
	r, x, y := benchCall(b, "")
	defer r.Close()
	benchPackets(b, x, y)
}

// BenchmarkRelayEncrypted has one phone speak SRTP.
func BenchmarkRelayEncrypted(b *testing.B) {
	r, x, y := benchCall(b, "AEAD_AES_128_GCM")
	defer r.Close()
	benchPackets(b, y, x) // so that sealing is the relay's work
}

// BenchmarkCall measures a call's descriptions and legs, without a packet.
func BenchmarkCall(b *testing.B) {
	r, err := New(Config{Sockets: &ports{}, Engine: string(under)})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	t := &testing.T{}
	x, y := newHandset(t), newHandset(t)
	offer, answer := x.describe("9 0 8 101"), y.describe("0 101")
	b.ReportAllocs()
	for b.Loop() {
		c, _ := r.NewCall("c")
		a, _ := c.AddLeg("a", LegConfig{Local: loopback})
		d, _ := c.AddLeg("b", LegConfig{Local: loopback})
		_, _ = a.TakeOffer(offer)
		_, _ = d.OfferFrom(a)
		_ = d.TakeAnswer(answer)
		if _, err := a.AnswerFrom(d); err != nil {
			b.Fatal(err)
		}
		_ = c.Bridge(a, d)
		c.Close()
	}
}

func benchCall(b *testing.B, suite string) (*Relay, *handset, *handset) {
	b.Helper()
	t := &testing.T{}
	w := &world{t: t, ports: &ports{}, signal: make(chan struct{}, 1)}
	r, err := New(Config{Sockets: w.ports, Engine: string(under)})
	if err != nil {
		b.Fatal(err)
	}
	w.Relay = r
	_, _, x, y := callWith(w, suite)
	x.say(make([]int16, 160))
	y.hear(1)
	y.say(make([]int16, 160))
	x.hear(1)
	return r, x, y
}

// inFlight is how many packets are under way at once.
const inFlight = 16

func benchPackets(b *testing.B, x, y *handset) {
	b.Helper()
	p, buf := make([]byte, 172), make([]byte, 2048)
	b.ReportAllocs()
	_ = y.conn.SetReadDeadline(time.Time{})
	for n := 0; b.Loop(); n++ {
		x.h.Put(p)
		x.h.Seq++
		x.h.Timestamp += 160
		q := p
		if x.seal != nil {
			q, _ = x.seal.Seal(nil, p)
		}
		if _, err := x.conn.WriteToUDPAddrPort(q, x.to); err != nil {
			b.Fatal(err)
		}
		if n >= inFlight {
			if _, err := y.conn.Read(buf); err != nil {
				b.Fatal(err)
			}
		}
	}
}
