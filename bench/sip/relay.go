package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// relayed measures relayed calls: n of them at once, more in each step. A system
// stops growing at the first step that is not clean.
type relayed struct {
	talk  *load.Talk
	join  func(i int) error // sets up one call without signaling; nil to call
	own   []step            // the generator's own, with nothing between
	seal  bool              // one leg of each call must be SRTP
	tries int               // of a step until it is clean
	up    int
	over  bool // the last step was not clean: packets of it may still lie about
}

// grow brings the number of calls that talk to n and measures. Where that is not
// clean a full run measures once more: setting calls up disturbs.
func (v *relayed) grow(sys subject, n int, d time.Duration) (step, error) {
	s := step{System: sys.name(), Rate: float64(n), Seconds: d.Seconds()}
	if err := v.raise(n); err != nil {
		return s, err
	}
	for range v.tries {
		if v.over {
			v.talk.Rest(relayRest)
		}
		v.talk.Only(n)
		if v.listen(sys, &s, n, d); s.Clean {
			break
		}
	}
	return s, nil
}

// raise brings the number of calls to n.
func (v *relayed) raise(n int) error {
	for ; v.join != nil && v.up < n; v.up++ {
		if err := v.join(v.up); err != nil {
			return err
		}
	}
	if v.join == nil && v.up < n {
		v.up += v.talk.Grow(n-v.up, setupRate)
	}
	return nil
}

// listen measures the calls that are up.
func (v *relayed) listen(sys subject, s *step, n int, d time.Duration) {
	var h *load.Heard
	measured(sys, s, func() uint64 { return h.Sent }, func(begin, end func()) {
		h = v.talk.Listen(relaySettle, d, begin, end)
	})
	s.Lost = 0
	s.Offered, s.Done, s.Failed, s.Retransmits = h.Sent, h.Heard, v.talk.Calls.Failed, v.talk.Calls.Retransmitted
	if h.Sent > h.Heard {
		s.Lost = h.Sent - h.Heard
	}
	s.AddedP50, s.AddedP99 = ms(h.Added.Quantile(.5)), ms(h.Added.Quantile(.99))
	s.judgeSound(v.up, n, h, ownDelay(v.own, float64(n)))
	if v.seal && h.Sealed != v.up {
		s.Clean, s.Why = false, fmt.Sprintf("%d of %d calls have a leg of SRTP", h.Sealed, v.up)
	}
	v.over = !s.Clean
}

// judgeSound says whether a step of relayed calls is clean: own is what the
// generator alone takes, p99 in ms.
func (s *step) judgeSound(up, n int, h *load.Heard, own float64) {
	s.Clean = false
	switch {
	case up < n:
		s.Why = fmt.Sprintf("%d of %d calls came up: %s", up, n, counts(s.Failed))
	case h.Silent > 0:
		s.Why = fmt.Sprintf("%d calls without sound", h.Silent)
	case h.Dropped > 0:
		s.Why = fmt.Sprintf("%d calls ended", h.Dropped)
	case s.Lost > 0 || h.Sent == 0:
		s.Why = fmt.Sprintf("%d of %d packets lost", s.Lost, h.Sent)
	case s.System != nothingName && s.AddedP99 > own+relayDelayOver:
		s.Why = fmt.Sprintf("p99 %.1f ms, the generator's own %.1f", s.AddedP99, own)
	default:
		s.Clean, s.Why = true, ""
	}
	if s.generatorFull() {
		s.Why = strings.TrimPrefix(s.Why+"; the generator's core was full", "; ")
	}
}

// ownDelay is the generator's own p99 in ms at n calls, between the numbers of
// calls that it was measured at; beyond them it is taken to grow no more.
func ownDelay(own []step, n float64) float64 {
	var below, above step
	for _, s := range own {
		if s.Rate <= n && s.Rate >= below.Rate {
			below = s
		}
		if s.Rate > n && (above.Rate == 0 || s.Rate < above.Rate) {
			above = s
		}
	}
	if above.Rate == 0 {
		return below.AddedP99
	}
	return below.AddedP99 + (above.AddedP99-below.AddedP99)*(n-below.Rate)/(above.Rate-below.Rate)
}

// openRelay begins the relayed calls of a system.
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

const nothingName = "nothing between"

// nothing is no system at all: the generator hears itself.
type nothing struct {
	bed  *bed
	site *load.Site
}

var _ subject = (*nothing)(nil)

func (*nothing) name() string                           { return nothingName }
func (*nothing) start(context.Context) error            { return nil }
func (*nothing) pid() int                               { return os.Getpid() }
func (*nothing) stop(context.Context) (verdicts, error) { return verdicts{}, nil }

// ready gives a site whose callers call the callees' own address.
func (n *nothing) ready() (*load.Site, error) {
	if n.site == nil {
		at := netip.AddrPortFrom(n.bed.callees(), portSIP)
		n.site = &load.Site{
			Server: at, Domain: at.Addr().String(),
			Callers: accounts(phoneFirst, phonesEach, ""), Callees: accounts(phoneFirst+phonesEach, phonesEach, ""),
		}
	}
	return n.site, nil
}

func (n *nothing) join(t *load.Talk, _ int) error {
	t.Join(n.bed.load.Direct())
	return nil
}

// relay measures relayed calls on one system: calls that are up use both cores,
// so that systems can't take turns while they are.
func (r *row) relay(
	ctx context.Context, o *options, b *bed, sys subject, last bool, t *trial,
) (verdicts, error) {
	fail := func(err error) (verdicts, error) { return verdicts{}, fmt.Errorf("%s: %w", sys.name(), err) }
	if err := sys.start(ctx); err != nil {
		return fail(err)
	}
	v, err := openRelay(b, sys)
	if err != nil {
		return fail(err)
	}
	s := o.search(r, sys.name())
	s.least = growthRelay
	v.tries = relayTries
	if o.quick {
		s.left, v.tries = min(s.left, relaySteps), 1
		if sys.name() == nothingName {
			s.left = relayNothingSteps
		}
	}
	_, ours := sys.(*unit)
	v.seal = ours && r.office.calleeTransport == load.TLS
	if len(t.systems) > 0 && t.systems[0] == nothingName {
		v.own = t.searches[0].steps
	}
	waits := last && !o.quick && sys.name() != nothingName
	if waits {
		b.load.Idle(o.settle())
	}
	empty, err := settled(sys)
	if err != nil {
		return fail(err)
	}
	var each weight
	var took time.Duration
	for {
		rate, ok := s.more()
		began := time.Now()
		if !ok || t.over(s, began, took) || sys.name() == nothingName && (rate > relayNothing || s.over > 0) {
			break
		}
		st, err := v.grow(sys, int(rate), o.duration)
		if err != nil {
			return fail(err)
		}
		o.say(r.key, st)
		s.take(st)
		took = time.Since(began)
		if each.Of == 0 && v.up > 0 {
			if waits {
				b.load.Idle(o.settle())
			}
			full, err := settled(sys)
			if err != nil {
				return fail(err)
			}
			each = full.since(empty, v.up)
			each.Settled = waits
		}
	}
	v.talk.Close()
	t.systems, t.searches, t.half = append(t.systems, sys.name()), append(t.searches, s), append(t.half, middleStep(s))
	t.each = append(t.each, each)
	return sys.stop(ctx)
}

// engine is rtpengine in user space with one thread, driven by its ng protocol.
type engine struct {
	bed  *bed
	proc *process
	ng   *ng
}

var _ subject = (*engine)(nil)

func (*engine) name() string               { return engineName }
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
		fmt.Sprintf("--port-min=%d", relayPortFirst), fmt.Sprintf("--port-max=%d", relayPortLast),
		"--num-threads=1", "--pidfile="+dir+"/pid")
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
