package stack

import (
	"net/netip"
	"time"
)

// overload tells how far behind a shard's loop is, by how long the requests
// lay in the socket or the mailbox, and which new ones must be turned away so
// that the others, and all calls that are up, go on as if nothing were wrong.
//
// It looks for a queue that stands: a burst, or a pause of the machine, that
// is worked off within standsFor is no overload, and neither is one that takes
// longer to work off but gets shorter all the time. While a queue stands each
// request is judged by its own wait, the longer the likelier it is shed, so
// that what is taken settles at what can be done.
type overload struct {
	long   time.Time // since when the queue is looked at; zero while it is short
	last   time.Time // when saw was last told
	until  time.Time // shedding at least until then
	wait   time.Duration
	before time.Duration // longest wait in the look before this one, 0 for none
	peak   time.Duration // longest wait since long
	owed   float64       // what is to be shed, less what was: no dice, no waves
	places places
}

// saw takes in how long a message waited.
func (o *overload) saw(wait time.Duration, now time.Time) {
	pause := now.Sub(o.last)
	o.last = now
	if wait > waitBelieved { // the clock was set
		wait = 0
	}
	o.wait = wait
	short := waitShort
	if o.shedding(now) {
		short = shedFrom // which keeps the queue that stands below waitShort
	}
	switch {
	case wait < short:
		o.long = time.Time{}
	case o.long.IsZero() || pause < 0 || pause >= standsFor:
		o.long, o.before, o.peak = now, 0, wait
	case now.Sub(o.long) < standsFor/2:
		o.peak = max(o.peak, wait)
	default:
		drains := o.peak <= waitDrains && o.peak+drainsBy <= o.before
		if o.before > 0 && !drains {
			o.until = now.Add(overloadHold)
		}
		o.long, o.before, o.peak = now, o.peak, wait
	}
}

// shedding reports whether the queue stands, or did a moment ago.
func (o *overload) shedding(now time.Time) bool {
	return now.Before(o.until) && o.until.Sub(now) <= overloadHold
}

// behind reports whether what was looked at last had waited so long that
// strangers must be kept short.
func (o *overload) behind() bool { return o.wait >= waitStranger }

// sheds reports whether the request that waited as long as saw was told must
// be turned away. Nothing is while the shard keeps up; a request that asks
// for little is turned away last.
func (o *overload) sheds(from, full time.Duration, now time.Time) bool {
	if !o.shedding(now) || o.wait <= from {
		return false
	}
	o.owed += min(1, float64(o.wait-from)/float64(full-from))
	if o.owed < 1 {
		return false
	}
	o.owed--
	return true
}

// places are the calls that a source has begun in this second: one that
// begins few is not turned away because others begin many. Sources share
// cells; their number does not grow.
type places struct {
	until time.Time
	by    [placesCells]uint8
}

// few counts a call and reports whether its source has begun only few.
func (p *places) few(source netip.AddrPort, now time.Time) bool {
	if !now.Before(p.until) || p.until.Sub(now) > time.Second {
		*p = places{until: now.Add(time.Second)}
	}
	a := source.Addr().As16()
	h := fnv(fnvBasis, a[:])
	h = fnv(h, []byte{byte(source.Port() >> 8), byte(source.Port())})
	cell := &p.by[h%placesCells]
	if *cell >= placesFew {
		return false
	}
	*cell++
	return true
}
