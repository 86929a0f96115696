package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"time"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// relayed measures relayed calls: n of them at once, more in each step. A system
// stops growing at the first step that is not clean.
type relayed struct {
	talk *load.Talk
	join func(i int) error // sets up one call without signaling; nil to call
	up   int
}

// grow brings the number of calls to n and measures. Where that is not clean it
// measures once more: the calls are up, and setting them up disturbs.
func (v *relayed) grow(sys subject, n int, d time.Duration) (step, error) {
	s := step{System: sys.name(), Rate: float64(n), Seconds: d.Seconds(), relay: sys.name() != nothingName}
	for ; v.join != nil && v.up < n; v.up++ {
		if err := v.join(v.up); err != nil {
			return s, err
		}
	}
	if v.join == nil && v.up < n {
		v.up += v.talk.Grow(n-v.up, setupRate)
	}
	for range relayTries {
		if v.listen(sys, &s, n, d); s.Clean {
			break
		}
	}
	return s, nil
}

// listen measures the calls that are up.
func (v *relayed) listen(sys subject, s *step, n int, d time.Duration) {
	var h *load.Heard
	measured(sys.pid(), s, func() uint64 { return h.Sent }, func(begin, end func()) {
		h = v.talk.Listen(relaySettle, d, begin, end)
	})
	s.Lost = 0
	s.Offered, s.Done, s.Failed, s.Retransmits = h.Sent, h.Heard, v.talk.Calls.Failed, v.talk.Calls.Retransmitted
	if h.Sent > h.Heard {
		s.Lost = h.Sent - h.Heard
	}
	s.AddedP50, s.AddedP99 = ms(h.Added.Quantile(.5)), ms(h.Added.Quantile(.99))
	switch {
	case v.up < n:
		s.Why = fmt.Sprintf("%d of %d calls came up: %s", v.up, n, counts(s.Failed))
	case h.Silent > 0:
		s.Why = fmt.Sprintf("%d calls without sound", h.Silent)
	case s.Lost > 0 || h.Sent == 0:
		s.Why = fmt.Sprintf("%d of %d packets lost", s.Lost, h.Sent)
	case h.Added.Quantile(.99) > relayDelayMax:
		s.Why = fmt.Sprintf("p99 %.0f ms", s.AddedP99)
	default:
		s.Clean, s.Why = true, ""
	}
}

// open begins the relayed calls of a system.
func openRelay(b *bed, sys subject) (*relayed, error) {
	site, err := sys.ready()
	if err != nil {
		return nil, err
	}
	v := &relayed{talk: b.load.Talk(site)}
	if j, ok := sys.(interface {
		join(t *load.Talk, i int) error
	}); ok {
		v.join = func(i int) error { return j.join(v.talk, i) }
	}
	return v, nil
}

const (
	nothingName  = "nothing between"
	relayNothing = 1600 // calls that the generator hears itself with, at most; quick: the first step
)

// nothing is no system at all: the generator hears itself.
type nothing struct{ bed *bed }

var _ subject = (*nothing)(nil)

func (*nothing) name() string                           { return nothingName }
func (*nothing) start(context.Context) error            { return nil }
func (*nothing) ready() (*load.Site, error)             { return nil, nil }
func (*nothing) pid() int                               { return os.Getpid() }
func (*nothing) stop(context.Context) (verdicts, error) { return verdicts{}, nil }

func (n *nothing) join(t *load.Talk, _ int) error {
	t.Join(n.bed.load.Direct())
	return nil
}

// relayRow measures relayed calls on each system, one after the other: calls
// that are up use both cores, so that systems can't take turns while they are.
func (r *row) relay(ctx context.Context, o *options, b *bed, sys subject, t *trial) (verdicts, error) {
	if err := sys.start(ctx); err != nil {
		return verdicts{}, fmt.Errorf("%s: %w", sys.name(), err)
	}
	v, err := openRelay(b, sys)
	if err != nil {
		return verdicts{}, fmt.Errorf("%s: %w", sys.name(), err)
	}
	s := &search{next: r.first[sys.name()], left: o.steps, least: growthRelay, fixed: o.rates}
	if o.quick {
		s.left = min(s.left, relaySteps)
		if sys.name() == nothingName {
			s.left = 1
		}
	}
	for {
		rate, ok := s.more()
		if !ok || s.over > 0 || sys.name() == nothingName && rate > relayNothing {
			break
		}
		st, err := v.grow(sys, int(rate), o.duration)
		if err != nil {
			return verdicts{}, fmt.Errorf("%s: %w", sys.name(), err)
		}
		o.say(r, st)
		s.take(st)
	}
	v.talk.Close()
	t.systems, t.searches, t.half = append(t.systems, sys.name()), append(t.searches, s), append(t.half, middleStep(s))
	return sys.stop(ctx)
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

// engine is rtpengine in user space with one thread, driven by its ng protocol.
type engine struct {
	bed  *bed
	proc *process
	ng   *ng
}

var _ subject = (*engine)(nil)

func (*engine) name() string               { return "rtpengine" }
func (e *engine) pid() int                 { return e.proc.pid() }
func (*engine) ready() (*load.Site, error) { return nil, nil }

func (e *engine) start(context.Context) error {
	dir, err := os.MkdirTemp(e.bed.dir, "rtpengine-")
	if err != nil {
		return err
	}
	at := netip.AddrPortFrom(e.bed.engine(), portNG)
	e.proc, err = startProcess(e.bed.nice, dir+"/log", "rtpengine",
		"--config-file=none", "--foreground", "--log-stderr", "--log-level=3",
		"--table=-1", "--interface="+e.bed.engine().String(), "--listen-ng="+at.String(),
		"--port-min=20000", "--port-max=60000", "--num-threads=1", "--pidfile="+dir+"/pid")
	if err != nil {
		return err
	}
	if err := e.proc.await(e.name(), func() bool { return bound(at) }); err != nil {
		return err
	}
	e.ng, err = dialNG(at)
	return err
}

// join makes one call by offer and answer.
func (e *engine) join(t *load.Talk, i int) error {
	atCaller, atCallee := e.bed.load.Direct() // the callee's and the caller's own addresses, in this order
	id := fmt.Sprintf("%s-%d", e.bed.tag, i)
	forCallee, err := e.ng.ask("offer", id, "f", "", atCallee)
	if err != nil {
		return err
	}
	forCaller, err := e.ng.ask("answer", id, "f", "t", atCaller)
	if err != nil {
		return err
	}
	t.Join(forCaller, forCallee)
	return nil
}

func (e *engine) stop(context.Context) (verdicts, error) {
	e.ng.close()
	if err := e.proc.stop(e.bed.load.Idle); err != nil {
		return verdicts{}, fmt.Errorf("%s: %w", e.name(), err)
	}
	return verdicts{}, nil
}
