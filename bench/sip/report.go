package main

import (
	"fmt"
	"os"
	"slices"
	"time"
)

// report is everything a run found.
type report struct {
	Started  time.Time     `json:"started"`
	Machine  string        `json:"machine"`
	Rounds   int           `json:"rounds"`
	Duration time.Duration `json:"step_ns"`
	Sync     syncs         `json:"fdatasync"`
	Noise    float64       `json:"others_cores_max"`  // used by others during one step
	Missing  []string      `json:"missing,omitempty"` // packages of peers that were left out
	Others   []user        `json:"others"`            // the programs that used the most over the whole run
	Rows     []*line       `json:"rows"`
	Memory   *memory       `json:"memory,omitempty"`
	Overload *overload     `json:"overload,omitempty"`
	Junk     *junked       `json:"junk,omitempty"`
	Soak     *soak         `json:"soak,omitempty"`
	Evidence verdicts      `json:"evidence"`
	Void     string        `json:"void,omitempty"` // why the run does not count

	Quick bool `json:"quick,omitempty"`

	fixed bool
	class *hostClass // of the machine; nil for one that nothing is known of
}

// line is one row on one system.
type line struct {
	Row    string  `json:"row"`
	Title  string  `json:"title"`
	Unit   string  `json:"unit"`
	System string  `json:"system"`
	Clean  float64 `json:"clean_rate"`      // median over rounds of the highest clean rate
	Ratio  float64 `json:"ratio,omitempty"` // to the peer of the same row
	CPU    float64 `json:"cpu_us"`          // there
	Allocs float64 `json:"allocs,omitempty"`
	Half   half    `json:"at_half"`
	PSS    int64   `json:"pss_bytes"`
	Each   weight  `json:"each"`            // relay: memory that calls take
	Limit  string  `json:"limit,omitempty"` // what the lowest step that was not clean failed by
	// Generator is what it used of its core at the clean rate; GeneratorFull says
	// that it was full at the highest step, clean or not.
	Generator     float64 `json:"generator_cores"`
	GeneratorFull bool    `json:"generator_full,omitempty"`
	// Fixed is the step at the row's fixed rate, in the last round.
	Fixed *step `json:"fixed,omitempty"`
	// Sustained says how offering 0.7 of the clean rate for long went, "" where it
	// was not tried: the worst of all rounds.
	Sustained string  `json:"sustained,omitempty"`
	Rounds    []round `json:"rounds"`

	peerRow string
}

// half is the delay at half the clean rate.
type half struct {
	AddedP50 float64 `json:"added_p50_ms"`
	AddedP99 float64 `json:"added_p99_ms"`
	SetupP50 float64 `json:"setup_p50_ms"`
	SetupP99 float64 `json:"setup_p99_ms"`
}

// round is one measurement of a line.
type round struct {
	Clean float64 `json:"clean_rate"`
	Steps []step  `json:"steps"`
	Half  step    `json:"half"`
	// Sustained is a step at a part of the clean rate, for longer than
	// transactions last.
	Sustained *step  `json:"sustained,omitempty"`
	Past      []step `json:"past_capacity,omitempty"` // at 1.5 and 2 times the clean rate
}

func newReport(o *options) *report {
	return &report{
		Started: time.Now().UTC(), Machine: machine(), Rounds: o.rounds, Duration: o.duration, fixed: o.rates != nil,
		Quick: o.quick, class: classOf(cpuinfo()),
	}
}

// take adds one trial.
func (r *report) take(t *trial) {
	for _, st := range t.fixed {
		l := r.line(t.row, st.System)
		l.Fixed = &st
		r.noticed(st.Cores)
	}
	for i, system := range t.systems {
		l := r.line(t.row, system)
		s := t.searches[i]
		if i < len(t.each) {
			l.Each = t.each[i]
		}
		best, _ := s.best()
		one := round{Clean: best.Rate, Steps: s.steps, Half: t.half[i]}
		for _, st := range t.sustain {
			if st.System == system {
				one.Sustained = &st
				l.Sustained = verdictOf(&st, l.Sustained)
			}
		}
		for _, st := range t.past {
			if st.System == system {
				one.Past = append(one.Past, st)
			}
		}
		l.Rounds = append(l.Rounds, one)
		lowest, highest := 0.0, 0.0
		l.GeneratorFull = false
		for _, st := range s.steps {
			r.noticed(st.Cores)
			if !st.Clean && (lowest == 0 || st.Rate <= lowest) {
				lowest, l.Limit = st.Rate, fmt.Sprintf("at %.0f: %s", st.Rate, st.Why)
			}
			if st.Rate >= highest {
				highest, l.GeneratorFull = st.Rate, st.generatorFull()
			}
		}
		l.settle()
	}
	r.compare()
}

// begin shows what is measured now, and how long the run has taken so far.
func (r *report) begin(what string) {
	fmt.Fprintf(os.Stderr, "%4.0f s: %s\n", time.Since(r.Started).Seconds(), what)
}

// noticed keeps the most that others used of the machine.
func (r *report) noticed(c cores) { r.Noise = max(r.Noise, c.Others) }

// find gives the line of a row and system, nil for none.
func (r *report) find(row, system string) *line {
	for _, l := range r.Rows {
		if l.Row == row && l.System == system {
			return l
		}
	}
	return nil
}

func (r *report) line(w *row, system string) *line {
	if l := r.find(w.key, system); l != nil {
		return l
	}
	l := &line{Row: w.key, Title: w.title, Unit: w.unit, System: system, peerRow: w.peerRow}
	r.Rows = append(r.Rows, l)
	return l
}

// verdictOf says how a sustained step went, unless an earlier one went wrong.
func verdictOf(s *step, before string) string {
	switch {
	case before != "" && before != sustainedWell:
		return before
	case s.Clean:
		return sustainedWell
	default:
		return fmt.Sprintf("%.0f for %.0f s: %s", s.Rate, s.Seconds, s.Why)
	}
}

const sustainedWell = "clean"

// settle makes the line's medians.
func (l *line) settle() {
	middle := func(of func(round) float64) float64 {
		var all []float64
		for _, r := range l.Rounds {
			all = append(all, of(r))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	l.Clean = middle(func(r round) float64 { return r.Clean })
	l.CPU = middle(func(r round) float64 { return r.best().MicroCPU })
	l.PSS = int64(middle(func(r round) float64 { return float64(r.best().PSS) }))
	l.Allocs = middle(func(r round) float64 { return r.best().Allocs })
	l.Generator = middle(func(r round) float64 { return r.best().Cores.Generator })
	of := func(what func(step) float64) float64 { return middle(func(r round) float64 { return what(r.Half) }) }
	l.Half = half{
		AddedP50: of(func(s step) float64 { return s.AddedP50 }),
		AddedP99: of(func(s step) float64 { return s.AddedP99 }),
		SetupP50: of(func(s step) float64 { return s.SetupP50 }),
		SetupP99: of(func(s step) float64 { return s.SetupP99 }),
	}
}

func (r round) best() step {
	st, _ := (&search{steps: r.Steps}).best()
	return st
}

// compare fills in the ratios: our lines to the peer of the same row, or of the
// row that is named instead.
func (r *report) compare() {
	if r.fixed {
		return // the rates were given, and say nothing of what is possible
	}
	for _, ours := range r.Rows {
		for _, peer := range r.Rows {
			same := peer.Row == ours.Row || peer.Row == ours.peerRow
			if same && isPeer(peer.System) && ours.System == unitName && peer.Clean > 0 {
				ours.Ratio = ours.Clean / peer.Clean
			}
		}
	}
}

// isPeer tells the systems that we are compared with: those that perf figures
// are known of.
func isPeer(system string) bool {
	return system == proxyName || system == registrarName || system == engineName
}
