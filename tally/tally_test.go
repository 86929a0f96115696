package tally

import (
	"sync"
	"testing"
	"time"
)

func TestDelaysFallIntoTheirBuckets(t *testing.T) {
	var d Delays
	for _, x := range []time.Duration{
		-time.Second, 0, 100 * time.Microsecond, 101 * time.Microsecond, 10 * time.Second, time.Minute,
	} {
		d.Add(x)
	}
	c := d.Read()
	if c.Count != 6 {
		t.Errorf("counted %d of 6", c.Count)
	}
	if want := 201*time.Microsecond + 70*time.Second; c.Sum != want {
		t.Errorf("sum %v, want %v", c.Sum, want)
	}
	for i, want := range map[int]uint64{0: 3, 1: 4, len(bounds) - 2: 4, len(bounds) - 1: 5} {
		if c.Buckets[i].Count != want {
			t.Errorf("up to %v: %d, want %d", c.Buckets[i].Bound, c.Buckets[i].Count, want)
		}
	}
	for i := 1; i < len(bounds); i++ {
		if bounds[i] <= bounds[i-1] {
			t.Errorf("bound %v does not rise", bounds[i])
		}
	}
}

func TestDelaysLoseNothingBetweenGoroutines(t *testing.T) {
	var d Delays
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for i := range 1000 {
				d.Add(time.Duration(i) * time.Millisecond)
			}
		})
	}
	wait.Wait()
	if c := d.Read(); c.Count != 4000 || c.Sum != 4*999*500*time.Millisecond {
		t.Errorf("%d counted, sum %v", c.Count, c.Sum)
	}
}

func TestAddAllocatesNothing(t *testing.T) {
	var d Delays
	if n := testing.AllocsPerRun(100, func() { d.Add(time.Millisecond) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
