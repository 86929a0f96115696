package load

import (
	"math/bits"
	"time"
)

// Histogram counts durations in buckets of about 3 % width, from 1 µs up.
type Histogram struct {
	counts [histogramBuckets]uint64
	n      uint64
}

const (
	histogramSub     = 32 // buckets for each doubling
	histogramBuckets = 40 * histogramSub
)

// Add counts one duration.
func (h *Histogram) Add(d time.Duration) {
	us := uint64(max(d, 0) / time.Microsecond)
	i := us
	if us >= 2*histogramSub {
		shift := bits.Len64(us) - 6 // keep six significant bits
		i = uint64(shift)*histogramSub + us>>shift
	}
	h.counts[min(i, histogramBuckets-1)]++
	h.n++
}

// Count is how many durations were counted.
func (h *Histogram) Count() uint64 { return h.n }

// Quantile gives the upper end of the bucket that holds the quantile q (0 to
// 1); 0 when nothing was counted.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	left := min(uint64(q*float64(h.n)), h.n-1)
	for i, c := range h.counts {
		if left < c {
			return upper(uint64(i))
		}
		left -= c
	}
	return upper(histogramBuckets - 1)
}

// upper is the longest duration of a bucket.
func upper(i uint64) time.Duration {
	if i < 2*histogramSub {
		return time.Duration(i+1) * time.Microsecond
	}
	shift := i/histogramSub - 1
	return time.Duration((i-shift*histogramSub+1)<<shift) * time.Microsecond
}
