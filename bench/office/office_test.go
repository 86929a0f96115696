package main

import (
	"strings"
	"testing"
	"time"
)

// TestNothingIsLeft plays a short piece of the day.
func TestNothingIsLeft(t *testing.T) {
	o := &options{long: 10 * time.Second, rate: ratePreset, seed: 20261201, hasty: true}
	if testing.Short() {
		o.long = 3 * time.Second
	}
	r, err := run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	r.write(&b)
	if !r.ok() || len(r.played) < 3 {
		t.Fatal(b.String())
	}
}

// TestLeaksAreFound plants a leak of each kind.
func TestLeaksAreFound(t *testing.T) {
	for want, plant := range map[string]func(n int, s *sample){
		"":              func(int, *sample) {},
		"goroutines":    func(n int, s *sample) { s.goroutines += n },
		"open files":    func(n int, s *sample) { s.files += n },
		"UDP ports":     func(n int, s *sample) { s.ports += n / 10 },
		"live heap":     func(n int, s *sample) { s.live += int64(n) << 20 },
		"memory":        func(n int, s *sample) { s.resident += int64(n) << 20 },
		"1 channels":    func(n int, s *sample) { s.channelsLeft = n / 14 },
		"1 calls":       func(n int, s *sample) { s.callsLeft = n / 14 },
		"and 1 lamps":   func(n int, s *sample) { s.lit = n / 14 },
		"can be said":   nil,
		"not UDP ports": func(n int, s *sample) { s.ports, s.whole = s.ports+n, false },
	} {
		r := &report{took: 30 * time.Minute}
		for n := range 15 {
			s := sample{goroutines: 43, files: 200, ports: 160, live: 16 << 20, resident: 50 << 20, whole: true}
			if plant == nil {
				break
			}
			plant(n, &s)
			r.samples = append(r.samples, s)
		}
		got := r.leaks()
		none := want == "" || strings.HasPrefix(want, "not ")
		if none != (len(got) == 0) || !none && (len(got) != 1 || !strings.Contains(got[0], want)) {
			t.Errorf("%q: %q", want, got)
		}
	}
}
