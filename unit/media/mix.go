package media

import (
	"cmp"
	"math"
	"slices"
)

// mixFrame is how many samples are mixed at once: 20 ms at 16 kHz.
const mixFrame = 320

// How voices are mixed.
const (
	// speakersMax is how many are heard at once: the loudest ones. With more of
	// them the noise of all rooms adds up, and nobody understands anybody.
	speakersMax = 4
	// quietPower is that of what is no voice: -55 dBFS.
	quietPower = 3400.0
	// decay is by how much a talker loses its rank in a frame: who pauses between
	// two words is not cut off.
	decay = 0.9
	// favor is by how much another must be louder to take a speaker's place.
	favor = 2.0
	// ceiling is what no sample of a mix exceeds.
	ceiling = 29_000.0
	// attackSamples is in which the limiter takes hold, and release by how much it
	// lets go in a frame.
	attackSamples = 32
	release       = 1.05
	// comfortPeak is that of the noise that all hear, -70 dBm0: a line without any
	// sounds dead.
	comfortPeak = 14
)

// talker is one party of a mix.
type talker struct {
	frame     [mixFrame]int16   // what it says
	part      [mixFrame]float32 // of that, what others hear
	power     float64           // how loud it was lately
	gain, was float32           // 1 for who is heard, now and in the frame before
	limit     float32           // what the limiter leaves of what it hears
}

// mixer mixes the talkers of a room.
type mixer struct {
	ranks []*talker
	sum   [mixFrame]float32
	noise uint32
}

// blend chooses who is heard and adds them up.
func (m *mixer) blend(talkers []*talker) {
	m.ranks = append(m.ranks[:0], talkers...)
	for _, v := range talkers {
		power := 0.0
		for _, x := range v.frame {
			power += float64(x) * float64(x)
		}
		v.power = max(power/mixFrame, v.power*decay)
		v.was = v.gain
	}
	slices.SortStableFunc(m.ranks, func(a, b *talker) int { return cmp.Compare(b.rank(), a.rank()) })
	for i := range m.sum {
		m.noise = m.noise*1664525 + 1013904223
		m.sum[i] = float32(int32(m.noise)>>16) * comfortPeak / (1 << 15)
	}
	for i, v := range m.ranks {
		if v.gain = 0; i < speakersMax && v.power > quietPower {
			v.gain = 1
		}
		if v.gain == 0 && v.was == 0 {
			continue
		}
		step := (v.gain - v.was) / mixFrame // who comes or goes does so softly
		for j, x := range v.frame {
			v.part[j] = float32(x) * (v.was + step*float32(j))
			m.sum[j] += v.part[j]
		}
	}
}

func (v *talker) rank() float64 {
	if v.was > 0 {
		return v.power * favor
	}
	return v.power
}

// hears gives what a party hears: all the others that are heard, limited rather than
// cut off where they are too loud together.
func (m *mixer) hears(v *talker, out []int16) {
	own, peak := v.gain != 0 || v.was != 0, float32(0)
	var mix [mixFrame]float32
	for i, x := range m.sum {
		if own {
			x -= v.part[i]
		}
		mix[i] = x
		peak = max(peak, x, -x)
	}
	if v.limit == 0 {
		v.limit = 1
	}
	want := min(v.limit*release, 1)
	if peak*want > ceiling {
		want = ceiling / peak
	}
	gain, step, ramp := v.limit, (want-v.limit)/mixFrame, mixFrame
	if want < v.limit {
		step, ramp = (want-v.limit)/attackSamples, attackSamples
	}
	for i, x := range mix {
		if i < ramp {
			gain += step
		}
		out[i] = int16(max(-math.MaxInt16, min(x*gain, math.MaxInt16)))
	}
	v.limit = want
}
