package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// soak is a unit under load for long.
type soak struct {
	Hours    float64            `json:"hours"`
	Settle   float64            `json:"settle_minutes"` // before the memory is compared
	Capacity map[string]float64 `json:"capacity"`       // clean rates, found before
	Offered  map[string]uint64  `json:"offered"`
	Done     map[string]uint64  `json:"done"`
	Failed   map[string]string  `json:"failed"` // restarts of peers fail calls
	Restarts int                `json:"restarts_of_peers"`
	Samples  []sample           `json:"samples"`
	Before   sample             `json:"before"` // all registered, no load
	After    sample             `json:"after"`  // the load is over, and SIP's transactions too
	Unread   int                `json:"samples_missing"`
	Cores    cores              `json:"cores"`
}

// sample is what a unit holds at one moment.
type sample struct {
	Minute     float64 `json:"minute"`
	PSS        int64   `json:"pss_bytes"`
	Live       int64   `json:"live_bytes"`
	Goroutines int     `json:"goroutines"`
	Files      int     `json:"files"`
	Ports      int     `json:"udp_ports"`
}

// String is one line for the operator.
func (s sample) String() string {
	return fmt.Sprintf("minute %.1f: PSS %.1f MiB, live heap %.1f MiB, %d goroutines, %d files, %d UDP ports",
		s.Minute, mib(s.PSS), mib(s.Live), s.Goroutines, s.Files, s.Ports)
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// sample looks at a unit.
func (u *unit) sample(began time.Time) (sample, error) {
	w, err := settled(u)
	if err != nil {
		return sample{}, err
	}
	r, err := u.inUse(false)
	if err != nil {
		return sample{}, err
	}
	s := sample{Minute: time.Since(began).Minutes(), PSS: w.PSS, Live: w.Live, Goroutines: int(r.Goroutines)}
	s.Files, s.Ports = filesOf(u.pid())
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

// soakWork are the kinds of work of a soak and their parts of the load: 0.7 of
// what the unit can do in all.
var soakWork = []struct {
	key   string
	share float64
	first float64
}{{rowCalls, 0.3, 500}, {rowRegistrations, 0.2, 4000}, {rowOutside, 0.2, 300}}

// work gives one of them at a rate.
func (b *bed) work(key string, site *load.Site, rate float64) load.Work {
	if key == rowRegistrations {
		return b.load.RegistrationWork(site, rate)
	}
	return b.load.CallWork(site, rate, key == rowOutside)
}

// measureSoak finds what a fresh unit can do, and offers 0.7 of it for long.
func measureSoak(ctx context.Context, o *options, b *bed, binary string, run *report) error {
	u := &unit{bed: b, binary: binary, office: office{callers: phonesEach, talkers: soakCalls}}
	if err := u.start(ctx); err != nil {
		return err
	}
	site, err := u.ready()
	if err != nil {
		return err
	}
	settle, over := min(soakSettle, o.soak/4), min(settleTime, o.soak/4)
	c := &soak{
		Hours: o.soak.Hours(), Settle: settle.Minutes(),
		Capacity: map[string]float64{},
		Offered:  map[string]uint64{}, Done: map[string]uint64{}, Failed: map[string]string{},
	}
	if err := c.capacity(o, b, u); err != nil {
		return err
	}
	b.load.Idle(over) // what the search left is over
	if c.Before, err = u.sample(time.Now()); err != nil {
		return err
	}
	talk := b.load.Talk(site)
	if up := talk.Grow(soakCalls, setupRate); up != soakCalls {
		return fmt.Errorf("%w: %d of %d", errNotUp, up, soakCalls)
	}
	c.offer(o, b, u)
	run.Soak = c
	run.noticed(c.Cores)
	talk.Close()
	b.load.Idle(over)
	if c.After, err = u.sample(time.Now()); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "  before:", c.Before, "\n  after: ", c.After)
	return run.finish(ctx, u)
}

// capacity searches the clean rate of each kind of work.
func (c *soak) capacity(o *options, b *bed, u *unit) error {
	for _, w := range soakWork {
		s := o.search(&row{first: map[string]float64{unitName: w.first}}, unitName)
		for {
			rate, ok := s.more()
			if !ok {
				break
			}
			st, err := signaling(b, u, o.spec(rate), func(l *load.Load, site *load.Site, spec load.Spec) *load.Result {
				return l.Offer(spec, b.work(w.key, site, spec.Rate))[0]
			})
			if err != nil {
				return err
			}
			o.say(w.key, st)
			s.take(st)
		}
		best, ok := s.best()
		if !ok {
			return fmt.Errorf("%s: %w", w.key, errNoCapacity)
		}
		c.Capacity[w.key] = best.Rate
	}
	return nil
}

// offer offers it all at once, and looks at the unit each minute.
func (c *soak) offer(o *options, b *bed, u *unit) {
	var works []load.Work
	for _, w := range soakWork {
		works = append(works, b.work(w.key, u.site, w.share*c.Capacity[w.key]))
	}
	load.Rest(true) // an hour of a whole core, for a delay that nobody reads
	defer load.Rest(false)
	began := time.Now()
	var mu sync.Mutex
	var looks sync.WaitGroup
	look := func() {
		looks.Go(func() { // one look at the unit; ends with its answer
			s, err := u.sample(began)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				c.Unread++
				return
			}
			fmt.Fprintln(os.Stderr, "  "+s.String())
			c.Samples = append(c.Samples, s)
		})
	}
	spec := load.Spec{Duration: o.soak, Drain: settleTime, Events: c.events(o.soak, b, look)}
	var m *meter
	spec.Begin, spec.End = func() { m = startMeter(u.pid()) }, func() { c.Cores, _ = m.stop() }
	for i, r := range b.load.Offer(spec, works...) {
		key := soakWork[i].key
		c.Offered[key], c.Done[key], c.Failed[key] = r.Offered, r.Done, counts(r.Failed)
	}
	looks.Wait()
}

// events are the looks, each minute or thirty in all where that is shorter, and
// the restarts of peers: callees and carrier are gone for a while and come back,
// the first time before the memory is compared.
func (c *soak) events(d time.Duration, b *bed, look func()) (list []load.Event) {
	every, restart := min(time.Minute, d/30), min(5*time.Minute, d/6)
	gone := min(soakGone, restart/4)
	at := restart/2/every*every + every/12 // after a look: at the next one, SIP's transactions are over
	for t := every; t < d; t += every {
		for ; at <= t && at+gone < d; at += restart / every * every {
			c.Restarts++
			list = append(list, load.Event{After: at, Do: func() { b.load.Deafen(true, true) }},
				load.Event{After: at + gone, Do: func() { b.load.Deafen(false, false) }})
		}
		list = append(list, load.Event{After: t, Do: look})
	}
	slices.SortStableFunc(list, func(a, b load.Event) int { return cmp.Compare(a.After, b.After) })
	return list
}
