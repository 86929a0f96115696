package load

import (
	"net/netip"
	"time"
)

// Talk is a number of calls with sound at once, which can grow.
type Talk struct {
	// Calls tells how the calls did as calls.
	Calls *Result

	l    *Load
	site *Site
	up   []*call
}

// Heard is what was heard in one stretch of a Talk.
type Heard struct {
	Sent, Heard uint64    // RTP packets
	Added       Histogram // their delay
	Silent      uint64    // calls up that have no sound, for want of a description
}

// Talk begins with no calls; nothing else may run until Close.
func (l *Load) Talk(s *Site) *Talk {
	if s != nil {
		l.prepare(s)
	}
	l.site = s
	l.legs, l.slots = nil, [slotCount][]*leg{}
	t := &Talk{l: l, site: s, Calls: &Result{}}
	t.Calls.talk = t
	return t
}

// Grow sets up n more calls at a rate, while those that are up talk on, and
// gives how many came up.
func (t *Talk) Grow(n int, rate float64) int {
	l, r := t.l, t.Calls
	l.current = r
	began, first, before := l.clock(), r.Offered, len(t.up)
	last := r.Offered + uint64(n)
	gap := float64(time.Second) / rate
	end := began + int64(float64(n)*gap) + int64(timerT2)
	failed := r.FailedCount()
	l.run(func(now int64) (int64, bool) {
		next := l.sound(now)
		for r.Offered < last {
			due := began + int64(float64(r.Offered-first)*gap)
			if due > now {
				next = min(next, due)
				break
			}
			r.open++
			l.newCall(t.site, r.Offered, false, r).begin()
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
	t.l.newLeg(t.l.callerVoice, caller)
	t.l.newLeg(t.l.calleeVoice, callee)
}

// Listen has the calls talk for settle, and then counts for d. begin and end
// are called when counting begins and ends.
func (t *Talk) Listen(settle, d time.Duration, begin, end func()) *Heard {
	h := &Heard{Silent: t.Calls.Silent}
	l := t.l
	l.current = t.Calls
	l.sounding(settle)
	begin()
	l.heard, l.counting = h, true
	for _, g := range l.legs {
		g.sent, g.heard = 0, 0
	}
	l.sounding(d)
	l.counting = false
	end()
	l.sounding(drainQuiet)
	for _, g := range l.legs {
		h.Sent += g.sent
		h.Heard += g.heard
	}
	l.heard = nil
	return h
}

// sounding lets the calls talk for a while.
func (l *Load) sounding(d time.Duration) {
	end := l.clock() + int64(d)
	l.run(func(now int64) (int64, bool) { return min(l.sound(now), end), now < end })
}

// Close hangs up the calls, and waits for those that are under way.
func (t *Talk) Close() {
	const atOnce = 8
	l, up := t.l, t.up
	l.current = t.Calls
	l.run(func(now int64) (int64, bool) {
		for range atOnce {
			if len(up) == 0 {
				return 0, false
			}
			if up[0].state == talking {
				up[0].bye()
			}
			up = up[1:]
		}
		return now + int64(slotTime), true
	})
	l.drain(t.Calls, 2*timerT2)
	l.legs, l.slots = nil, [slotCount][]*leg{}
}

// Direct gives the addresses at which the two sides hear each other without
// anything between: the generator's own delay.
func (l *Load) Direct() (caller, callee netip.AddrPort) {
	return l.calleeVoice.local, l.callerVoice.local
}

// Outside tells what the carrier saw since it was last asked: how often each
// number dialed reached it by different calls, by the number without its zero;
// what it was called at and nobody had dialed; and how many numbers were dialed.
func (l *Load) Outside() (reached map[uint64]int, strange []string, dialed uint64) {
	reached = make(map[uint64]int, len(l.reached))
	for n, times := range l.reached {
		reached[outsideBase+n] = times
	}
	for s := range l.strange {
		strange = append(strange, s)
	}
	dialed = l.dialed - l.told
	l.told = l.dialed
	clear(l.reached)
	clear(l.strange)
	return reached, strange, dialed
}
