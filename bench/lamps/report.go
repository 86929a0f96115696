package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/sekisho/sekisho/bench/cast"
)

// report is what came of a run.
type report struct {
	options *options
	began   time.Time
	took    time.Duration
	tally   tally
	net     cast.Net
	slow    time.Duration

	stalls int
	cpu    [2]time.Duration // of the bench and of all units, their starts included

	clean, troubled, restarted, stalled, ahead delays
}

// gather adds up what all offices saw.
func (r *report) gather(stages []*stage) error {
	r.tally.Events, r.tally.Failed = make(map[string]int), make(map[string]int)
	for _, s := range stages {
		s.Mu.Lock()
		for what, n := range s.tally.Events {
			r.tally.Events[what] += n
		}
		for what, n := range s.tally.Failed {
			r.tally.Failed[what] += n
		}
		r.tally.Failures = append(r.tally.Failures, s.tally.Failures...)
		r.tally.Started = append(r.tally.Started, s.tally.Started...)
		r.net.Datagrams += s.Net.Datagrams
		r.net.Lost += s.Net.Lost
		r.net.Twice += s.Net.Twice
		r.net.Late += s.Net.Late
		r.slow = max(r.slow, s.Slow)
		r.clean.merge(&s.judge.Clean)
		r.troubled.merge(&s.judge.Troubled)
		r.restarted.merge(&s.judge.Restarted)
		r.stalls += s.stalls
		r.stalled.merge(&s.judge.Stalled)
		r.ahead.merge(&s.judge.Ahead)
		s.Mu.Unlock()
	}
	for i, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			return fmt.Errorf("ask for the time used: %w", err)
		}
		r.cpu[i] = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return nil
}

func (r *report) ok() bool { return len(r.tally.Failed) == 0 }

func (r *report) write(w io.Writer) {
	for _, f := range r.tally.Failures[:min(len(r.tally.Failures), failuresMost)] {
		fmt.Fprintln(w, f)
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	all := 0
	fmt.Fprintln(t, "EVENTS\t\t")
	for _, what := range slices.SortedFunc(maps.Keys(r.tally.Events), func(a, b string) int {
		return r.tally.Events[b] - r.tally.Events[a]
	}) {
		all += r.tally.Events[what]
		fmt.Fprintf(t, "%d\t  %s\t\n", r.tally.Events[what], what)
	}
	_ = t.Flush() // a table in memory
	fmt.Fprintf(w, "\n%d events in %s, %.0f a second; %d datagrams, of which %d lost, %d twice, %d late\n\n", all,
		r.took.Round(time.Second), float64(all)/r.took.Seconds(), r.net.Datagrams, r.net.Lost, r.net.Twice, r.net.Late)
	t = tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "WRONG FOR\tLAMPS\tP50\tP99\tP99.9\tMAX\tAT MOST\t")
	for _, d := range []struct {
		name string
		d    *delays
		most time.Duration
	}{
		{"after a change", &r.clean, r.options.most},
		{"with datagrams lost", &r.troubled, lossesMost * wrongTroubled},
		{"after a restart", &r.restarted, lossesMost * (wrongRestarted + wrongTroubled)},
		{"without processor", &r.stalled, wrongStalled},
		{"before it was measured", &r.ahead, r.options.most},
	} {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t\n", d.name, d.d.N, ms(d.d.quantile(0.5)), ms(d.d.quantile(0.99)),
			ms(d.d.quantile(0.999)), ms(d.d.Max), ms(d.most))
	}
	_ = t.Flush()
	if n := len(r.tally.Started); n > 0 {
		fmt.Fprintf(w, "\n%d restarts, away for %s at most\n", n, slices.Max(r.tally.Started).Round(time.Millisecond))
	}
	fmt.Fprintf(w, "the bench used a processor for %s, all units for %s\n", r.cpu[0].Round(time.Second),
		r.cpu[1].Round(time.Second))
	fmt.Fprintf(w, "the bench itself had no processor for %s at most, for more than %s %d times; seed %d\n\n",
		ms(r.slow), ms(stallMost), r.stalls, r.options.seed)
	if r.stalled.N > r.clean.N/10 {
		fmt.Fprintf(w, "Much happened without processor: fewer -offices, or a machine with less to do, say more.\n\n")
	}
	for _, kind := range []string{
		"wrong lamp", "dark lamp", "lost call", "stuck line", "left over", "crosstalk", "two lines talk", "let in",
		"unsettled", "strange message",
	} {
		fmt.Fprintf(w, "%-16s %d\n", kind, r.tally.Failed[kind])
	}
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond)) }
