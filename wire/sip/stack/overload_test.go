package stack

import (
	"net/netip"
	"testing"
	"time"
)

// queue is a server with a queue, a second by the millisecond: so many requests
// a millisecond come, so many can be done, and one that is shed costs a tenth.
// It gives what was done and shed, and the longest wait of one that was done.
func queue(o *overload, start time.Time, arrive, serve float64, millis int) (done, shed int, longest time.Duration) {
	var waiting []time.Time
	now, room, due := start, 0.0, 0.0
	for range millis {
		now = now.Add(time.Millisecond)
		for due += arrive; due >= 1; due-- {
			waiting = append(waiting, now)
		}
		for room = min(room+serve, serve+1); room > 0 && len(waiting) > 0; {
			wait := now.Sub(waiting[0])
			waiting = waiting[1:]
			o.saw(wait, now)
			if o.sheds(shedFrom, shedFull, now) {
				shed++
				room -= 0.1
				continue
			}
			done++
			longest = max(longest, wait)
			room--
		}
	}
	return done, shed, longest
}

// pauses lets a server that has three quarters of what it can do stand still
// for so many milliseconds, and gives how many were shed afterwards.
func pauses(o *overload, start time.Time, millis int) (shed int) {
	const arrive, serve = 3, 4
	var waiting []time.Time
	for i := range 10 * millis {
		now := start.Add(time.Duration(i) * time.Millisecond)
		for range arrive {
			waiting = append(waiting, now)
		}
		for n := serve; i >= millis && n > 0 && len(waiting) > 0; n-- {
			o.saw(now.Sub(waiting[0]), now)
			waiting = waiting[1:]
			if o.sheds(shedFrom, shedFull, now) {
				shed++
			}
		}
	}
	return shed
}

func TestOverloadKeepsWhatCanBeDone(t *testing.T) {
	for _, times := range []float64{1.5, 2, 4} {
		var o overload
		start := time.Unix(1_000_000, 0)
		queue(&o, start, times*4, 4, 1000) // the first second, until it settles
		done, shed, longest := queue(&o, start.Add(time.Second), times*4, 4, 10_000)
		// What is shed costs a tenth: so much of 40,000 can be done at best.
		best := 40_000 * (1 - 0.1*times) / 0.9
		if float64(done) < 0.95*best {
			t.Errorf("%.1f times what can be done: %d done of %.0f, %d shed", times, done, best, shed)
		}
		if longest > shedFull {
			t.Errorf("%.1f times: a request that was done had waited %v", times, longest)
		}
	}
}

func TestNoOverloadShedsNothing(t *testing.T) {
	var o overload
	start := time.Unix(1_000_000, 0)
	if _, shed, _ := queue(&o, start, 3.6, 4, 10_000); shed > 0 {
		t.Errorf("below what can be done %d were shed", shed)
	}
	// A pause of the machine: 80 ms of requests at once, worked off at double speed.
	o = overload{}
	now := start
	for i := range 80 {
		now = now.Add(time.Millisecond / 2)
		o.saw(80*time.Millisecond-time.Duration(i)*time.Millisecond/2, now)
		if o.sheds(shedFrom, shedFull, now) {
			t.Fatalf("request %d of a burst was shed", i)
		}
	}
	// Longer ones at three quarters of what can be done: it takes four times as
	// long to work them off, and the queue gets shorter all the while.
	for _, pause := range []int{50, 100, 200} {
		o = overload{}
		if n := pauses(&o, start, pause); n > 0 {
			t.Errorf("after a pause of %d ms %d were shed", pause, n)
		}
	}
	o = overload{}
	if pauses(&o, start, 400) == 0 {
		t.Error("a pause that nearly makes everybody repeat sheds nothing")
	}
	// Long waits that are far apart are no queue.
	o = overload{}
	for i := range 100 {
		at := start.Add(time.Duration(i) * time.Second)
		if o.saw(200*time.Millisecond, at); o.sheds(shedFrom, shedFull, at) {
			t.Fatal("single long waits shed")
		}
	}
	// A clock that was set makes no overload, and none that stays.
	o = overload{}
	for i := range 100 {
		at := start.Add(time.Duration(i) * 5 * time.Millisecond)
		if o.saw(time.Hour, at); o.sheds(shedFrom, shedFull, at) {
			t.Fatal("a step of the clock shed")
		}
	}
	o = overload{until: start.Add(time.Hour)}
	if o.shedding(start) {
		t.Error("shedding for an hour, after the clock was set back")
	}
}

func TestOverloadEnds(t *testing.T) {
	var o overload
	start := time.Unix(1_000_000, 0)
	queue(&o, start, 8, 4, 1000)
	later := start.Add(time.Second)
	if !o.shedding(later) {
		t.Fatal("twice as much as can be done is no overload")
	}
	later = later.Add(overloadHold + time.Millisecond)
	if o.shedding(later) {
		t.Error("it does not end")
	}
	// It ends as well while there is nine tenths of what can be done to do.
	o = overload{}
	queue(&o, start, 8, 4, 1000)
	queue(&o, start.Add(time.Second), 3.6, 4, 2000)
	if o.shedding(start.Add(3 * time.Second)) {
		t.Error("it does not end while there is much to do")
	}
	if _, shed, _ := queue(&o, start.Add(3*time.Second), 3.6, 4, 5000); shed > 0 {
		t.Errorf("%d were shed after it", shed)
	}
	// Within the hold, what did not wait is not shed.
	o = overload{}
	queue(&o, start, 8, 4, 1000)
	at := start.Add(time.Second + time.Millisecond)
	o.saw(time.Millisecond, at)
	if o.sheds(shedFrom, shedFull, at) {
		t.Error("a request that did not wait was shed")
	}
}

func TestFewCallsOfASource(t *testing.T) {
	var p places
	now := time.Unix(1_000_000, 0)
	wild, calm := netip.MustParseAddrPort("10.0.0.1:5060"), netip.MustParseAddrPort("10.0.0.2:5060")
	count := func(a netip.AddrPort, at time.Time) (n int) {
		for range 3 * placesFew {
			if p.few(a, at) {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		source netip.AddrPort
		after  time.Duration
		want   int
	}{
		{wild, 0, placesFew},
		{calm, time.Second / 2, placesFew},
		{wild, time.Second / 2, 0},
		{wild, time.Second, placesFew},
		{wild, -time.Hour, placesFew},
	} {
		if n := count(c.source, now.Add(c.after)); n != c.want {
			t.Errorf("%v after %v: %d calls are few, want %d", c.source, c.after, n, c.want)
		}
	}
}
