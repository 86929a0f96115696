package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/rtp"
	"github.com/sekisho/sekisho/wire/sdp"
)

// fax is a phone's description of T.38.
func (p *handset) fax(said ...string) []byte {
	before, after, _ := strings.Cut(string(p.describe("0")), "m=audio ")
	port, _, _ := strings.Cut(after, " ")
	m := append([]string{"m=image " + port + " udptl t38"}, said...)
	return []byte(before + strings.Join(m, "\r\na=") + "\r\n")
}

// faxing has two phones that talk go over to T.38.
func faxing(t *testing.T, a, b *Leg, x, y *handset) (toA, toB netip.AddrPort) {
	t.Helper()
	o, err := a.TakeOffer(x.fax("T38FaxVersion:0", "T38FaxFillBitRemoval"))
	if err != nil || !o.Fax || o.Hold || o.Modem {
		t.Fatalf("%+v, %v", o, err)
	}
	offer := parsed(t, must(t)(b.OfferFrom(a)))
	if m := offer.Media[0]; !m.Fax() || strings.Join(m.Kept, ",") != "T38FaxVersion:0,T38FaxFillBitRemoval" {
		t.Errorf("offered: %+v", m)
	}
	if err := b.TakeAnswer(y.fax("T38FaxVersion:3")); err != nil {
		t.Fatal(err)
	}
	answer := parsed(t, must(t)(a.AnswerFrom(b)))
	if m := answer.Media[0]; !m.Fax() || len(answer.Media) != 1 || strings.Join(m.Kept, ",") != "T38FaxVersion:3" {
		t.Errorf("answered: %+v", answer)
	}
	if !a.Faxes() || !b.Faxes() {
		t.Error("they do not fax")
	}
	settle(a)
	return answer.Media[0].Remote(), offer.Media[0].Remote()
}

func parsed(t *testing.T, body []byte) *sdp.Session {
	t.Helper()
	s, err := sdp.Parse(body)
	if err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
	return s
}

// passed sends a datagram, and gives what comes at the other end within a time, if anything.
func passed(
	t *testing.T, from *net.UDPConn, to netip.AddrPort, at *net.UDPConn, d []byte, within time.Duration,
) []byte {
	t.Helper()
	if _, err := from.WriteToUDPAddrPort(d, to); err != nil {
		t.Fatal(err)
	}
	_ = at.SetReadDeadline(time.Now().Add(within))
	buf := make([]byte, 2048)
	n, err := at.Read(buf)
	if err != nil {
		return nil
	}
	return buf[:n]
}

func udptl(seq uint16) []byte {
	return append(binary.BigEndian.AppendUint16(nil, seq), bytes.Repeat([]byte{byte(seq), 0xaa}, 30)...)
}

// Datagrams of T.38 pass as they are, from the peer alone; voice does again when that is
// agreed, and keys are pressed in it.
func TestFaxPasses(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0 101", "0 101")
	talk(t, x, y)
	toA, toB := faxing(t, a, b, x, y)
	stranger := listenUDP(t, "127.0.0.9:0")
	for seq := range uint16(5) {
		if got := passed(t, stranger, toA, y.conn, udptl(seq), 20*time.Millisecond); got != nil {
			t.Fatalf("a stranger's % x came", got)
		}
	}
	for seq := range uint16(20) {
		for _, way := range []struct {
			from, at *handset
			to       netip.AddrPort
		}{{x, y, toA}, {y, x, toB}} {
			got := passed(t, way.from.conn, way.to, way.at.conn, udptl(seq), 5*time.Second)
			if !bytes.Equal(got, udptl(seq)) {
				t.Fatalf("% x came, want % x", got, udptl(seq))
			}
		}
	}
	if got := passed(t, stranger, toA, y.conn, udptl(20), 50*time.Millisecond); got != nil {
		t.Errorf("a stranger's % x came", got)
	}
	if got := passed(t, x.conn, toA, y.conn, []byte{0, 20, 0}, 50*time.Millisecond); got != nil {
		t.Errorf("what is no datagram of T.38 came: % x", got)
	}
	settle(a)
	if s := a.Stats(); s.Codec != sdp.T38 || s.PacketsIn < 20 || s.Strange < 2 {
		t.Errorf("%+v", s)
	}
	if o, err := a.TakeOffer(x.describe("0 101")); err != nil || o.Fax {
		t.Fatalf("%+v, %v", o, err)
	}
	y.read(must(t)(b.OfferFrom(a)))
	if err := b.TakeAnswer(y.describe("0 101")); err != nil {
		t.Fatal(err)
	}
	x.read(must(t)(a.AnswerFrom(b)))
	settle(a)
	talk(t, x, y)
}

// A peer that says nothing is there as long as the other one sends: who takes a page is
// silent.
func TestFaxIsNotSilent(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	talk(t, x, y)
	toA, _ := faxing(t, a, b, x, y)
	a.Watch(300 * time.Millisecond)
	b.Watch(300 * time.Millisecond)
	for seq := range uint16(40) {
		if passed(t, x.conn, toA, y.conn, udptl(seq), 5*time.Second) == nil {
			t.Fatal("a datagram did not come")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if _, silent := w.find("b", Timeout); silent {
		t.Error("who takes a page is taken for gone")
	}
	w.await("a", Timeout)
}

// T.38 is taken where it can be passed on: not before a call is up, not where media is
// encrypted; and it is taken back where the other one refuses it.
func TestFaxIsTakenWhereItCanBe(t *testing.T) {
	w := newWorld(t)
	call := w.call("first")
	if _, err := leg(t, call, "x", Policy{}).TakeOffer(newHandset(t).fax()); !errors.Is(err, ErrNoAudio) {
		t.Errorf("at first: %v", err)
	}
	_, a, b, x2, y2 := encrypted(newWorld(t), rtp.Suites()[0])
	if _, err := a.TakeOffer(x2.fax()); !errors.Is(err, ErrNoAudio) {
		t.Errorf("encrypted: %v", err)
	}
	if _, err := b.TakeOffer(y2.fax()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.OfferFrom(b); !errors.Is(err, ErrEncryption) {
		t.Errorf("to an encrypted one: %v", err)
	}
	b.Rollback()
	talk(t, x2, y2)

	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	if _, err := a.TakeOffer(x.fax()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Answer(); !errors.Is(err, ErrNoAudio) {
		t.Errorf("answered by the unit: %v", err)
	}
	must(t)(b.OfferFrom(a))
	if err := b.TakeAnswer(y.describe("0")); !errors.Is(err, ErrNoAudio) {
		t.Errorf("an answer of voice: %v", err)
	}
	b.Rollback()
	a.Rollback()
	talk(t, x, y)
}

// A session that has had a stream of each keeps both, one of them in use.
func TestFaxHasAStreamOfItsOwn(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	image := strings.TrimPrefix(string(x.fax("T38FaxVersion:0")), "v=0")
	_, image, _ = strings.Cut(image, "m=image")
	both := strings.Replace(string(x.describe("0")), "m=audio", "m=audio 0 RTP/AVP 0\r\nm=image"+image+"m=video", 1)
	both, _, _ = strings.Cut(both, "m=video")
	if o, err := a.TakeOffer([]byte(both)); err != nil || !o.Fax {
		t.Fatalf("%+v, %v in\n%s", o, err, both)
	}
	must(t)(b.OfferFrom(a))
	if err := b.TakeAnswer(y.fax()); err != nil {
		t.Fatal(err)
	}
	m := parsed(t, must(t)(a.AnswerFrom(b))).Media
	if len(m) != 2 || m[0].Type != "audio" || m[0].Port != 0 || !m[1].Fax() {
		t.Fatalf("answered: %+v", m)
	}
	if _, err := b.TakeOffer(y.describe("0")); err != nil { // the other one goes back
		t.Fatal(err)
	}
	m = parsed(t, must(t)(a.OfferFrom(b))).Media
	if len(m) != 2 || m[0].Type != "audio" || m[0].Port == 0 || m[1].Type != sdp.Image || m[1].Port != 0 {
		t.Fatalf("offered: %+v", m)
	}
}
