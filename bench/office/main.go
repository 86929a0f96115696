package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
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
		fmt.Fprintln(os.Stderr, "office:", err)
		stop()
		os.Exit(1)
	}
}

type options struct {
	long   time.Duration
	rate   float64
	seed   uint64
	binary string
	hasty  bool // ports are not waited for
}

func parse(args []string) (*options, error) {
	f := flag.NewFlagSet("office", flag.ContinueOnError)
	o := &options{}
	f.DurationVar(&o.long, "for", forPreset, "so long")
	f.Float64Var(&o.rate, "rate", ratePreset, "scenes that begin each second")
	f.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()%1_000_000), "repeats a run, as far as time lets it")
	f.StringVar(&o.binary, "binary", "", "the program under test; none: built anew")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if o.long < forShort || o.rate <= 0 {
		return nil, fmt.Errorf("%s (at least %s) with %g scenes a second can't be", o.long, forShort, o.rate)
	}
	return o, nil
}
