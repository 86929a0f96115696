package main

import (
	"context"
	"fmt"
	"time"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// row is one line of the table: one kind of work, on one or more systems.
type row struct {
	key     string
	title   string
	unit    string // what is counted
	systems func(b *bed, binary string) []subject
	first   map[string]float64 // rate of the first step, by system
	// run does one step; nil where calls stay up and each step adds some.
	run func(b *bed, sys subject, rate float64, d time.Duration) (step, error)
}

const drainTime = 3 * time.Second

// rows are all kinds of work, in the order of the table.
func rows() []*row {
	return []*row{
		{
			key: "registrations", title: "registrations, SHA-256 digest", unit: "registrations/s",
			systems: func(b *bed, binary string) []subject {
				return []subject{&unit{bed: b, binary: binary}, &kamailio{bed: b, registrar: true}}
			},
			first: map[string]float64{"sekisho": 2000, "kamailio registrar": 6000},
			run: func(b *bed, sys subject, rate float64, d time.Duration) (step, error) {
				return signaling(b, sys, load.Spec{Rate: rate, Duration: d, Drain: drainTime}, b.load.Registrations)
			},
		},
		{
			key: "calls", title: "internal calls (peer: as mere proxy)", unit: "calls/s",
			systems: func(b *bed, binary string) []subject {
				return []subject{&unit{bed: b, binary: binary}, &kamailio{bed: b}}
			},
			first: map[string]float64{"sekisho": 500, "kamailio proxy": 2000},
			run: func(b *bed, sys subject, rate float64, d time.Duration) (step, error) {
				return signaling(b, sys, load.Spec{Rate: rate, Duration: d, Drain: drainTime}, b.load.Calls)
			},
		},
		{
			key: "outside", title: "outside calls, verdict durable (peer: as mere proxy)", unit: "calls/s",
			systems: func(b *bed, binary string) []subject {
				return []subject{&unit{bed: b, binary: binary}, &kamailio{bed: b}}
			},
			first: map[string]float64{"sekisho": 250, "kamailio proxy": 2000},
			run: func(b *bed, sys subject, rate float64, d time.Duration) (step, error) {
				_, ours := sys.(*unit)
				return signaling(b, sys, load.Spec{Rate: rate, Duration: d, Drain: drainTime, Outside: ours}, b.load.Calls)
			},
		},
		{
			key: "relay", title: "relayed G.711 calls at once", unit: "calls",
			systems: func(b *bed, binary string) []subject {
				return []subject{&nothing{bed: b}, &unit{bed: b, binary: binary}, &engine{bed: b}}
			},
			first: map[string]float64{nothingName: 200, "sekisho": 100, "rtpengine": 200},
		},
	}
}

// trial is one row measured once on fresh processes.
type trial struct {
	row      *row
	searches []*search
	half     []step
	systems  []string
}

// measure runs a row once: its systems take turns, step by step.
func (r *row) measure(ctx context.Context, o *options, b *bed, binary string, sum *verdicts) (*trial, error) {
	systems := o.wanted(r.systems(b, binary))
	t := &trial{row: r}
	if r.run == nil {
		for _, sys := range systems {
			v, err := r.relay(ctx, o, b, sys, t)
			if err != nil {
				return nil, err
			}
			if _, ours := sys.(*unit); ours {
				sum.add(v)
			}
		}
		return t, nil
	}
	for _, sys := range systems {
		if err := sys.start(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", sys.name(), err)
		}
		t.systems = append(t.systems, sys.name())
		t.searches = append(t.searches, &search{next: r.first[sys.name()], left: o.steps, fixed: o.rates})
	}
	for busy := true; busy; {
		busy = false
		for i, sys := range systems {
			rate, ok := t.searches[i].more()
			if !ok {
				continue
			}
			busy = true
			st, err := r.run(b, sys, rate, o.duration)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", sys.name(), err)
			}
			o.say(r, st)
			t.searches[i].take(st)
		}
	}
	for i, sys := range systems {
		half, err := t.atHalf(o, b, sys, t.searches[i])
		if err != nil {
			return nil, err
		}
		t.half = append(t.half, half)
	}
	for _, sys := range systems {
		v, err := sys.stop(ctx)
		if err != nil {
			return nil, err
		}
		if _, ours := sys.(*unit); ours {
			sum.add(v)
		}
	}
	return t, nil
}

// atHalf measures delay where a system is not busy: at half its clean rate.
func (t *trial) atHalf(o *options, b *bed, sys subject, s *search) (step, error) {
	best, ok := s.best()
	if !ok || o.rates != nil {
		return best, nil
	}
	st, err := t.row.run(b, sys, best.Rate/2, o.duration)
	o.say(t.row, st)
	return st, err
}
