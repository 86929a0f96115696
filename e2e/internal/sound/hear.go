package sound

import (
	"fmt"
	"math"
	"time"
)

const (
	// window is the length of sound that is judged at once.
	window = 40 * time.Millisecond
	// audibleDB is how far below the loudest window a tone may be to count as there.
	audibleDB = 10
	// purityDB is how far everything but the tone must be below it.
	purityDB = 12
	// floorDB is what is called silence.
	floorDB = -60
)

// Heard is what was found of a tone in a recording.
type Heard struct {
	LevelDB float64       // level of the tone where it is present, dBFS; -inf if never
	First   time.Duration // where it is present first
	Present time.Duration // how long it is present in all
	Holes   time.Duration // time without it between its first and last presence
	Length  time.Duration // of the whole recording
}

// String gives it for a test's message.
func (h Heard) String() string {
	return fmt.Sprintf("%.1f dB from %v for %v with holes of %v in %v",
		h.LevelDB, h.First, h.Present, h.Holes, h.Length)
}

// Hear looks for a tone, window by window: it is present where it stands out
// of all else and is not quieter than its loudest by more than a little.
func Hear(p PCM, hz float64) Heard {
	h := Heard{LevelDB: math.Inf(-1), Length: p.Len()}
	if p.Rate == 0 {
		return h
	}
	n := int(window.Seconds() * float64(p.Rate))
	levels := make([]float64, 0, len(p.Samples)/n+1)
	loudest := math.Inf(-1)
	for at := 0; at+n <= len(p.Samples); at += n {
		level := pure(p.Samples[at:at+n], hz, p.Rate)
		levels = append(levels, level)
		loudest = math.Max(loudest, level)
	}
	if loudest < floorDB {
		return h
	}
	first, last, count, power := -1, -1, 0, 0.0
	for i, level := range levels {
		if level < loudest-audibleDB {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
		count++
		power += math.Pow(10, level/10)
	}
	h.LevelDB = 10 * math.Log10(power/float64(count))
	h.First = time.Duration(first) * window
	h.Present = time.Duration(count) * window
	h.Holes = time.Duration(last-first+1-count) * window
	return h
}

// pure is the level of the tone in dBFS, or -inf when something else is louder
// than purityDB below it.
func pure(s []int16, hz float64, rate int) float64 {
	tone := Goertzel(s, hz, rate)
	rest := math.Pow(10, Level(s)/10) - tone
	if tone <= 0 || rest > tone*math.Pow(10, -purityDB/10.0) {
		return math.Inf(-1)
	}
	return 10 * math.Log10(tone)
}

// Goertzel returns the power of one frequency, where a full-scale sine is 1.
func Goertzel(s []int16, hz float64, rate int) float64 {
	w := 2 * math.Pi * hz / float64(rate)
	c := 2 * math.Cos(w)
	var s1, s2 float64
	for i, v := range s {
		// A Hann window keeps a tone between two bins whole.
		x := float64(v) / math.MaxInt16 * (1 - math.Cos(2*math.Pi*(float64(i)+0.5)/float64(len(s))))
		s1, s2 = x+c*s1-s2, s1
	}
	power := s1*s1 + s2*s2 - c*s1*s2
	half := float64(len(s)) / 2
	return power / (half * half)
}

// Level is the level of all sound in dBFS; -inf for silence.
func Level(s []int16) float64 {
	var all float64
	for _, v := range s {
		all += float64(v) * float64(v)
	}
	return 10 * math.Log10(all/float64(max(len(s), 1))/(math.MaxInt16*math.MaxInt16/2))
}
