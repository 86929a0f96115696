package music

import "math"

// How sharp the filter is, in parts of the lower of two rates: what lies below
// pass comes through, what lies above stop does not (-80 dB).
const (
	pass = 0.425 // 3400 Hz for a telephone
	stop = 0.5
	// stopDB is how far down.
	stopDB = 80.0
)

// kaiser is the parameter of the window that gives stopDB (Kaiser 1974).
const kaiser = 0.1102 * (stopDB - 8.7)

// resample gives samples another rate: a filter of windowed sinc, worked out for each
// of the places that an output sample may have between two of the input.
func resample(pcm []float64, from, to int) []float64 {
	if from == to {
		return pcm
	}
	g := gcd(from, to)
	up, down := to/g, from/g
	low := float64(min(from, to)) / float64(from)
	half := int(math.Ceil((stopDB-7.95)/(2.285*2*math.Pi*(stop-pass)*low))/2) + 1
	phases := make([][]float64, up)
	for i := range phases {
		phases[i] = taps(half, float64(i)/float64(up), (pass+stop)/2*low)
	}
	padded := append(append(make([]float64, half), pcm...), make([]float64, half)...)
	out := make([]float64, len(pcm)*up/down)
	for i := range out {
		at := i * down
		window := padded[at/up+1 : at/up+1+2*half]
		sum := 0.0
		for j, c := range phases[at%up] {
			sum += c * window[j]
		}
		out[i] = sum
	}
	return out
}

// taps are the coefficients for an output sample that lies at part of the way
// between two input samples. cutoff is in parts of the input's rate.
func taps(half int, part, cutoff float64) []float64 {
	c := make([]float64, 2*half)
	sum := 0.0
	for i := range c {
		t := float64(i-half+1) - part
		c[i] = sinc(2*cutoff*t) * window(t/float64(half))
		sum += c[i]
	}
	for i := range c {
		c[i] /= sum // so that no ripple comes of which place it is
	}
	return c
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// window is Kaiser's, from -1 to 1.
func window(x float64) float64 {
	if x <= -1 || x >= 1 {
		return 0
	}
	return bessel(kaiser*math.Sqrt(1-x*x)) / bessel(kaiser)
}

// bessel is the modified Bessel function of the first kind and order zero.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= x / (2 * k) * x / (2 * k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
