package main

import (
	"cmp"
	"time"

	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/sim/fraud"
	"github.com/sekisho/sekisho/unit"
)

// Asking who talks for the PIN that keeps the call, as a unit does.

var _ prompter = (*purse)(nil)

// funded works out what comes next of a leg that has money.
func (l *leg) funded(at time.Time) {
	l.renew, l.cut, l.ask, l.told = l.RenewAt(), l.CutAt(), time.Time{}, false
	if l.renew.IsZero() && !l.cut.IsZero() {
		l.short(at)
	}
}

// short has the caller be asked in time before the end, once in a call.
func (l *leg) short(at time.Time) {
	if l.asked || l.told || l.cut.IsZero() {
		return
	}
	if l.ask = l.cut.Add(-unit.MoneyAsking); l.ask.Before(at) {
		l.ask = at
	}
}

// runsShort has a leg go on whose caller has proved itself, or the caller asked.
func (p *purse) runsShort(call uint64, l *leg) {
	l.request.At, l.told = p.now, true
	switch {
	case !p.desk.MayGoOn(l.request, l.Meter):
	case l.request.Proof.Person != "":
		p.goOn(call, l)
	case p.pins.Ready(l.extension, p.now) == "":
		l.asked = true
		p.keeping = append(p.keeping, call)
		p.tolls.of(cmp.Or(l.end, oneCall)).Challenged.Add(l.of)
	}
}

// Prompts implements prompter.
func (p *purse) Prompts() []uint64 {
	calls := p.keeping
	p.keeping = nil
	return calls
}

// keeps takes the PIN that somebody typed while it talked.
func (p *purse) keeps(e *fraud.Event, l *leg) {
	if !p.proves(e) {
		return
	}
	if p.stale {
		p.replan()
	}
	l.request.At = p.now
	l.request.Proof = gate.Proof{Person: l.extension, At: p.now}
	p.goOn(e.Call, l)
}

// goOn has a leg go on from the person's own budget.
func (p *purse) goOn(call uint64, l *leg) {
	p.desk.GoOn(l.request, l.Meter, func(m budget.Meter, ok bool) {
		if ok {
			if p.wentOn != nil {
				p.wentOn(call, int64(l.Held))
			}
			l.Meter, l.end = m, ""
			l.funded(p.now)
		}
	})
}

// fared is how the caller of a call fared that is cut, after it was asked.
func (l *leg) fared() string {
	switch {
	case l.asked && l.request.Proof.Person != "":
		return ", asked in talk, PIN right"
	case l.asked:
		return ", asked in talk"
	}
	return ""
}
