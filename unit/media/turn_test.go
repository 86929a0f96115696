package media

import (
	"math"
	"testing"

	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/wire/rtp"
	"github.com/sekisho/sekisho/wire/rtp/g711"
	"github.com/sekisho/sekisho/wire/rtp/g722"
)

// turned sends samples at 16 kHz through a chain of codecs, frame by frame, as legs
// that have none in common would, and gives what is heard at its end, at the same
// rate for wideband and at 8 kHz for the others.
func turned(pcm []int16, chain ...speech) []int16 {
	var room frame
	var first, last turner
	first.frame, last.frame = &room, &room
	between := make([]turner, len(chain)-1)
	for i := range between {
		between[i].frame = &room
	}
	var narrow downsampler
	var ear722 g722.Decoder
	var out []int16
	h := rtp.Header{Size: rtp.HeaderBytes}
	for ; len(pcm) >= 320; pcm = pcm[320:] {
		p := make([]byte, rtp.HeaderBytes)
		if chain[0] == speechG722 {
			if first.encoder == nil {
				first.encoder = new(g722.Encoder)
			}
			p = first.encoder.Encode(p, pcm[:320])
		} else {
			p = first.encode(p, narrow.append(nil, pcm[:320], room.room[:]), chain[0])
		}
		for i := range between {
			from, to := format{speech: chain[i]}, format{speech: chain[i+1]}
			p = append([]byte(nil), between[i].packet(p, h, &from, &to)...)
		}
		for _, b := range p[rtp.HeaderBytes:] {
			switch chain[len(chain)-1] {
			case speechMu:
				out = append(out, g711.DecodeMu(b))
			case speechA:
				out = append(out, g711.DecodeA(b))
			case speechG722:
				out = ear722.Decode(out, []byte{b})
			}
		}
	}
	return out
}

// fit compares samples with a tone of their own frequency: how loud it is in dBm0,
// and how far below it lies all the rest.
func fit(pcm []int16, rate int, hz float64) (level, snr float64) {
	pcm = pcm[len(pcm)/4 : len(pcm)/4+len(pcm)/2/rate*rate+rate/2] // codecs have adapted, whole periods
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
	power := (s*s + c*c) / 2
	return 20*math.Log10(math.Sqrt(2*power)/32767) + g711.DBm0, 10 * math.Log10(power*float64(len(pcm))/rest)
}

// What a codec and the turning into another one leave of a tone. G.711 must keep a
// tone 33 dB above its noise from 0 to -30 dBm0 (ITU-T G.712 §10), each further
// G.711 coder may take 3 dB of it; G.722 keeps 25 dB at the levels of speech.
func TestTurnedSound(t *testing.T) {
	for _, c := range []struct {
		chain []speech
		snr   float64
	}{
		{[]speech{speechMu}, 33},
		{[]speech{speechA}, 33},
		{[]speech{speechMu, speechA}, 30},
		{[]speech{speechA, speechMu, speechA}, 30},
		{[]speech{speechG722}, 25},
		{[]speech{speechMu, speechG722}, 25},
		{[]speech{speechG722, speechMu}, 25},
		{[]speech{speechG722, speechA, speechG722}, 22},
	} {
		rate := 8000
		if c.chain[len(c.chain)-1] == speechG722 {
			rate = 16000
		}
		for _, dBm0 := range []float64{-6, -16, -26} {
			level, snr := fit(turned(ear.Tone(16000, 1020, dBm0, 2), c.chain...), rate, 1020)
			t.Logf("%v at %v dBm0: %.2f dBm0, noise %.1f dB below", c.chain, dBm0, level, snr)
			if snr < c.snr || math.Abs(level-dBm0) > 0.5 {
				t.Errorf("%v at %v dBm0: %.2f dBm0, noise %.1f dB below", c.chain, dBm0, level, snr)
			}
		}
	}
}

// Turning takes nothing from what a telephone carries, and brings nothing back from
// above it.
func TestTurnedBand(t *testing.T) {
	for _, hz := range []float64{300, 1000, 2000, 3000, 3400} {
		for _, chain := range [][]speech{{speechG722, speechMu}, {speechMu, speechG722}} {
			rate := 8000
			if chain[1] == speechG722 {
				rate = 16000
			}
			if level, _ := fit(turned(ear.Tone(16000, hz, -16, 1), chain...), rate, hz); math.Abs(level+16) > 1 {
				t.Errorf("%v Hz through %v: %.1f dBm0 of -16", hz, chain, level)
			}
		}
	}
	for _, hz := range []float64{4600, 5000, 6000, 7000} {
		if got := ear.Level(turned(ear.Tone(16000, hz, -16, 1), speechG722, speechMu), 8000, 8000-hz); got > -56 {
			t.Errorf("%v Hz comes back at %v Hz with %.1f dBm0", hz, 8000-hz, got)
		}
	}
}
