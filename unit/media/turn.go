package media

import (
	"github.com/sekisho/sekisho/wire/rtp"
	"github.com/sekisho/sekisho/wire/rtp/g711"
	"github.com/sekisho/sekisho/wire/rtp/g722"
)

// frame is room for the samples of one packet.
type frame struct {
	narrow [PacketBytesMax]int16     // 8 kHz
	wide   [2 * PacketBytesMax]int16 // 16 kHz
	packet [2 * PacketBytesMax]byte
}

// turner turns what a leg's peer is sent from one speech codec into another:
// only where the two sides have none in common.
type turner struct {
	decoder *g722.Decoder
	encoder *g722.Encoder
	up      upsampler
	down    downsampler
	frame   *frame
}

// packet turns an RTP packet. The result lies in the turner's frame.
func (t *turner) packet(p []byte, h rtp.Header, from, to *format) []byte {
	payload := p[h.Size : len(p)-h.Padding]
	if len(payload) > PacketBytesMax-rtp.HeaderBytes {
		return nil
	}
	narrow := t.frame.narrow[:0]
	switch from.speech {
	case speechMu:
		for _, b := range payload {
			narrow = append(narrow, g711.DecodeMu(b))
		}
	case speechA:
		for _, b := range payload {
			narrow = append(narrow, g711.DecodeA(b))
		}
	case speechG722:
		if t.decoder == nil {
			t.decoder = new(g722.Decoder)
		}
		narrow = t.down.append(narrow, t.decoder.Decode(t.frame.wide[:0], payload))
	default:
		return nil
	}
	out := t.frame.packet[:rtp.HeaderBytes]
	copy(out, p[:rtp.HeaderBytes])
	out[0] = 0x80
	return t.encode(out, narrow, to.speech)
}

// encode appends samples at 8 kHz in a codec.
func (t *turner) encode(dst []byte, pcm []int16, to speech) []byte {
	switch to {
	case speechMu:
		for _, v := range pcm {
			dst = append(dst, g711.EncodeMu(v))
		}
	case speechA:
		for _, v := range pcm {
			dst = append(dst, g711.EncodeA(v))
		}
	case speechG722:
		if t.encoder == nil {
			t.encoder = new(g722.Encoder)
		}
		dst = t.encoder.Encode(dst, t.up.append(t.frame.wide[:0], pcm))
	}
	return dst
}

// halfband are the odd coefficients of a low-pass filter at a quarter of
// 16 kHz (Hamming-windowed sinc of 23 taps), in 1/32768; the middle one is
// one half and the other even ones are none.
var halfband = [6]int{10236, -2925, 1263, -520, 177, -76}

// upsampler doubles the rate.
type upsampler struct{ past [12]int16 }

func (u *upsampler) append(dst, pcm []int16) []int16 {
	for _, v := range pcm {
		copy(u.past[:], u.past[1:])
		u.past[11] = v
		sum := 0
		for i, c := range halfband {
			sum += c * (int(u.past[5-i]) + int(u.past[6+i]))
		}
		dst = append(dst, u.past[5], saturate(2*sum>>15))
	}
	return dst
}

// downsampler halves it.
type downsampler struct {
	past [24]int16
	odd  bool
}

func (d *downsampler) append(dst, pcm []int16) []int16 {
	for _, v := range pcm {
		copy(d.past[:], d.past[1:])
		d.past[23] = v
		if d.odd = !d.odd; d.odd {
			continue
		}
		sum := 16384 * int(d.past[11])
		for i, c := range halfband {
			sum += c * (int(d.past[10-2*i]) + int(d.past[12+2*i]))
		}
		dst = append(dst, saturate(sum>>15))
	}
	return dst
}

func saturate(v int) int16 { return int16(max(-32768, min(v, 32767))) }
