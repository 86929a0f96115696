package main

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/sim/fraud"
)

// Toll is what one cause did to calls.
type Toll struct {
	Refused    fraud.Count `json:"refused"`
	Cut        fraud.Count `json:"cut"`
	Challenged fraud.Count `json:"challenged"`
}

func (t *Toll) add(d *Toll) {
	t.Refused.Add(d.Refused)
	t.Cut.Add(d.Cut)
	t.Challenged.Add(d.Challenged)
}

// tolls are what each cause did. A cause is a rule with what it went by, and
// how the caller fared who was asked for a PIN.
type tolls map[string]*Toll

func (t tolls) of(cause string) *Toll {
	if t[cause] == nil {
		t[cause] = &Toll{}
	}
	return t[cause]
}

func (t tolls) add(d tolls) {
	for cause, n := range d {
		t.of(cause).add(n)
	}
}

// sum is what all causes did together.
func (t tolls) sum() (all Toll) {
	for _, n := range t {
		all.add(n)
	}
	return all
}

// worst lists the causes by how many calls they refused and cut.
func (t tolls) worst() []string {
	return slices.SortedFunc(maps.Keys(t), func(a, b string) int {
		x, y := t[a], t[b]
		if n := y.Refused.All + y.Cut.All - x.Refused.All - x.Cut.All; n != 0 {
			return n
		}
		if n := y.Challenged.All - x.Challenged.All; n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
}

// one is a call in a Count.
func one(e *fraud.Event) fraud.Count {
	if e.Abroad() {
		return fraud.Count{All: 1, Abroad: 1}
	}
	return fraud.Count{All: 1}
}

// causeOf puts a verdict that is no pass into words, and names the account of
// a budget.
func (p *purse) causeOf(v *gate.Verdict, extension string) (cause, account string) {
	for _, s := range v.Trace {
		if s.Rule != v.Rule || s.Said == "" {
			continue
		}
		switch {
		case v.Rule == gate.RuleTempo:
			var signs []string
			for _, sign := range s.Signs {
				signs = append(signs, sign.Name)
			}
			slices.Sort(signs)
			cause = v.Rule + " " + strings.Join(signs, "+")
		case len(s.Args) > 0 && strings.HasPrefix(s.Said, saidBudget):
			account = s.Args[0]
			cause = emptied(account, strings.TrimPrefix(s.Said, saidBudget))
		}
	}
	switch {
	case v.Rule == "quarantine":
		return "set apart after " + p.apartFor[extension], ""
	case cause == "":
		return v.Rule, ""
	}
	return cause, account
}

const saidBudget = "gate.said.budget."

// emptied names a budget without whose it is, and the window of it that had no
// room: "shut" where it had been shut before.
func emptied(account, window string) string {
	scope, _, pot, _ := budget.ParseName(account)
	return "budget " + string(scope) + "/" + string(pot) + " " + window
}

// closed is an account that is used up.
type closed struct {
	window string
	by     []string // extensions that were refused for it
}

// shuts remembers that an account is used up.
func (p *purse) shuts(f fact.BudgetExhausted) {
	if p.shut[f.Account] == nil {
		p.shut[f.Account] = &closed{window: f.Window}
		p.stale = true
	}
}

// opensAgain remembers that somebody let go of an account.
func (p *purse) opensAgain(f fact.BudgetReleased) {
	delete(p.shut, f.Account)
	p.stale = true
	p.released(f)
}

// vouches remembers that a person called a number with its PIN.
func (p *purse) vouches(proven string, h *fact.Hold) {
	if proven == "" || h == nil || h.Callee == 0 {
		return
	}
	account := h.Charges[0].Account
	if s, _, _, _ := budget.ParseName(account); s != budget.Person {
		return
	}
	p.vouched[account] = append(p.vouched[account], budget.Vouch{
		Callee: h.Callee, In: int64(h.At.In(jst).Sub(time.Date(1970, 1, 1, 0, 0, 0, 0, jst)) / time.Hour),
	})
	p.stale = true
}

// replan puts into the policy what is shut, and what was vouched for, as a unit does
// when it hears of either.
func (p *purse) replan() {
	shut := map[string]string{}
	for account, c := range p.shut {
		shut[account] = c.window
	}
	plan, err := budget.New(budget.Settings{
		Tariff: func(string) *tariff.Table { return p.table }, Limits: p.limits, Shut: shut, Vouched: p.vouched,
	})
	if err != nil {
		p.failed = true
		return
	}
	p.settings.Budget, p.stale = plan, false
	p.remake()
}

// listener is books that tell a purse what became of its accounts.
type listener struct {
	fact.Committer
	p *purse
}

// Commit implements fact.Committer.
func (l listener) Commit(w fact.Write, done func(error)) {
	l.Committer.Commit(w, func(err error) {
		var full *fact.Exhausted
		if errors.As(err, &full) {
			l.p.full = emptied(full.Account, full.Window)
		}
		for _, f := range w.Facts {
			switch f := f.(type) {
			case fact.BudgetExhausted:
				if err == nil {
					l.p.shuts(f)
				}
			case fact.BudgetReleased:
				if err == nil {
					l.p.opensAgain(f)
				}
			case fact.CallJudged:
				if err == nil {
					l.p.vouches(f.Proven, f.Hold)
				}
			case fact.CallRenewed:
				if err == nil {
					l.p.vouches(f.Proven, &f.Hold)
				}
			}
		}
		done(err)
	})
}

// refused counts a call that was refused, and remembers for which budget: the
// manager who looks at its extension lets go of that.
func (p *purse) refused(e *fraud.Event, cause, account string) {
	p.tolls.of(cause).Refused.Add(one(e))
	if c := p.shut[account]; c != nil && !slices.Contains(c.by, e.Extension) {
		c.by = append(c.by, e.Extension)
	}
}

// prompted is a challenge that waits for its answer.
type prompted struct{ cause, account string }

// signsOf names what was odd.
func signsOf(signs []fact.Sign) string {
	names := make([]string, 0, len(signs))
	for _, s := range signs {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	return strings.Join(names, "+")
}

// kept is what a kind of office came to in peace.
type kept struct {
	Calls    fraud.Count `json:"calls"`
	Offices  int         `json:"offices"`
	Troubled int         `json:"troubled"`
	Tolls    tolls       `json:"causes"`
}

func (k *kept) add(b *fraud.Books) {
	k.Calls.Add(b.Office.Calls)
	k.Offices++
	if b.Office.Refused.All > 0 {
		k.Troubled++
	}
}

func (k *kept) join(o *kept) {
	k.Calls.Add(o.Calls)
	k.Offices, k.Troubled = k.Offices+o.Offices, k.Troubled+o.Troubled
	k.Tolls.add(o.Tolls)
}

// why is what is kept of a kind of office.
func (s *score) why(office string) *kept {
	if s.Why == nil {
		s.Why = map[string]*kept{}
	}
	if s.Why[office] == nil {
		s.Why[office] = &kept{Tolls: tolls{}}
	}
	return s.Why[office]
}
