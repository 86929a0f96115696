package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	debug.SetGCPercent(gcPercent)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		var r *report
		if r, err = run(ctx, o); r != nil {
			r.write(os.Stdout)
			if err == nil && !r.ok() {
				err = errors.New("failed")
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "lamps:", err)
		stop()
		os.Exit(1)
	}
}

type options struct {
	events  int
	offices int
	rate    float64
	seed    uint64
	most    time.Duration
	binary  string
	traces  string
}

func parse(args []string) (*options, error) {
	f := flag.NewFlagSet("lamps", flag.ContinueOnError)
	o := &options{most: wrongMost}
	quick := f.Bool("quick", false, "a few thousand events, under half a minute once built")
	f.IntVar(&o.events, "events", eventsPreset, "so many key events and faults, in all offices")
	f.IntVar(&o.offices, "offices", officesEach*runtime.NumCPU(), "so many offices beside each other")
	f.Float64Var(&o.rate, "rate", ratePreset, "events a second in each office")
	f.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()%1_000_000), "repeats a run, as far as time lets it")
	f.StringVar(&o.binary, "binary", "", "the program under test; none: built anew")
	f.StringVar(&o.traces, "traces", "", "a folder for what happened before failures, and last, in each office")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if *quick {
		o.events, o.offices = eventsQuick, officesQuick
	}
	if o.offices < 1 || o.offices > officesMost || o.events < o.offices || o.rate <= 0 {
		return nil, fmt.Errorf("%d events in %d offices (1 to %d) at %g a second can't be", o.events, o.offices,
			officesMost, o.rate)
	}
	return o, nil
}
