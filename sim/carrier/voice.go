package carrier

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/unit/media/prompt"
	"github.com/sekisho/sekisho/wire/rtp/g711"
	"github.com/sekisho/sekisho/wire/sdp"
)

// greeting is what an answering number says, in both languages.
var greeting = slices.Concat(spoken(prompt.Japanese), spoken(prompt.English))

// spoken is the practice announcement in a language; silence where there is
// none, which the package's tests would hear.
func spoken(lang string) []byte {
	sound, err := prompt.Open("practice", lang)
	if err != nil {
		return nil
	}
	return sound
}

// voice is the sound of one call: one RTP socket and one goroutine.
type voice struct {
	conn  net.PacketConn
	local netip.AddrPort
	sound Sound
	to    atomic.Pointer[netip.AddrPort]
	heard atomic.Int64 // Unix nanoseconds of the last packet
	ssrc  uint32
}

// newVoice opens a call's sound toward what an offer says; a nil offer means
// that the peer will be told later. It ends with ctx.
func (c *Carrier) newVoice(ctx context.Context, offer []byte, sound Sound) (*voice, error) {
	if c.cfg.OpenMedia == nil {
		return nil, errors.New("no media")
	}
	conn, err := c.cfg.OpenMedia(c.local.Addr())
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	local, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("media address: %w", err)
	}
	v := &voice{conn: conn, local: local, sound: sound, ssrc: binary.BigEndian.Uint32(token())}
	v.heard.Store(time.Now().UnixNano())
	if offer != nil && !v.redirect(offer) {
		conn.Close()
		return nil, errors.New("the offer has no G.711")
	}
	c.wait.Go(func() {
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		v.run()
	})
	return v, nil
}

// redirect sends the sound where a description says. It tells whether the
// description can be served.
func (v *voice) redirect(body []byte) bool {
	s, err := sdp.Parse(body)
	if err != nil {
		return false
	}
	for i := range s.Media {
		m := &s.Media[i]
		_, served := sdp.Find(m.Codecs, ulaw)
		if m.Port == 0 || m.Type != "audio" || !served {
			continue
		}
		if to := m.Remote(); to.IsValid() {
			v.to.Store(&to)
		} else {
			v.to.Store(nil)
		}
		return true
	}
	return false
}

var ulaw, _ = sdp.Static(0)

func (v *voice) quiet(now time.Time) bool {
	return now.Sub(time.Unix(0, v.heard.Load())) > soundIdleTime
}

func (v *voice) offer() []byte {
	a := v.local.Addr().String()
	return fmt.Appendf(nil, "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"+
		"m=audio %d RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n",
		a, a, v.local.Port())
}

// answer answers an offer: µ-law, and telephone events under the offerer's
// payload type.
func (v *voice) answer(offer []byte) []byte {
	a := v.local.Addr().String()
	direction, event := "sendrecv", ""
	if s, err := sdp.Parse(offer); err == nil {
		for i := range s.Media {
			direction = sdp.SendRecv.AnswerTo(s.Media[i].Wants()).String()
			for _, k := range s.Media[i].Codecs {
				if k.Event() {
					event = fmt.Sprintf(" %d", k.PT)
				}
			}
		}
	} else {
		event = " 101"
	}
	body := fmt.Appendf(nil, "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d RTP/AVP 0%s\r\n",
		a, a, v.local.Port(), event)
	if event != "" {
		body = fmt.Appendf(body, "a=rtpmap:%s telephone-event/8000\r\n", event[1:])
	}
	return fmt.Appendf(body, "a=ptime:20\r\na=%s\r\n", direction)
}

// run sends a frame every 20 ms and listens in between.
func (v *voice) run() {
	buf := make([]byte, 2048)
	out := make([]byte, 12+frameBytes)
	seq, stamp := uint16(binary.BigEndian.Uint32(token())), binary.BigEndian.Uint32(token())
	next := time.Now()
	for n := 0; ; {
		if err := v.conn.SetReadDeadline(next); err != nil {
			return
		}
		got, from, err := v.conn.ReadFrom(buf)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			next = next.Add(frame)
			payload := v.frame(n)
			n++
			if payload != nil {
				v.header(out, seq, stamp, 0)
				copy(out[12:], payload)
				v.write(out)
				seq, stamp = seq+1, stamp+frameBytes
			}
		case err != nil:
			return
		case got > 12:
			v.heard.Store(time.Now().UnixNano())
			if a, err := netip.ParseAddrPort(from.String()); err == nil && v.to.Load() != nil {
				v.to.Store(&a)
			}
			if v.echoes(n) && buf[1]&0x7f == 0 {
				v.header(buf, seq, stamp, buf[1])
				v.write(buf[:got])
				seq, stamp = seq+1, stamp+frameBytes
			}
		}
	}
}

func (v *voice) header(b []byte, seq uint16, stamp uint32, pt byte) {
	b[0], b[1] = 0x80, pt
	binary.BigEndian.PutUint16(b[2:], seq)
	binary.BigEndian.PutUint32(b[4:], stamp)
	binary.BigEndian.PutUint32(b[8:], v.ssrc)
}

func (v *voice) write(b []byte) {
	to := v.to.Load()
	if to == nil {
		return
	}
	_, _ = v.conn.WriteTo(b, net.UDPAddrFromAddrPort(*to)) // a lost packet is a lost packet
}

func (v *voice) echoes(n int) bool {
	return v.sound == Echo || v.sound == Speech && n*frameBytes >= len(greeting)
}

// frame is the n-th 20 ms of the sound, nil for none.
func (v *voice) frame(n int) []byte {
	switch v.sound {
	case Speech:
		if at := n * frameBytes; at+frameBytes <= len(greeting) {
			return greeting[at : at+frameBytes]
		}
	case Tone:
		return tone[n%(len(tone)/frameBytes)*frameBytes:][:frameBytes]
	}
	return nil
}

// tone is a second of 1000 Hz at -10 dBm0 in µ-law.
var tone = func() []byte {
	const amplitude = 0.35 * 32124 / math.Sqrt2 // about -10 dBm0
	out := make([]byte, 8000)
	for i := range out {
		out[i] = g711.EncodeMu(int16(amplitude * math.Sin(2*math.Pi*1000*float64(i)/8000)))
	}
	return out
}()
