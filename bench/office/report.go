package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// report is what came of a run.
type report struct {
	options        *options
	began          time.Time
	took           time.Duration
	samples        []sample
	played, failed map[string]int
	fails          []string
}

// leaks names what is more at the end than at the beginning.
func (r *report) leaks() (found []string) {
	if len(r.samples) < 2 {
		return []string{fmt.Sprintf("%d lulls: nothing can be said", len(r.samples))}
	}
	first, last := r.samples[0], r.samples[len(r.samples)-1]
	grown := func(what string, was, is, allowed int) {
		if is > was+allowed {
			found = append(found, fmt.Sprintf("%d %s, which were %d", is, what, was))
		}
	}
	grown("goroutines", first.goroutines, last.goroutines, goroutinesMore)
	if first.whole && last.whole {
		grown("open files", first.files, last.files, filesMore)
		grown("UDP ports", first.ports, last.ports, 0)
	}
	for _, s := range r.samples {
		if s.callsLeft+s.channelsLeft+s.lit > 0 {
			found = append(found, fmt.Sprintf("%d calls, %d channels and %d lamps are left at %s", s.callsLeft,
				s.channelsLeft, s.lit, s.at.Round(time.Second)))
		}
	}
	if r.took < memoryLeast {
		return found
	}
	third := len(r.samples) / 3
	for _, c := range []struct {
		what string
		of   func(s sample) int64
	}{
		{"live heap", func(s sample) int64 { return s.live }},
		{"memory", func(s sample) int64 { return s.resident }},
	} {
		was, is := mean(r.samples[third:2*third], c.of), mean(r.samples[2*third:], c.of)
		if is > was*(1+memoryMore)+memoryBytes {
			found = append(found, fmt.Sprintf("%s of %.1f MiB, which was %.1f MiB", c.what, is/(1<<20), was/(1<<20)))
		}
	}
	return found
}

func mean(list []sample, of func(s sample) int64) (m float64) {
	for _, s := range list {
		m += float64(of(s)) / float64(len(list))
	}
	return m
}

func (r *report) ok() bool { return len(r.leaks())+len(r.failed) == 0 }

func (r *report) write(w io.Writer) {
	all := 0
	for _, name := range slices.Sorted(maps.Keys(r.played)) {
		all += r.played[name]
		fmt.Fprintf(w, "%6d  %s\n", r.played[name], name)
	}
	fmt.Fprintf(w, "%6d  scenes in %s, seed %d\n\n", all, r.took.Round(time.Second), r.options.seed)
	for _, s := range r.samples {
		fmt.Fprintln(w, s)
	}
	fmt.Fprintln(w)
	if r.took < memoryLeast {
		fmt.Fprintf(w, "memory is not judged: that takes %s\n", memoryLeast)
	}
	for _, name := range slices.Sorted(maps.Keys(r.failed)) {
		fmt.Fprintf(w, "FAILED %d times: %s\n", r.failed[name], name)
	}
	for _, f := range r.fails {
		fmt.Fprintln(w, "  "+f)
	}
	for _, l := range r.leaks() {
		fmt.Fprintln(w, "LEAK:", l)
	}
	if r.ok() {
		fmt.Fprintln(w, "nothing is left of any call")
	}
}
