package media

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/wire/rtp"
	"github.com/sekisho/sekisho/wire/rtp/g711"
	"github.com/sekisho/sekisho/wire/sdp"
)

// handset is a phone of the tests: one stream of RTP.
type handset struct {
	t         *testing.T
	conn      *net.UDPConn
	rtcp      *net.UDPConn
	to        netip.AddrPort // the unit's port, from its description
	toRTCP    netip.AddrPort
	h         rtp.Header
	seal, out *rtp.Cipher // to seal what is sent, to open what comes
	version   int
}

func newHandset(t *testing.T) *handset {
	t.Helper()
	p := &handset{t: t, conn: listenUDP(t, "127.0.0.1:0"), rtcp: listenUDP(t, "127.0.0.1:0")}
	p.h = rtp.Header{PT: 0, Seq: 65500, Timestamp: 1 << 31, SSRC: uint32(p.at().Port()) << 8}
	return p
}

func (p *handset) at() netip.AddrPort { return p.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// describe is a description of the phone: formats ("0 8 101") and further
// lines.
func (p *handset) describe(formats string, lines ...string) []byte {
	p.version++
	proto := "RTP/AVP"
	for _, l := range lines {
		if strings.HasPrefix(l, "a=crypto") {
			proto = "RTP/SAVP"
		}
	}
	var s strings.Builder
	s.WriteString(fmt.Sprintf("v=0\r\no=phone 1 %d IN IP4 127.0.0.1\r\ns=-\r\n"+
		"c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d %s %s\r\n",
		p.version, p.at().Port(), proto, formats))
	s.WriteString(fmt.Sprintf("a=rtcp:%d\r\n", p.rtcp.LocalAddr().(*net.UDPAddr).Port))
	if strings.Contains(formats, "101") {
		s.WriteString("a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n")
	}
	for _, l := range lines {
		s.WriteString(l + "\r\n")
	}
	return []byte(s.String())
}

// read takes the unit's description.
func (p *handset) read(body []byte) *sdp.Media {
	p.t.Helper()
	s, err := sdp.Parse(body)
	if err != nil {
		p.t.Fatalf("%v in\n%s", err, body)
	}
	for i := range s.Media {
		if m := &s.Media[i]; m.Type == "audio" && m.Port != 0 {
			p.to, p.toRTCP = m.Remote(), m.RemoteRTCP()
			return m
		}
	}
	p.t.Fatalf("no audio in\n%s", body)
	return nil
}

// say sends samples as µ-law (or A-law, by payload type) in frames of 20 ms,
// as fast as the relay takes them.
func (p *handset) say(pcm []int16) {
	p.t.Helper()
	for ; len(pcm) >= 160; pcm = pcm[160:] {
		payload := ear.ToMu(pcm[:160])
		if p.h.PT == 8 {
			payload = ear.ToA(pcm[:160])
		}
		p.packet(payload)
	}
}

func (p *handset) packet(payload []byte) {
	p.t.Helper()
	b := make([]byte, rtp.HeaderBytes, rtp.HeaderBytes+len(payload))
	p.h.Put(b)
	b = append(b, payload...)
	p.h.Seq++
	p.h.Timestamp += 160
	if p.seal != nil {
		var err error
		if b, err = p.seal.Seal(nil, b); err != nil {
			p.t.Fatal(err)
		}
	}
	p.raw(b)
}

func (p *handset) raw(b []byte) {
	p.t.Helper()
	if _, err := p.conn.WriteToUDPAddrPort(b, p.to); err != nil {
		p.t.Fatal(err)
	}
}

// heard is one packet that came.
type heard struct {
	rtp.Header
	payload []byte
	at      time.Time
}

// hear reads n packets, fewer if no more come for a while.
func (p *handset) hear(n int) []heard {
	p.t.Helper()
	var list []heard
	buf := make([]byte, 2048)
	for len(list) < n {
		_ = p.conn.SetReadDeadline(time.Now().Add(patience))
		size, err := p.conn.Read(buf)
		if err != nil {
			break
		}
		b := append([]byte(nil), buf[:size]...)
		if p.out != nil {
			if b, err = p.out.Open(nil, b); err != nil {
				p.t.Errorf("packet that can't be opened: %v", err)
				continue
			}
		}
		h, err := rtp.Parse(b)
		if err != nil {
			p.t.Errorf("not RTP: %x", b)
			continue
		}
		list = append(list, heard{h, b[h.Size:], time.Now()})
	}
	return list
}

// patience is how long a test waits for a packet that should come.
const patience = 3 * time.Second

// nothing fails if a packet comes. It asks the relay to be through with what
// was sent before, by a packet that it must answer to: none here, so a short
// time has to do.
func (p *handset) nothing(why string) {
	p.t.Helper()
	buf := make([]byte, 2048)
	_ = p.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if n, err := p.conn.Read(buf); err == nil {
		p.t.Errorf("%s: %d bytes came", why, n)
	}
}

// voice is what packets say, as samples.
func voice(list []heard) []int16 {
	var pcm []int16
	for _, x := range list {
		for _, b := range x.payload {
			if x.PT == 8 {
				pcm = append(pcm, g711.DecodeA(b))
			} else {
				pcm = append(pcm, g711.DecodeMu(b))
			}
		}
	}
	return pcm
}

// steady checks that packets are one stream without a gap.
func steady(t *testing.T, list []heard) {
	t.Helper()
	for i := 1; i < len(list); i++ {
		a, b := list[i-1], list[i]
		if b.SSRC != a.SSRC || b.Seq != a.Seq+1 || int32(b.Timestamp-a.Timestamp) < 0 {
			t.Errorf("packet %d: SSRC %x seq %d ts %d after SSRC %x seq %d ts %d",
				i, b.SSRC, b.Seq, b.Timestamp, a.SSRC, a.Seq, a.Timestamp)
		}
	}
}

// talk checks that two phones hear each other, and nothing but each other.
func talk(t *testing.T, a, b *handset) {
	t.Helper()
	for _, c := range []struct {
		from, to *handset
		hz       float64
	}{{a, b, 440}, {b, a, 1000}} {
		c.from.say(ear.Tone(8000, c.hz, -16, 0.5))
		list := c.to.hear(25)
		steady(t, list)
		pcm := voice(list)
		if len(list) < 25 || !ear.Hears(pcm, 8000, c.hz) {
			t.Errorf("%v Hz: %d packets, %.1f dBm0 of %.1f", c.hz, len(list),
				ear.Level(pcm, 8000, c.hz), ear.Total(pcm))
		}
	}
}

// connected is a call between two phones, both of them locked.
func connected(w *world, pa, pb Policy, fa, fb string) (c *Call, a, b *Leg, x, y *handset) {
	t := w.t
	t.Helper()
	x, y = newHandset(t), newHandset(t)
	c = w.call("c")
	a, b = leg(t, c, "a", pa), leg(t, c, "b", pb)
	if _, err := a.TakeOffer(x.describe(fa)); err != nil {
		t.Fatal(err)
	}
	y.read(must(t)(b.OfferFrom(a)))
	if err := b.TakeAnswer(y.describe(fb)); err != nil {
		t.Fatal(err)
	}
	x.read(must(t)(a.AnswerFrom(b)))
	if err := c.Bridge(a, b); err != nil {
		t.Fatal(err)
	}
	return c, a, b, x, y
}
