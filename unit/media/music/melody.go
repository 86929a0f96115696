package music

import "math"

// The melody: a music box in three-four time.
const (
	quaversPerMinute = 168
	quaversPerBar    = 6
	// melodyGain and chordGain are how hard the notes are struck.
	melodyGain = 1.0
	chordGain  = 0.4
)

// bar is one bar: what the right hand strikes on each quaver, and the three notes
// of the chord that the left hand breaks. Notes are MIDI's: 69 is 440 Hz; 0 is none.
type bar struct {
	melody [quaversPerBar]float64
	chord  [3]float64
}

// broken is how the left hand goes up and down a chord.
var broken = [quaversPerBar]int{0, 1, 2, 1, 2, 1}

// The chords, from E4 up, so that a telephone carries them.
var (
	fMajor  = [3]float64{65, 69, 72}
	dMinor  = [3]float64{65, 69, 74}
	bFlat   = [3]float64{65, 70, 74}
	cMajor  = [3]float64{64, 67, 72}
	aMinor  = [3]float64{64, 69, 72}
	gMinor  = [3]float64{67, 70, 74}
	seventh = [3]float64{64, 70, 72}
)

// score is the melody: eight bars that ask, eight that answer. compose lets the last
// one ring out.
var score = []bar{
	{[6]float64{81, 0, 0, 0, 84, 0}, fMajor},
	{[6]float64{86, 0, 0, 0, 81, 0}, dMinor},
	{[6]float64{82, 0, 81, 0, 79, 0}, bFlat},
	{[6]float64{79, 0, 0, 0, 0, 0}, cMajor},
	{[6]float64{77, 0, 0, 0, 81, 0}, fMajor},
	{[6]float64{84, 0, 0, 0, 81, 0}, aMinor},
	{[6]float64{82, 0, 86, 0, 84, 0}, bFlat},
	{[6]float64{79, 0, 0, 0, 0, 0}, cMajor},
	{[6]float64{86, 0, 0, 0, 84, 0}, dMinor},
	{[6]float64{84, 0, 81, 0, 76, 0}, aMinor},
	{[6]float64{82, 0, 0, 0, 81, 0}, bFlat},
	{[6]float64{77, 0, 79, 0, 81, 0}, fMajor},
	{[6]float64{82, 0, 0, 0, 79, 0}, gMinor},
	{[6]float64{76, 0, 79, 0, 82, 0}, seventh},
	{[6]float64{81, 0, 0, 0, 77, 0}, fMajor},
	{[6]float64{77, 0, 0, 0, 0, 0}, fMajor},
}

// partial is one of the tones that a tooth of a music box sounds with.
type partial struct {
	ratio   float64 // of the note's frequency
	gain    float64
	seconds float64 // until it is a third as loud (1/e)
}

var tooth = []partial{{1, 1, 0.55}, {2, 0.3, 0.3}, {3, 0.1, 0.15}}

// How a partial begins, and when it is over.
const (
	attackSeconds = 0.004
	lastsDecays   = 7 // 61 dB down
)

// ringSeconds is how long the end of the melody takes to fade.
const ringSeconds = 1.0

// compose plays the score, and a bar more in which its end rings out.
func compose(rate int) []float64 {
	quaver := rate * 60 / quaversPerMinute
	out := make([]float64, quaver*quaversPerBar*(len(score)+1))
	for i, b := range score {
		for j := range quaversPerBar {
			at := (i*quaversPerBar + j) * quaver
			strike(out[at:], rate, b.melody[j], melodyGain)
			strike(out[at:], rate, b.chord[broken[j]], chordGain)
		}
	}
	fadeOut(out, int(ringSeconds*float64(rate)))
	return out
}

// strike adds a note.
func strike(out []float64, rate int, note, gain float64) {
	if note == 0 {
		return
	}
	hz := 440 * math.Pow(2, (note-69)/12)
	attack := attackSeconds * float64(rate)
	for _, p := range tooth {
		// A phasor that shrinks as it turns: no sine is taken for each sample.
		decay := math.Exp(-1 / (p.seconds * float64(rate)))
		sin, cos := math.Sincos(2 * math.Pi * hz * p.ratio / float64(rate))
		sin, cos = sin*decay, cos*decay
		x, y := 0.0, gain*p.gain
		for i := range min(int(lastsDecays*p.seconds*float64(rate)), len(out)) {
			v := x
			if f := float64(i); f < attack {
				v *= (1 - math.Cos(math.Pi*f/attack)) / 2
			}
			out[i] += v
			x, y = x*cos+y*sin, y*cos-x*sin
		}
	}
}
