package load

import (
	"net/netip"
	"slices"
	"time"
)

// Spec is one load to offer.
type Spec struct {
	Rate     float64       // a second; not looked at by Offer
	Duration time.Duration // of offering
	Drain    time.Duration // for what is under way when offering ends
	Outside  bool          // calls go to numbers outside instead of to phones
	// Begin and End are called when offering begins and ends.
	Begin, End func()
	// Events happen once each while the load is offered, in order of time.
	Events []Event
	// Also are results of what events begin: they are waited for.
	Also []*Result
}

// Event is something that happens while a load is offered.
type Event struct {
	After time.Duration
	Do    func()
}

// Result is what came of a load.
type Result struct {
	Offered       uint64
	Done          uint64 // went all the way
	Within        uint64 // of them, before offering ended
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

// Work is one kind of work, offered at a rate.
type Work struct {
	rate  float64
	start func(r *Result, n uint64) bool // begins the n-th; false when there is none left
	most  int                            // under way at once, 0 for as many as the rate makes
}

// CallWork is calls that are hung up as soon as they are answered.
func (l *Load) CallWork(s *Site, rate float64, out bool) Work {
	l.prepare(s)
	l.site = s
	to := inside
	if out {
		to = outside
	}
	return Work{rate: rate, start: func(r *Result, n uint64) bool {
		l.newCall(s, n, to, r).begin()
		return true
	}}
}

// allWaiting is why a registration failed that no phone was free for.
const allWaiting = "all phones waiting"

// RegistrationWork has the phones register again and again: REGISTER, 401,
// REGISTER with digest, 200. A phone has one registration under way at a time;
// when all have, the load is not met and counts as failed.
func (l *Load) RegistrationWork(s *Site, rate float64) Work {
	l.prepare(s)
	next := 0
	return Work{rate: rate, start: func(r *Result, _ uint64) bool {
		for range s.all {
			p := s.all[next]
			next = (next + 1) % len(s.all)
			if !p.busy {
				p.register(r)
				return true
			}
		}
		r.end(allWaiting)
		return true
	}}
}

// Register registers every phone of a site once. Those that connect are few at a
// time: a server has room for so many connections of which it knows nobody.
func (l *Load) Register(s *Site, rate float64) *Result {
	l.prepare(s)
	l.site = s
	w := Work{rate: rate, start: func(r *Result, n uint64) bool {
		if n == uint64(len(s.all)) {
			return false
		}
		s.all[n].register(r)
		return true
	}}
	if s.Transport != "" && s.Transport != UDP || s.CalleeTransport != "" && s.CalleeTransport != UDP {
		w.most = connectsAtOnce
	}
	return l.Offer(Spec{Duration: time.Hour, Drain: 2 * timerT2}, w)[0]
}

// Registrations offers registrations alone.
func (l *Load) Registrations(s *Site, spec Spec) *Result {
	return l.Offer(spec, l.RegistrationWork(s, spec.Rate))[0]
}

// Calls offers calls alone.
func (l *Load) Calls(s *Site, spec Spec) *Result {
	return l.Offer(spec, l.CallWork(s, spec.Rate, spec.Outside))[0]
}

// Emergency begins one call to the fire brigade, for a result of its own.
func (l *Load) Emergency(s *Site, r *Result) {
	l.prepare(s)
	r.open++
	r.Offered++
	l.newCall(s, 0, emergency, r).begin()
}

// MoveIn gives a phone of a site another address, where nobody was seen
// before; begin has it register from there.
func (l *Load) MoveIn(s *Site, a Account, at netip.Addr) (begin func(r *Result), err error) {
	l.prepare(s)
	sock, err := l.listen(netip.AddrPortFrom(at, portSIP))
	if err != nil {
		return nil, err
	}
	sock.take = func(b []byte, from netip.AddrPort, _ int) { l.arrive(sock, b, from) }
	sock.self = end{host: []byte(sock.local.String()), via: "UDP", voice: l.callers.self.voice, sdp: l.callers.self.sdp}
	p := l.newPhone(s, a, sock, s.Server)
	return func(r *Result) {
		r.open++
		r.Offered++
		p.register(r)
	}, nil
}

// Deafen has the callees' phones, or the carrier, be gone: nothing that comes
// for them is taken until they are back.
func (l *Load) Deafen(callees, carrier bool) { l.callees.deaf, l.carrier.deaf = callees, carrier }

// flow is work under way.
type flow struct {
	Work
	r *Result
}

// begin starts what is due and gives when the next is; more is false when all
// was offered.
func (f *flow) begin(began, now int64, limit time.Duration) (due int64, more bool) {
	gap := float64(time.Second) / f.rate
	for range startsAtOnce {
		due := began + int64(float64(f.r.Offered)*gap)
		if due-began >= int64(limit) {
			return 0, false
		}
		if due > now {
			return due, true
		}
		if f.most > 0 && f.r.open >= f.most {
			return now + int64(mediaGrain), true
		}
		f.r.open++
		if !f.start(f.r, f.r.Offered) {
			f.r.open--
			return 0, false
		}
		f.r.Offered++
	}
	return now, true
}

// Offer offers several kinds of work at once, and gives what came of each. With
// none it only lets time pass.
func (l *Load) Offer(spec Spec, works ...Work) []*Result {
	var flows []*flow
	var results []*Result
	for _, w := range works {
		f := &flow{w, &Result{}}
		flows, results = append(flows, f), append(results, f.r)
	}
	if spec.Begin != nil {
		spec.Begin()
	}
	began, events := l.clock(), spec.Events
	end := began + int64(spec.Duration)
	l.turn(func(now int64) (int64, bool) {
		l.recycle()
		for len(events) > 0 && began+int64(events[0].After) <= now {
			events[0].Do()
			events = events[1:]
		}
		next, more := end, len(works) == 0 && now < end
		for _, f := range flows {
			if due, left := f.begin(began, now, spec.Duration); left {
				next, more = min(next, due), true
			}
		}
		if len(events) > 0 {
			next = min(next, began+int64(events[0].After))
		}
		return next, more
	})
	for _, r := range results {
		r.Within, r.Elapsed = r.Done, time.Duration(l.clock()-began)
	}
	if spec.End != nil {
		spec.End()
	}
	l.drain(spec.Drain, append(slices.Clone(results), spec.Also...))
	return results
}

// turn runs the loop, with the sound of the calls that are up.
func (l *Load) turn(more func(now int64) (next int64, ok bool)) {
	l.run(func(now int64) (int64, bool) {
		next, ok := more(now)
		if len(l.legs) > 0 {
			next = min(next, l.sound(now))
		}
		return next, ok
	})
}

// Idle serves what comes for a while: the last answers that a system is owed.
func (l *Load) Idle(d time.Duration) {
	end := l.clock() + int64(d)
	l.turn(func(now int64) (int64, bool) { return end, now < end })
}

// drain waits for what is under way, on the callees' side too, then gives it
// up.
func (l *Load) drain(limit time.Duration, results []*Result) {
	end := l.clock() + int64(limit)
	l.turn(func(now int64) (int64, bool) {
		l.recycle()
		open := l.answered
		for _, r := range results {
			open += r.open
		}
		return now + int64(slotTime), open > 0 && now < end
	})
	l.answered = 0
	ours := func(r *Result) bool { return slices.Contains(results, r) }
	for _, c := range l.calls {
		if ours(c.run) {
			c.run.end("not finished, " + c.state.String())
			c.state = over
			c.gen++
			l.linger(c)
		}
	}
	for _, p := range l.phones {
		if p.busy && ours(p.run) {
			p.finish("not finished")
		}
	}
	l.recycle()
	for key, d := range l.pairs {
		if ours(d.run) {
			delete(l.pairs, key)
		}
	}
}

// recycle takes back calls that ended in earlier turns.
func (l *Load) recycle() {
	l.spareCalls = append(l.spareCalls, l.finished...)
	l.finished = l.finished[:0]
}

// since is how long ago a time of the loop's clock was.
func (l *Load) since(at int64) time.Duration { return time.Duration(l.now - at) }
