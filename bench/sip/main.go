package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// envGenerator marks the process that is pinned to the generator's core.
const envGenerator = "SEKISHO_BENCH_GENERATOR"

func main() {
	if len(os.Args) > 1 && os.Args[1] == pinned {
		fmt.Fprintln(os.Stderr, "bench:", becomePinned(os.Args[2:]))
		os.Exit(1)
	}
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if os.Getenv(envGenerator) == "" {
		exit, err := again(o.nice)
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
		os.Exit(exit)
	}
	// Debian's daemons lie where a user's PATH does not lead.
	_ = os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(bench(ctx, o))
}

// options is what the command line says.
type options struct {
	quick    bool
	json     bool
	nice     string
	duration time.Duration
	rounds   int
	steps    int
	sustain  time.Duration
	rates    []float64
	rows     []string
	alone    bool
	keep     bool
	binary   string
	soak     time.Duration
	profile  string
	peers    []*peerFile
	found    map[string]float64 // clean rates of the round before, by row and system
}

func parse(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("bench/sip", flag.ContinueOnError)
	f.BoolVar(&o.quick, "quick", false, "a run of less than 50 s: one round of short steps, as many as fit")
	output := f.String("o", "table", "output: table or json")
	f.DurationVar(&o.duration, "duration", 0, "time for which each step offers load (quick: 0.6s, else 3s)")
	f.IntVar(&o.rounds, "rounds", 0, "rounds, each with fresh processes; medians are printed (quick: 1, else 3)")
	f.IntVar(&o.steps, "steps", 0, fmt.Sprintf("most steps of a search (quick: %d, else 11)", quickSteps))
	f.DurationVar(&o.sustain, "sustain", -1,
		"then offer 0.7 of the clean rate for so long (quick: 0, else 40s)")
	rates := f.String("rates", "", "run these rates instead of searching, e.g. 500,1000")
	rows := f.String("rows", "", "only these rows and checks: "+strings.Join(append(keys(), checkKeys()...), ","))
	f.BoolVar(&o.alone, "alone", false, "the unit alone, without peers")
	f.BoolVar(&o.keep, "keep", false, "keep the folder of the run: data, configurations, logs")
	f.StringVar(&o.profile, "profile", "",
		"a file for what the unit spends its processor's time on, in all steps (go tool pprof); it costs some speed")
	f.StringVar(&o.nice, "nice", "-19", "autogroup priority of both sides; 0 to leave others their share")
	f.DurationVar(&o.soak, "soak", 0, "instead: a soak of so long at 70 % of the capacity found before, e.g. 1h")
	f.Func("peer", "one more system, described in a file (bench/sip/peers); may be repeated", func(path string) error {
		def, err := readPeer(path)
		o.peers = append(o.peers, def)
		return err
	})
	f.StringVar(&o.binary, "binary", "", "the program under test, instead of building it")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	o.json = *output == "json"
	switch {
	case *output != "json" && *output != "table":
		return nil, fmt.Errorf("there is no output %q", *output)
	case f.NArg() > 0:
		return nil, fmt.Errorf("what is %q?", f.Arg(0))
	}
	defaults(o)
	for text := range strings.SplitSeq(*rates, ",") {
		if text == "" {
			continue
		}
		rate, err := strconv.ParseFloat(text, 64)
		if err != nil || rate <= 0 {
			return nil, fmt.Errorf("%q is no rate", text)
		}
		o.rates = append(o.rates, rate)
	}
	for key := range strings.SplitSeq(*rows, ",") {
		if key != "" && !slices.Contains(keys(), key) && !slices.Contains(checkKeys(), key) {
			return nil, fmt.Errorf("there is no row %q", key)
		}
		if key != "" {
			o.rows = append(o.rows, key)
		}
	}
	return o, nil
}

// defaults fills in what the flags left open.
func defaults(o *options) {
	d, rounds, steps, sustain := 3*time.Second, 3, 11, 40*time.Second
	if o.quick {
		d, rounds, steps, sustain = 600*time.Millisecond, 1, quickSteps, 0
	}
	if o.sustain < 0 {
		o.sustain = sustain
	}
	if o.duration == 0 {
		o.duration = d
	}
	if o.rounds == 0 {
		o.rounds = rounds
	}
	if o.steps == 0 {
		o.steps = steps
	}
}

// spec is one step of signaling.
func (o *options) spec(rate float64) load.Spec {
	drain := drainTime
	if o.quick {
		drain = drainQuick
	}
	return load.Spec{Rate: rate, Duration: o.duration, Drain: drain}
}

func keys() (list []string) {
	for _, r := range rows() {
		list = append(list, r.key)
	}
	return list
}

// wants says whether a row or check is to be measured.
func (o *options) wants(key string) bool { return len(o.rows) == 0 || slices.Contains(o.rows, key) }

// say shows a step as it ends.
func (o *options) say(what string, s step) {
	mark := "clean"
	if !s.Clean {
		mark = s.Why
	}
	const form = "  %-14s %-18s %7.0f  %6.0f µs  added p50 %.2f p99 %.2f ms  %.2f core (gen %.2f, others %.2f)  %s\n"
	c := s.Cores
	fmt.Fprintf(os.Stderr, form,
		what, s.System, s.Rate, s.MicroCPU, s.AddedP50, s.AddedP99, c.Subject, c.Generator, c.Others, mark)
}

// bench does the run and gives the exit code.
func bench(ctx context.Context, o *options) int {
	watch := watchOthers()
	run, err := measureAll(ctx, o)
	run.Others = watch.most()
	if err != nil {
		run.Void = err.Error()
	}
	if o.json {
		err = run.writeJSON(os.Stdout)
	} else {
		err = run.writeTable(os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	if run.Void != "" {
		fmt.Fprintln(os.Stderr, "bench: this run is void:", run.Void)
		return 1
	}
	return 0
}

// measureAll measures every row as often as there are rounds.
func measureAll(ctx context.Context, o *options) (run *report, err error) {
	run = newReport(o)
	b, err := newBed(o.nice)
	if err != nil {
		return run, err
	}
	if o.keep {
		fmt.Fprintln(os.Stderr, "bench: the run's folder is", b.dir)
		defer b.load.Close()
	} else {
		defer b.close()
	}
	defer killAll()
	stop := context.AfterFunc(ctx, func() { killAll(); os.Exit(1) })
	defer stop()
	if o.profile != "" {
		b.profiles = newProfiles(b, o.duration)
		defer func() {
			if err == nil {
				err = b.profiles.write(ctx, o.profile)
			}
		}()
	}
	binary := o.binary
	if binary == "" {
		if binary, err = buildUnit(b.dir); err != nil {
			return run, err
		}
	}
	if run.Sync, err = syncTimes(b.dir); err != nil {
		return run, err
	}
	if !o.alone {
		if err := install(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "bench: peers that are missing can't be installed:", err)
		}
		run.Missing = missing()
	}
	if o.soak > 0 {
		return run, measureSoak(ctx, o, b, binary, run)
	}
	if err := measureRows(ctx, o, b, binary, run); err != nil {
		return run, err
	}
	if !o.quick && o.rates == nil || len(o.rows) > 0 {
		if err := runChecks(ctx, o, b, binary, run); err != nil {
			return run, err
		}
	}
	return run, run.valid()
}

// rowEnds is when a quick run's searches in a row end: rows that are still to
// come have their share of the time that is left. Zero: when they have found
// what they look for.
func (o *options) rowEnds(r *row, started time.Time) time.Time {
	if !o.quick || o.rates != nil || r.quick == 0 {
		return time.Time{}
	}
	all, found := 0.0, false
	for _, other := range rows() {
		if found = found || other.key == r.key; found && o.wants(other.key) {
			all += other.quick
		}
	}
	now := time.Now()
	left := max(0, started.Add(quickTime).Sub(now))
	return now.Add(time.Duration(float64(left)*r.quick/all) - quickRowEnd)
}

// measureRows measures every row: in each round, or once where that is enough.
func measureRows(ctx context.Context, o *options, b *bed, binary string, run *report) error {
	o.found = map[string]float64{}
	for round := range o.rounds {
		last := round == o.rounds-1
		for _, r := range rows() {
			named := slices.Contains(o.rows, r.key)
			if !o.wants(r.key) || r.extra && !(named || !o.quick && last) {
				continue
			}
			run.begin(fmt.Sprintf("round %d of %d: %s", round+1, o.rounds, r.title))
			t, err := r.measure(ctx, o, b, binary, last, o.rowEnds(r, run.Started), &run.Evidence)
			if err != nil {
				return err
			}
			for i, system := range t.systems {
				o.found[r.key+" "+system] = t.searches[i].clean
			}
			run.take(t)
		}
	}
	return nil
}
