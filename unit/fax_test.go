package unit

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/wire/sip"
)

// fax is a description of T.38 from a puppet, with what it says of it.
func (p *puppet) fax(said ...string) string {
	return p.stream(fmt.Sprintf("m=image %d udptl t38", p.port()), said)
}

// stream is a description of one, with its attributes.
func (p *puppet) stream(m string, attributes []string) string {
	head := fmt.Sprintf("v=0\r\no=- 1 %d IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n", p.version())
	return head + strings.Join(append([]string{m}, attributes...), "\r\na=") + "\r\n"
}

// g711 is a description of one codec: 0 is µ-law, 8 A-law.
func (p *puppet) g711(format string, more ...string) string {
	return p.stream(fmt.Sprintf("m=audio %d RTP/AVP %s", p.port(), format), more)
}

// faxPort reads where a description wants T.38.
func faxPort(t *testing.T, m *sip.Message) netip.AddrPort {
	t.Helper()
	_, rest, ok := strings.Cut(string(m.Body()), "m=image ")
	port, _, _ := strings.Cut(rest, " ")
	n, err := strconv.ParseUint(port, 10, 16)
	if !ok || err != nil || n == 0 {
		t.Fatalf("no T.38 in\n%s", m.Bytes())
	}
	return netip.AddrPortFrom(voiceAddr(m), uint16(n))
}

// says looks that a description has these attributes.
func says(t *testing.T, m *sip.Message, attributes ...string) {
	t.Helper()
	for _, a := range attributes {
		if !strings.Contains(string(m.Body()), "\r\na="+a+"\r\n") {
			t.Errorf("no %s in\n%s", a, m.Body())
		}
	}
}

// datagram is one of UDPTL, with a sequence number and something in it.
func datagram(seq uint16, size int) []byte {
	d := binary.BigEndian.AppendUint16(nil, seq)
	for i := range size {
		d = append(d, byte(i*7)^byte(seq))
	}
	return d
}

// sends sends datagrams, and looks that they come as they are, each once and in order.
func (s *speaker) sends(to netip.AddrPort, other *speaker, all ...[]byte) {
	s.t.Helper()
	buf := make([]byte, 2048)
	for _, d := range all {
		if _, err := s.conn.WriteToUDPAddrPort(d, to); err != nil {
			s.t.Fatal(err)
		}
		for {
			_ = other.conn.SetReadDeadline(time.Now().Add(patience))
			n, err := other.conn.Read(buf)
			if err != nil {
				s.t.Fatalf("a datagram of %d bytes did not come: %v", len(d), err)
			}
			if bytes.Equal(buf[:n], d) {
				break
			}
			if n < 12 || buf[0] != 0x80 { // voice that was under way
				s.t.Fatalf("% x came, want % x", buf[:n], d)
			}
		}
	}
}

// drain reads what came before.
func (s *speaker) drain() {
	for s.hears(0, time.Millisecond) {
	}
}

// TestFax: the carrier's side of a call goes over to T.38, which the phone agrees to: what
// each says of it is told to the other as it is, and so are the datagrams; strangers' are
// not. It goes back to voice. To the gate it is one call.
func TestFax(t *testing.T) { inTime(t, testFax) }

func testFax(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	c := o.talkOutside(t)
	line := []string{
		"T38FaxVersion:0", "T38MaxBitRate:14400", "T38FaxRateManagement:transferredTCF",
		"T38FaxUdpEC:t38UDPRedundancy",
	}
	phone := []string{"T38FaxVersion:0", "T38MaxBitRate:9600", "T38FaxFillBitRemoval"}
	offer := o.hikari.fax(line...)
	c.b.send(sip.INVITE, offer)
	asked := c.a.next(sip.INVITE)
	says(t, asked, line...)
	toPhone := faxPort(t, asked)
	if toPhone != mediaPort(t, c.toA) {
		t.Errorf("the phone is to send T.38 to %v, and sent voice to %v", toPhone, mediaPort(t, c.toA))
	}
	o.p201.reply(asked, 200, "", o.p201.fax(phone...))
	c.a.next(sip.ACK)
	ok := c.b.response(sip.INVITE, 200)
	c.b.ack("")
	says(t, ok, phone...)
	toLine := faxPort(t, ok)
	c.mouthA.drain()
	c.mouthB.drain()
	c.mouthA.sends(toPhone, c.mouthB, datagram(0, 6), datagram(1, 300), datagram(2, 1390), datagram(3, 2))
	c.mouthB.sends(toLine, c.mouthA, datagram(0, 40), datagram(0x8001, 40), datagram(0x80ff, 9))
	stranger := &speaker{t: t, conn: newSpeaker(t, o.p203).conn}
	for seq := range uint16(5) {
		_, _ = stranger.conn.WriteToUDPAddrPort(datagram(seq, 77), toPhone)
	}
	c.mouthA.sends(toPhone, c.mouthB, datagram(4, 10)) // and nothing before it

	says(t, c.b.reinvite(offer), phone...) // a refresh asks nobody
	c.b.ack("")
	c.mouthB.sends(toLine, c.mouthA, datagram(0x8100, 20))

	c.a.send(sip.INVITE, o.p201.description("sendrecv"))
	back := c.b.next(sip.INVITE)
	if strings.Contains(string(back.Body()), "udptl") {
		t.Errorf("back to voice, the carrier is offered\n%s", back.Body())
	}
	o.hikari.reply(back, 200, "", o.hikari.description("sendrecv"))
	c.b.next(sip.ACK)
	c.toA = c.a.response(sip.INVITE, 200)
	c.a.ack("")
	c.toB = back
	c.bothWays()
	c.a.bye()
	c.b.hungUp()
	o.over()
	judged := slices.DeleteFunc(o.books.kinds(), func(k string) bool { return k != "call.judged" })
	if f := last[fact.CallEnded](o); len(judged) != 1 || len(f.Sound) != 2 || f.Sound[0].Received < 6 {
		t.Errorf("judged %d times; %+v", len(judged), f.Sound)
	}
}

// TestFaxIsRefused: a phone that knows no T.38 says so, and fax goes on as sound, which is
// passed on as it is.
func TestFaxIsRefused(t *testing.T) { inTime(t, testFaxIsRefused) }

func testFaxIsRefused(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	c := o.talkOutside(t)
	for _, status := range []int{488, 415} {
		c.b.send(sip.INVITE, o.hikari.fax("T38FaxVersion:0"))
		asked := c.a.next(sip.INVITE)
		o.p201.reply(asked, status, "", "")
		c.a.next(sip.ACK)
		c.b.response(sip.INVITE, 488)
		c.b.ackRefusal()
		c.bothWays()
	}
	c.passThrough(t, "0", ear.ToMu)
	c.a.bye()
	c.b.hungUp()
	o.over()
}

// passThrough has the machines at both ends sound: CNG of the caller, CED of who answers.
// Each packet comes as it is, as loud as it was sent.
func (c *talking) passThrough(t *testing.T, codec string, encode func([]int16) []byte) {
	t.Helper()
	c.mouthA.drain()
	c.mouthB.drain()
	for _, x := range []struct {
		from, to *speaker
		at       *sip.Message
		hz       float64
	}{{c.mouthA, c.mouthB, c.toA, 1100}, {c.mouthB, c.mouthA, c.toB, 2100}} {
		sound := encode(ear.Tone(8000, x.hz, -12, 0.5))
		at, heard := mediaPort(t, x.at), []byte(nil)
		for i := 0; i+160 <= len(sound); i += 160 {
			x.from.types(at, codec, sound[i:i+160])
			buf := make([]byte, 2048)
			_ = x.to.conn.SetReadDeadline(time.Now().Add(patience))
			n, err := x.to.conn.Read(buf)
			if err != nil || n != 172 || strconv.Itoa(int(buf[1]&0x7f)) != codec {
				t.Fatalf("%d bytes came of type %d: %v", n, buf[1]&0x7f, err)
			}
			heard = append(heard, buf[12:n]...)
		}
		if !bytes.Equal(heard, sound[:len(heard)]) || len(heard) < 3600 {
			t.Errorf("%.0f Hz is not passed on as it is", x.hz)
		}
	}
}

// types sends 20 ms of a payload type.
func (s *speaker) types(to netip.AddrPort, codec string, payload []byte) {
	s.t.Helper()
	pt, _ := strconv.Atoi(codec)
	packet := append(make([]byte, 12, 12+160), payload...)
	s.seq++
	packet[0], packet[1] = 0x80, byte(pt)
	binary.BigEndian.PutUint16(packet[2:], s.seq)
	binary.BigEndian.PutUint32(packet[4:], uint32(s.seq)*160)
	packet[11] = 0x66
	if _, err := s.conn.WriteToUDPAddrPort(packet, to); err != nil {
		s.t.Error(err)
	}
}

// TestFaxAsSound: a machine that wants G.711 and nothing left out gets that on both sides,
// where the relay would turn one codec into the other; who does not want it is left alone.
func TestFaxAsSound(t *testing.T) { inTime(t, testFaxAsSound) }

func testFaxAsSound(t *testing.T) {
	for _, agrees := range []bool{true, false} {
		o := newOffice(t, officeConfig{shards: 1})
		c := &talking{mouthA: newSpeaker(t, o.p201), mouthB: newSpeaker(t, o.hikari)}
		c.a = o.p201.call("09012345678", o.p201.g711("8"))
		c.b = o.hikari.rung()
		c.toB = c.b.invite
		c.b.reply(200, o.hikari.g711("0"))
		c.toA = c.a.response(sip.INVITE, 200)
		c.a.ack("")
		c.b.next(sip.ACK)
		c.a.send(sip.INVITE, o.p201.g711("8", "silenceSupp:off - - - -"))
		asked := c.b.next(sip.INVITE)
		says(t, asked, "silenceSupp:off - - - -")
		if strings.Contains(string(asked.Body()), "PCMU") {
			t.Errorf("the carrier may choose another codec:\n%s", asked.Body())
		}
		if !agrees {
			o.hikari.reply(asked, 488, "", "")
			c.b.next(sip.ACK)
			c.a.response(sip.INVITE, 200)
			c.a.ack("")
		} else {
			o.hikari.reply(asked, 200, "", o.hikari.g711("8"))
			c.b.next(sip.ACK)
			c.toA = c.a.response(sip.INVITE, 200)
			c.a.ack("")
			c.toB = asked
			c.passThrough(t, "8", ear.ToA)
			c.a.send(sip.INVITE, o.p201.g711("8", "silenceSupp:off - - - -")) // a refresh asks nobody
			c.a.response(sip.INVITE, 200)
			c.a.ack("")
		}
		c.a.bye()
		c.b.hungUp()
		o.over()
		o.hikari.expectNone("an INVITE", isMethod(sip.INVITE))
	}
}

// TestFaxNeedsTwoSides: T.38 is refused where nobody is there who could agree to it: the
// phone holds the call, or the unit itself talks; and in an emergency call.
func TestFaxNeedsTwoSides(t *testing.T) { inTime(t, testFaxNeedsTwoSides) }

func testFaxNeedsTwoSides(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	c := o.talkOutside(t)
	c.a.reinvite(o.p201.description("sendonly"))
	c.a.ack("")
	c.b.send(sip.INVITE, o.hikari.fax("T38FaxVersion:0"))
	c.b.response(sip.INVITE, 488)
	c.b.ackRefusal()
	c.a.bye()
	c.b.hungUp()
	a, b := o.outside("110")
	b.send(sip.INVITE, o.hikari.fax("T38FaxVersion:0"))
	b.response(sip.INVITE, 488)
	b.ackRefusal()
	a.bye()
	b.hungUp()
	o.over()
	o.p201.expectNone("an INVITE", isMethod(sip.INVITE))
}
