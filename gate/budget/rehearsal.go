package budget

import (
	"errors"
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number/tariff"
)

// Rehearsal plays calls of the past under a plan: which of them would have been
// refused, which cut. Calls come in the order in which they began. A budget
// that is used up stays shut to the end of that day, as if somebody let go of
// it in the morning. It is for one goroutine.
type Rehearsal struct {
	ledger *Ledger
	open   []rehearsed
	shut   map[string]int64 // accounts, and the day on which they were shut
	leaf   uint64
}

// rehearsed is a call that goes on.
type rehearsed struct {
	call string
	ends time.Time
	cost int64
}

// NewRehearsal begins with empty accounts.
func NewRehearsal() *Rehearsal {
	return &Rehearsal{ledger: NewLedger(noAccounts{}), shut: make(map[string]int64)}
}

// noAccounts is a source with nothing in it.
type noAccounts struct{}

var _ Source = noAccounts{}

func (noAccounts) Account(string) (*Account, error) { return nil, nil }
func (noAccounts) Hour() (int64, error)             { return 0, nil }
func (noAccounts) Calls() (map[string][]Leg, error) { return nil, nil }
func (noAccounts) Ended(string) (bool, error)       { return false, nil }

// Outcome is what would have become of a call. The zero Outcome is that it
// goes through.
type Outcome struct {
	Account string // that had no room, "" where all had
	Cut     bool   // it would have begun, and been cut; else refused
}

// Take plays one call that somebody talked on for so long, 0 for one that was
// not answered. Need is what the plan says that it needs.
func (r *Rehearsal) Take(call string, need Need, at time.Time, talk time.Duration) (o Outcome) {
	r.end(at)
	if need.Nothing() {
		return Outcome{}
	}
	r.reopen(at)
	cost := tariff.Money(0)
	if talk > 0 {
		cost = need.Rate.Cost(talk + skew)
	}
	amount := max(cost, need.Least())
	if need.Length > 0 && talk > need.Length {
		amount, o = need.Rate.Cost(need.Length+skew), Outcome{Account: need.Charges[0].Account, Cut: true}
	}
	if need.Most > 0 && amount > need.Most {
		amount, o = need.Rate.Cost(need.Rate.Affords(need.Most)), Outcome{Account: need.Charges[0].Account, Cut: true}
	}
	m := Meter{Need: need}
	for {
		h := m.Hold(amount, at)
		full := r.follow(fact.CallJudged{Call: call, First: true, Hold: &h, At: at})
		if full == nil {
			r.open = append(r.open, rehearsed{call, at.Add(talk), int64(min(cost, amount))})
			return o
		}
		less := need.Rate.Cost(need.Rate.Affords(tariff.Money(full.Room)))
		if !OfMoney(full) || tariff.Money(full.Room) < need.Least() || less >= amount {
			if m.UsedUp(full) {
				r.shut[full.Account] = DayOf(at)
				r.follow(fact.BudgetExhausted{Account: full.Account, Window: full.Window, Epoch: full.Epoch, At: at})
			}
			return Outcome{Account: full.Account}
		}
		amount, o = less, Outcome{Account: full.Account, Cut: true}
	}
}

// end settles the calls that are over.
func (r *Rehearsal) end(at time.Time) {
	r.open = slices.DeleteFunc(r.open, func(c rehearsed) bool {
		if c.ends.After(at) {
			return false
		}
		r.follow(fact.CallEnded{Call: c.call, Settled: []fact.Settlement{{Cost: c.cost}}})
		return true
	})
}

// reopen lets go of what was shut on a day before.
func (r *Rehearsal) reopen(at time.Time) {
	for account, day := range r.shut {
		if day < DayOf(at) {
			delete(r.shut, account)
			r.follow(fact.BudgetReleased{Account: account, At: at})
		}
	}
}

// follow writes a fact; one without room leaves no trace.
func (r *Rehearsal) follow(f fact.Fact) (full *fact.Exhausted) {
	r.leaf++
	r.ledger.Begin()
	if _, err := r.ledger.Follow(f, r.leaf); err != nil {
		r.ledger.Undo()
		if !errors.As(err, &full) {
			return &fact.Exhausted{Window: fact.WindowShut} // no source fails here, and no call is played twice
		}
	}
	return full
}
