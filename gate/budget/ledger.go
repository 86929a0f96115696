package budget

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// Source is where a ledger finds what it has not in memory. Its answers are
// the ledger's own from then on.
type Source interface {
	// Account reads an account, nil for one that nothing was charged to.
	Account(id string) (*Account, error)
	// Hour is the latest hour that a ledger counted in, 0 for none.
	Hour() (int64, error)
	// Calls gives all calls that hold money.
	Calls() (map[string][]Leg, error)
	// Ended tells whether the books of a call are closed.
	Ended(call string) (bool, error)
}

// Ledger keeps all accounts and what calls hold. It follows facts, in their
// order, and nothing else: who plays them again comes to the same accounts. An
// operation that fails is undone by Undo, together with all since Begin.
//
// It is for one goroutine.
type Ledger struct {
	source   Source
	loaded   bool
	hour     int64 // the latest that it counted in: time does not go back
	accounts map[string]*Account
	calls    map[string][]Leg
	changed  map[string]uint64 // accounts not written yet, by the leaf that changed them last
	ticked   uint64            // the leaf that moved the hour, and 1, while it is not written yet

	// As they were at Begin; nil for what was not there.
	before      map[string]*Account
	beforeCalls map[string][]Leg
	beforeHour  int64
	beforeTick  uint64
	marked      map[string]uint64 // changed, as it was; 0 for not
}

// NewLedger makes a ledger.
func NewLedger(source Source) *Ledger {
	l := &Ledger{source: source, changed: make(map[string]uint64), before: make(map[string]*Account)}
	l.beforeCalls, l.marked = make(map[string][]Leg), make(map[string]uint64)
	l.Forget()
	return l
}

// Forget drops everything in memory: what comes is read from the source.
func (l *Ledger) Forget() {
	l.loaded, l.hour, l.ticked = false, 0, 0
	l.accounts, l.calls = make(map[string]*Account), nil
	clear(l.changed)
	l.Begin()
}

// Begin begins what Undo undoes.
func (l *Ledger) Begin() {
	clear(l.before)
	clear(l.beforeCalls)
	clear(l.marked)
	l.beforeHour, l.beforeTick = l.hour, l.ticked
}

// Undo puts everything back to what it was at Begin.
func (l *Ledger) Undo() {
	maps.Copy(l.accounts, l.before)
	for id, legs := range l.beforeCalls {
		l.keep(id, legs)
	}
	for id, leaf := range l.marked {
		if leaf == 0 {
			delete(l.changed, id)
		} else {
			l.changed[id] = leaf
		}
	}
	l.hour, l.ticked = l.beforeHour, l.beforeTick
	l.Begin()
}

func (l *Ledger) load() error {
	if l.loaded {
		return nil
	}
	hour, err := l.source.Hour()
	if err != nil {
		return err
	}
	calls, err := l.source.Calls()
	if err != nil {
		return err
	}
	if calls == nil {
		calls = make(map[string][]Leg)
	}
	l.hour, l.beforeHour, l.calls, l.loaded = hour, hour, calls, true
	return nil
}

// account gives an account to be changed by a leaf.
func (l *Ledger) account(id string, leaf uint64) (*Account, error) {
	a, known := l.accounts[id]
	if !known {
		read, err := l.source.Account(id)
		if err != nil {
			return nil, err
		}
		if a = read; a == nil {
			a = new(Account)
		}
		l.accounts[id] = a
	}
	if l.before[id] == nil {
		l.before[id] = a
		a = a.clone()
		l.accounts[id] = a
		l.marked[id] = l.changed[id]
	}
	l.changed[id] = leaf + 1
	return a, nil
}

// legs gives what a call holds, to be changed.
func (l *Ledger) legs(call string) []Leg {
	legs := l.calls[call]
	if _, kept := l.beforeCalls[call]; !kept {
		l.beforeCalls[call] = legs
		legs = slices.Clone(legs)
		for i := range legs {
			legs[i].Slices, legs[i].Stakes = slices.Clone(legs[i].Slices), slices.Clone(legs[i].Stakes)
		}
		l.keep(call, legs)
	}
	return legs
}

func (l *Ledger) keep(call string, legs []Leg) {
	if len(legs) == 0 {
		delete(l.calls, call)
		return
	}
	l.calls[call] = legs
}

// Holding is what a call holds now.
func (l *Ledger) Holding(call string) []Leg { return l.calls[call] }

var (
	errNothing = errors.New("nothing is set aside for that leg")
	errEnded   = errors.New("it has ended")
)

// Follow lets the accounts follow the fact of a leaf. cost is what the call of
// an end cost. A *fact.Exhausted says that a hold has no room.
func (l *Ledger) Follow(f fact.Fact, leaf uint64) (cost int64, err error) {
	switch f := f.(type) {
	case fact.CallJudged:
		return 0, l.judged(&f, leaf)
	case fact.CallRenewed:
		return 0, l.renewed(&f, leaf)
	case fact.CallEnded:
		return l.ended(&f, leaf)
	case fact.BudgetExhausted:
		if err := l.load(); err != nil {
			return 0, err
		}
		a, err := l.account(f.Account, leaf)
		if err != nil {
			return 0, err
		}
		if a.Epoch == f.Epoch { // else somebody has let go of it since
			a.Shut = f.Window
		}
	case fact.BudgetNearing:
		if err := l.load(); err != nil {
			return 0, err
		}
		a, err := l.account(f.Account, leaf)
		if err != nil {
			return 0, err
		}
		a.tell(f.Window, f.Share, hourOf(f.At))
	case fact.BudgetReleased:
		return 0, l.released(&f, leaf)
	case fact.PINSet:
		return 0, l.distrust(f.Extension, leaf)
	case fact.PINRemoved:
		return 0, l.distrust(f.Extension, leaf)
	}
	return 0, nil
}

// distrust forgets what was vouched for with a PIN that is no more: somebody else
// may have known it.
func (l *Ledger) distrust(extension string, leaf uint64) error {
	if err := l.load(); err != nil {
		return err
	}
	a, err := l.account(Name(Person, extension, Abroad), leaf)
	if err == nil {
		a.Vouched = nil
	}
	return err
}

func (l *Ledger) judged(f *fact.CallJudged, leaf uint64) error {
	if err := l.load(); err != nil {
		return err
	}
	if err := l.settle(f.Call, f.Settled, leaf); err != nil || f.Hold == nil {
		return err
	}
	if !f.First { // it may have waited longer than its call lived
		ended, err := l.source.Ended(f.Call)
		switch {
		case err != nil:
			return err
		case ended:
			return fmt.Errorf("call %s: %w", f.Call, errEnded)
		}
	}
	again := fact.Settlement{Leg: f.Hold.Leg}
	if err := l.settle(f.Call, []fact.Settlement{again}, leaf); err != nil {
		return err
	}
	if err := l.take(f.Hold, nil, leaf); err != nil {
		return err
	}
	held := Leg{Leg: f.Hold.Leg, Slices: []Sum{{In: l.hour, Amount: f.Hold.Amount}}}
	for _, c := range f.Hold.Charges {
		held.Stakes = append(held.Stakes, Stake{Account: c.Account, Epoch: l.accounts[c.Account].Epoch})
	}
	l.vouch(f.Proven, f.Hold)
	l.keep(f.Call, append(l.legs(f.Call), held))
	return nil
}

func (l *Ledger) renewed(f *fact.CallRenewed, leaf uint64) error {
	if err := l.load(); err != nil {
		return err
	}
	legs := l.legs(f.Call)
	i := slices.IndexFunc(legs, func(g Leg) bool { return g.Leg == f.Hold.Leg })
	if i < 0 {
		return fmt.Errorf("renew call %s: %w", f.Call, errNothing)
	}
	if err := l.take(&f.Hold, &legs[i], leaf); err != nil {
		return err
	}
	if f.Proven != "" {
		if err := l.goOver(&legs[i], f.Hold.Charges, leaf); err != nil {
			return err
		}
		l.vouch(f.Proven, &f.Hold)
	}
	l.add(&legs[i], f.Hold.Amount, f.Proven != "")
	l.keep(f.Call, legs)
	return nil
}

// take sets money aside in every account of a hold, if all have room. own is
// the leg that has some already, nil for one that begins.
func (l *Ledger) take(h *fact.Hold, own *Leg, leaf uint64) error {
	if hour := hourOf(h.At); hour > l.hour {
		l.hour, l.ticked = hour, leaf+1
	}
	var full *fact.Exhausted
	least := int64(-1)
	for _, c := range h.Charges {
		a, err := l.account(c.Account, leaf)
		if err != nil {
			return err
		}
		a.advance(l.hour)
		if a.Shut != "" {
			return &fact.Exhausted{Account: c.Account, Window: fact.WindowShut}
		}
		staked := own.stake(c.Account)
		if staked == nil {
			if w, top := a.admits(c.Caps, h.Callee); w != "" {
				return &fact.Exhausted{Account: c.Account, Window: w, Cap: top}
			}
		}
		room, w, top := a.room(l.hour, c.Caps)
		if room >= 0 && room < h.Amount && (full == nil || room < least) {
			full = &fact.Exhausted{
				Account: c.Account, Window: w, Cap: top, Room: room, Back: a.Held, Epoch: a.Epoch,
			}
			if staked != nil {
				full.Back -= own.heldOf(staked)
			}
			least = room
		}
	}
	if full != nil {
		return full
	}
	for _, c := range h.Charges {
		a := l.accounts[c.Account]
		a.charge(l.hour, h.Amount)
		a.Held += h.Amount
		if own.stake(c.Account) == nil {
			a.Open++
			if c.Callees > 0 && h.Callee != 0 {
				a.call(l.hour, h.Callee)
			}
		}
	}
	return nil
}

// settle charges what legs cost and frees the rest.
func (l *Ledger) settle(call string, list []fact.Settlement, leaf uint64) error {
	for _, s := range list {
		legs := l.legs(call)
		i := slices.IndexFunc(legs, func(g Leg) bool { return g.Leg == s.Leg })
		if i < 0 {
			if err := l.spend(s, leaf); err != nil {
				return err
			}
			continue
		}
		if err := l.free(&legs[i], s.Cost, leaf); err != nil {
			return err
		}
		l.keep(call, slices.Delete(legs, i, i+1))
	}
	return nil
}

// spend charges what a leg cost that nothing was set aside for.
func (l *Ledger) spend(s fact.Settlement, leaf uint64) error {
	for _, c := range s.Charges {
		a, err := l.account(c.Account, leaf)
		if err != nil {
			return err
		}
		a.advance(l.hour)
		a.charge(l.hour, s.Cost)
	}
	return nil
}

// ended settles all that a call holds.
func (l *Ledger) ended(f *fact.CallEnded, leaf uint64) (cost int64, err error) {
	if err := l.load(); err != nil {
		return 0, err
	}
	for _, s := range f.Settled {
		cost += s.Cost
	}
	if err := l.settle(f.Call, f.Settled, leaf); err != nil {
		return cost, err
	}
	for _, g := range slices.Clone(l.legs(f.Call)) {
		cost += g.held()
		if err := l.free(&g, g.held(), leaf); err != nil {
			return cost, err
		}
	}
	l.keep(f.Call, nil)
	return cost, nil
}

// released opens an account. Whoever lets go of it says what time it is, too:
// a clock that once stood far ahead must not hold budgets for ever.
func (l *Ledger) released(f *fact.BudgetReleased, leaf uint64) error {
	if err := l.load(); err != nil {
		return err
	}
	a, err := l.account(f.Account, leaf)
	if err != nil {
		return err
	}
	l.hour, l.ticked = hourOf(f.At), leaf+1
	a.release()
	a.advance(l.hour)
	return nil
}

// Changed is an account as it is to be written.
type Changed struct {
	ID   string
	Leaf uint64 // that changed it last
	*Account
}

// Write gives write what is not written yet, accounts in the order of their
// names, and the hour where it moved. What it gives is not to be changed.
func (l *Ledger) Write(write func(Changed) error, tick func(hour int64, leaf uint64) error) error {
	if l.ticked > 0 {
		if err := tick(l.hour, l.ticked-1); err != nil {
			return err
		}
		l.ticked = 0
	}
	if len(l.changed) == 0 {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(l.changed)) {
		if err := write(Changed{ID: id, Leaf: l.changed[id] - 1, Account: l.accounts[id]}); err != nil {
			return err
		}
	}
	clear(l.changed)
	if len(l.accounts) > accountsMax {
		clear(l.accounts)
	}
	l.Begin()
	return nil
}

// Now is the hour that the ledger counts in, as a time.
func (l *Ledger) Now() time.Time {
	return time.Unix(l.hour*int64(time.Hour/time.Second), 0).Add(-japan).UTC()
}
