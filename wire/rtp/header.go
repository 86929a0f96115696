package rtp

import (
	"encoding/binary"
	"errors"
)

// ErrPacket: not an RTP packet, or not an RTCP one.
var ErrPacket = errors.New("not a valid packet")

// Header is the header of an RTP packet (RFC 3550 §5.1).
type Header struct {
	Marker    bool
	PT        uint8
	Seq       uint16
	Timestamp uint32
	SSRC      uint32
	// Size is the length of the header with contributing sources and
	// extension; Padding is how many bytes at the packet's end are no payload.
	Size    int
	Padding int
}

// Parse checks a packet and reads its header. Encrypted packets (SRTP) have
// their padding count encrypted: use ParseSealed for them.
func Parse(p []byte) (Header, error) {
	h, err := ParseSealed(p)
	if err == nil && p[0]&0x20 != 0 {
		h.Padding = int(p[len(p)-1])
		if h.Padding == 0 || h.Size+h.Padding > len(p) {
			return Header{}, ErrPacket
		}
	}
	return h, err
}

// ParseSealed is Parse without a look at the payload.
func ParseSealed(p []byte) (Header, error) {
	if len(p) < HeaderBytes || p[0]>>6 != 2 {
		return Header{}, ErrPacket
	}
	h := Header{
		Marker:    p[1]&0x80 != 0,
		PT:        p[1] & 0x7f,
		Seq:       binary.BigEndian.Uint16(p[2:]),
		Timestamp: binary.BigEndian.Uint32(p[4:]),
		SSRC:      binary.BigEndian.Uint32(p[8:]),
		Size:      HeaderBytes + 4*int(p[0]&0x0f),
	}
	if p[0]&0x10 != 0 {
		if len(p) < h.Size+4 {
			return Header{}, ErrPacket
		}
		h.Size += 4 + 4*int(binary.BigEndian.Uint16(p[h.Size+2:]))
	}
	if len(p) < h.Size {
		return Header{}, ErrPacket
	}
	return h, nil
}

// Put writes a 12-byte header into p, which must be that long. Size and
// Padding are not used.
func (h Header) Put(p []byte) {
	p[0] = 0x80
	SetPT(p, h.PT, h.Marker)
	SetSeq(p, h.Seq)
	SetTimestamp(p, h.Timestamp)
	SetSSRC(p, h.SSRC)
}

// SetPT rewrites payload type and marker.
func SetPT(p []byte, pt uint8, marker bool) {
	p[1] = pt & 0x7f
	if marker {
		p[1] |= 0x80
	}
}

// SetSeq rewrites the sequence number.
func SetSeq(p []byte, seq uint16) { binary.BigEndian.PutUint16(p[2:], seq) }

// SetTimestamp rewrites the timestamp.
func SetTimestamp(p []byte, ts uint32) { binary.BigEndian.PutUint32(p[4:], ts) }

// SetSSRC rewrites the synchronization source.
func SetSSRC(p []byte, ssrc uint32) { binary.BigEndian.PutUint32(p[8:], ssrc) }

// Strip takes contributing sources and header extension out of a packet, so
// that nothing of one side's network is told to the other. It moves the
// 12-byte header to the payload and returns the shorter packet.
func Strip(p []byte, h Header) []byte {
	if h.Size == HeaderBytes {
		return p
	}
	q := p[h.Size-HeaderBytes:]
	copy(q[:HeaderBytes], p[:HeaderBytes])
	q[0] &^= 0x1f // no extension, no contributing sources
	return q
}

// IsRTCP tells RTCP from RTP on a port that carries both (RFC 5761 §4).
func IsRTCP(p []byte) bool { return len(p) >= 8 && p[0]>>6 == 2 && p[1] >= 192 && p[1] <= 223 }
