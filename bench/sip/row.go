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
	peerRow string // the row whose peer it is compared with, where it has none itself
	extra   bool   // only in a full run, and there once
	office  office
	peers   func(b *bed) []subject
	first   map[string]float64 // rate of the first step, by system
	quick   float64            // share of a quick run's time, in relation to the others'
	// work is what is offered; nil where calls stay up and each step adds some.
	work func(*load.Load, *load.Site, load.Spec) *load.Result
	// fixed rates are measured too, on each system and on nothing.
	fixed float64
}

// Keys of rows that bars look at.
const (
	rowRegistrations = "registrations"
	rowCalls         = "calls"
	rowOutside       = "outside"
	rowRelay         = "relay"
)

const (
	registrarName = "kamailio registrar"
	proxyName     = "kamailio proxy"
	engineName    = "rtpengine"
)

var (
	inTheOffice = office{callers: phonesEach}
	onThePhone  = office{talkers: talkersEach}
)

// rows are all kinds of work, in the order of the table.
func rows() []*row {
	noPeers := func(*bed) []subject { return nil }
	return []*row{
		{
			key: rowRegistrations, quick: 30, title: "registrations, SHA-256 digest", unit: "registrations/s",
			office: office{callers: registeringEach},
			peers: func(b *bed) []subject {
				return []subject{&kamailio{bed: b, registrar: true, phones: registeringEach}}
			},
			first: map[string]float64{unitName: 8000, registrarName: 15000}, work: (*load.Load).Registrations,
		},
		{
			key: rowCalls, quick: 33, title: "internal calls (peer: mere proxy)", unit: "calls/s", office: inTheOffice,
			peers: func(b *bed) []subject { return []subject{&kamailio{bed: b}} },
			first: map[string]float64{unitName: 1000, proxyName: 4000}, work: (*load.Load).Calls, fixed: latencyRate,
		},
		{
			key: rowOutside, quick: 17, title: "outside calls, verdict durable", unit: "calls/s", office: inTheOffice,
			peers: noPeers, first: map[string]float64{unitName: 500}, peerRow: rowCalls, work: outsideCalls,
		},
		{
			key: rowRelay, quick: 28, title: "relayed G.711 calls at once", unit: "calls", office: onThePhone,
			peers: func(b *bed) []subject { return []subject{&engine{bed: b}} },
			first: map[string]float64{nothingName: 500, unitName: 600, engineName: 600},
		},
		{
			key: "srtp", title: "relayed, SRTP on one leg (peer: both plain)", unit: "calls", extra: true,
			office: office{talkers: talkersEach, calleeTransport: load.TLS}, peerRow: rowRelay,
			peers: noPeers, first: map[string]float64{nothingName: 500, unitName: 400},
		},
		{
			key: "registrations-tcp", title: "registrations over TCP (peer: UDP)", unit: "registrations/s", extra: true,
			office: office{callers: phonesEach, transport: load.TCP}, peerRow: rowRegistrations,
			peers: noPeers, first: map[string]float64{unitName: 4000}, work: (*load.Load).Registrations,
		},
		{
			key: "calls-tcp", title: "internal calls over TCP (peer: UDP)", unit: "calls/s", extra: true,
			office: office{callers: phonesEach, transport: load.TCP}, peerRow: rowCalls,
			peers: noPeers, first: map[string]float64{unitName: 500}, work: (*load.Load).Calls,
		},
		{
			key: "calls-tls", title: "internal calls over TLS (peer: UDP)", unit: "calls/s", extra: true,
			office: office{callers: phonesEach, transport: load.TLS}, peerRow: rowCalls,
			peers: noPeers, first: map[string]float64{unitName: 500}, work: (*load.Load).Calls,
		},
	}
}

func outsideCalls(l *load.Load, s *load.Site, spec load.Spec) *load.Result {
	spec.Outside = true
	return l.Calls(s, spec)
}

// systems are those that a row is measured on, the unit first of all that are
// measured by themselves.
func (r *row) systems(o *options, b *bed, binary string) (list []subject) {
	if r.work == nil {
		list = append(list, &nothing{bed: b})
	}
	list = append(list, &unit{bed: b, binary: binary, office: r.office})
	if o.alone {
		return list
	}
	for _, s := range r.peers(b) {
		if installed(program(s)) {
			list = append(list, s)
		}
	}
	for _, def := range o.peers {
		if def.takesPart(r.key) {
			list = append(list, &outsider{bed: b, def: def})
		}
	}
	return list
}

// start gives the rate of a system's first step.
func (r *row) start(system string) float64 {
	if rate, ok := r.first[system]; ok {
		return rate
	}
	return r.first[unitName] / 4 // a stranger
}

// trial is one row measured once on fresh processes.
type trial struct {
	row      *row
	systems  []string
	searches []*search
	half     []step
	sustain  []step // empty where the run has none
	past     []step // at 1.5 and 2 times the clean rate; empty where the run has none
	fixed    []step // at the row's fixed rate
	each     []weight
	// until is when a quick run's searches end, after is how many steps must
	// still be done by then; zero: nothing ends them but what they find.
	until time.Time
	after int
}

// over reports whether a search must end because a further step, which takes as
// long as the last one did, would end too late. It has its least steps anyway.
func (t *trial) over(s *search, now time.Time, last time.Duration) bool {
	return !t.until.IsZero() && len(s.steps) >= quickStepsLeast && now.Add(last*time.Duration(1+t.after)).After(t.until)
}

// measure runs a row once: its systems take turns, step by step. last says that
// what is measured once is measured now.
func (r *row) measure(
	ctx context.Context, o *options, b *bed, binary string, last bool, until time.Time, sum *verdicts,
) (*trial, error) {
	t := &trial{row: r, until: until}
	systems := r.systems(o, b, binary)
	if r.work == nil {
		for i, sys := range systems {
			// What is left of the row's time is for it and those after it.
			if t.until = until; !until.IsZero() {
				t.until = time.Now().Add(time.Until(until) / time.Duration(len(systems)-i))
			}
			v, err := r.relay(ctx, o, b, sys, last, t)
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
		t.searches = append(t.searches, o.search(r, sys.name()))
	}
	if r.fixed > 0 {
		t.after = len(systems) + 1 // steps of atFixed
	}
	if err := t.turns(o, b, systems); err != nil {
		return nil, err
	}
	for i, sys := range systems {
		if err := t.around(o, b, sys, t.searches[i], last); err != nil {
			return nil, fmt.Errorf("%s: %w", sys.name(), err)
		}
	}
	if err := t.atFixed(o, b, systems); err != nil {
		return nil, err
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

// search begins the search for a system's limit.
func (o *options) search(r *row, system string) *search {
	s := &search{next: r.start(system), left: o.steps, least: growthMin, close: closeEnough, fixed: o.rates}
	if rate := o.found[r.key+" "+system]; rate > 0 {
		s.next = againFrom * rate
	}
	if o.quick {
		s.close = closeQuick
	}
	return s
}

// turns does the searches of all systems: A B A B …
func (t *trial) turns(o *options, b *bed, systems []subject) error {
	var took time.Duration
	for busy := true; busy; {
		busy = false
		for i, sys := range systems {
			rate, ok := t.searches[i].more()
			began := time.Now()
			if !ok || t.over(t.searches[i], began, took) {
				continue
			}
			busy = true
			st, err := t.step(o, b, sys, o.spec(rate))
			if err == nil && !st.Clean && !o.quick && o.rates == nil {
				// Once more: one stall of the machine is not the system's limit.
				st, err = t.step(o, b, sys, o.spec(rate))
			}
			if err != nil {
				return fmt.Errorf("%s: %w", sys.name(), err)
			}
			t.searches[i].take(st)
			took = time.Since(began)
		}
	}
	return nil
}

// step does one step and shows it.
func (t *trial) step(o *options, b *bed, sys subject, spec load.Spec) (step, error) {
	st, err := signaling(b, sys, spec, t.row.work)
	if err == nil {
		o.say(t.row.key, st)
	}
	return st, err
}

// around measures at half the clean rate, and in the last round of a full run
// for long and past it.
func (t *trial) around(o *options, b *bed, sys subject, s *search, last bool) error {
	best, ok := s.best()
	if !ok || o.rates != nil || o.quick {
		t.half = append(t.half, middleStep(s)) // a quick run takes the step that came nearest
		return nil
	}
	half, err := t.step(o, b, sys, o.spec(best.Rate/2))
	if err != nil {
		return err
	}
	t.half = append(t.half, half)
	if !last {
		return nil
	}
	if o.sustain > 0 && !t.row.extra {
		// Longer than SIP's transactions last: what is kept for each shows only then.
		spec := o.spec(best.Rate * sustainShare)
		spec.Duration = o.sustain
		st, err := t.step(o, b, sys, spec)
		if err != nil {
			return err
		}
		t.sustain = append(t.sustain, st)
	}
	for _, times := range pastTimes {
		st, err := t.step(o, b, sys, o.spec(times*best.Rate))
		if err != nil {
			return err
		}
		t.past = append(t.past, st)
	}
	return nil
}

// pastTimes are how much of the capacity is offered past it.
var pastTimes = [...]float64{1.5, 2}

// atFixed measures the row's fixed rate on each system, and on nothing: the
// generator's own delay.
func (t *trial) atFixed(o *options, b *bed, systems []subject) error {
	if t.row.fixed == 0 || o.rates != nil {
		return nil
	}
	spec := o.spec(t.row.fixed)
	if !o.quick {
		spec.Duration = max(spec.Duration, latencyTime)
	}
	for _, sys := range append([]subject{&nothing{bed: b}}, systems...) {
		st, err := t.step(o, b, sys, spec)
		if err != nil {
			return fmt.Errorf("%s: %w", sys.name(), err)
		}
		t.fixed = append(t.fixed, st)
	}
	return nil
}

// middleStep is the clean step nearest below half the best.
func middleStep(s *search) (half step) {
	best, ok := s.best()
	for _, st := range s.steps {
		if ok && st.Clean && st.Rate <= best.Rate/2 {
			half = st
		}
	}
	if half.System == "" {
		return best
	}
	return half
}
