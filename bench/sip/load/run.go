package load

import (
	"time"
)

// Spec is one load to offer.
type Spec struct {
	Rate     float64       // a second
	Duration time.Duration // of offering
	Drain    time.Duration // for what is under way when offering ends
	Outside  bool          // calls go to numbers outside instead of to phones
	// Begin and End are called when offering begins and ends.
	Begin, End func()
}

// Result is what came of a load.
type Result struct {
	Offered       uint64
	Done          uint64 // went all the way
	Failed        map[string]uint64
	Retransmitted uint64 // by us and toward us
	Challenged    uint64
	Silent        uint64    // calls answered without a usable description
	Added         Histogram // from us through the system to us: an INVITE
	Setup         Histogram // INVITE to 200, REGISTER to 200
	Elapsed       time.Duration

	open int
	talk *Talk // the calls stay up and talk
}

// end counts a call or registration that is over.
func (r *Result) end(why string) {
	r.open--
	if why == "" {
		r.Done++
		return
	}
	r.fail(why, 1)
}

func (r *Result) fail(why string, n uint64) {
	if n == 0 {
		return
	}
	if r.Failed == nil {
		r.Failed = map[string]uint64{}
	}
	r.Failed[why] += n
}

// FailedCount is how many did not go all the way.
func (r *Result) FailedCount() (n uint64) {
	for _, c := range r.Failed {
		n += c
	}
	return n
}

// Register registers every phone of a site once.
func (l *Load) Register(s *Site, rate float64) *Result {
	l.prepare(s)
	all := append(append([]*phone{}, s.callers...), s.callees...)
	i := 0
	return l.offer(Spec{Rate: rate, Duration: time.Hour, Drain: timerT2}, &Result{}, func(r *Result, _ uint64) bool {
		if i == len(all) {
			return false
		}
		all[i].register(r)
		i++
		return true
	})
}

// Registrations has the phones register again and again: REGISTER, 401,
// REGISTER with digest, 200. A phone has one registration under way at a time;
// when all have, the load is not met and counts as failed.
func (l *Load) Registrations(s *Site, spec Spec) *Result {
	l.prepare(s)
	all := append(append([]*phone{}, s.callers...), s.callees...)
	next := 0
	return l.offer(spec, &Result{}, func(r *Result, _ uint64) bool {
		for range all {
			p := all[next]
			next = (next + 1) % len(all)
			if !p.busy {
				p.register(r)
				return true
			}
		}
		r.end("all phones waiting")
		return true
	})
}

// Calls offers calls that are hung up as soon as they are answered.
func (l *Load) Calls(s *Site, spec Spec) *Result {
	l.prepare(s)
	l.site = s
	return l.offer(spec, &Result{}, func(r *Result, n uint64) bool {
		l.newCall(s, n, spec.Outside, r).begin()
		return true
	})
}

// offer runs a load: start begins one and reports whether there was one left.
func (l *Load) offer(spec Spec, r *Result, start func(r *Result, n uint64) bool) *Result {
	l.current = r
	began := l.clock()
	gap := float64(time.Second) / spec.Rate
	if spec.Begin != nil {
		spec.Begin()
	}
	l.run(func(now int64) (int64, bool) {
		l.recycle()
		for range startsAtOnce {
			due := began + int64(float64(r.Offered)*gap)
			if due > now {
				return due, true
			}
			if due-began >= int64(spec.Duration) {
				return 0, false
			}
			r.open++
			if !start(r, r.Offered) {
				r.open--
				return 0, false
			}
			r.Offered++
		}
		return now, true
	})
	if spec.End != nil {
		spec.End()
	}
	r.Elapsed = time.Duration(l.clock() - began)
	l.drain(r, spec.Drain)
	return r
}

// Idle serves what comes for a while: the last answers that a system is owed.
func (l *Load) Idle(d time.Duration) {
	end := l.clock() + int64(d)
	l.run(func(now int64) (int64, bool) { return end, now < end })
}

// drain waits for what is under way, on the callees' side too, then gives it
// up.
func (l *Load) drain(r *Result, limit time.Duration) {
	end := l.clock() + int64(limit)
	l.run(func(now int64) (int64, bool) {
		l.recycle()
		return now + int64(slotTime), (r.open > 0 || l.answered > 0) && now < end
	})
	l.answered = 0
	for _, c := range l.calls {
		r.end("not finished, " + c.state.String())
		c.state = over
		c.gen++
		l.linger(c)
	}
	for _, p := range l.phones {
		if p.busy {
			r.end("not finished")
			p.busy = false
			p.gen++
		}
	}
	l.recycle()
	clear(l.pairs)
	l.current = nil
}

// recycle takes back calls that ended in earlier turns.
func (l *Load) recycle() {
	l.spareCalls = append(l.spareCalls, l.finished...)
	l.finished = l.finished[:0]
}

// since is how long ago a time of the loop's clock was.
func (l *Load) since(at int64) time.Duration { return time.Duration(l.now - at) }
