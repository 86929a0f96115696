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

func (r *report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		*report
		Bars      []bar      `json:"bars"`
		Class     string     `json:"host_class"` // whose figures the peers are judged by; "" where they can't be
		Relations []relation `json:"peers_to_each_other"`
	}{r, r.bars(), r.className(), r.relations()})
}

func (r *report) writeTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WORK\tSYSTEM\tWITHOUT FAILURE\tRATIO\tCPU EACH\tALLOCS EACH\tADDED p50/p99\t"+
		"TO 200 p50/p99\tMEMORY\tGENERATOR")
	for _, l := range r.Rows {
		if len(l.Rounds) == 0 {
			continue // measured at a fixed rate alone
		}
		fmt.Fprintf(t, "%s\t%s\t%.0f %s\t%s\t%.1f µs\t%s\t%s\t%s\t%s\t%.2f core\n", l.Title, l.System, l.Clean, l.Unit,
			number(l.Ratio, 2), l.CPU, number(l.Allocs, 1), pair(l.Half.AddedP50, l.Half.AddedP99),
			pair(l.Half.SetupP50, l.Half.SetupP99), l.memory(), l.Generator)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if _, err := io.WriteString(w, r.limits()+r.restarted()+"\n"); err != nil {
		return err
	}
	fmt.Fprintln(t, "BAR\tWHAT\tASKED\tREACHED\t\tWHAT LIMITS IT")
	for _, b := range r.bars() {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", b.Number, b.What, b.Asked, or(b.Reached, "-"), b.State, b.Limit)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n"+r.notes())
	return err
}

// number writes what was measured, "-" for what was not.
func number(f float64, digits int) string {
	if f == 0 {
		return "-"
	}
	return fmt.Sprintf("%.*f", digits, f)
}

// restarted tells of the restart with many phones.
func (r *report) restarted() string {
	c := r.Memory
	if c == nil {
		return ""
	}
	var b strings.Builder
	for _, w := range c.Each {
		fmt.Fprintf(&b, "a registration takes in %s: %s\n", w.System, w)
	}
	fmt.Fprintf(&b, "restart with %d phones: ready after %.2f s, the last one called after %.2f s, %d of %d called "+
		"without having registered again; all again, %d of them, in %.1f s; then PSS %.0f MiB, live heap %.0f MiB\n",
		c.Phones, c.Ready, c.Usable, c.Reached, c.Called, c.Registered, c.Again, mib(c.After.PSS), mib(c.After.Live))
	if c.Failed != "" {
		fmt.Fprintf(&b, "calls after the restart that failed: %s\n", c.Failed)
	}
	return b.String()
}

// limits says for each line what stopped it, and how it did for long.
func (r *report) limits() string {
	var b strings.Builder
	b.WriteString("\n")
	for _, l := range r.Rows {
		if l.Limit != "" {
			fmt.Fprintf(&b, "limit: %s, %s, %s\n", l.Row, l.System, l.stoppedBy())
		}
		if l.Sustained != "" {
			fmt.Fprintf(&b, "sustained: %s, %s: %s\n", l.Row, l.System, l.Sustained)
		}
		if ours := r.find(l.Row, unitName); ours != nil && !isPeer(l.System) && l.Clean > 0 && ours.Ratio > 0 &&
			l.System != unitName && l.System != nothingName {
			fmt.Fprintf(&b, "ratio: %s, %s to %s: %.2f\n", l.Row, unitName, l.System, ours.Clean/l.Clean)
		}
		for i, times := range pastTimes {
			if share, ok := l.past(i); ok {
				fmt.Fprintf(&b, "past capacity: %s, %s, %.1f times: %.0f %% of the clean rate done\n",
					l.Row, l.System, times, 100*share)
			}
		}
		if l.Fixed != nil {
			fmt.Fprintf(&b, "at %.0f/s: %s, %s: added p50 %.2f, p99 %.2f ms\n",
				l.Fixed.Rate, l.Row, l.System, l.Fixed.AddedP50, l.Fixed.AddedP99)
		}
	}
	return b.String()
}

// quickSays is what a quick run must not be taken for.
const quickSays = "QUICK: each figure is one measurement of a second or less, " +
	"of a search that ends when its time is up; differences below a fifth mean nothing. " +
	"Not measured: long load, load past capacity, settled memory, SRTP, TCP, TLS, junk, restart\n"

// hasPeers reports whether a peer was measured.
func (r *report) hasPeers() bool {
	return slices.ContainsFunc(r.Rows, func(l *line) bool { return isPeer(l.System) })
}

// notes says under which conditions all this was measured.
func (r *report) notes() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s; unit on core %d, generator on core %d; %d round(s), steps of %v\n",
		r.Machine, r.Started.Format(time.RFC3339), coreSubject, coreGenerator, r.Rounds, r.Duration)
	if r.Quick {
		b.WriteString(quickSays)
	}
	fmt.Fprintf(&b, "others used up to %.2f cores", r.Noise)
	if r.Noise > noisy {
		b.WriteString(": only ratios of this run mean anything, and those loosely")
	}
	between := "; over the whole run: "
	for _, u := range r.Others {
		fmt.Fprintf(&b, "%s%s %.2f", between, u.Program, u.Cores)
		between = ", "
	}
	fmt.Fprintf(&b, "\nfdatasync of 4 KiB: p50 %.2f ms, p99 %.2f ms\n", r.Sync.P50, r.Sync.P99)
	e := r.Evidence
	fmt.Fprintf(&b, "evidence: %d unit(s), %d leaves verified; ", e.Units, e.Leaves)
	fmt.Fprintf(&b, "%d numbers dialed outside, %d reached the carrier, %d emergency calls, %d verdicts\n",
		e.Dialed, e.Reached, e.Emergencies, e.Judged)
	if len(r.Missing) > 0 {
		fmt.Fprintf(&b, "LEFT OUT, for they are not installed: %s\n", strings.Join(r.Missing, ", "))
	}
	if r.hasPeers() {
		b.WriteString(r.judged())
	}
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
		if one := s.Goodput / r.Clean; !ok || one < share {
			share, ok = one, true
		}
	}
	return share, ok
}

// memory is the line's PSS at its best step.
func (l *line) memory() string {
	text := fmt.Sprintf("%.0f MiB", float64(l.PSS)/(1<<20))
	if l.Each.Of > 0 && l.System != nothingName {
		text += ", each " + l.Each.String()
	}
	return text
}

func pair(a, b float64) string {
	if a == 0 && b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f/%.2f ms", a, b)
}
