// Package ear hears for tests and for the practice carrier: how loud a tone
// is in what was received, how much of it is missing, how late it came.
//
// Use Level and Hears first, on samples of 16 bits; FromMu, FromA and ReadWAV
// make samples of what phones send and record. Levels are in dBm0: a sine of
// full scale has +3.17 (ITU-T G.711).
//
// # Standards
//
// Goertzel's algorithm (Amer. Math. Monthly 65, 1958) for single frequencies.
package ear

import (
	"math"

	"github.com/sekisho/sekisho/wire/rtp/g711"
)

// Silence is the level of nothing at all.
const Silence = -120.0

// fullScale is the level of a sine of full scale.
const fullScale = g711.DBm0

// FrameMS is the length of the frames that Missing looks at.
const FrameMS = 20

// Level is how loud a frequency is, in dBm0: that of a steady sine which
// lasts through all of pcm. rate is in samples a second.
func Level(pcm []int16, rate int, hz float64) float64 {
	if len(pcm) == 0 || rate <= 0 {
		return Silence
	}
	k := 2 * math.Cos(2*math.Pi*hz/float64(rate))
	var s1, s2 float64
	for _, v := range pcm {
		s1, s2 = float64(v)/32767+k*s1-s2, s1
	}
	power := s1*s1 + s2*s2 - k*s1*s2
	amplitude := 2 * math.Sqrt(max(power, 0)) / float64(len(pcm))
	return decibel(amplitude * amplitude)
}

// Total is how loud all of pcm is, in dBm0.
func Total(pcm []int16) float64 {
	var power float64
	for _, v := range pcm {
		power += float64(v) / 32767 * float64(v) / 32767
	}
	if len(pcm) == 0 {
		return Silence
	}
	return decibel(2 * power / float64(len(pcm)))
}

func decibel(power float64) float64 {
	if power <= 0 {
		return Silence
	}
	return max(10*math.Log10(power)+fullScale, Silence)
}

// Hears tells whether a frequency is there: above -40 dBm0, and within 6 dB
// of all that is heard, so that neither another tone nor noise passes for it.
func Hears(pcm []int16, rate int, hz float64) bool {
	level := Level(pcm, rate, hz)
	return level > -40 && level > Total(pcm)-6
}

// Missing is the share, 0 to 1, of frames in which a tone that should be
// steady isn't heard, between the first and the last frame in which it is;
// 1 if it is never heard.
func Missing(pcm []int16, rate int, hz float64) float64 {
	size := rate * FrameMS / 1000
	if size == 0 {
		return 1
	}
	first, last, heard := -1, -1, 0
	for i := 0; (i+1)*size <= len(pcm); i++ {
		if Hears(pcm[i*size:(i+1)*size], rate, hz) {
			if first < 0 {
				first = i
			}
			last = i
			heard++
		}
	}
	if first < 0 {
		return 1
	}
	return 1 - float64(heard)/float64(last-first+1)
}

// Begins is the time in seconds until a tone is first heard; ok is false if
// it never is.
func Begins(pcm []int16, rate int, hz float64) (seconds float64, ok bool) {
	const step = 5 // milliseconds
	size, hop := rate*FrameMS/1000, rate*step/1000
	for at := 0; hop > 0 && at+size <= len(pcm); at += hop {
		if Hears(pcm[at:at+size], rate, hz) {
			return float64(at) / float64(rate), true
		}
	}
	return 0, false
}

// Delay is how many seconds later than sent something of it is heard, by the
// best correlation, and how alike they are (0 to 1). It looks for delays up
// to most seconds. Steady tones are alike at every period: send something
// that changes (Sweep).
func Delay(sent, heard []int16, rate int, most float64) (seconds, likeness float64) {
	best := 0
	for d := 0; d <= int(most*float64(rate)) && d < len(heard); d++ {
		n := min(len(sent), len(heard)-d)
		if n < rate/10 {
			break // less than 100 ms says nothing
		}
		var xy, xx, yy float64
		for i := range n {
			x, y := float64(sent[i]), float64(heard[d+i])
			xy, xx, yy = xy+x*y, xx+x*x, yy+y*y
		}
		if xx > 0 && yy > 0 && xy/math.Sqrt(xx*yy) > likeness {
			best, likeness = d, xy/math.Sqrt(xx*yy)
		}
	}
	return float64(best) / float64(rate), likeness
}

// Tone makes samples of a sine of a level in dBm0.
func Tone(rate int, hz, dBm0, seconds float64) []int16 {
	pcm := make([]int16, int(seconds*float64(rate)))
	peak := 32767 * math.Pow(10, (dBm0-fullScale)/20)
	for i := range pcm {
		pcm[i] = int16(math.Round(peak * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))))
	}
	return pcm
}

// Sweep makes samples of a sine that rises from one frequency to another.
func Sweep(rate int, from, to, dBm0, seconds float64) []int16 {
	pcm := make([]int16, int(seconds*float64(rate)))
	peak := 32767 * math.Pow(10, (dBm0-fullScale)/20)
	for i := range pcm {
		t := float64(i) / float64(rate)
		pcm[i] = int16(math.Round(peak * math.Sin(2*math.Pi*t*(from+(to-from)*t/(2*seconds)))))
	}
	return pcm
}

// FromMu is what µ-law says.
func FromMu(mu []byte) []int16 {
	pcm := make([]int16, len(mu))
	for i, b := range mu {
		pcm[i] = g711.DecodeMu(b)
	}
	return pcm
}

// FromA is what A-law says.
func FromA(a []byte) []int16 {
	pcm := make([]int16, len(a))
	for i, b := range a {
		pcm[i] = g711.DecodeA(b)
	}
	return pcm
}

// ToMu is samples in µ-law.
func ToMu(pcm []int16) []byte {
	mu := make([]byte, len(pcm))
	for i, v := range pcm {
		mu[i] = g711.EncodeMu(v)
	}
	return mu
}

// ToA is samples in A-law.
func ToA(pcm []int16) []byte {
	a := make([]byte, len(pcm))
	for i, v := range pcm {
		a[i] = g711.EncodeA(v)
	}
	return a
}
