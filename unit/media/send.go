package media

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/wire/rtp"
)

// outgoing keeps what leaves a leg one stream to its peer, whoever speaks: a
// tone, the other leg, an announcement. SSRC never changes, sequence numbers
// have no gap but what was lost, timestamps go on as time does.
type outgoing struct {
	ssrc      uint32
	begun     bool
	source    source
	seqOffset uint16
	tsOffset  uint32
	seq       uint16 // highest sent
	ts        uint32 // of it
	at        time.Time
	packets   uint64
	octets    uint64 // of payload
	rate      int    // clock of ts
}

// source is who speaks: another stream's SSRC, or the unit itself.
type source struct {
	stream *stream
	ssrc   uint32
	unit   bool
}

// newOutgoing begins with numbers that can't be foreseen (RFC 3550 §5.1), of ten random
// bytes.
func newOutgoing(b []byte) outgoing {
	return outgoing{
		ssrc: binary.BigEndian.Uint32(b), seq: binary.BigEndian.Uint16(b[4:]) &^ 0x8000,
		ts: binary.BigEndian.Uint32(b[6:]),
	}
}

// now is the timestamp of this moment: that of the last packet, and the time
// since. rate is the clock that counts from now on.
func (o *outgoing) now(at time.Time, rate int) uint32 {
	o.rate = rate
	if !o.begun {
		return o.ts
	}
	elapsed := max(at.Sub(o.at), time.Millisecond)
	return o.ts + uint32(elapsed*time.Duration(rate)/time.Second)
}

// passOn gives a relayed packet its place.
func (o *outgoing) passOn(
	h rtp.Header, from source, restart bool, rate int, at time.Time,
) (seq uint16, ts uint32, fresh bool) {
	if !o.begun || from != o.source || restart {
		o.seqOffset = o.seq + 1 - h.Seq
		o.tsOffset = o.now(at, rate) - h.Timestamp
		o.source, fresh = from, true
	}
	seq, ts = h.Seq+o.seqOffset, h.Timestamp+o.tsOffset
	if !o.begun || int16(seq-o.seq) > 0 {
		o.seq, o.ts, o.at, o.begun = seq, ts, at, true
	}
	return seq, ts, fresh
}

// speak gives a packet of the unit's own its place, step timestamp units
// after the one before if that was the unit's too.
func (o *outgoing) speak(step uint32, rate int, at time.Time) (seq uint16, ts uint32, fresh bool) {
	mine := source{unit: true}
	if o.begun && o.source == mine {
		ts = o.ts + step
	} else {
		ts, fresh = o.now(at, rate), true
	}
	o.source, o.begun = mine, true
	o.seq, o.ts, o.at = o.seq+1, ts, at
	return o.seq, ts, fresh
}

// relay sends a packet of another stream's peer to this stream's, which is
// free.
func (s *stream) relay(p []byte, h rtp.Header, from *stream, restart bool) {
	f := &from.flow
	if f.turn {
		if s.turn == nil {
			s.turn = &turner{frame: &s.loop.frame}
		}
		p = s.turn.packet(p, h, &from.path.formats[f.format], &s.path.formats[f.to])
		if p == nil {
			return
		}
	} else {
		p = rtp.Strip(p, h)
	}
	seq, ts, fresh := s.out.passOn(h, source{stream: from, ssrc: h.SSRC}, restart, int(f.toRate), s.loop.now)
	rtp.SetPT(p, f.tx, h.Marker || fresh)
	rtp.SetSeq(p, seq)
	rtp.SetTimestamp(p, ts)
	rtp.SetSSRC(p, s.out.ssrc)
	s.send(p)
}

// send seals a packet and gives it to the engine. What the kernel can't take
// at once is dropped: a slow peer never makes others wait.
func (s *stream) send(p []byte) {
	payload := len(p) - rtp.HeaderBytes
	if s.seal != nil {
		sealed, err := s.seal.Seal(s.loop.sealed[:0], p)
		if err != nil {
			s.counts.sendErrors++
			return
		}
		p = sealed
	}
	to, ok := s.latch.rtp.destination(&s.path.remote)
	if !ok {
		s.counts.undeliverable++
		return
	}
	if s.loop.engine.Send(s.rtp, p, to) != nil {
		s.counts.sendErrors++
		return
	}
	s.out.packets++
	s.out.octets += uint64(payload)
}

// sendable tells whether media may be sent to an address that a peer signaled
// (R08: nobody may have us send to a service, a group of hosts, or ourselves).
func sendable(to netip.AddrPort, local netip.Addr) bool {
	a := to.Addr()
	switch {
	case !to.IsValid(), to.Port() < portMin, a.IsUnspecified(), a.IsMulticast(), a.Zone() != "":
		return false
	case a.Is4() && a.As4() == [4]byte{255, 255, 255, 255}, a.Is4() && a.As4()[0] == 0:
		return false
	case a.IsLoopback() && !local.IsLoopback():
		return false
	case a.Is4() != local.Is4():
		return false
	}
	return true
}
