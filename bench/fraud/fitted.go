package main

import (
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/sim/fraud"
)

// A fitted office's owner sets its budgets once, before the unit is in use, by the
// call records of the month before, on which nothing was judged: so much as the
// dearest day of the whole office, and as that of the extension that spent most on
// one, came to, fitTimes over; never less than the factory's. He knows nothing of
// what comes after, and does not look again. docs/guides/budgets.md has the rule.

// records are what a system without a gate keeps of its calls abroad.
type records struct {
	site   *fraud.Site
	days   map[day]*used
	up     int // calls, ringing ones included
	atOnce int // the most
}

// day is one of an extension's, or of the whole office's: "".
type day struct {
	extension string
	number    int
}

type used struct {
	milliYen int64
	callees  map[string]bool
}

// month has an office telephone for as long, whatever it dials, until its gate is
// put up.
func month(w *fraud.World) *records {
	r := &records{site: w.Site(), days: map[day]*used{}}
	until := r.site.Start.Add(fitTime)
	for {
		if next, ok := w.Peek(); !ok || !next.Before(until) {
			return r
		}
		switch e, _ := w.Next(); {
		case e == nil:
		case e.Kind == fraud.Attempt:
			w.Pass()
			if e.Abroad() {
				r.up++
				r.atOnce = max(r.atOnce, r.up)
			}
		case e.Kind == fraud.Ended && e.Abroad():
			r.ended(e)
		}
	}
}

// ended books a call that is over.
func (r *records) ended(e *fraud.Event) {
	if r.up--; e.Talk == 0 {
		return
	}
	cost := r.site.Prices.Abroad(e.Area, e.Number).Price(e.Talk)
	for _, extension := range []string{"", e.Extension} {
		k := day{extension, int(e.At.Sub(r.site.Start) / worstSpan)}
		if r.days[k] == nil {
			r.days[k] = &used{callees: map[string]bool{}}
		}
		r.days[k].milliYen += cost
		r.days[k].callees[e.Number] = true
	}
}

// dearest is the most that was spent on a day, and the most numbers that were
// called on one: by the whole office, or by any one extension.
func (r *records) dearest(office bool) (milliYen int64, callees int) {
	for k, u := range r.days {
		if office == (k.extension == "") {
			milliYen, callees = max(milliYen, u.milliYen), max(callees, len(u.callees))
		}
	}
	return milliYen, callees
}

// fit gives the budgets that the owner sets by the records.
func (r *records) fit() []fact.Limit {
	office, each := budget.FactoryOf(unitAbroad), budget.FactoryOf("extension/abroad")
	office.AtOnce = max(office.AtOnce, r.atOnce)
	for _, l := range []*fact.Limit{&office, &each} {
		milliYen, callees := r.dearest(l == &office)
		milliYen = (fitTimes*milliYen + fitStep - 1) / fitStep * fitStep
		l.Day, l.Incident = max(l.Day, milliYen), max(l.Incident, milliYen)
		l.Month, l.Callees = max(l.Month, fitDays*milliYen), max(l.Callees, fitTimes*callees)
	}
	each.Call = max(each.Call, each.Day)
	return []fact.Limit{office, each}
}

// enter makes a subject for a world. Where budgets are fitted it comes after the
// month that they are fitted to: whoever counts begins there.
func (c *contestant) enter(w *fraud.World) (Subject, error) {
	if c.Policy != Fitted {
		return c.subject(w.Site())
	}
	limits := month(w).fit()
	s, err := c.subject(w.Site())
	if p, ok := s.(*purse); ok && err == nil {
		p.limits = limits
		p.replan()
	}
	return s, err
}

// later leaves room for the month, where a contestant takes one.
func (c *contestant) later(opt fraud.Options) fraud.Options {
	if c.Policy != Fitted {
		return opt
	}
	if opt.History < 0 {
		opt.Begin = fitTime
	}
	opt.History = max(opt.History, 0) + int(fitTime/worstSpan)
	return opt
}
