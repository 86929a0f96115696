package phone

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// What a phone takes of memory at most, in bytes: at rest, and besides when
// it is registered.
const (
	phoneRoom        = 640
	registrationRoom = 512
)

// discard is a Committer that keeps nothing.
type discard struct{}

func (discard) Commit(_ fact.Write, done func(error)) { done(nil) }

// heap gives how many bytes are in use.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what pools held at the first is free at the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Memory for each phone is bounded, as there may be many.
func TestRoomOfRegistration(t *testing.T) {
	const phones = 3_000
	o := newOffice(t)
	o.cfg.Committer = discard{}
	o.restart()
	rows, secrets := make([]fact.Phone, phones), make([]string, phones)
	for i := range phones {
		row, secret, err := o.Add(context.Background(), fmt.Sprint(10_000+i), "", "owner", o.now)
		if err != nil {
			t.Fatal(err)
		}
		rows[i], secrets[i] = row, secret
	}
	before := heap()
	o.restart()
	gone := heap() // so much is free again when the phones are
	if err := o.Restore(rows, nil, o.now); err != nil {
		t.Fatal(err)
	}
	rest := heap()
	if each := float64(rest-gone) / phones; each > phoneRoom {
		t.Errorf("a phone takes %.0f bytes", each)
	} else {
		t.Logf("a phone takes %.0f bytes (%d all of them)", each, before-gone)
	}
	for i, row := range rows {
		o.signIn(t, i, row, secrets[i])
	}
	if each := float64(heap()-rest) / phones; each > registrationRoom {
		t.Errorf("a registration takes %.0f bytes", each)
	} else {
		t.Logf("a registration takes %.0f bytes", each)
	}
	runtime.KeepAlive(o)
	runtime.KeepAlive(rows)
	runtime.KeepAlive(secrets)
}

// signIn registers one of many phones, each from an address of its own.
func (o *office) signIn(t *testing.T, i int, row fact.Phone, secret string) {
	at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 5060)
	from := edge.Source{Remote: at, Transport: "udp", Listener: "phones"}
	aor := "sip:" + row.Extension + "@unit"
	lines := []string{
		fmt.Sprintf("Contact: <sip:%s@%s>;+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-%012x>\"", row.User, at, i),
		fmt.Sprintf("Call-ID: %08x-7dec-11d0-a765@%s", i, at.Addr()), "User-Agent: Deskphone T54W 96.86.0.20",
	}
	v := o.Authenticate(message(t, "REGISTER", "sip:unit", aor, 1, lines...), from, o.now)
	auth := authorization(t, challengeOf(t, v, digest.SHA256), row.User, secret, "REGISTER", "sip:unit", 1)
	m := message(t, "REGISTER", "sip:unit", aor, 2, append(lines, auth)...)
	v = o.Authenticate(m, from, o.now)
	if a := o.Register(m, from, v.Identity, o.now); a.Status != 200 {
		t.Fatalf("phone %s: %d %s", row.Device, a.Status, a.Phrase)
	}
}
