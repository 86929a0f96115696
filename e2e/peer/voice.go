package peer

import (
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/sekisho/sekisho/e2e/internal/sound"
	"github.com/sekisho/sekisho/sim/ear"
)

const (
	packetTime    = 20 * time.Millisecond
	packetSamples = sound.Rate / 50
	rtpHeaderLen  = 12
	rtpVersion2   = 0x80
	rtpMarker     = 0x80
	payloadULaw   = 0
	// packetMax is more than any RTP packet of a telephone.
	packetMax = 2048
	// packetsMax bounds what a Voice keeps: ten minutes.
	packetsMax = 30_000
	// voiceDB is how loud it speaks, in dBm0.
	voiceDB = -12
	// loudDB is what counts as the start of a tone, for the delay.
	loudDB = -30
)

// Voice is one end of an RTP stream inside the test: it speaks a tone in µ-law
// and keeps every packet that it hears. Its socket is the test's. It speaks
// where it is told to with SpeakTo, and listens from the start.
type Voice struct {
	conn net.PacketConn
	hz   float64
	ssrc uint32
	stop chan struct{}
	wg   sync.WaitGroup

	mu       sync.Mutex
	to       net.Addr
	loudAt   time.Time // when the first packet with the tone was sent
	silent   bool
	sent     int
	heard    []heardPacket
	strayers int // packets with another SSRC than the first
	events   []byte
}

type heardPacket struct {
	at       time.Time
	sequence uint16
	payload  []byte
}

// NewVoice takes over a socket and speaks a tone of hz as soon as SpeakTo says
// where. The SSRC tells voices apart in a trace.
func NewVoice(conn net.PacketConn, hz float64, ssrc uint32) *Voice {
	v := &Voice{conn: conn, hz: hz, ssrc: ssrc, stop: make(chan struct{})}
	v.wg.Go(v.listen)
	v.wg.Go(v.speak)
	return v
}

// Local is where the voice listens.
func (v *Voice) Local() netip.AddrPort {
	return v.conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// SpeakTo sends the tone to an address from now on.
func (v *Voice) SpeakTo(to netip.AddrPort) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.to = net.UDPAddrFromAddrPort(to)
}

// Mute sends silence from now on, or the tone again.
func (v *Voice) Mute(silent bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.silent = silent
}

// Close ends it and its socket.
func (v *Voice) Close() {
	close(v.stop)
	v.conn.Close()
	v.wg.Wait()
}

func (v *Voice) speak() {
	tick := time.NewTicker(packetTime)
	defer tick.Stop()
	// A whole second: every tone of whole hertz closes on itself.
	tone := ear.ToMu(sound.Tone(v.hz, voiceDB, time.Second).Samples)
	silence := ear.ToMu(make([]int16, packetSamples))
	packet := make([]byte, rtpHeaderLen, rtpHeaderLen+packetSamples)
	for n := uint32(0); ; {
		select {
		case <-tick.C:
		case <-v.stop:
			return
		}
		v.mu.Lock()
		to, silent := v.to, v.silent
		if to != nil && !silent && v.loudAt.IsZero() {
			v.loudAt = time.Now()
		}
		if to != nil {
			v.sent++
		}
		v.mu.Unlock()
		if to == nil {
			continue
		}
		packet = append(packet[:rtpHeaderLen], silence...)
		if !silent {
			at := int(n) * packetSamples % len(tone)
			copy(packet[rtpHeaderLen:], tone[at:at+packetSamples])
		}
		packet[0], packet[1] = rtpVersion2, payloadULaw
		if n == 0 {
			packet[1] |= rtpMarker
		}
		binary.BigEndian.PutUint16(packet[2:], uint16(n))
		binary.BigEndian.PutUint32(packet[4:], n*packetSamples)
		binary.BigEndian.PutUint32(packet[8:], v.ssrc)
		_, _ = v.conn.WriteTo(packet, to) // what is not sent is not heard: the other side finds it
		n++
	}
}

func (v *Voice) listen() {
	b := make([]byte, packetMax)
	var first uint32
	for {
		n, _, err := v.conn.ReadFrom(b)
		if err != nil {
			return // closed
		}
		now := time.Now()
		if n <= rtpHeaderLen || b[0] != rtpVersion2 {
			continue
		}
		v.mu.Lock()
		ssrc := binary.BigEndian.Uint32(b[8:])
		switch {
		case len(v.heard) > 0 && ssrc != first:
			v.strayers++
		case b[1]&0x7f != payloadULaw:
			v.events = append(v.events, b[rtpHeaderLen])
		case len(v.heard) < packetsMax:
			first = ssrc
			payload := append([]byte{}, b[rtpHeaderLen:n]...)
			v.heard = append(v.heard, heardPacket{now, binary.BigEndian.Uint16(b[2:]), payload})
		}
		v.mu.Unlock()
	}
}

// Hearing is what a Voice heard.
type Hearing struct {
	Sound    sound.PCM
	Packets  int
	Lost     int           // sequence numbers that are missing
	Strayers int           // packets of another source than the first
	Pause    time.Duration // the longest time without a packet, between the first and the last
	PausedAt int           // packets before that
	LoudAt   time.Time     // when the first packet with a tone came
}

// Heard returns what was heard so far.
func (v *Voice) Heard() Hearing {
	v.mu.Lock()
	defer v.mu.Unlock()
	e := Hearing{Sound: sound.PCM{Rate: sound.Rate}, Packets: len(v.heard), Strayers: v.strayers}
	for i, p := range v.heard {
		samples := ear.FromMu(p.payload)
		e.Sound.Samples = append(e.Sound.Samples, samples...)
		if e.LoudAt.IsZero() && ear.Total(samples) > loudDB {
			e.LoudAt = p.at
		}
		if i > 0 {
			if pause := p.at.Sub(v.heard[i-1].at); pause > e.Pause {
				e.Pause, e.PausedAt = pause, i
			}
			if gap := int16(p.sequence - v.heard[i-1].sequence); gap > 1 {
				e.Lost += int(gap) - 1
			}
		}
	}
	return e
}

// Spoken says how many packets were sent, and when the first one with the tone.
func (v *Voice) Spoken() (packets int, loudAt time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.sent, v.loudAt
}

// Events returns the event codes of the RFC 4733 packets heard, one per packet.
func (v *Voice) Events() []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]byte{}, v.events...)
}
