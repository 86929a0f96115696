package g722

import (
	"math"
	"testing"
)

func sine(hz float64, n int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*hz*float64(i)/16000))
	}
	return pcm
}

// snr compares out with in, whatever the delay of the filters.
func snr(in, out []int16) float64 {
	best := math.Inf(-1)
	for delay := range 40 {
		var signal, noise float64
		for i := 1000; i+delay < len(out); i++ {
			d := float64(in[i]) - float64(out[i+delay])
			signal += float64(in[i]) * float64(in[i])
			noise += d * d
		}
		best = max(best, 10*math.Log10(signal/noise))
	}
	return best
}

func TestSpeechBandComesBack(t *testing.T) {
	for _, c := range []struct{ hz, db float64 }{{400, 30}, {1000, 30}, {2500, 25}, {6000, 10}} {
		in := sine(c.hz, 16000)
		var e Encoder
		var d Decoder
		code := e.Encode(nil, in)
		if len(code) != 8000 {
			t.Fatalf("%d bytes for a second, want 8000", len(code))
		}
		if got := snr(in, d.Decode(nil, code)); got < c.db {
			t.Errorf("%v Hz: signal to noise %.1f dB, want %v", c.hz, got, c.db)
		}
	}
}

func TestSilenceIsQuiet(t *testing.T) {
	var e Encoder
	var d Decoder
	for _, s := range d.Decode(nil, e.Encode(nil, make([]int16, 3200))) {
		if s > 50 || s < -50 {
			t.Fatalf("silence became %d", s)
		}
	}
}

// Noise and jumps must not run out of the tables.
func TestAnyInput(t *testing.T) {
	var e Encoder
	var d Decoder
	pcm, x := make([]int16, 16000), uint32(1)
	for i := range pcm {
		x = x*1664525 + 1013904223
		pcm[i] = int16(x >> 16)
	}
	d.Decode(nil, e.Encode(nil, pcm))
	code := make([]byte, 16000)
	for i := range code {
		x = x*1664525 + 1013904223
		code[i] = byte(x >> 24)
	}
	d.Decode(nil, code)
}

func BenchmarkEncode20ms(b *testing.B) {
	var e Encoder
	pcm, dst := sine(1000, 320), make([]byte, 0, 160)
	for b.Loop() {
		dst = e.Encode(dst[:0], pcm)
	}
}
