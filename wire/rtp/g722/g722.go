// Package g722 is ITU-T G.722 at 64 kbit/s: wideband speech, 16000 samples a
// second as 8000 bytes.
//
// Use Encoder and Decoder; each keeps the state of one direction. Two samples
// make one byte: six bits for what lies below 4 kHz, two for what lies above,
// each band as adaptive differences from a prediction (ADPCM).
//
// # Standards
//
// ITU-T G.722 (09/2012), names of variables and tables as there; RFC 3551
// §4.5.2 (its RTP clock says 8000 Hz).
package g722

// Encoder turns samples into bytes. The zero value is ready.
type Encoder struct {
	low, high band
	delay     [24]int
	begun     bool
}

// Decoder turns bytes into samples. The zero value is ready.
type Decoder struct {
	low, high band
	delay     [24]int
	begun     bool
}

// Encode appends the bytes of pcm, an even number of samples at 16 kHz.
func (e *Encoder) Encode(dst []byte, pcm []int16) []byte {
	if !e.begun {
		e.low.det, e.high.det, e.begun = 32, 8, true
	}
	for i := 0; i+1 < len(pcm); i += 2 {
		copy(e.delay[:22], e.delay[2:])
		e.delay[22], e.delay[23] = int(pcm[i]), int(pcm[i+1])
		odd, even := 0, 0
		for j := range qmf {
			odd += e.delay[2*j] * qmf[j]
			even += e.delay[2*j+1] * qmf[11-j]
		}
		low, high := (even+odd)>>14, (even-odd)>>14
		dst = append(dst, e.encodeHigh(high)<<6|e.encodeLow(low))
	}
	return dst
}

func (e *Encoder) encodeLow(x int) byte {
	el := clip(x - e.low.s)
	wd := el
	if el < 0 {
		wd = -(el + 1)
	}
	i := 1
	for i < 30 && wd >= q6[i]*e.low.det>>12 {
		i++
	}
	code := ilp[i]
	if el < 0 {
		code = iln[i]
	}
	e.low.stepLow(code)
	return byte(code)
}

func (e *Encoder) encodeHigh(x int) byte {
	eh := clip(x - e.high.s)
	wd := eh
	if eh < 0 {
		wd = -(eh + 1)
	}
	i := 1
	if wd >= 564*e.high.det>>12 {
		i = 2
	}
	code := ihp[i]
	if eh < 0 {
		code = ihn[i]
	}
	e.high.stepHigh(code)
	return byte(code)
}

// Decode appends the samples of bytes, two for each.
func (d *Decoder) Decode(dst []int16, code []byte) []int16 {
	if !d.begun {
		d.low.det, d.high.det, d.begun = 32, 8, true
	}
	for _, b := range code {
		il, ih := int(b&0x3f), int(b>>6)
		low := limit15(d.low.s + d.low.det*qm6[il]>>15)
		d.low.stepLow(il)
		high := limit15(d.high.det*qm2[ih]>>15 + d.high.s)
		d.high.stepHigh(ih)
		copy(d.delay[:22], d.delay[2:])
		d.delay[22], d.delay[23] = low+high, low-high
		x1, x2 := 0, 0
		for j := range qmf {
			x2 += d.delay[2*j] * qmf[j]
			x1 += d.delay[2*j+1] * qmf[11-j]
		}
		dst = append(dst, int16(clip(x1>>11)), int16(clip(x2>>11)))
	}
	return dst
}

// clip limits to 16 bits.
func clip(v int) int { return max(-32768, min(v, 32767)) }

// limit15 is the block LIMIT: 15 bits.
func limit15(v int) int { return max(-16384, min(v, 16383)) }
