package sound

import (
	"fmt"
	"math"
	"time"

	"github.com/sekisho/sekisho/sim/ear"
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
	LevelDB float64       // level of the tone where it is present, dBm0; -inf if never
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

// pure is the level of the tone, or -inf when anything else is not purityDB
// below it.
func pure(s []int16, hz float64, rate int) float64 {
	tone := ear.Level(s, rate, hz)
	rest := math.Pow(10, ear.Total(s)/10) - math.Pow(10, tone/10)
	if rest > math.Pow(10, (tone-purityDB)/10) {
		return math.Inf(-1)
	}
	return tone
}
