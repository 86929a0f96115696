package g722

// band is the adaptive predictor and quantizer of one sub-band (G.722 §3.6,
// blocks 3 and 4; the same in encoder and decoder).
type band struct {
	s   int // prediction
	nb  int // logarithmic scale factor
	det int // scale factor
	sp  int
	sz  int
	r   [3]int // reconstructed signals, newest first
	a   [3]int // pole section
	p   [3]int // partly reconstructed signals
	d   [7]int // quantized differences
	b   [7]int // zero section
}

// stepLow adapts to a code of the lower band (its four upper bits).
func (b *band) stepLow(code int) {
	ril := code >> 2
	d := b.det * qm4[ril] >> 15
	b.nb = max(0, min(b.nb*127>>7+wl[rl42[ril]], 18432))
	b.det = scale(b.nb, 8)
	b.predict(d)
}

// stepHigh adapts to a code of the higher band.
func (b *band) stepHigh(code int) {
	d := b.det * qm2[code] >> 15
	b.nb = max(0, min(b.nb*127>>7+wh[rh2[code]], 22528))
	b.det = scale(b.nb, 10)
	b.predict(d)
}

// scale is SCALEL and SCALEH: from logarithmic to linear.
func scale(nb, base int) int {
	wd, shift := ilb[nb>>6&31], base-nb>>11
	if shift < 0 {
		return wd << -shift << 2
	}
	return wd >> shift << 2
}

// predict is block 4: it takes the quantized difference and leaves the next
// prediction in s.
func (b *band) predict(d int) {
	b.d[0] = d
	b.r[0] = clip(b.s + d)  // RECONS
	b.p[0] = clip(b.sz + d) // PARREC
	b.pole2()
	b.pole1()
	b.zeros()
	// DELAYA, FILTEP
	b.r[2], b.r[1] = b.r[1], b.r[0]
	b.p[2], b.p[1] = b.p[1], b.p[0]
	b.sp = clip(b.a[1]*clip(2*b.r[1])>>15 + b.a[2]*clip(2*b.r[2])>>15)
	// FILTEZ
	b.sz = 0
	for i := 6; i > 0; i-- {
		b.d[i] = b.d[i-1]
		b.sz += b.b[i] * clip(2*b.d[i]) >> 15
	}
	b.sz = clip(b.sz)
	b.s = clip(b.sp + b.sz) // PREDIC
}

// pole2 is UPPOL2.
func (b *band) pole2() {
	wd := clip(b.a[1] << 2)
	if sameSign(b.p[0], b.p[1]) {
		wd = -wd
	}
	wd = min(wd, 32767) >> 7
	if sameSign(b.p[0], b.p[2]) {
		wd += 128
	} else {
		wd -= 128
	}
	wd += b.a[2] * 32512 >> 15
	b.a[2] = max(-12288, min(wd, 12288))
}

// pole1 is UPPOL1; it follows UPPOL2.
func (b *band) pole1() {
	wd := -192
	if sameSign(b.p[0], b.p[1]) {
		wd = 192
	}
	wd = clip(wd + b.a[1]*32640>>15)
	limit := clip(15360 - b.a[2])
	b.a[1] = max(-limit, min(wd, limit))
}

// zeros is UPZERO.
func (b *band) zeros() {
	step := 128
	if b.d[0] == 0 {
		step = 0
	}
	for i := 1; i < 7; i++ {
		wd := -step
		if sameSign(b.d[i], b.d[0]) {
			wd = step
		}
		b.b[i] = clip(wd + b.b[i]*32640>>15)
	}
}

func sameSign(x, y int) bool { return x < 0 == (y < 0) }
