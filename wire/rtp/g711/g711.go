// Package g711 is ITU-T G.711: telephone speech as one byte a sample, in
// µ-law (PCMU: Japan, North America) or A-law (PCMA: elsewhere).
//
// Use EncodeMu, DecodeMu, EncodeA and DecodeA on samples; MuToA and AToMu
// turn the one into the other, as G.711 tables 3 and 4 do nearly.
//
// # Standards
//
// ITU-T G.711 (11/88), RFC 3551 §4.5.14.
package g711

// Silence is how no sound is written in µ-law and A-law.
const (
	SilenceMu = 0xff
	SilenceA  = 0xd5
)

// DBm0 is the level, in dBm0, of a sine of full scale (±32767): G.711's
// overload point for µ-law is +3.17 dBm0.
const DBm0 = 3.17

var (
	decodeMu = muTable()
	decodeA  = aTable()
	muToA    = crossTable(decodeMu[:], EncodeA)
	aToMu    = crossTable(decodeA[:], EncodeMu)
)

// DecodeMu is the sample of a µ-law byte.
func DecodeMu(b byte) int16 { return decodeMu[b] }

// DecodeA is the sample of an A-law byte.
func DecodeA(b byte) int16 { return decodeA[b] }

// MuToA turns µ-law into A-law in place.
func MuToA(p []byte) {
	for i, b := range p {
		p[i] = muToA[b]
	}
}

// AToMu turns A-law into µ-law in place.
func AToMu(p []byte) {
	for i, b := range p {
		p[i] = aToMu[b]
	}
}

// EncodeMu is the µ-law byte of a sample.
func EncodeMu(s int16) byte {
	const bias, clip = 0x84, 32635
	v, sign := int(s), byte(0)
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, clip) + bias
	segment := byte(7)
	for mask := 0x4000; segment > 0 && v&mask == 0; mask >>= 1 {
		segment--
	}
	return ^(sign | segment<<4 | byte(v>>(segment+3))&0x0f)
}

// EncodeA is the A-law byte of a sample.
func EncodeA(s int16) byte {
	v, sign := int(s)>>3, byte(0x80) // 13 bits
	if v < 0 {
		v, sign = -v-1, 0
	}
	segment := byte(0)
	for v>>segment > 0x1f {
		segment++
	}
	var b byte
	if segment == 0 {
		b = byte(v >> 1) // the two lowest segments share one slope
	} else {
		b = segment<<4 | byte(v>>segment)&0x0f
	}
	return (sign | b) ^ 0x55
}

func muTable() (t [256]int16) {
	for i := range t {
		b := ^byte(i)
		v := (int(b&0x0f)<<3+0x84)<<(b>>4&7) - 0x84
		if b&0x80 != 0 {
			v = -v
		}
		t[i] = int16(v)
	}
	return t
}

func aTable() (t [256]int16) {
	for i := range t {
		b := byte(i) ^ 0x55
		v := int(b&0x0f)<<4 + 8
		if segment := b >> 4 & 7; segment > 0 {
			v = (v + 0x100) << (segment - 1)
		}
		if b&0x80 == 0 {
			v = -v
		}
		t[i] = int16(v)
	}
	return t
}

func crossTable(from []int16, encode func(int16) byte) (t [256]byte) {
	for i := range t {
		t[i] = encode(from[i])
	}
	return t
}
