package load

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/netip"
	"testing"
	"time"
)

// TestStreams has phones register over TCP and TLS with a server that splits
// and joins what it sends, and one that hangs up.
func TestStreams(t *testing.T) {
	for _, by := range []Transport{TCP, TLS} {
		l := testLoad(t)
		site := between(l)
		site.Transport, site.CalleeTransport = by, by
		site.Server = registrar(t, by)
		if r := l.Register(site, 1000); r.Done != 12 || r.FailedCount() != 0 {
			t.Errorf("%s: %d of 12 registered: %v", by, r.Done, r.Failed)
		}
		r := l.Registrations(site, Spec{Rate: 500, Duration: 100 * time.Millisecond, Drain: 5 * time.Second})
		if !offered(r, 50, 12) {
			t.Errorf("%s: offered %d, done %d, failed %v", by, r.Offered, r.Done, r.Failed)
		}
		ports := len(l.ports)
		l.Leave(site)
		for _, p := range l.ports[ports-12:] {
			if p != nil {
				t.Errorf("%s: a connection is left", by)
			}
		}
		l.Close()
	}
}

// registrar answers 200 to everything, in pieces.
func registrar(t *testing.T, by Transport) netip.AddrPort {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := ln.Addr().(*net.TCPAddr).AddrPort()
	if by == TLS {
		ln = tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}})
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go registers(c)
		}
	}()
	return at
}

func registers(c net.Conn) {
	defer c.Close()
	buf := make([]byte, 1<<16)
	for have := 0; ; {
		n, err := c.Read(buf[have:])
		if err != nil {
			return
		}
		have += n
		for {
			size := whole(buf[:have])
			if size == 0 {
				break
			}
			var m message
			m.read(buf[:size])
			l := &Load{tag: "s"}
			us := &socket{self: end{host: []byte("h")}}
			answer := l.appendResponse([]byte("\r\n"), us, &m, "200 OK", []byte("body"))
			for _, piece := range [][]byte{answer[:7], answer[7 : len(answer)-2], answer[len(answer)-2:]} {
				_, _ = c.Write(piece)
			}
			have = copy(buf, buf[size:have])
		}
	}
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestWhole(t *testing.T) {
	const head = "SIP/2.0 200 OK\r\nContent-Length: 4\r\n\r\n"
	for text, want := range map[string]int{
		"": 0, "SIP/2.0 200 OK\r\n": 0, head: 0, head + "abc": 0,
		head + "abcd": len(head) + 4, head + "abcdSIP": len(head) + 4,
		"SIP/2.0 200 OK\r\nVia: x\r\n\r\nmore": 26,
	} {
		if got := whole([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// TestSealedSound has both sides agree on keys as RFC 4568 says, and tampering
// be heard.
func TestSealedSound(t *testing.T) {
	theirs := newKey()
	at := netip.MustParseAddrPort("127.0.0.1:4000")
	offer := describeSealed(at, []byte("3"), theirs)
	tag, key, ok := sealedOffer(offer)
	if !ok || string(tag) != "3" || !bytes.Equal(key, theirs) {
		t.Fatalf("%q %x %v in %s", tag, key, ok, offer)
	}
	if _, _, ok := sealedOffer(Describe(at)); ok {
		t.Error("plain RTP was taken for SRTP")
	}
	ours := newKey()
	a, b := newSealing(ours, theirs), newSealing(theirs, ours)
	plain := make([]byte, packetBytes)
	plain[0] = 0x80
	sealed, err := a.ours.EncryptRTP(a.buf, plain, nil)
	if err != nil || len(sealed) != packetBytes+16 {
		t.Fatalf("%d bytes, %v", len(sealed), err)
	}
	sealed = bytes.Clone(sealed)
	if got, err := b.theirs.DecryptRTP(nil, sealed, nil); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%x, %v", got, err)
	}
	sealed[20] ^= 1
	if _, err := b.theirs.DecryptRTP(nil, sealed, nil); err == nil {
		t.Error("a packet that was tampered with was taken")
	}
}

// TestLoadBesideCalls: calls talk on while others are offered, an emergency call
// is made, and peers go away and come back.
func TestLoadBesideCalls(t *testing.T) {
	l := testLoad(t)
	site := between(l)
	site.Talkers, site.Listeners = accounts(400, 3), accounts(500, 3)
	talk := l.Talk(site)
	if up := talk.Grow(9, 1000); up != 9 {
		t.Fatalf("%d of 9 up", up)
	}
	h := talk.Count()
	spec := Spec{Rate: 300, Duration: 300 * time.Millisecond, Drain: 5 * time.Second}
	if r := l.Calls(site, spec); r.Done != 90 || r.Within == 0 || r.Within > r.Done {
		t.Errorf("%d of 90 calls, %d of them at once: %v", r.Done, r.Within, r.Failed)
	}
	talk.Counted(h)
	if h.Sent < 200 || h.Heard != h.Sent || h.Dropped != 0 || h.Sealed != 0 {
		t.Errorf("%+v", h.Heard)
	}
	l.Deafen(true, true)
	if r := l.Calls(site, Spec{Rate: 100, Duration: 50 * time.Millisecond, Drain: 20 * time.Millisecond}); r.Done != 0 {
		t.Errorf("%d calls reached who was gone", r.Done)
	}
	l.Deafen(false, false)
	for _, c := range talk.up[:2] {
		c.cut()
	}
	talk.Listen(0, 50*time.Millisecond, func() {}, func() {})
	if talk.talking() != 7 || talk.Calls.Failed["hung up by the system"] != 2 {
		t.Errorf("%d talk on, %v", talk.talking(), talk.Calls.Failed)
	}
	talk.Only(3)
	talk.Listen(0, 100*time.Millisecond, func() {}, func() {})
	for i, g := range l.legs {
		if (g.sent > 0) != (i < 6) && !g.gone {
			t.Errorf("three calls talk, and leg %d sent %d packets", i, g.sent)
		}
	}
	talk.Close()
}

func TestEmergencyAndMoving(t *testing.T) {
	l := testLoad(t)
	site := between(l)
	site.Server = l.carrier.local
	urgent, moved := &Result{}, &Result{}
	to := l.carrier.local.Addr().Next()
	begin, err := l.MoveIn(site, Account{Extension: "200", User: "200"}, to)
	if err != nil {
		t.Fatal(err)
	}
	l.Offer(Spec{
		Duration: 100 * time.Millisecond, Drain: 5 * time.Second, Also: []*Result{urgent, moved},
		Events: []Event{
			{20 * time.Millisecond, func() { l.Emergency(site, urgent) }},
			{40 * time.Millisecond, func() { begin(moved) }},
		},
	})
	if urgent.Done != 1 || moved.Done != 1 || urgent.Setup.Count() != 1 || urgent.Added.Count() != 1 {
		t.Errorf("%+v %+v", urgent.Failed, moved.Failed)
	}
	if o := l.Outside(); o.Emergencies != 1 || len(o.Strange) != 0 || len(o.Reached) != 0 {
		t.Errorf("%+v", o)
	}
}
