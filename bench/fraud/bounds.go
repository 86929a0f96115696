package main

import (
	"math"
	"slices"
)

// upperRate is the one-sided Clopper-Pearson bound: the highest rate at which
// k or fewer of n would still be seen once in twenty times.
func upperRate(k, n int) float64 {
	if n == 0 || k >= n {
		return 1
	}
	low, high := float64(k)/float64(n), 1.0
	for range 60 {
		mid := (low + high) / 2
		if atMost(k, n, mid) > 1-confidence {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// atMost is the binomial chance of k or fewer of n at rate p.
func atMost(k, n int, p float64) float64 {
	if p <= 0 {
		return 1
	}
	if p >= 1 {
		return 0
	}
	logN, _ := math.Lgamma(float64(n) + 1)
	sum := 0.0
	for i := k; i >= 0; i-- {
		a, _ := math.Lgamma(float64(i) + 1)
		b, _ := math.Lgamma(float64(n-i) + 1)
		term := math.Exp(logN - a - b + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
		sum += term
		if term < sum*1e-12 && float64(i) < float64(n)*p {
			break
		}
	}
	return min(sum, 1)
}

// callsFor is how many calls must be seen, none of them bad, for the bound of
// their rate to be at most that: about 3/rate.
func callsFor(rate float64) int { return int(math.Ceil(math.Log(1-confidence) / math.Log1p(-rate))) }

// quantile is the value that q of the values do not exceed; they are sorted.
func quantile(sorted []int64, q float64) int64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

// upperQuantile is a bound for the q-quantile of what the values were drawn
// from, whatever its distribution: the smallest of them that it exceeds once in
// twenty times at most. False where there are too few for one.
func upperQuantile(sorted []int64, q float64) (int64, bool) {
	n := len(sorted)
	for k := range n {
		if atMost(k, n, q) >= confidence {
			return sorted[k], true
		}
	}
	return 0, false
}

func sorted(v []int64) []int64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v
}
