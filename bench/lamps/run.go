package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/bench/cast"
)

// run plays all offices, and reports.
func run(ctx context.Context, o *options) (*report, error) {
	dir, err := os.MkdirTemp("", "sekisho-lamps-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binary := o.binary
	if binary == "" {
		if binary, err = cast.Build(dir); err != nil {
			return nil, err
		}
	}
	stages := make([]*stage, o.offices)
	defer func() {
		for _, s := range stages {
			if s != nil {
				s.Close()
				_ = s.unit.Stop() // it was asked before, where all went well
			}
		}
	}()
	if err := each(stages, func(i int) (err error) {
		stages[i], err = newStage(ctx, o, binary, dir, i)
		return err
	}); err != nil {
		return nil, err
	}
	if err := each(stages, func(i int) error { return stages[i].lit(ctx) }); err != nil {
		return nil, err
	}
	r := &report{options: o, began: time.Now()}
	fmt.Fprintf(os.Stderr, "%d offices of %d phones and %d lines, %d lamps; seed %d\n", o.offices, phones, lines,
		o.offices*phones*(lines+watchedExts), o.seed)
	err = r.play(ctx, stages)
	r.took = time.Since(r.began)
	if o.traces != "" {
		defer func() {
			_ = each(stages, func(i int) error {
				stages[i].Mu.Lock()
				defer stages[i].Mu.Unlock()
				return stages[i].writeTrace()
			})
		}()
	}
	whole := context.WithoutCancel(ctx) // who ends a run early hears how it went so far
	return r, errors.Join(err, each(stages, func(i int) error { return stages[i].ends(whole) }), r.gather(stages))
}

// each does something for all at once.
func each(stages []*stage, do func(i int) error) error {
	errs := make([]error, len(stages))
	var all sync.WaitGroup
	for i := range stages {
		all.Go(func() { errs[i] = do(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// play has everything happen.
func (r *report) play(ctx context.Context, stages []*stage) error {
	ctx, cancel := context.WithCancel(ctx)
	errs := make([]error, len(stages))
	var restarters sync.WaitGroup
	for i, s := range stages {
		s.Mu.Lock()
		s.rate, s.left = r.options.rate, r.options.events/len(stages)
		s.every = max(restartLeast, min(restartEvery, s.left/3))
		s.restart, s.next = s.every/2+s.r.IntN(s.every), time.Now()
		s.Slow, s.stalls = 0, 0
		s.Mu.Unlock()
		restarters.Go(func() {
			if errs[i] = s.restarter(ctx); errs[i] != nil {
				cancel()
			}
		})
	}
	told := time.Now()
	for left := 1; left > 0 && ctx.Err() == nil; time.Sleep(tickEvery) {
		left = 0
		failed := 0
		for _, s := range stages {
			s.Mu.Lock()
			left += max(s.left, 0)
			if s.down {
				left++
			}
			for _, n := range s.tally.Failed {
				failed += n
			}
			s.Mu.Unlock()
		}
		if now := time.Now(); now.Sub(told) > tellEvery {
			told = now
			done := r.options.events - left
			fmt.Fprintf(os.Stderr, "  %7d events, %.0f a second, %d failures\n", done,
				float64(done)/now.Sub(r.began).Seconds(), failed)
		}
	}
	err := ctx.Err()
	if err != nil {
		err = fmt.Errorf("ended early: %w", err)
	}
	cancel()
	restarters.Wait()
	return errors.Join(errors.Join(errs...), err)
}

// ends has everybody hang up, and looks whether anything is left.
func (s *stage) ends(ctx context.Context) error {
	s.Mu.Lock()
	s.over = true
	s.left = 0
	s.Mu.Unlock()
	for deadline := time.Now().Add(drainMost); ; time.Sleep(50 * time.Millisecond) {
		up := s.hangUpAll()
		left, err := s.leftOver(ctx)
		switch {
		case err != nil:
			return err
		case up == 0 && left == "":
			return errors.Join(s.unit.Stop(), s.unit.Verify(ctx))
		case time.Now().After(deadline):
			s.Mu.Lock()
			s.fail("left over", fmt.Sprintf("%d legs, %s", up, left))
			s.Mu.Unlock()
			return errors.Join(s.unit.Stop(), s.unit.Verify(ctx))
		}
	}
}

// hangUpAll has everybody hang up, and counts who has still to.
func (s *stage) hangUpAll() (up int) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for _, p := range s.Parties {
		for _, l := range append([]*cast.Leg(nil), p.Legs...) {
			up++
			switch l.State {
			case cast.Up:
				l.Bye()
			case cast.Calling:
				l.Cancel()
			case cast.Ringing:
				l.Refuse(486)
			}
		}
	}
	return up
}

// leftOver is what of calls is left in the unit, or on lamps; "" for nothing.
func (s *stage) leftOver(ctx context.Context) (left string, err error) {
	c := s.unit.Control()
	calls, err := control.Call(ctx, c, control.LiveCalls, control.None{})
	if err != nil {
		return "", err
	}
	list, err := control.Call(ctx, c, control.LineList, control.None{})
	if err != nil {
		return "", err
	}
	used := 0
	for _, l := range list {
		used += l.InUse
	}
	on := 0
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for _, t := range s.judge.things {
		for _, l := range t.lamps {
			if l.on && l.shows.Phase != "terminated" {
				on++
			}
		}
	}
	if len(calls)+used+on == 0 {
		return "", nil
	}
	return fmt.Sprintf("%d calls, %d channels and %d lamps", len(calls), used, on), nil
}
