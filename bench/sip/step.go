package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// step is one load at one rate, or one number of relayed calls.
type step struct {
	System      string            `json:"system"`
	Rate        float64           `json:"rate"`    // offered a second; calls at once for the relay
	Seconds     float64           `json:"seconds"` // for which it was offered
	Offered     uint64            `json:"offered"`
	Done        uint64            `json:"done"`
	Goodput     float64           `json:"goodput"` // done a second, while it was offered
	Failed      map[string]uint64 `json:"failed,omitempty"`
	Retransmits uint64            `json:"retransmits"`
	Lost        uint64            `json:"lost,omitempty"` // RTP packets
	AddedP50    float64           `json:"added_p50_ms"`   // us → system → us
	AddedP99    float64           `json:"added_p99_ms"`
	SetupP50    float64           `json:"setup_p50_ms,omitempty"` // request → 200
	SetupP90    float64           `json:"setup_p90_ms,omitempty"`
	SetupP99    float64           `json:"setup_p99_ms,omitempty"`
	MicroCPU    float64           `json:"cpu_us"`           // of the system, for each unit of work done
	Allocs      float64           `json:"allocs,omitempty"` // objects allocated for each, as the system says
	Cores       cores             `json:"cores"`
	PSS         int64             `json:"pss_bytes"`
	Clean       bool              `json:"clean"`
	Why         string            `json:"why,omitempty"` // it is not clean
}

// allocator is a system that says how many objects it has allocated.
type allocator interface{ allocated() uint64 }

// measured runs do and measures what the system under test uses meanwhile.
func measured(sys subject, s *step, units func() uint64, do func(begin, end func())) {
	var m *meter
	var used time.Duration
	var objects uint64
	a, counts := sys.(allocator)
	p, tells := sys.(profiled)
	end := func() {}
	do(func() {
		if tells {
			end = p.profile()
		}
		if counts {
			objects = a.allocated()
		}
		m = startMeter(sys.pid())
	}, func() {
		s.Cores, used = m.stop()
		if counts {
			objects = a.allocated() - objects
		}
	})
	end()
	if n := units(); n > 0 {
		s.MicroCPU = float64(used.Microseconds()) / float64(n)
		s.Allocs = float64(objects) / float64(n)
	}
	s.PSS = pssOf(family(sys.pid()))
}

// signaling is a step of calls or registrations.
func signaling(
	b *bed, sys subject, spec load.Spec, work func(*load.Load, *load.Site, load.Spec) *load.Result,
) (step, error) {
	site, err := sys.ready()
	if err != nil {
		return step{}, err
	}
	s := step{System: sys.name(), Rate: spec.Rate}
	var r *load.Result
	measured(sys, &s, func() uint64 { return r.Offered }, func(begin, end func()) {
		spec.Begin, spec.End = begin, end
		r = work(b.load, site, spec)
	})
	s.take(r, spec.Duration)
	return s, nil
}

// take writes down what came of a load, and judges it.
func (s *step) take(r *load.Result, offered time.Duration) {
	s.Seconds = offered.Seconds()
	s.Offered, s.Done, s.Failed, s.Retransmits = r.Offered, r.Done, r.Failed, r.Retransmitted
	s.Goodput = float64(r.Within) / max(s.Seconds, r.Elapsed.Seconds())
	s.AddedP50, s.AddedP99 = ms(r.Added.Quantile(.5)), ms(r.Added.Quantile(.99))
	s.SetupP50, s.SetupP99 = ms(r.Setup.Quantile(.5)), ms(r.Setup.Quantile(.99))
	s.SetupP90 = ms(r.Setup.Quantile(.9))
	s.judge(offered)
}

// judge says whether a step of signaling is clean. A system that falls behind
// fails calls only after T1, which a short step hardly outlasts: the queue that
// builds up tells it. One stall of the disk does not.
func (s *step) judge(offered time.Duration) {
	behind := max(behindMin, offered/behindShare)
	share := float64(s.Retransmits) / float64(max(s.Offered, 1))
	switch {
	case len(s.Failed) > 0:
		s.Why = fmt.Sprintf("failed: %s", counts(s.Failed))
	case share >= retransmitShare:
		s.Why = fmt.Sprintf("%.1f %% retransmitted", 100*share)
	case s.SetupP90 > ms(behind):
		s.Why = fmt.Sprintf("falls behind: p90 to 200 %.0f ms", s.SetupP90)
	case s.Done != s.Offered:
		s.Why = fmt.Sprintf("%d of %d done", s.Done, s.Offered)
	case s.Offered == 0:
		s.Why = "nothing was offered"
	default:
		s.Clean = true
	}
	if s.generatorFull() {
		s.Why = strings.TrimPrefix(s.Why+"; the generator's core was full", "; ")
	}
}

// generatorFull says that the generator may have been the limit.
func (s *step) generatorFull() bool {
	return s.Cores.Generator > generatorFill && s.System != nothingName
}

// counts writes reasons by how often they came.
func counts(m map[string]uint64) string {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		if m[a] != m[b] {
			return int(int64(m[b]) - int64(m[a]))
		}
		return strings.Compare(a, b)
	})
	var out []string
	for _, k := range keys {
		out = append(out, fmt.Sprintf("%s × %d", k, m[k]))
	}
	return strings.Join(out, ", ")
}

// ms gives milliseconds with three digits behind the point.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
