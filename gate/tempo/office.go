package tempo

import "time"

// office is what is remembered about a unit as a whole.
type office struct {
	Areas    areas
	Hours    hours
	Spent    spent
	Networks [networksMax]shared
	Missed   [missedMax]missed
	Rings    int64 // how many short rings there were
	Doubts   [doubtsMax]doubt
	Debut    int64 // the sequential test over all extensions
	DebutAt  int64
}

// missed is a call from abroad that rang too shortly to be taken.
type missed struct {
	Number uint64
	At     int64
}

// doubt is an area for which challenges lapsed, whoever called.
type doubt struct {
	Area   uint32
	At     int64
	Lapses int64
}

// doubts notes a challenge that lapsed; the oldest doubt makes room.
func (o *office) doubts(area uint32, now int64) {
	oldest := 0
	for i := range o.Doubts {
		d := &o.Doubts[i]
		if d.Area == area && now-d.At < lapsedFor {
			d.At, d.Lapses = now, d.Lapses+1
			return
		}
		if d.At < o.Doubts[oldest].At {
			oldest = i
		}
	}
	o.Doubts[oldest] = doubt{Area: area, At: now, Lapses: 1}
}

// doubted tells an area for which several challenges lapsed this week.
func (o *office) doubted(area uint32, now int64) bool {
	for i := range o.Doubts {
		if d := &o.Doubts[i]; d.Area == area && d.Lapses >= lapsesProved && now-d.At < lapsedFor {
			return true
		}
	}
	return false
}

func (o *office) turn(now int64) {
	o.Hours.turn(now)
	o.Spent.turn(now)
}

// missed notes a call from abroad that gave up at once.
func (o *office) missed(e *Event, now int64) {
	if !abroad(&e.Destination) || e.Ring > shortRing*time.Second {
		return
	}
	o.Missed[o.Rings%missedMax] = missed{Number: digits(e.Destination.Digits), At: now}
	o.Rings++
}

// areas are what a unit called, by country.
type areas struct{ Of [areasMax]areaKnown }

// areaKnown is a country that answered.
type areaKnown struct {
	Area  uint32
	First int64 // Unix seconds of the first answer
	Last  int64
	Days  int64 // on how many days
}

// isNew tells an area that did not answer on several days over a week: who
// only has a stolen password can't make it known in an afternoon.
func (a *areas) isNew(code uint32, now int64) bool {
	for i := range a.Of {
		if k := &a.Of[i]; k.Area == code && k.Days > 0 {
			return k.Days < areaDays || now-k.First < areaNewFor
		}
	}
	return true
}

// know notes an answer; the area that was not called for longest makes room.
func (a *areas) know(code uint32, now int64) *areaKnown {
	oldest := 0
	for i := range a.Of {
		k := &a.Of[i]
		if k.Area == code && k.Days > 0 {
			if now/day != k.Last/day {
				k.Days++
			}
			k.Last = now
			return k
		}
		if k.Last < a.Of[oldest].Last {
			oldest = i
		}
	}
	a.Of[oldest] = areaKnown{Area: code, First: now, Last: now, Days: 1}
	return &a.Of[oldest]
}

// trust makes an area known at once: somebody proved that it is meant.
func (a *areas) trust(code uint32, now int64) {
	k := a.know(code, now)
	k.First, k.Days = min(k.First, now-areaNewFor), max(k.Days, areaDays)
}
