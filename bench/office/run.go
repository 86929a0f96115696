package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/bench/cast"
)

// run plays, and looks in each lull.
func run(ctx context.Context, o *options) (r *report, err error) {
	dir, err := os.MkdirTemp("", "sekisho-office-")
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
	h, err := newHouse(ctx, binary, dir, o.seed)
	if h == nil {
		return nil, err
	}
	defer h.Close()
	if err != nil {
		return nil, errors.Join(err, h.unit.Stop())
	}
	lulls := max(int(o.long/lullEvery), lullsLeast)
	fmt.Fprintf(os.Stderr, "%d phones, %d lines; %d lulls in %s; seed %d\n", staff, lineCount, lulls, o.long, o.seed)
	r = &report{options: o, began: time.Now()}
	for n := range lulls {
		until := time.Now().Add(o.long / time.Duration(lulls))
		for now := time.Now(); now.Before(until) && ctx.Err() == nil; now = time.Now() {
			h.play(ctx)
			h.Mu.Lock()
			pause := time.Duration(h.r.ExpFloat64() / o.rate * float64(time.Second))
			h.Mu.Unlock()
			time.Sleep(min(pause, time.Until(until)))
		}
		h.scenes.Wait()
		whole := !o.hasty && (o.long >= memoryLeast || n == 0 || n == lulls-1)
		if err = errors.Join(ctx.Err(), r.look(ctx, h, whole)); err != nil {
			break
		}
	}
	r.took = time.Since(r.began)
	r.played, r.failed, r.fails = h.played, h.failed, h.fails
	return r, errors.Join(err, h.unit.Stop(), h.unit.Verify(context.WithoutCancel(ctx)))
}

// sample is what a unit holds while nobody talks.
type sample struct {
	at                           time.Duration
	goroutines, files, ports     int
	live, resident               int64
	callsLeft, channelsLeft, lit int

	whole bool // ports had their time
}

func (s sample) String() string {
	rest := ""
	if !s.whole {
		rest = " (some rest)"
	}
	return fmt.Sprintf("%6s  %d goroutines, %d files, %d UDP ports%s, live heap %.1f MiB, memory %.1f MiB",
		s.at.Round(time.Second), s.goroutines, s.files, s.ports, rest, mib(s.live), mib(s.resident))
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// look waits until nobody talks, and looks at the unit.
func (r *report) look(ctx context.Context, h *house, whole bool) error {
	var s sample
	for deadline := time.Now().Add(drainMost); ; time.Sleep(10 * pollEvery) {
		var err error
		if s, err = h.left(ctx); err != nil {
			return err
		}
		if s.callsLeft+s.channelsLeft+s.lit == 0 || time.Now().After(deadline) {
			break
		}
	}
	s.whole = whole
	settles := settleTime
	if whole {
		settles = wholeTime
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(settles):
	}
	st, err := control.Call(ctx, h.unit.Control(), control.GetStatus, control.StatusRequest{Collect: true})
	if err != nil {
		return fmt.Errorf("ask the unit what it has in use: %w", err)
	}
	s.at = time.Since(r.began)
	s.goroutines, s.live = int(st.Runtime.Goroutines), int64(st.Runtime.HeapLiveBytes)
	s.files, s.ports = filesOf(h.unit.Pid())
	s.resident, err = memoryOf(h.unit.Pid())
	fmt.Fprintln(os.Stderr, " ", s)
	r.samples = append(r.samples, s)
	return err
}

// left is what of calls is left.
func (h *house) left(ctx context.Context) (s sample, err error) {
	c := h.unit.Control()
	calls, err := control.Call(ctx, c, control.LiveCalls, control.None{})
	if err != nil {
		return s, fmt.Errorf("ask for calls: %w", err)
	}
	lines, err := control.Call(ctx, c, control.LineList, control.None{})
	if err != nil {
		return s, fmt.Errorf("ask for lines: %w", err)
	}
	lamps, err := control.Call(ctx, c, control.LampList, control.None{})
	if err != nil {
		return s, fmt.Errorf("ask for lamps: %w", err)
	}
	s.callsLeft = len(calls)
	for _, l := range lines {
		s.channelsLeft += l.InUse
	}
	for _, l := range lamps {
		if l.Shows != "idle" {
			s.lit++
		}
	}
	return s, nil
}

// filesOf counts a process's open files, and the UDP sockets among them.
func filesOf(pid int) (files, ports int) {
	udp := map[string]bool{}
	if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/udp", pid)); err == nil {
		for line := range strings.Lines(string(b)) {
			if f := strings.Fields(line); len(f) > 9 {
				udp["socket:["+f[9]+"]"] = true
			}
		}
	}
	list, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, path := range list {
		if to, err := os.Readlink(path); err == nil && udp[to] {
			ports++
		}
	}
	return len(list), ports
}

// memoryOf is the memory that a process has for itself, without the program's own pages: how
// many of those count for it depends on who else runs the same file.
func memoryOf(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, fmt.Errorf("look at the unit's memory: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "Pss_Anon:" {
			kib, err := strconv.ParseInt(f[1], 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("the kernel does not say how much memory the unit has")
}
