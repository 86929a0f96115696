package music

import "math"

// The rates of a Tune's samples, a second.
const (
	NarrowRate = 8000
	WideRate   = 16000
)

// RestSeconds is the silence with which a Tune begins, each time.
const RestSeconds = 0.25

// Tune is sound to be played round and round. Both hold the same music, of the
// same length.
type Tune struct {
	Narrow []int16 // at NarrowRate: for G.711
	Wide   []int16 // at WideRate: for G.722; twice as many
}

// How loud a Tune is, against full scale.
const (
	// Loudness is the effective value while it sounds, in dBFS: that of the
	// announcements, about -16 dBm0.
	Loudness = -22.0
	// PeakMax is what no sample exceeds, in dBFS.
	PeakMax = -3.0
	// quiet is below what a frame of music is a rest, in dBFS.
	quiet = -50.0
)

// frameSeconds is how long a frame is in which loudness is looked at.
const frameSeconds = 0.02

// Melody is the melody that is played where the owner has no recording, composed anew.
func Melody() Tune {
	t, _ := newTune(compose(WideRate), WideRate) // it is not silent: TestMelody
	return t
}

// newTune makes a Tune of a rest and of samples that begin and end in silence.
func newTune(pcm []float64, rate int) (Tune, error) {
	narrow, wide := resample(pcm, rate, NarrowRate), resample(pcm, rate, WideRate)
	wide = append(wide, 0)[:2*len(narrow)]
	gain, err := level(narrow)
	if err != nil {
		return Tune{}, err
	}
	gain = min(gain, headroom(narrow), headroom(wide))
	const rest = RestSeconds * NarrowRate
	return Tune{Narrow: scaled(narrow, gain, rest), Wide: scaled(wide, gain, 2*rest)}, nil
}

// level is by what samples must be multiplied to be as loud as Loudness.
func level(pcm []float64) (gain float64, err error) {
	size := int(frameSeconds * NarrowRate)
	var power float64
	frames := 0
	for at := 0; at+size <= len(pcm); at += size {
		var p float64
		for _, v := range pcm[at : at+size] {
			p += v * v
		}
		if p /= float64(size); p > decibels(2*quiet) {
			power += p
			frames++
		}
	}
	if frames == 0 {
		return 0, ErrSilent
	}
	return decibels(Loudness) / math.Sqrt(power/float64(frames)), nil
}

// headroom is by what samples may be multiplied at most.
func headroom(pcm []float64) float64 {
	peak := 0.0
	for _, v := range pcm {
		peak = max(peak, math.Abs(v))
	}
	return decibels(PeakMax) / peak
}

// decibels is a ratio of amplitudes.
func decibels(db float64) float64 { return math.Pow(10, db/20) }

// scaled are samples of 16 bits, behind so many of silence; full scale was 1.
func scaled(pcm []float64, gain float64, rest int) []int16 {
	out := make([]int16, rest+len(pcm))
	for i, v := range pcm {
		out[rest+i] = int16(math.Round(v * gain * math.MaxInt16))
	}
	return out
}
