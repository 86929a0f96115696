package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report is everything a run found.
type report struct {
	Started  time.Time     `json:"started"`
	Machine  string        `json:"machine"`
	Rounds   int           `json:"rounds"`
	Duration time.Duration `json:"step_ns"`
	Sync     syncs         `json:"fdatasync"`
	Noise    float64       `json:"others_cores_max"` // used by others during one step
	Rows     []*line       `json:"rows"`
	Evidence verdicts      `json:"evidence"`
	Void     string        `json:"void,omitempty"` // why the run does not count

	fixed bool
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
	Half   half    `json:"at_half"`
	PSS    int64   `json:"pss_bytes"`
	Each   float64 `json:"kib_each,omitempty"` // relay: memory that one more call takes
	Limit  string  `json:"limit,omitempty"`    // what the last step that was not clean failed by
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
	}
}

// take adds one trial.
func (r *report) take(t *trial) {
	for i, system := range t.systems {
		l := r.line(t.row, system)
		s := t.searches[i]
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
		for _, st := range s.steps {
			r.Noise = max(r.Noise, st.Cores.Others)
			if !st.Clean {
				l.Limit = fmt.Sprintf("at %.0f: %s", st.Rate, st.Why)
			}
		}
		l.settle()
	}
	r.compare()
}

func (r *report) line(w *row, system string) *line {
	for _, l := range r.Rows {
		if l.Row == w.key && l.System == system {
			return l
		}
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
	l.Each = middle(round.kibEach)
	of := func(what func(step) float64) float64 { return middle(func(r round) float64 { return what(r.Half) }) }
	l.Half = half{
		AddedP50: of(func(s step) float64 { return s.AddedP50 }),
		AddedP99: of(func(s step) float64 { return s.AddedP99 }),
		SetupP50: of(func(s step) float64 { return s.SetupP50 }),
		SetupP99: of(func(s step) float64 { return s.SetupP99 }),
	}
}

// kibEach is what memory grew by for each relayed call, from the first step to
// the best; 0 for work that does not stay.
func (r round) kibEach() float64 {
	best := r.best()
	if len(r.Steps) == 0 || !best.relay || best.Rate <= r.Steps[0].Rate {
		return 0
	}
	return float64(best.PSS-r.Steps[0].PSS) / 1024 / (best.Rate - r.Steps[0].Rate)
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
			isPeer := peer.System != unitName && peer.System != nothingName
			if same && isPeer && ours.System == unitName && peer.Clean > 0 {
				ours.Ratio = ours.Clean / peer.Clean
			}
		}
	}
}

func (r *report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func (r *report) writeTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WORK\tSYSTEM\tWITHOUT FAILURE\tRATIO\tCPU EACH\tADDED p50/p99\tTO 200 p50/p99\tMEMORY")
	for _, l := range r.Rows {
		ratio := "-"
		if l.Ratio > 0 {
			ratio = fmt.Sprintf("%.2f", l.Ratio)
		}
		fmt.Fprintf(t, "%s\t%s\t%.0f %s\t%s\t%.0f µs\t%s\t%s\t%s\n", l.Title, l.System, l.Clean, l.Unit, ratio, l.CPU,
			pair(l.Half.AddedP50, l.Half.AddedP99), pair(l.Half.SetupP50, l.Half.SetupP99), l.memory())
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, r.limits()+r.notes())
	return err
}

// limits says for each line what stopped it, and how it did for long.
func (r *report) limits() string {
	var b strings.Builder
	b.WriteString("\n")
	for _, l := range r.Rows {
		if l.Limit != "" {
			fmt.Fprintf(&b, "limit: %s, %s, %s\n", l.Row, l.System, l.Limit)
		}
		if l.Sustained != "" {
			fmt.Fprintf(&b, "sustained: %s, %s: %s\n", l.Row, l.System, l.Sustained)
		}
		for i, times := range []string{"1.5", "2"} {
			if share, ok := l.past(i); ok {
				fmt.Fprintf(&b, "past capacity: %s, %s, %s times: %.0f %% of the clean rate done\n",
					l.Row, l.System, times, 100*share)
			}
		}
	}
	return b.String()
}

// notes says under which conditions all this was measured.
func (r *report) notes() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s; unit on core %d, generator on core %d; %d round(s), steps of %v\n",
		r.Machine, r.Started.Format(time.RFC3339), coreSubject, coreGenerator, r.Rounds, r.Duration)
	fmt.Fprintf(&b, "others used up to %.2f cores", r.Noise)
	if r.Noise > noisy {
		b.WriteString(": only ratios of this run mean anything, and those loosely")
	}
	fmt.Fprintf(&b, "\nfdatasync of 4 KiB: p50 %.2f ms, p99 %.2f ms\n", r.Sync.P50, r.Sync.P99)
	e := r.Evidence
	fmt.Fprintf(&b, "evidence: %d unit(s), %d leaves verified; ", e.Units, e.Leaves)
	fmt.Fprintf(&b, "%d numbers dialed outside, %d reached the carrier, %d verdicts\n", e.Dialed, e.Reached, e.Judged)
	if n := len(e.Left); n > 0 {
		fmt.Fprintf(&b, "LEFT: %d calls were up in the unit when the generator had none, e.g. %+v\n", n, e.Left[0])
	}
	if r.Void != "" {
		fmt.Fprintf(&b, "VOID: %s\n", r.Void)
	}
	return b.String()
}

// past is what was done of the clean rate when more was offered, in the worst
// round.
func (l *line) past(i int) (share float64, ok bool) {
	for _, r := range l.Rounds {
		if i >= len(r.Past) || r.Clean == 0 {
			continue
		}
		s := r.Past[i]
		if one := float64(s.Done) / s.Seconds / r.Clean; !ok || one < share {
			share, ok = one, true
		}
	}
	return share, ok
}

// memory is the line's PSS at its best step.
func (l *line) memory() string {
	text := fmt.Sprintf("%.0f MiB", float64(l.PSS)/(1<<20))
	if l.Each != 0 {
		text += fmt.Sprintf(", %.0f KiB each", l.Each)
	}
	return text
}

func pair(a, b float64) string {
	if a == 0 && b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f/%.2f ms", a, b)
}
