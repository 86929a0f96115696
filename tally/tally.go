// Package tally counts durations where work is done, for onlookers to read:
// a hot path adds to a Delays with two atomic additions and never waits.
//
// Use Delays as a field; its zero value is ready. Read gives a copy.
//
// # Concurrency
//
// Add and Read may be called from any goroutine. A copy read while others add
// may be one observation apart between its buckets and its sum.
package tally

import (
	"sync/atomic"
	"time"
)

// bounds are the upper bounds of the buckets, inclusive: from what a commit to
// memory takes to what a person hangs up after.
var bounds = [...]time.Duration{
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second,
}

// Delays counts durations by size. It must not be copied.
type Delays struct {
	buckets [len(bounds) + 1]atomic.Uint64
	sum     atomic.Int64 // nanoseconds
}

// Add counts one duration. A negative one, after a step of the clock, counts
// as zero.
func (d *Delays) Add(t time.Duration) {
	t = max(t, 0)
	i := 0
	for i < len(bounds) && t > bounds[i] {
		i++
	}
	d.buckets[i].Add(1)
	d.sum.Add(int64(t))
}

// Bucket is how many durations were at most Bound.
type Bucket struct {
	Bound time.Duration
	Count uint64
}

// Copy is what a Delays had counted at one moment.
type Copy struct {
	Count   uint64 // all of them, those above the last bound too
	Sum     time.Duration
	Buckets []Bucket // cumulative, by rising bound
}

// Read gives a copy.
func (d *Delays) Read() Copy {
	c := Copy{Sum: time.Duration(d.sum.Load()), Buckets: make([]Bucket, len(bounds))}
	for i := range bounds {
		c.Count += d.buckets[i].Load()
		c.Buckets[i] = Bucket{Bound: bounds[i], Count: c.Count}
	}
	c.Count += d.buckets[len(bounds)].Load()
	return c
}
