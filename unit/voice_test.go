package unit

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/wire/sip"
)

// speaker is a puppet's RTP.
type speaker struct {
	t    *testing.T
	conn mouth
	seq  uint16
	pt   byte // payload type of what it says; 0 is µ-law
	// saying is closed when a tone is over, nil where none was said.
	saying chan struct{}
}

// mouth is a puppet's socket, of the air or of the kernel.
type mouth interface {
	LocalAddr() net.Addr
	Read(b []byte) (int, error)
	SetReadDeadline(end time.Time) error
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
}

func newSpeaker(t *testing.T, p *puppet) *speaker {
	t.Helper()
	if p.h.air != nil {
		m := p.h.air.mouth()
		p.media = m.LocalAddr().(*net.UDPAddr).Port
		return &speaker{t: t, conn: m}
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	p.media = conn.LocalAddr().(*net.UDPAddr).Port
	return &speaker{t: t, conn: conn}
}

// mediaPort reads where a description wants media.
func mediaPort(t *testing.T, m *sip.Message) netip.AddrPort {
	t.Helper()
	_, rest, ok := strings.Cut(string(m.Body()), "m=audio ")
	port, _, _ := strings.Cut(rest, " ")
	n, err := strconv.ParseUint(port, 10, 16)
	if !ok || err != nil || n == 0 {
		t.Fatalf("no audio port in\n%s", m.Bytes())
	}
	return netip.AddrPortFrom(voiceAddr(m), uint16(n))
}

// voiceAddr reads the address of a description.
func voiceAddr(m *sip.Message) netip.Addr {
	_, rest, _ := strings.Cut(string(m.Body()), "c=IN IP4 ")
	host, _, _ := strings.Cut(rest, "\r\n")
	return netip.MustParseAddr(host)
}

// say sends packets with a mark until the other side has heard one.
func (s *speaker) say(to netip.AddrPort, mark byte, other *speaker) {
	s.t.Helper()
	payload := bytes.Repeat([]byte{mark}, 160)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		s.packet(to, mark, payload)
		if other.hears(mark, 20*time.Millisecond) {
			return
		}
	}
	s.t.Fatalf("mark %d was never heard", mark)
}

// packet sends 20 ms of voice; mark tells streams apart.
func (s *speaker) packet(to netip.AddrPort, mark byte, payload []byte) {
	packet := append(make([]byte, 12, 12+160), payload...)
	s.seq++
	packet[0], packet[1] = 0x80, s.pt
	binary.BigEndian.PutUint16(packet[2:], s.seq)
	binary.BigEndian.PutUint32(packet[4:], uint32(s.seq)*160)
	packet[11] = mark
	if _, err := s.conn.WriteToUDPAddrPort(packet, to); err != nil {
		s.t.Error(err)
	}
}

// hears waits for a packet with a mark; 0 is any voice.
func (s *speaker) hears(mark byte, within time.Duration) bool {
	buf := make([]byte, 2048)
	_ = s.conn.SetReadDeadline(time.Now().Add(within))
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			return false
		}
		if n >= 12+160 && (mark == 0 || buf[12] == mark) {
			return true
		}
	}
}

// listen hears so much voice, or what comes of it until it is silent.
func (s *speaker) listen(length time.Duration) (pcm []int16) {
	buf := make([]byte, 2048)
	for want := int(length.Seconds() * 8000); len(pcm) < want; {
		_ = s.conn.SetReadDeadline(time.Now().Add(patience))
		n, err := s.conn.Read(buf)
		if err != nil {
			return pcm
		}
		if n > 12 {
			pcm = append(pcm, ear.FromMu(buf[12:n])...)
		}
	}
	return pcm
}

// TestVoiceBothWays: what each side says is heard on the other, and nothing
// any more after the end.
func TestVoiceBothWays(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, kernel: true})
	x, y := newSpeaker(t, o.p201), newSpeaker(t, o.p202)
	a := o.p201.call("202", o.p201.description("sendrecv"))
	b := o.p202.rung()
	b.reply(200, o.p202.description("sendrecv"))
	ok := a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	toX, toY := mediaPort(t, ok), mediaPort(t, b.invite)
	x.say(toX, 11, y)
	y.say(toY, 22, x)
	for y.hears(11, time.Millisecond) { // said more than once
	}
	x.seq += 2 // lost on the way
	x.say(toX, 11, y)
	a.bye()
	b.hungUp()
	o.over()
	_, _ = x.conn.WriteToUDPAddrPort(make([]byte, 172), toX)
	for y.hears(11, time.Millisecond) { // what was under way
	}
	if y.hears(0, quiet) {
		t.Error("voice passes after the end")
	}
	// The record tells how it went.
	s := last[fact.CallEnded](o).Sound
	if len(s) != 2 || s[0].Leg != "caller" || s[1].Leg != "202-1" || s[0].Codec != "PCMU" || s[1].Codec != "PCMU" {
		t.Fatalf("sound: %+v", s)
	}
	if s[0].Lost != 2 || s[0].Received < 2 || s[1].Lost != 0 || s[1].Received < 1 || s[1].Sent != s[0].Received {
		t.Errorf("sound: %+v", s)
	}
}

// TestRefusalIsHeard: the announcement reaches the phone before the refusal.
func TestRefusalIsHeard(t *testing.T) { inTime(t, testRefusalIsHeard) }

func testRefusalIsHeard(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1, announcements: 2})
	x := newSpeaker(t, o.p201)
	a := o.p201.call("01023276123456", o.p201.description("sendrecv"))
	a.response(sip.INVITE, 183)
	if !x.hears(0, patience) {
		t.Error("no announcement is heard")
	}
	a.cancel()
	a.response(sip.INVITE, 487)
	a.ackRefusal()
	o.over()
	if n := o.unit.slots.Load(); n != 0 {
		t.Errorf("%d slots still taken", n)
	}
}

// TestSilenceEndsACall: neither side is heard; an emergency call stays up.
func TestSilenceEndsACall(t *testing.T) { inTime(t, testSilenceEndsACall) }

func testSilenceEndsACall(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.unit.cfg.MediaTimeout = 200 * time.Millisecond
	a, b := o.outside("09012345678")
	if r := string(a.hungUp().Value(sip.HeaderReason)); !strings.HasPrefix(r, "Q.850;cause=41") {
		t.Errorf("201 is told %q", r)
	}
	b.hungUp()
	if f := last[fact.CallEnded](o); f.Reason != "no media" {
		t.Errorf("ended: %+v", f)
	}
	a, b = o.outside("119")
	a.p.expectNone("a BYE", isMethod(sip.BYE))
	time.Sleep(400 * time.Millisecond) // the silence is what is tested
	a.p.expectNone("a BYE", isMethod(sip.BYE))
	a.bye()
	b.hungUp()
	o.over()
}
