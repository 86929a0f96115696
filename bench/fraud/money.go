package main

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

// Baselines that count money. They know the carrier's price list.

// meter counts what dear calls cost on a day.
type meter struct {
	site  *fraud.Site
	day   int
	spent int64 // thousandths of yen of calls that are over
}

// priced is the price of a dear call.
func (m *meter) priced(e *fraud.Event) fraud.Rate {
	if !e.Abroad() {
		return m.site.Prices.Home("premium")
	}
	return m.site.Prices.Abroad(e.Area, e.Number)
}

// turn begins a new day's count.
func (m *meter) turn(at time.Time) {
	if day := at.In(m.site.Zone).YearDay(); day != m.day {
		m.day, m.spent = day, 0
	}
}

// dayBudget looks at call records: after each call, what the day has cost.
type dayBudget struct {
	idle
	meter
	milliYen int64
}

func newDayBudget(f *frozen) func(*fraud.Site, Policy) (Subject, error) {
	return func(site *fraud.Site, _ Policy) (Subject, error) {
		return &dayBudget{meter: meter{site: site}, milliYen: f.CDR.DayYen * 1000}, nil
	}
}

// Ask refuses dear calls once the day's money is gone.
func (d *dayBudget) Ask(e *fraud.Event) Answer {
	d.turn(e.At)
	if dear(e) && d.spent >= d.milliYen {
		return Refuse
	}
	return Pass
}

// Tell books a call when it is over.
func (d *dayBudget) Tell(e *fraud.Event) {
	if e.Kind == fraud.Ended && e.Talk > 0 && dear(e) {
		d.turn(e.At)
		d.spent += d.priced(e).Price(e.Talk)
	}
}

// cnxcc keeps a day's credit for the office, as Kamailio's module does: it adds
// up running calls by the second, and each second ends all of them if the
// credit is gone. What rings does not count.
type cnxcc struct {
	meter
	milliYen int64
	up       map[uint64]running
}

type running struct {
	since time.Time
	rate  fraud.Rate
}

func newCNXCC(f *frozen) func(*fraud.Site, Policy) (Subject, error) {
	return func(site *fraud.Site, _ Policy) (Subject, error) {
		return &cnxcc{meter: meter{site: site}, milliYen: f.CNXCC.DayYen * 1000, up: map[uint64]running{}}, nil
	}
}

// Ask refuses when the credit is gone.
func (c *cnxcc) Ask(e *fraud.Event) Answer {
	c.turn(e.At)
	if dear(e) && c.consumed(e.At) >= c.milliYen {
		return Refuse
	}
	return Pass
}

func (c *cnxcc) consumed(at time.Time) int64 {
	sum := c.spent
	for _, r := range c.up {
		sum += r.rate.MilliYen * int64(at.Sub(r.since)/time.Second) / int64(r.rate.Unit/time.Second)
	}
	return sum
}

// Tell starts and ends counting.
func (c *cnxcc) Tell(e *fraud.Event) {
	if !dear(e) {
		return
	}
	c.turn(e.At)
	switch e.Kind {
	case fraud.Answered:
		c.up[e.Call] = running{e.At, c.priced(e)}
	case fraud.Ended:
		if e.Talk > 0 {
			c.spent += c.priced(e).Price(e.Talk)
		}
		delete(c.up, e.Call)
	}
}

// Due is the second in which the running calls will have used up the credit.
func (c *cnxcc) Due() (time.Time, bool) {
	var perSecond int64
	var latest time.Time
	for _, r := range c.up {
		perSecond += r.rate.MilliYen / int64(r.rate.Unit/time.Second)
		if r.since.After(latest) {
			latest = r.since
		}
	}
	if perSecond == 0 {
		return time.Time{}, false
	}
	left := max(c.milliYen-c.consumed(latest), 0)
	return latest.Add(time.Duration(left/perSecond+1) * time.Second), true
}

// Tick ends every running call.
func (c *cnxcc) Tick(time.Time) []uint64 {
	var cut []uint64
	for call := range c.up {
		cut = append(cut, call)
	}
	slices.Sort(cut) // maps have no order, worlds do
	clear(c.up)
	return cut
}

// ntt is what carriers did in 2015: a line whose dear calls of this month cost
// several times last month's is barred on the next working day.
type ntt struct {
	site       *fraud.Site
	factor     int64
	floor      int64 // thousandths of yen, below which nobody looks
	month      time.Month
	this, last int64
	bar        time.Time
	barred     bool
}

func newNTT(f *frozen) func(*fraud.Site, Policy) (Subject, error) {
	return func(site *fraud.Site, _ Policy) (Subject, error) {
		return &ntt{site: site, factor: f.NTT.Factor, floor: f.NTT.FloorYen * 1000}, nil
	}
}

// Ask refuses dear calls of a line that was barred.
func (n *ntt) Ask(e *fraud.Event) Answer {
	if n.barred && dear(e) {
		return Refuse
	}
	return Pass
}

// Tell books calls, and hears of the owner.
func (n *ntt) Tell(e *fraud.Event) {
	local := e.At.In(n.site.Zone)
	if m := local.Month(); m != n.month {
		n.month, n.last, n.this = m, n.this, 0
	}
	switch {
	case e.Kind == fraud.Reviewed && !e.Intruder:
		n.barred, n.bar = false, time.Time{}
		n.last = max(n.last, n.this) // the owner said that it is in order
	case e.Kind == fraud.Ended && e.Talk > 0 && dear(e):
		m := meter{site: n.site}
		n.this += m.priced(e).Price(e.Talk)
		if !n.barred && n.bar.IsZero() && n.this >= n.floor && n.this >= n.factor*n.last {
			n.bar = nextWorkingDay(local)
		}
	}
}

// nextWorkingDay is ten o'clock on it.
func nextWorkingDay(t time.Time) time.Time {
	d := time.Date(t.Year(), t.Month(), t.Day()+1, 10, 0, 0, 0, t.Location())
	for d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		d = d.AddDate(0, 0, 1)
	}
	return d
}

// Due is when the carrier bars.
func (n *ntt) Due() (time.Time, bool) { return n.bar, !n.bar.IsZero() }

// Tick bars; running calls go on.
func (n *ntt) Tick(time.Time) []uint64 {
	n.barred, n.bar = true, time.Time{}
	return nil
}
