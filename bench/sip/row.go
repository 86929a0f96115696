package main

import (
	"context"
	"fmt"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// row is one line of the table: one kind of work, on one or more systems.
type row struct {
	key     string
	title   string
	unit    string // what is counted
	peerRow string // the row whose peer it is compared with, where it has none itself
	systems func(b *bed, binary string) []subject
	first   map[string]float64 // rate of the first step, by system
	// run does one step; nil where calls stay up and each step adds some.
	run func(b *bed, sys subject, spec load.Spec) (step, error)
}

// rows are all kinds of work, in the order of the table.
func rows() []*row {
	return []*row{
		{
			key: "registrations", title: "registrations, SHA-256 digest", unit: "registrations/s",
			systems: func(b *bed, binary string) []subject {
				return []subject{&unit{bed: b, binary: binary}, &kamailio{bed: b, registrar: true}}
			},
			first: map[string]float64{unitName: 4000, "kamailio registrar": 15000},
			run: func(b *bed, sys subject, spec load.Spec) (step, error) {
				return signaling(sys, spec, b.load.Registrations)
			},
		},
		{
			key: "calls", title: "internal calls (peer: mere proxy)", unit: "calls/s",
			systems: func(b *bed, binary string) []subject {
				return []subject{&unit{bed: b, binary: binary}, &kamailio{bed: b}}
			},
			first: map[string]float64{unitName: 500, "kamailio proxy": 4000},
			run: func(b *bed, sys subject, spec load.Spec) (step, error) {
				return signaling(sys, spec, b.load.Calls)
			},
		},
		{
			key: "outside", title: "outside calls, verdict durable", unit: "calls/s",
			systems: func(b *bed, binary string) []subject {
				return []subject{&unit{bed: b, binary: binary}}
			},
			first: map[string]float64{unitName: 300}, peerRow: "calls",
			run: func(b *bed, sys subject, spec load.Spec) (step, error) {
				spec.Outside = true
				return signaling(sys, spec, b.load.Calls)
			},
		},
		{
			key: "relay", title: "relayed G.711 calls at once", unit: "calls",
			systems: func(b *bed, binary string) []subject {
				return []subject{&nothing{bed: b}, &unit{bed: b, binary: binary}, &engine{bed: b}}
			},
			first: map[string]float64{nothingName: 800, unitName: 600, "rtpengine": 600},
		},
	}
}

// trial is one row measured once on fresh processes.
type trial struct {
	row      *row
	searches []*search
	half     []step
	sustain  []step // empty where the run has none
	past     []step // at 1.5 and 2 times the clean rate; empty where the run has none
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
		t.searches = append(t.searches, &search{
			next: r.first[sys.name()], left: o.steps, least: growthMin, fixed: o.rates,
		})
	}
	for busy := true; busy; { // in turns: A B A B …
		busy = false
		for i, sys := range systems {
			rate, ok := t.searches[i].more()
			if !ok {
				continue
			}
			busy = true
			st, err := r.run(b, sys, o.spec(rate))
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
		if err := t.sustained(o, b, sys, t.searches[i]); err != nil {
			return nil, err
		}
		if err := t.overloaded(o, b, sys, t.searches[i]); err != nil {
			return nil, err
		}
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

// atHalf measures delay where a system is not busy: at half its clean rate. A
// quick run takes the step that came nearest.
func (t *trial) atHalf(o *options, b *bed, sys subject, s *search) (step, error) {
	best, ok := s.best()
	if !ok || o.rates != nil || o.quick {
		return middleStep(s), nil
	}
	st, err := t.row.run(b, sys, o.spec(best.Rate/2))
	o.say(t.row, st)
	return st, err
}

// sustained offers a part of the clean rate for longer than SIP's transactions
// last (32 s): what a system keeps for each of them shows only then.
func (t *trial) sustained(o *options, b *bed, sys subject, s *search) error {
	best, ok := s.best()
	if !ok || o.sustain == 0 || o.rates != nil {
		return nil
	}
	spec := o.spec(best.Rate * sustainShare)
	spec.Duration = o.sustain
	st, err := t.row.run(b, sys, spec)
	o.say(t.row, st)
	t.sustain = append(t.sustain, st)
	return err
}

// overloaded offers more than a system can do.
func (t *trial) overloaded(o *options, b *bed, sys subject, s *search) error {
	best, ok := s.best()
	if !ok || o.quick || o.rates != nil {
		return nil
	}
	for _, times := range []float64{1.5, 2} {
		st, err := t.row.run(b, sys, o.spec(times*best.Rate))
		if err != nil {
			return err
		}
		o.say(t.row, st)
		t.past = append(t.past, st)
	}
	return nil
}
