package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// check is something measured once in a full run that is no row of the table.
type check struct {
	key   string
	title string
	run   func(ctx context.Context, o *options, b *bed, binary string, run *report) error
}

func checks() []check {
	return []check{
		{"memory", "memory of registrations, restart", measureMemory},
		{"overload", "past capacity with calls up", measureOverload},
		{"junk", "junk from everywhere", measureJunk},
	}
}

func checkKeys() (list []string) {
	for _, c := range checks() {
		list = append(list, c.key)
	}
	return list
}

// runChecks runs those that are wanted.
func runChecks(ctx context.Context, o *options, b *bed, binary string, run *report) error {
	for _, c := range checks() {
		if !o.wants(c.key) {
			continue
		}
		run.begin("check: " + c.title)
		if err := c.run(ctx, o, b, binary, run); err != nil {
			return fmt.Errorf("%s: %w", c.title, err)
		}
	}
	return nil
}

// finish stops a unit and adds its evidence to the run's.
func (r *report) finish(ctx context.Context, u *unit) error {
	v, err := u.stop(ctx)
	if err == nil {
		r.Evidence.add(v)
	}
	return err
}

// overload is what a unit does past its capacity while calls are up. A host's
// speed moves by a fifth within a minute, so a peak is measured before and after
// each turn at the last multiple.
type overload struct {
	Calls int      `json:"calls_up"`
	Clean float64  `json:"clean_rate"` // with them up
	Now   float64  `json:"last_capacity"`
	Peaks []step   `json:"peaks"` // goodput peaks there: one more than turns
	Times []beyond `json:"times"` // every multiple once, the last in all turns
	Steps []step   `json:"steps"`
}

// turns are those at the last multiple.
func (c *overload) turns() []beyond { return c.Times[max(0, len(c.Times)-max(0, len(c.Peaks)-1)):] }

// shares are the goodput of each turn in parts of the peak around it.
func (c *overload) shares() (list []float64) {
	for i, t := range c.turns() {
		list = append(list, 2*t.Step.Goodput/max(c.Peaks[i].Goodput+c.Peaks[i+1].Goodput, 1))
	}
	return list
}

// beyond is one multiple of the capacity.
type beyond struct {
	Times     float64 `json:"times"`
	Step      step    `json:"step"`
	Sent      uint64  `json:"packets_sent"`
	Lost      uint64  `json:"packets_lost"`
	Dropped   int     `json:"calls_dropped"`
	Delay     float64 `json:"packets_p99_ms"`
	Emergency float64 `json:"emergency_ms"` // from its INVITE to its 200, 0 for one that failed
	Why       string  `json:"emergency_failed,omitempty"`
}

// measureOverload finds what a unit can do with calls up, then offers more.
func measureOverload(ctx context.Context, o *options, b *bed, binary string, run *report) error {
	u := &unit{bed: b, binary: binary, office: office{callers: phonesEach, talkers: overloadPhones}}
	if err := u.start(ctx); err != nil {
		return err
	}
	site, err := u.ready()
	if err != nil {
		return err
	}
	talk := b.load.Talk(site)
	c := &overload{Calls: talk.Grow(overloadCalls, setupRate)}
	if c.Calls != overloadCalls {
		return fmt.Errorf("%w: %d of %d: %s", errNotUp, c.Calls, overloadCalls, counts(talk.Calls.Failed))
	}
	s := o.search(&row{first: map[string]float64{unitName: 500}}, unitName)
	for {
		rate, ok := s.more()
		if !ok {
			break
		}
		st, err := signaling(b, u, o.spec(rate), (*load.Load).Calls)
		if err != nil {
			return err
		}
		o.say("with calls up", st)
		s.take(st)
		run.noticed(st.Cores)
		c.Now = max(c.Now, st.Goodput)
	}
	best, ok := s.best()
	if !ok {
		return errNoCapacity
	}
	c.Clean, c.Steps = best.Rate, s.steps
	last := len(pastTimes) - 1
	for _, times := range pastTimes[:last] {
		if err := c.past(o, b, u, talk, times, run); err != nil {
			return err
		}
	}
	if err := c.atPeak(o, b, u, run); err != nil {
		return err
	}
	for range overloadTurns {
		if err := errors.Join(c.past(o, b, u, talk, pastTimes[last], run), c.atPeak(o, b, u, run)); err != nil {
			return err
		}
	}
	talk.Close()
	run.Overload = c
	return run.finish(ctx, u)
}

var (
	errNotUp      = errors.New("calls that did not come up")
	errNoCapacity = errors.New("no rate was clean")
)

// atPeak measures goodput where it is highest: a little past the capacity, which
// is what was done in the step before.
func (c *overload) atPeak(o *options, b *bed, u *unit, run *report) error {
	spec := o.spec(peakTimes * c.Now)
	spec.Duration = max(spec.Duration, overloadTime)
	st, err := signaling(b, u, spec, (*load.Load).Calls)
	if err != nil {
		return err
	}
	o.say(fmt.Sprintf("%.1f times", peakTimes), st)
	run.noticed(st.Cores)
	c.Now, c.Peaks = st.Goodput, append(c.Peaks, st)
	return nil
}

// past offers a multiple of the capacity, with an emergency call in the middle
// of it.
func (c *overload) past(o *options, b *bed, u *unit, talk *load.Talk, times float64, run *report) error {
	spec := o.spec(times * c.Now)
	spec.Duration = max(spec.Duration, overloadTime)
	urgent := &load.Result{}
	spec.Events = []load.Event{{After: spec.Duration / 2, Do: func() { b.load.Emergency(u.site, urgent) }}}
	spec.Also = []*load.Result{urgent}
	h := talk.Count()
	st, err := signaling(b, u, spec, (*load.Load).Calls)
	if err != nil {
		return err
	}
	talk.Counted(h)
	o.say(fmt.Sprintf("%.1f times", times), st)
	run.noticed(st.Cores)
	c.Now = max(c.Now, st.Goodput)
	one := beyond{Times: times, Step: st, Sent: h.Sent, Lost: h.Sent - min(h.Sent, h.Heard), Dropped: h.Dropped}
	one.Delay = ms(h.Added.Quantile(.99))
	if one.Why = counts(urgent.Failed); urgent.Done == 1 {
		one.Emergency = ms(urgent.Setup.Quantile(1))
	}
	c.Times = append(c.Times, one)
	return nil
}

// junked is what junk did to a unit.
type junked struct {
	Sources   int     `json:"sources"`
	Sent      uint64  `json:"datagrams_sent"`
	Refused   uint64  `json:"datagrams_refused"` // by the generator's kernel
	Dropped   uint64  `json:"datagrams_dropped"` // by the unit's kernel, unread
	Rate      float64 `json:"rate"`              // reached
	Grown     weight  `json:"grown"`
	Lines     int     `json:"log_lines"`
	Packets   uint64  `json:"packets_sent"`
	Lost      uint64  `json:"packets_lost"`
	Calls     int     `json:"calls_up"`
	CallsLost int     `json:"calls_dropped"`
	Moved     float64 `json:"registered_ms"` // the phone at a new address, 0 for one that could not
	Why       string  `json:"not_registered,omitempty"`
	Cores     cores   `json:"cores"`
}

// measureJunk sends junk from as many sources as there are datagrams, and then
// for longer, beside calls.
func measureJunk(ctx context.Context, o *options, b *bed, binary string, run *report) error {
	lasting := junkTime
	if o.quick {
		lasting /= 10
	}
	u := &unit{bed: b, binary: binary, office: onThePhone}
	if err := u.start(ctx); err != nil {
		return err
	}
	site, err := u.ready()
	if err != nil {
		return err
	}
	moving := site.Callers[0] // the junk is in its name, too
	j, err := load.NewJunk(site, junkSources, moving.Extension, "70000")
	if err != nil {
		return err
	}
	defer j.Close()
	register, err := b.load.MoveIn(site, moving, b.addr(3, 1))
	if err != nil {
		return err
	}
	talk := b.load.Talk(site)
	c := &junked{Sources: junkSources, Calls: talk.Grow(junkCalls, setupRate)}
	before, err := settled(u)
	if err != nil {
		return err
	}
	lines, drops := strings.Count(u.proc.said(), "\n"), dropsAt(site.Server)
	moved := &load.Result{}
	spec := load.Spec{
		// First from as many sources as datagrams, then for as long as is asked.
		Duration: time.Duration(junkSources/junkRate*float64(time.Second)) + lasting, Drain: drainTime,
		Events: []load.Event{{After: lasting / 2, Do: func() { register(moved) }}}, Also: []*load.Result{moved},
	}
	m := startMeter(u.pid())
	h := talk.Count()
	r := b.load.Offer(spec, j.Work(junkRate))[0]
	talk.Counted(h)
	c.Cores, _ = m.stop()
	run.noticed(c.Cores)
	b.load.Idle(o.settle())
	after, err := settled(u)
	if err != nil {
		return err
	}
	c.Sent, c.Refused, c.Rate = j.Sent, j.Refused, float64(j.Sent)/r.Elapsed.Seconds()
	c.Grown, c.Lines = after.since(before, junkSources), strings.Count(u.proc.said(), "\n")-lines
	c.Dropped = dropsAt(site.Server) - drops
	c.Packets, c.Lost, c.CallsLost = h.Sent, h.Sent-min(h.Sent, h.Heard), h.Dropped
	if c.Why = counts(moved.Failed); moved.Done == 1 {
		c.Moved = ms(moved.Setup.Quantile(1))
	}
	talk.Close()
	run.Junk = c
	return run.finish(ctx, u)
}

// bytesEach is what one source left behind, to the next whole byte.
func (c *junked) bytesEach() float64 {
	return math.Round(float64(max(c.Grown.Live, 0)) / float64(c.Sources))
}

// dropsAt is how many datagrams the kernel threw away for want of room in the
// socket at an address.
func dropsAt(at netip.AddrPort) (n uint64) {
	b, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 12 && f[1] == hexAddr(at) {
			var drops uint64
			if _, err := fmt.Sscan(f[12], &drops); err == nil {
				n += drops
			}
		}
	}
	return n
}
