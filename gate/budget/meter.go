package budget

import (
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number/tariff"
)

// Meter is the money of one leg that is out on a line: when more has to be set
// aside, when the leg has to end, what it cost. The zero Meter is that of a
// leg that needs no money.
type Meter struct {
	Leg int
	Need
	Held     tariff.Money // set aside until now
	Answered time.Time    // zero until the leg is answered
	// Unrecorded says that nothing is set aside on disk: the call was let out
	// although that took no writes.
	Unrecorded bool
}

// Runs tells that the leg needs money.
func (m *Meter) Runs() bool { return !m.Nothing() }

// paid is how long the leg may talk for what is set aside, less the guard.
func (m *Meter) paid() time.Duration {
	if m.Longest() {
		return m.Length
	}
	return m.Rate.Affords(m.Held) - guard
}

// CutAt is when the leg has to end: a guard time before a unit would begin
// that is not paid for. Zero where it has not been answered, or needs no money.
func (m *Meter) CutAt() time.Time {
	if !m.Runs() || m.Answered.IsZero() {
		return time.Time{}
	}
	return m.Answered.Add(m.paid())
}

// Longest tells that CutAt is when a call has lasted as long as one may, whatever money
// there is.
func (m *Meter) Longest() bool {
	return m.Length > 0 && m.Rate.Affords(m.Held)-guard >= m.Length
}

// WarnAt is when who talks is told that the call has become long, zero for never.
func (m *Meter) WarnAt() time.Time {
	if m.Warn == 0 || m.Answered.IsZero() {
		return time.Time{}
	}
	return m.Answered.Add(m.Warn)
}

// RenewAt is when to ask for More: in time before CutAt. It is zero where
// CutAt is, and where there is no more to be had.
func (m *Meter) RenewAt() time.Time {
	if !m.Runs() || m.Answered.IsZero() || m.More(m.Answered.Add(m.paid())) == 0 {
		return time.Time{}
	}
	return m.Answered.Add(max(m.paid()-lead, 0))
}

// More is what to set aside beside what is: another slice, longer the longer
// the leg has talked. 0 when the bounds for one call are reached.
func (m *Meter) More(now time.Time) tariff.Money {
	slice := m.slice()
	talk := min(max(now.Sub(m.Answered), slice), m.growth()*slice)
	until := m.Rate.Affords(m.Held) + talk
	if m.Length > 0 {
		until = min(until, m.Length+guard)
	}
	amount := m.Rate.Cost(until) - m.Held
	if m.Most > 0 && m.Held+amount > m.Most {
		amount = m.Rate.Cost(m.Rate.Affords(m.Most)) - m.Held
	}
	return max(amount, 0)
}

// MoreWithin is the most of it that can be had where only so much is free; 0
// where that pays for no further unit.
func (m *Meter) MoreWithin(room tariff.Money) tariff.Money {
	return max(m.Rate.Cost(m.Rate.Affords(m.Held+room))-m.Held, 0)
}

// UsedUp tells whether the account that had no room for the leg is used up, so
// that it has to be shut: not where too many calls are on at once, nor where
// what other calls have set aside would do, of which some comes back. A person's
// own is never shut: nobody without its PIN has emptied it, and it fills again.
func (m *Meter) UsedUp(full *fact.Exhausted) bool {
	need := m.Least()
	if m.Held > 0 && !m.Answered.IsZero() { // another unit
		need = m.Rate.Cost(m.Rate.Affords(m.Held)+1) - m.Held
	}
	return !m.Own && OfMoney(full) && tariff.Money(full.Room+full.Back) < need
}

// OfMoney tells accounts without money from those with too many calls, or that
// are shut already.
func OfMoney(full *fact.Exhausted) bool {
	switch full.Window {
	case fact.WindowHour, fact.WindowIncident, fact.WindowDay, fact.WindowMonth:
		return true
	}
	return false
}

// Hold is what is written to set an amount aside.
func (m *Meter) Hold(amount tariff.Money, at time.Time) fact.Hold {
	return fact.Hold{Leg: m.Leg, Amount: int64(amount), Charges: m.Charges, Callee: m.Callee, At: at}
}

// Settle is what the leg cost that ended then: nothing where it was not
// answered. The carrier's clock began before ours and ends after it, so skew
// counts.
func (m *Meter) Settle(ended time.Time) fact.Settlement {
	s := fact.Settlement{Leg: m.Leg}
	if m.Runs() && !m.Answered.IsZero() {
		s.Cost = int64(m.Rate.Cost(max(ended.Sub(m.Answered), 0) + skew))
	}
	if m.Unrecorded {
		s.Charges = m.Charges
	}
	return s
}
