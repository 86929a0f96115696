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
	room   [2*PacketBytesMax + 46]int16 // of a filter
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
	var narrow []int16
	switch from.speech {
	case speechMu, speechA:
		narrow = t.linear(payload, from.speech)
	case speechG722:
		narrow = t.down.append(t.frame.narrow[:0], t.wideband(payload), t.frame.room[:])
	default:
		return nil
	}
	out := t.frame.packet[:rtp.HeaderBytes]
	copy(out, p[:rtp.HeaderBytes])
	out[0] = 0x80
	return t.encode(out, narrow, to.speech)
}

// linear is G.711 as samples at 8 kHz, which lie in the turner's frame.
func (t *turner) linear(payload []byte, from speech) []int16 {
	decode, pcm := g711.DecodeMu, t.frame.narrow[:0]
	if from == speechA {
		decode = g711.DecodeA
	}
	for _, b := range payload {
		pcm = append(pcm, decode(b))
	}
	return pcm
}

// wideband is G.722 as samples at 16 kHz, which lie in the turner's frame.
func (t *turner) wideband(payload []byte) []int16 {
	if t.decoder == nil {
		t.decoder = new(g722.Decoder)
	}
	return t.decoder.Decode(t.frame.wide[:0], payload)
}

// widen is speech of any codec as samples at 16 kHz, which lie in the turner's frame.
func (t *turner) widen(payload []byte, from speech) []int16 {
	if from == speechG722 {
		return t.wideband(payload)
	}
	return t.up.append(t.frame.wide[:0], t.linear(payload, from), t.frame.room[:])
}

// encodeWide appends samples at 16 kHz in a codec.
func (t *turner) encodeWide(dst []byte, pcm []int16, to speech) []byte {
	if to != speechG722 {
		return t.encode(dst, t.down.append(t.frame.narrow[:0], pcm, t.frame.room[:]), to)
	}
	return t.code722(dst, pcm)
}

func (t *turner) code722(dst []byte, pcm []int16) []byte {
	if t.encoder == nil {
		t.encoder = new(g722.Encoder)
	}
	return t.encoder.Encode(dst, pcm)
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
		dst = t.code722(dst, t.up.append(t.frame.wide[:0], pcm, t.frame.room[:]))
	}
	return dst
}

// halfband are the odd coefficients of a low-pass filter at a quarter of 16 kHz
// (Kaiser-windowed sinc of 47 taps), in 1/32768; the middle one is one half and the
// other even ones are none. It is flat to 3500 Hz, and 44 dB down from 4500 Hz on.
var halfband = [12]int{10399, -3360, 1893, -1229, 839, -580, 397, -266, 171, -103, 57, -26}

// upsampler doubles the rate. It is late by 0.75 ms.
type upsampler struct{ past [24]int16 }

func (u *upsampler) append(dst, pcm, room []int16) []int16 {
	x := append(append(room[:0], u.past[:]...), pcm...)
	for i := range pcm {
		sum := 0
		for j, c := range halfband {
			sum += c * (int(x[i+12-j]) + int(x[i+13+j]))
		}
		dst = append(dst, x[i+12], saturate(2*sum>>15))
	}
	copy(u.past[:], x[len(pcm):])
	return dst
}

// downsampler halves it, of an even number of samples. It is late by 1.5 ms.
type downsampler struct{ past [46]int16 }

func (d *downsampler) append(dst, pcm, room []int16) []int16 {
	x := append(append(room[:0], d.past[:]...), pcm...)
	for i := 24; i+23 < len(x); i += 2 {
		sum := 16384 * int(x[i])
		for j, c := range halfband {
			sum += c * (int(x[i-1-2*j]) + int(x[i+1+2*j]))
		}
		dst = append(dst, saturate(sum>>15))
	}
	copy(d.past[:], x[len(pcm):])
	return dst
}

func saturate(v int) int16 { return int16(max(-32768, min(v, 32767))) }
