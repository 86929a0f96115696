package sound

import "math/bits"

// The µ-law of ITU-T G.711: a bias, a three-bit segment, a four-bit step, all inverted.
const (
	ulawBias = 0x84
	ulawClip = 32635
)

// ULaw encodes samples as G.711 µ-law.
func ULaw(samples []int16) []byte {
	out := make([]byte, len(samples))
	for i, s := range samples {
		v, sign := int(s), byte(0)
		if v < 0 {
			v, sign = -v, 0x80
		}
		v = min(v, ulawClip) + ulawBias
		segment := bits.Len(uint(v)) - 8
		out[i] = ^(sign | byte(segment)<<4 | byte(v>>(segment+3))&0x0f)
	}
	return out
}

// FromULaw decodes G.711 µ-law.
func FromULaw(b []byte) []int16 {
	out := make([]int16, len(b))
	for i, u := range b {
		u = ^u
		v := (int(u&0x0f)<<3+ulawBias)<<(u>>4&7) - ulawBias
		if u&0x80 != 0 {
			v = -v
		}
		out[i] = int16(v)
	}
	return out
}
