package load

import (
	"net/netip"
	"time"
)

// Talk is a number of calls with sound at once, which can grow. They talk on
// while other load is offered.
type Talk struct {
	// Calls tells how the calls did as calls.
	Calls *Result

	l      *Load
	site   *Site
	up     []*call
	before int // how many were up when counting began
}

// Heard is what was heard in one stretch of a Talk.
type Heard struct {
	Sent, Heard uint64    // RTP packets
	Added       Histogram // their delay
	Silent      uint64    // calls up that have no sound, for want of a description
	Dropped     int       // calls that were up and ended without our doing
	Sealed      int       // calls of which one leg is SRTP
}

// Talk begins with no calls. There is one at a time.
func (l *Load) Talk(s *Site) *Talk {
	if s != nil {
		l.prepare(s)
	}
	l.site = s
	l.hush()
	t := &Talk{l: l, site: s, Calls: &Result{}}
	t.Calls.talk = t
	return t
}

// Grow sets up n more calls at a rate, while those that are up talk on, and
// gives how many came up.
func (t *Talk) Grow(n int, rate float64) int {
	l, r := t.l, t.Calls
	began, first, before := l.clock(), r.Offered, len(t.up)
	last := r.Offered + uint64(n)
	gap := float64(time.Second) / rate
	end := began + int64(float64(n)*gap) + int64(timerT2)
	failed := r.FailedCount()
	l.turn(func(now int64) (int64, bool) {
		next := end
		for r.Offered < last {
			due := began + int64(float64(r.Offered-first)*gap)
			if due > now {
				next = min(next, due)
				break
			}
			r.open++
			l.newCall(t.site, r.Offered, talker, r).begin()
			r.Offered++
		}
		ready := r.Offered == last && len(t.up)-before+int(r.FailedCount()-failed) == n
		return next, !ready && now < end
	})
	return len(t.up) - before
}

// Join adds a call that was set up without signaling: it says where the
// caller's and the callee's packets go.
func (t *Talk) Join(caller, callee netip.AddrPort) {
	t.l.newLeg(t.l.callers.self.voice, caller)
	t.l.newLeg(t.l.callees.self.voice, callee)
}

// Only has no more than n of the calls talk; the others are up and silent.
func (t *Talk) Only(n int) {
	for i, g := range t.l.legs { // each call has two
		g.quiet = i >= 2*n
	}
}

// Rest has all calls be silent for so long: what waits in sockets is read. A
// generator that was too late would stay so, because it makes up for what it
// did not send.
func (t *Talk) Rest(d time.Duration) {
	t.Only(0)
	t.l.Idle(d)
}

// Listen has the calls talk for settle, and then counts for d. begin and end
// are called when counting begins and ends.
func (t *Talk) Listen(settle, d time.Duration, begin, end func()) *Heard {
	t.l.Idle(settle)
	begin()
	h := t.Count()
	t.l.Idle(d)
	end()
	t.Counted(h)
	return h
}

// Count begins to count packets, until Counted.
func (t *Talk) Count() *Heard {
	h := &Heard{}
	t.before = t.talking()
	t.l.heard, t.l.counting = h, true
	for _, g := range t.l.legs {
		g.sent, g.heard = 0, 0
	}
	return h
}

// Counted ends counting, waits for the packets under way and sums up.
func (t *Talk) Counted(h *Heard) {
	l := t.l
	l.counting = false
	l.Idle(drainQuiet)
	for _, g := range l.legs {
		h.Sent += g.sent
		h.Heard += g.heard
	}
	h.Sealed = len(l.sealed)
	h.Silent, h.Dropped = t.Calls.Silent, t.before-t.talking()
	l.heard = nil
}

// talking is how many of the calls are up.
func (t *Talk) talking() (n int) {
	for _, c := range t.up {
		if c.run == t.Calls && c.state == talking {
			n++
		}
	}
	return n
}

// Close hangs up the calls, and waits for those that are under way.
func (t *Talk) Close() {
	const atOnce = 8
	l, up := t.l, t.up
	l.turn(func(now int64) (int64, bool) {
		for range atOnce {
			if len(up) == 0 {
				return 0, false
			}
			if up[0].run == t.Calls && up[0].state == talking {
				up[0].bye()
			}
			up = up[1:]
		}
		return now + int64(slotTime), true
	})
	l.drain(2*timerT2, []*Result{t.Calls})
	l.hush()
}

// Direct gives the addresses at which the two sides hear each other without
// anything between: the generator's own delay.
func (l *Load) Direct() (caller, callee netip.AddrPort) {
	return l.callees.self.voice.local, l.callers.self.voice.local
}

// Outside is what the carrier saw.
type Outside struct {
	Reached     map[uint64]int // how often each number reached it by different calls, by the number without its zero
	Strange     []string       // what it was called at and nobody had dialed
	Dialed      uint64         // numbers dialed
	Emergencies int            // emergency calls made
}

// Outside tells what the carrier saw since it was last asked.
func (l *Load) Outside() (o Outside) {
	o.Reached = make(map[uint64]int, len(l.reached))
	for n, times := range l.reached {
		o.Reached[outsideBase+n] = times
	}
	for s := range l.strange {
		o.Strange = append(o.Strange, s)
	}
	o.Dialed, o.Emergencies = l.dialed-l.told, l.urgent
	l.told, l.urgent = l.dialed, 0
	clear(l.reached)
	clear(l.strange)
	return o
}
