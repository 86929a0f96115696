package media

import "math"

// Tone is a Japanese call-progress tone.
type Tone uint8

// The tones: 400 Hz, steady or in a rhythm.
const (
	// DialTone 発信音: steady.
	DialTone Tone = iota
	// SecondDialTone 第二発信音: 125 ms on, 125 ms off.
	SecondDialTone
	// RingBack 呼出音: modulated with 16 Hz, 1 s on, 2 s off.
	RingBack
	// Busy 話中音: 0.5 s on, 0.5 s off.
	Busy
	// Warning 警告音: three beeps of 0.2 s. It ends.
	Warning
	// Beep 合図音: one of 0.4 s. It ends.
	Beep
	// Refused 拒否音: five quick beeps of 0.1 s. It ends.
	Refused
)

// Beeps of Warning and Refused.
const (
	warningBeeps = 3
	refusedBeeps = 5
)

// toneDBm0 is the level of a steady tone; ring-back has it at its loudest.
const toneDBm0 = -16.0

// sampleRate is that of Sources.
const sampleRate = 8000

// tone makes its samples as they are asked for.
type tone struct {
	on, off int // samples; off 0 is steady
	am      float64
	at      int
	beeps   int // that are left, with their pauses; 0 for a tone that does not end
}

var _ Source = (*tone)(nil)

// NewTone makes a tone from its beginning. It does not end, but for Warning, Beep and Refused.
func NewTone(t Tone) Source {
	switch t {
	case SecondDialTone:
		return &tone{on: sampleRate / 8, off: sampleRate / 8}
	case RingBack:
		return &tone{on: sampleRate, off: 2 * sampleRate, am: 16}
	case Busy:
		return &tone{on: sampleRate / 2, off: sampleRate / 2}
	case Beep:
		return &tone{on: sampleRate * 2 / 5, off: sampleRate / 10, beeps: 1}
	case Warning:
		return &tone{on: sampleRate / 5, off: sampleRate / 5, beeps: warningBeeps}
	case Refused:
		return &tone{on: sampleRate / 10, off: sampleRate / 10, beeps: refusedBeeps}
	}
	return &tone{on: sampleRate}
}

// Read fills pcm, to the end where the tone has one.
func (t *tone) Read(pcm []int16) int {
	if t.on+t.off == 0 {
		return 0
	}
	peak := amplitude(toneDBm0)
	for i := range pcm {
		at := t.at
		if t.at++; t.at == t.on+t.off {
			t.at = 0
			if t.beeps == 1 {
				t.on, t.off, t.at = 0, 0, 0
				return i
			}
			t.beeps = max(t.beeps-1, 0)
		}
		if at >= t.on {
			pcm[i] = 0
			continue
		}
		v := peak * math.Sin(2*math.Pi*400*float64(at)/sampleRate)
		if t.am > 0 {
			// Full modulation, beginning and ending in silence.
			v *= (1 - math.Cos(2*math.Pi*t.am*float64(at)/sampleRate)) / 2
		}
		pcm[i] = int16(math.Round(v))
	}
	return len(pcm)
}

// amplitude is the peak of a sine of a level in dBm0, in 16-bit samples. A
// sine of full scale has +3.17 dBm0 (G.711).
func amplitude(dBm0 float64) float64 { return 32767 * math.Pow(10, (dBm0-3.17)/20) }
