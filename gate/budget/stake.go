package budget

import (
	"slices"

	"github.com/sekisho/sekisho/fact"
)

// Leg is what one leg of a call holds.
type Leg struct {
	Leg    int     `json:"leg"`
	Slices []Sum   `json:"slices"` // by the hour that they count in, oldest first
	Stakes []Stake `json:"stakes"`
}

// Stake is an account that a leg is charged to.
type Stake struct {
	Account string `json:"account"`
	// Epoch is the account's, when the leg was charged last; Since is the first
	// slice of that epoch, the first that may come back.
	Epoch int `json:"epoch,omitempty"`
	Since int `json:"since,omitempty"`
	// From is the first slice that the account was charged with, and Until the one
	// after its last, 0 while it is charged with all that come.
	From  int `json:"from,omitempty"`
	Until int `json:"until,omitempty"`
}

// bears tells whether a stake's account was charged with a slice.
func (s *Stake) bears(slice int) bool { return slice >= s.From && (s.Until == 0 || slice < s.Until) }

func (l *Leg) held() (sum int64) {
	for _, s := range l.Slices {
		sum += s.Amount
	}
	return sum
}

// heldOf is what of it is a stake's.
func (l *Leg) heldOf(s *Stake) (sum int64) {
	for i := range l.Slices {
		if s.bears(i) {
			sum += l.Slices[i].Amount
		}
	}
	return sum
}

// stake is that of an account that is charged with what comes, nil for none.
func (l *Leg) stake(account string) *Stake {
	if l == nil {
		return nil
	}
	for i := range l.Stakes {
		if s := &l.Stakes[i]; s.Account == account && s.Until == 0 {
			return s
		}
	}
	return nil
}

// goOver has other accounts be charged with what a leg is renewed by from now on.
// What it has stays those' that it came from, until it ends; it is no call of
// theirs any more.
func (l *Ledger) goOver(g *Leg, charges []fact.Charge, leaf uint64) error {
	for i := range g.Stakes {
		s := &g.Stakes[i]
		stays := slices.ContainsFunc(charges, func(c fact.Charge) bool { return c.Account == s.Account })
		if s.Until != 0 || stays {
			continue
		}
		a, err := l.account(s.Account, leaf)
		if err != nil {
			return err
		}
		a.Open--
		s.Until = len(g.Slices)
	}
	for _, c := range charges {
		if n := len(g.Slices); g.stake(c.Account) == nil {
			epoch := l.accounts[c.Account].Epoch
			g.Stakes = append(g.Stakes, Stake{Account: c.Account, Epoch: epoch, Since: n, From: n})
		}
	}
	return nil
}

// add notes another slice of a leg, apart from the one before where it is not
// everybody's that was charged with that, or an account was released since.
func (l *Ledger) add(g *Leg, amount int64, apart bool) {
	for i := range g.Stakes {
		s := &g.Stakes[i]
		if s.Until != 0 {
			continue
		}
		if epoch := l.accounts[s.Account].Epoch; s.Epoch != epoch {
			s.Epoch, s.Since, apart = epoch, len(g.Slices), true
		}
	}
	if last := &g.Slices[len(g.Slices)-1]; last.In == l.hour && !apart {
		last.Amount += amount
		return
	}
	g.Slices = append(g.Slices, Sum{In: l.hour, Amount: amount})
}

// free ends what a leg holds. What it did not cost goes back to where it came
// from, the latest first; what it cost beyond is charged all the same.
func (l *Ledger) free(g *Leg, cost int64, leaf uint64) error {
	held := g.held()
	for _, s := range g.Stakes {
		a, err := l.account(s.Account, leaf)
		if err != nil {
			return err
		}
		a.Held -= g.heldOf(&s)
		back := held - cost
		if s.Until == 0 {
			a.Open--
			if back < 0 {
				a.advance(l.hour)
				a.charge(l.hour, -back)
			}
		}
		for i := len(g.Slices) - 1; i >= s.Since && back > 0 && s.Epoch == a.Epoch; i-- {
			n := min(back, g.Slices[i].Amount)
			if s.bears(i) {
				a.refund(g.Slices[i].In, n)
			}
			back -= n
		}
	}
	return nil
}

// vouch notes whom a person called with its PIN.
func (l *Ledger) vouch(proven string, h *fact.Hold) {
	for _, c := range h.Charges {
		if s, _, _, _ := ParseName(c.Account); s == Person && proven != "" && h.Callee != 0 {
			l.accounts[c.Account].vouch(h.Callee, l.hour)
		}
	}
}
