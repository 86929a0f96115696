package phone

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// BenchmarkChallenge is what an unknown source costs.
func BenchmarkChallenge(b *testing.B) {
	o := newOffice(b)
	m := message(b, "REGISTER", "sip:unit", "sip:201@unit", 1)
	b.ReportAllocs()
	for b.Loop() {
		if v := o.Authenticate(m, stranger, o.now); v.Action != edge.Challenge {
			b.Fatal(v)
		}
	}
}

// BenchmarkRefresh is a signed REGISTER of a registered phone, parsed as a
// shard does it, without the disk.
func BenchmarkRefresh(b *testing.B) {
	for _, a := range []digest.Algorithm{digest.MD5, digest.SHA256} {
		b.Run(a.String(), func(b *testing.B) {
			o := newOffice(b)
			nonce := o.ask("phones").minter.Mint(o.now, 1, desk.Remote.Addr())
			ch := digest.Challenge{Realm: "unit", Nonce: nonce, Algorithm: a, QopAuth: true}
			var list [][]byte
			for i := range b.N {
				auth := authorization(b, ch, "201-1", o.secret, "REGISTER", "sip:unit", uint32(i+1))
				m := message(b, "REGISTER", "sip:unit", "sip:201@unit", i+1, auth, "Contact: <sip:201@192.0.2.10>")
				list = append(list, m.Bytes())
			}
			var m sip.Message
			b.ReportAllocs()
			b.ResetTimer()
			for _, text := range list {
				if err := sip.Parse(text, &m); err != nil {
					b.Fatal(err)
				}
				v := o.Authenticate(&m, desk, o.now)
				if v.Action != edge.Admit || o.Register(&m, desk, v.Identity, o.now).Status != 200 {
					b.Fatal(v)
				}
			}
		})
	}
}

// BenchmarkWrongAnswers is what a brute force from many addresses costs.
func BenchmarkWrongAnswers(b *testing.B) {
	o := newOffice(b)
	nonce := o.ask("phones").minter.Mint(o.now, 1, desk.Remote.Addr())
	ch := digest.Challenge{Realm: "unit", Nonce: nonce, Algorithm: digest.SHA256, QopAuth: true}
	auth := authorization(b, ch, "201-1", "wrong", "REGISTER", "sip:unit", 1)
	m := message(b, "REGISTER", "sip:unit", "sip:201@unit", 1, auth)
	var from []edge.Source
	for i := range 256 {
		at := netip.MustParseAddrPort(fmt.Sprintf("10.0.%d.1:5060", i))
		from = append(from, edge.Source{Remote: at, Listener: "phones"})
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if v := o.Authenticate(m, from[i%len(from)], o.now); v.Action == edge.Admit {
			b.Fatal(v)
		}
		i++
	}
}
