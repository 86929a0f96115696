package rtp

import (
	"encoding/binary"
	"time"
)

// RTCP packet types (RFC 3550 §12.1).
const (
	typeSR   = 200
	typeRR   = 201
	typeSDES = 202
	typeBYE  = 203
)

// ReportBlock is what one receiver says about one source (RFC 3550 §6.4.1).
type ReportBlock struct {
	SSRC         uint32
	FractionLost uint8 // of 256
	Lost         int32 // 24 bits, signed
	HighestSeq   uint32
	Jitter       uint32 // timestamp units
	LastSR       uint32 // middle 32 bits of the last sender report's NTP time
	Delay        uint32 // since then, 1/65536 s
}

// SenderInfo is the sender's part of a sender report.
type SenderInfo struct {
	NTP     uint64 // 32.32 fixed point
	RTPTime uint32
	Packets uint32
	Octets  uint32
}

// RTCP is what a compound packet says, as far as telephones need it.
type RTCP struct {
	SSRC   uint32 // of who reports
	Sender bool   // Info is given
	Info   SenderInfo
	Bye    bool
	Blocks [ReportBlocksMax]ReportBlock
	Count  int // of Blocks
}

// ParseRTCP reads a compound packet into r (RFC 3550 §6.1, §A.2).
func ParseRTCP(p []byte, r *RTCP) error {
	r.Sender, r.Bye, r.Count, r.SSRC = false, false, 0, 0
	if !IsRTCP(p) || p[1] != typeSR && p[1] != typeRR || p[0]&0x20 != 0 {
		return ErrPacket // the first must be a report without padding
	}
	for n := 0; len(p) > 0; n++ {
		if len(p) < 4 || p[0]>>6 != 2 || n == PacketsInCompoundMax {
			return ErrPacket
		}
		size := 4 + 4*int(binary.BigEndian.Uint16(p[2:]))
		if size > len(p) {
			return ErrPacket
		}
		if err := r.packet(p[:size]); err != nil {
			return err
		}
		p = p[size:]
	}
	return nil
}

func (r *RTCP) packet(p []byte) error {
	count, body := int(p[0]&0x1f), p[4:]
	switch p[1] {
	case typeSR, typeRR:
		if len(body) < 4 {
			return ErrPacket
		}
		r.SSRC, body = binary.BigEndian.Uint32(body), body[4:]
		if p[1] == typeSR {
			if len(body) < 20 {
				return ErrPacket
			}
			r.Sender = true
			r.Info = SenderInfo{
				NTP:     binary.BigEndian.Uint64(body),
				RTPTime: binary.BigEndian.Uint32(body[8:]),
				Packets: binary.BigEndian.Uint32(body[12:]),
				Octets:  binary.BigEndian.Uint32(body[16:]),
			}
			body = body[20:]
		}
		if len(body) < 24*count {
			return ErrPacket
		}
		for ; count > 0 && r.Count < ReportBlocksMax; count-- {
			r.Blocks[r.Count] = readBlock(body)
			r.Count++
			body = body[24:]
		}
	case typeBYE:
		r.Bye = true
	}
	return nil
}

func readBlock(b []byte) ReportBlock {
	return ReportBlock{
		SSRC:         binary.BigEndian.Uint32(b),
		FractionLost: b[4],
		Lost:         int32(binary.BigEndian.Uint32(b[4:])<<8) >> 8,
		HighestSeq:   binary.BigEndian.Uint32(b[8:]),
		Jitter:       binary.BigEndian.Uint32(b[12:]),
		LastSR:       binary.BigEndian.Uint32(b[16:]),
		Delay:        binary.BigEndian.Uint32(b[20:]),
	}
}

// AppendReport appends a sender report, or with a nil info a receiver report.
func AppendReport(dst []byte, ssrc uint32, info *SenderInfo, blocks ...ReportBlock) []byte {
	blocks = blocks[:min(len(blocks), ReportBlocksMax)]
	kind, words := byte(typeRR), 1+6*len(blocks)
	if info != nil {
		kind, words = typeSR, words+5
	}
	dst = append(dst, 0x80|byte(len(blocks)), kind)
	dst = binary.BigEndian.AppendUint16(dst, uint16(words))
	dst = binary.BigEndian.AppendUint32(dst, ssrc)
	if info != nil {
		dst = binary.BigEndian.AppendUint64(dst, info.NTP)
		dst = binary.BigEndian.AppendUint32(dst, info.RTPTime)
		dst = binary.BigEndian.AppendUint32(dst, info.Packets)
		dst = binary.BigEndian.AppendUint32(dst, info.Octets)
	}
	for _, b := range blocks {
		dst = binary.BigEndian.AppendUint32(dst, b.SSRC)
		dst = binary.BigEndian.AppendUint32(dst, uint32(b.FractionLost)<<24|uint32(b.Lost)&0xffffff)
		dst = binary.BigEndian.AppendUint32(dst, b.HighestSeq)
		dst = binary.BigEndian.AppendUint32(dst, b.Jitter)
		dst = binary.BigEndian.AppendUint32(dst, b.LastSR)
		dst = binary.BigEndian.AppendUint32(dst, b.Delay)
	}
	return dst
}

// AppendCNAME appends a source description with a canonical name of at most
// 255 bytes (RFC 3550 §6.5.1), which every compound packet needs.
func AppendCNAME(dst []byte, ssrc uint32, cname string) []byte {
	cname = cname[:min(len(cname), 255)]
	size := 4 + 2 + len(cname) + 1 // SSRC, item header, name, end of items
	size = (size + 3) &^ 3
	dst = append(dst, 0x81, typeSDES)
	dst = binary.BigEndian.AppendUint16(dst, uint16(size/4))
	dst = binary.BigEndian.AppendUint32(dst, ssrc)
	dst = append(dst, 1, byte(len(cname)))
	dst = append(dst, cname...)
	for range size - 6 - len(cname) {
		dst = append(dst, 0)
	}
	return dst
}

// AppendBye appends a goodbye (RFC 3550 §6.6).
func AppendBye(dst []byte, ssrc uint32) []byte {
	dst = append(dst, 0x81, typeBYE, 0, 1)
	return binary.BigEndian.AppendUint32(dst, ssrc)
}

// NTP is a time as 32.32 fixed-point seconds since 1900 (RFC 3550 §4).
func NTP(t time.Time) uint64 {
	const toUnix = 2_208_988_800 // seconds from 1900 to 1970
	return uint64(t.Unix()+toUnix)<<32 | uint64(t.Nanosecond())<<32/1_000_000_000
}

// Middle is the middle of an NTP time, as report blocks carry it.
func Middle(ntp uint64) uint32 { return uint32(ntp >> 16) }

// RoundTrip is the time a report says our packets take there and back; false
// if it can't be told (RFC 3550 §6.4.1).
func RoundTrip(b ReportBlock, now time.Time) (time.Duration, bool) {
	if b.LastSR == 0 {
		return 0, false
	}
	d := int32(Middle(NTP(now)) - b.LastSR - b.Delay)
	if d < 0 {
		return 0, false
	}
	return time.Duration(d) * time.Second / 65536, true
}
