package music

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/sekisho/sekisho/sim/ear"
)

// dBFS is the effective value of samples against full scale.
func dBFS(pcm []int16) float64 {
	var power float64
	for _, v := range pcm {
		power += float64(v) / math.MaxInt16 * float64(v) / math.MaxInt16
	}
	return 10 * math.Log10(power/float64(len(pcm)))
}

// above is how much of the power of samples lies above a frequency, in dB.
func above(pcm []int16, rate int, hz float64) float64 {
	const size = 4096
	var all, high float64
	for at := 0; at+size <= len(pcm); at += size {
		re, im := make([]float64, size), make([]float64, size)
		for i := range re {
			w := math.Sin(math.Pi * (float64(i) + 0.5) / size)
			re[i] = float64(pcm[at+i]) * w * w
		}
		transform(re, im)
		for k := range size / 2 {
			p := re[k]*re[k] + im[k]*im[k]
			all += p
			if float64(k*rate)/size > hz {
				high += p
			}
		}
	}
	return 10 * math.Log10(high/all)
}

// transform is Fourier's, of a power of two.
func transform(re, im []float64) {
	n := len(re)
	for i, j := 1, 0; i < n; i++ {
		bit := n >> 1
		for ; j&bit != 0; bit >>= 1 {
			j ^= bit
		}
		if j ^= bit; i < j {
			re[i], re[j], im[i], im[j] = re[j], re[i], im[j], im[i]
		}
	}
	for size := 2; size <= n; size *= 2 {
		for k := range size / 2 {
			s, c := math.Sincos(-2 * math.Pi * float64(k) / float64(size))
			for at := k; at < n; at += size {
				o := at + size/2
				x, y := re[o]*c-im[o]*s, re[o]*s+im[o]*c
				re[at], im[at], re[o], im[o] = re[at]+x, im[at]+y, re[at]-x, im[at]-y
			}
		}
	}
}

// steps is the greatest difference between two samples that follow each other, in
// so many around a place; pcm is a ring.
func steps(pcm []int16, at, around int) int {
	most := 0
	for i := at - around; i < at+around; i++ {
		a, b := pcm[(i+len(pcm))%len(pcm)], pcm[(i+1+len(pcm))%len(pcm)]
		most = max(most, int(max(a, b))-int(min(a, b)))
	}
	return most
}

// The melody is as loud as it should be, all the time, within what a telephone
// carries, and has no seam.
func TestMelody(t *testing.T) {
	tune := Melody()
	if n := len(tune.Narrow) / NarrowRate; n < 20 || n > 60 || len(tune.Wide) != 2*len(tune.Narrow) {
		t.Errorf("%d s: %d and %d samples", n, len(tune.Narrow), len(tune.Wide))
	}
	for _, c := range []struct {
		pcm  []int16
		rate int
	}{{tune.Narrow, NarrowRate}, {tune.Wide, WideRate}} {
		all := dBFS(c.pcm)
		var peak int16
		for _, v := range c.pcm {
			peak = max(peak, v, -v)
		}
		peakDB := 20 * math.Log10(float64(peak)/math.MaxInt16)
		t.Logf("%d Hz: %.1f dBFS, peak %.1f dBFS, above 3600 Hz %.1f dB",
			c.rate, all, peakDB, above(c.pcm, c.rate, 3600))
		if all < -25 || all > -20 || peakDB > PeakMax {
			t.Errorf("at %d Hz: %.1f dBFS, peak %.1f", c.rate, all, peakDB)
		}
		sounds := c.pcm[c.rate/4 : len(c.pcm)-2*c.rate] // then it rings out
		for i := 0; (i+1)*c.rate <= len(sounds); i++ {
			if got := dBFS(sounds[i*c.rate : (i+1)*c.rate]); got < -30 || got > -18 {
				t.Errorf("at %d Hz, second %d: %.1f dBFS", c.rate, i, got)
			}
		}
		if seam, usual := steps(c.pcm, -1, 1), steps(c.pcm, c.rate, c.rate/2); seam > usual {
			t.Errorf("at %d Hz: a step of %d at the seam, %d elsewhere", c.rate, seam, usual)
		}
	}
	if got := above(tune.Narrow, NarrowRate, 3800); got > -60 {
		t.Errorf("%.1f dB of it lie above 3800 Hz", got)
	}
}

// wav writes a recording of one sound on all channels.
func wav(pcm []float64, rate, channels, bits int, extensible bool) []byte {
	b := append([]byte("RIFF\x00\x00\x00\x00WAVE"), "LIST\x03\x00\x00\x00abc\x00fmt "...)
	size, format := 16, formatPCM
	if extensible {
		size, format = 40, formatExtensible
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	b = binary.LittleEndian.AppendUint16(b, uint16(format))
	b = binary.LittleEndian.AppendUint16(b, uint16(channels))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate*channels*bits/8))
	b = binary.LittleEndian.AppendUint16(b, uint16(channels*bits/8))
	b = binary.LittleEndian.AppendUint16(b, uint16(bits))
	if extensible {
		b = append(b, 22, 0, byte(bits), 0, 0, 0, 0, 0, formatPCM)
		b = append(b, make([]byte, 15)...)
	}
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(pcm)*channels*bits/8))
	for _, v := range pcm {
		for range channels {
			whole := uint32(int32(v * (1<<23 - 1)))
			if bits == 24 {
				b = append(b, byte(whole))
			}
			b = append(b, byte(whole>>8), byte(whole>>16))
		}
	}
	return b
}

// sines is a sound of several frequencies.
func sines(rate int, seconds, gain float64, hz ...float64) []float64 {
	pcm := make([]float64, int(seconds*float64(rate)))
	for i := range pcm {
		for _, f := range hz {
			pcm[i] += gain * math.Sin(2*math.Pi*f*float64(i)/float64(rate))
		}
	}
	return pcm
}

// A recording of any kind that is taken comes out as loud as the melody, with what
// was in it and nothing else.
func TestRecordings(t *testing.T) {
	for _, rate := range Rates() {
		for _, c := range []struct {
			channels, bits int
			extensible     bool
		}{{1, 16, false}, {2, 16, false}, {2, 24, true}} {
			tune, err := Read(bytes.NewReader(wav(sines(rate, 2, 0.01, 1000), rate, c.channels, c.bits, c.extensible)))
			if err != nil {
				t.Errorf("%d Hz %+v: %v", rate, c, err)
				continue
			}
			if n, w := len(tune.Narrow), len(tune.Wide); n != 2.25*NarrowRate || w != 2*n {
				t.Errorf("%d Hz: %d and %d samples", rate, n, w)
			}
			inner := tune.Narrow[2800:17200]
			if got := dBFS(inner); math.Abs(got-Loudness) > 0.5 {
				t.Errorf("%d Hz %+v: %.2f dBFS", rate, c, got)
			}
			for _, x := range []struct {
				pcm  []int16
				rate int
			}{{inner, NarrowRate}, {tune.Wide[5600:34400], WideRate}} {
				rest := residue(x.pcm, x.rate, 1000)
				if rest > -35 { // 16 bits at a hundredth of full scale leave 56 dB
					t.Errorf("%d Hz %+v at %d Hz: %.1f dB beside the tone", rate, c, x.rate, rest)
				}
			}
		}
	}
}

// residue is what is in samples besides a tone, in dB below it.
func residue(pcm []int16, rate int, hz float64) float64 {
	var s, c float64
	for i, v := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / float64(rate))
		s, c = s+float64(v)*sin, c+float64(v)*cos
	}
	s, c = 2*s/float64(len(pcm)), 2*c/float64(len(pcm))
	var rest float64
	for i, v := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / float64(rate))
		d := float64(v) - s*sin - c*cos
		rest += d * d
	}
	return 10 * math.Log10(rest/float64(len(pcm))/((s*s+c*c)/2))
}

// What a telephone can't carry is taken out, and not turned into something else.
func TestNoAliases(t *testing.T) {
	tune, err := Read(bytes.NewReader(wav(sines(48000, 2, 0.1, 1000, 5000, 11000), 48000, 1, 16, false)))
	if err != nil {
		t.Fatal(err)
	}
	narrow, wide := tune.Narrow[2800:17200], tune.Wide[5600:34400]
	base := ear.Level(narrow, NarrowRate, 1000)
	if got := ear.Level(narrow, NarrowRate, 3000) - base; got > -60 { // 5000 and 11000 Hz would come back there
		t.Errorf("an alias of %.1f dB", got)
	}
	if got := ear.Level(wide, WideRate, 5000) - ear.Level(wide, WideRate, 1000); math.Abs(got) > 0.5 {
		t.Errorf("5000 Hz has %.1f dB in wideband", got)
	}
}

// A recording that is cut anywhere goes round without a click.
func TestNoClickAtTheSeam(t *testing.T) {
	tune, err := Read(bytes.NewReader(wav(sines(8000, 1.00337, 0.5, 333), 8000, 1, 16, false)))
	if err != nil {
		t.Fatal(err)
	}
	if rest := dBFS(tune.Narrow[:2000]); rest > -80 {
		t.Errorf("the rest has %.1f dBFS", rest)
	}
	seam, usual := max(steps(tune.Narrow, -1, 80), steps(tune.Narrow, 2000, 80)), steps(tune.Narrow, 5000, 1000)
	if seam > usual {
		t.Errorf("a step of %d at the seam, %d elsewhere", seam, usual)
	}
}

func TestWhatIsNoRecording(t *testing.T) {
	good := wav(sines(8000, 2, 0.1, 1000), 8000, 1, 16, false)
	at := bytes.Index(good, []byte("fmt ")) + 8
	with := func(offset int, v uint16) []byte {
		b := bytes.Clone(good)
		binary.LittleEndian.PutUint16(b[at+offset:], v)
		return b
	}
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"nothing":       {nil, ErrWAV},
		"an MP3":        {[]byte("ID3\x04 and so on, and so on"), ErrWAV},
		"no samples":    {good[:40], ErrWAV},
		"µ-law":         {with(0, 7), ErrFormat},
		"8 bits":        {with(14, 8), ErrFormat},
		"no channel":    {with(2, 0), ErrFormat},
		"many channels": {with(2, 9), ErrFormat},
		"96 kHz":        {with(4, 65535), ErrRate},
		"short":         {wav(sines(8000, 0.5, 0.1, 1000), 8000, 1, 16, false), ErrLength},
		"long":          {wav(make([]float64, (SecondsMax+1)*8000), 8000, 1, 16, false), ErrLength},
		"silent":        {wav(make([]float64, 16000), 8000, 1, 16, false), ErrSilent},
	} {
		if _, err := Read(bytes.NewReader(c.b)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for i := range good[:80] { // cut anywhere: an error or less music, no panic
		_, _ = Read(bytes.NewReader(good[:i]))
	}
	if _, err := Read(bytes.NewReader(good[:len(good)-8001])); err != nil {
		t.Errorf("a recording that ends early: %v", err)
	}
}

func BenchmarkMelody(b *testing.B) {
	for b.Loop() {
		_, _ = newTune(compose(WideRate), WideRate)
	}
}

// TestSpeech: what is said once begins at once, may be as short as a word, and is as loud
// as what the unit says.
func TestSpeech(t *testing.T) {
	for _, seconds := range []float64{0.3, 5} {
		pcm, err := Speech(bytes.NewReader(wav(sines(44100, seconds, 0.02, 440), 44100, 2, 16, false)))
		if err != nil {
			t.Fatal(err)
		}
		if want := int(seconds * NarrowRate); len(pcm) < want-1 || len(pcm) > want+1 {
			t.Errorf("%v s are %d samples", seconds, len(pcm))
		}
		if l := dBFS(pcm[800:1600]); math.Abs(l-Loudness) > 1 {
			t.Errorf("%v s at %.1f dBFS", seconds, l)
		}
	}
	click := wav(sines(8000, 0.05, 0.1, 440), 8000, 1, 16, false)
	if _, err := Speech(bytes.NewReader(click)); !errors.Is(err, ErrLength) {
		t.Error(err)
	}
}

// TestWrite: what is written is a recording again.
func TestWrite(t *testing.T) {
	var b bytes.Buffer
	want := ear.Tone(8000, 440, -16, 1.5)
	if err := Write(&b, want, 8000); err != nil {
		t.Fatal(err)
	}
	got, rate, err := ear.ReadWAV(&b)
	if err != nil || rate != 8000 || !slices.Equal(got, want) {
		t.Errorf("%d samples at %d Hz, %v", len(got), rate, err)
	}
}
