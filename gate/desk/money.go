package desk

import (
	"errors"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/number/tariff"
)

// clock is the time that budgets count in. It goes on evenly while the process
// lives: who sets the wall's clock does not end a day, or begin one again.
func (d *Desk) clock() time.Time { return d.began.Add(d.now().Sub(d.began)).UTC() }

// reserve writes a pass verdict that sets so much aside.
func (d *Desk) reserve(q *question, f fact.CallJudged, amount tariff.Money) {
	q.tries++
	h := q.v.Meter.Hold(amount, d.clock())
	f.Hold, q.v.Meter.Held = &h, amount
	if q.v.Meter.Own && q.r.Proves() {
		f.Proven = q.r.Proof.Person
	}
	d.admit(q, f)
}

// full goes on where a budget had no room: with less, if a call can begin with
// that, or without the person's own budget. Else the call is refused and the
// budget is shut.
func (d *Desk) full(q *question, f fact.CallJudged, full *fact.Exhausted) {
	less, enough := q.v.Meter.Within(tariff.Money(full.Room))
	if budget.OfMoney(full) && enough && less < q.v.Meter.Held && q.tries < triesMax {
		f.First = false // the call may have ended before this is written
		d.reserve(q, f, less)
		return
	}
	shut := q.v.Meter.UsedUp(full)
	if q.v.Meter.Own {
		q.tried = true
		if need, refusal := q.p.Without(&q.r); refusal == nil {
			q.v.Meter, q.tries = &budget.Meter{Leg: q.r.Leg, Need: need}, 0
			f = judged(&q.r, q.v)
			f.First = false
			d.reserve(q, f, need.First())
			return
		}
	}
	d.refuse(q, full, shut)
}

// refuse answers a request for which a budget has no room. shut says that it is
// used up, and not only held by other calls: then it is shut.
func (d *Desk) refuse(q *question, full *fact.Exhausted, shut bool) {
	v := q.p.OverBudget(&q.r, q.v, full, q.tried)
	refused := judged(&q.r, v)
	if shut {
		d.shut(refused, exhausted(q.r.Call, full, d.clock()))
	} else {
		d.record(fact.Write{Facts: []fact.Fact{refused}, Behind: true})
	}
	d.count(&q.r, v)
	q.done(v, gate.Pass{}, nil)
}

// exhausted is the fact that a budget is used up.
func exhausted(call string, full *fact.Exhausted, at time.Time) fact.BudgetExhausted {
	return fact.BudgetExhausted{
		Account: full.Account, Window: full.Window, Cap: full.Cap, Call: call, Epoch: full.Epoch, At: at,
	}
}

// shut writes down that a budget is used up, beside the fact that found it so.
func (d *Desk) shut(beside fact.Fact, f fact.BudgetExhausted) {
	w := fact.Write{Facts: []fact.Fact{f}}
	if beside != nil {
		w.Facts = []fact.Fact{beside, f}
	}
	d.committer.Commit(w, func(err error) {
		if err != nil {
			d.behind.keep(d.now(), w.Facts...)
			return
		}
		d.exhausted(f)
		d.flush()
	})
}

// Renew sets more money aside for a leg that goes on, and calls done once, from
// any goroutine, with how much; 0 is no more: the leg has to end when what it
// has is used up. The caps are those in force now.
func (d *Desk) Renew(call string, m budget.Meter, done func(tariff.Money)) {
	m.Charges = d.policy.Load().Recap(m.Charges, d.now())
	amount := m.More(d.now())
	switch {
	case amount == 0:
		done(0)
	case m.Unrecorded: // nothing is on disk that it could be added to
		done(d.lendMore(&m, amount))
	default:
		d.renew(call, "", m, amount, 1, done)
	}
}

// MayGoOn tells whether a leg that gets no more money from its budgets may go on
// from the own budget of whoever stands behind its request, with the PIN: as far
// as is known, that may have no room either.
func (d *Desk) MayGoOn(r gate.Request, m budget.Meter) bool {
	_, ok := d.own(&r, m)
	return ok
}

// GoOn is Renew from the own budget of whoever has proved, in the request's call,
// to stand behind it. What the leg has stays charged to the budgets that it came
// from. The meter that done gets is the leg's from then on; ok is false where
// nothing is changed, because that budget has no room either or nothing can be
// written.
func (d *Desk) GoOn(r gate.Request, m budget.Meter, done func(m budget.Meter, ok bool)) {
	own, ok := d.own(&r, m)
	if !ok || r.Proof.Person == "" || r.Proof.Person != r.Origin.Extension {
		done(m, false)
		return
	}
	d.renew(r.Call, r.Proof.Person, own, own.More(d.now()), 1, func(more tariff.Money) {
		if more == 0 {
			done(m, false)
			return
		}
		own.Held += more
		if own.Callee != 0 {
			d.vouched()
		}
		done(own, true)
	})
}

// own is a leg's meter where it goes on from the person's own budget. Its price
// stays what it was as the call went out.
func (d *Desk) own(r *gate.Request, m budget.Meter) (budget.Meter, bool) {
	if m.Own || m.Unrecorded || !m.Runs() || m.Answered.IsZero() {
		return m, false
	}
	need, ok := d.policy.Load().Own(r)
	if !ok {
		return m, false
	}
	need.Rate = m.Rate
	m.Need = need
	return m, m.More(d.now()) > 0
}

// renew sets an amount aside, or as much of it as there is room for. proven is
// whose PIN has the meter's accounts take the place of those before, "" where they
// are the same.
func (d *Desk) renew(call, proven string, m budget.Meter, amount tariff.Money, try int, done func(tariff.Money)) {
	at := d.clock()
	f := fact.CallRenewed{Call: call, Hold: m.Hold(amount, at), Proven: proven}
	d.committer.Commit(fact.Write{Facts: []fact.Fact{f}}, func(err error) {
		var full *fact.Exhausted
		switch {
		case err == nil:
			done(amount)
		case errors.As(err, &full):
			less := m.MoreWithin(tariff.Money(full.Room))
			if budget.OfMoney(full) && less > 0 && less < amount && try < triesMax {
				d.renew(call, proven, m, less, try+1, done)
				return
			}
			if m.UsedUp(full) {
				d.shut(nil, exhausted(call, full, at))
			}
			done(0)
		case !down(err):
			d.log.Error("a call's money can't be renewed", "call", call, "error", err)
			done(0)
		case proven != "": // to lend it from accounts that no disk knows of helps nobody
			done(0)
		default:
			done(d.lendMore(&m, amount)) // it is charged at the end of the call
		}
	})
}

// down tells that the store takes no writes now from what is wrong with one.
func down(err error) bool {
	return errors.Is(err, fact.ErrNotWritable) || errors.Is(err, fact.ErrQueueFull)
}

// lendMore is what an ordinary call may go on with that no disk knows of: the
// amount, or 0.
func (d *Desk) lendMore(m *budget.Meter, amount tariff.Money) tariff.Money {
	if !m.Pot.Ordinary() || !d.policy.Load().OrdinaryWhenDegraded() || !d.lent.lend(m.Charges, amount, d.clock()) {
		return 0
	}
	return amount
}
