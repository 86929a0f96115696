package main

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/sim/fraud"
)

// trouble is what goes wrong during an attack, one kind in each.
type trouble struct {
	what string
	// late is how long a BYE takes to the carrier; lost of 100 never come, and the
	// carrier ends the call itself, silent for byeLostTime.
	late time.Duration
	lost int
	down bool // the store takes nothing, for minutes at a time
	kill bool // the process is killed and started again
	back bool // the wall's clock is set back over midnight
}

func troubles() []trouble {
	return []trouble{
		{what: "none"},
		{what: "BYE 1.5 s late", late: 1500 * time.Millisecond},
		{what: "BYE 3.5 s late", late: 3500 * time.Millisecond},
		{what: "BYE lost, 5 of 100", lost: 5},
		{what: "store down", down: true},
		{what: "kill -9", kill: true},
		{what: "clock set back", back: true},
	}
}

// faulty is a purse to which something happens. An audit of its own beside it
// counts what the carrier bills against the budgets.
type faulty struct {
	*purse
	trouble
	*audit
	rand   *rand.Rand
	shaky  *shaky
	tries  int
	killAt int       // attempts
	wakes  time.Time // of a killed process
	held   map[uint64]int64
	died   map[uint64]time.Time // when it was killed, of calls that were up then
	own    map[uint64]int64     // what calls cost before a person's own budget pays
	ended  []uint64             // calls that ended meanwhile
	kills  int
}

// shaky is books that take nothing at times.
type shaky struct {
	*till
	down bool
}

// Commit implements fact.Committer.
func (s *shaky) Commit(w fact.Write, done func(error)) {
	if s.down {
		done(fact.ErrNotWritable)
		return
	}
	s.till.Commit(w, done)
}

func newFaulty(site *fraud.Site, t trouble, withPIN int, r *rand.Rand) (*faulty, error) {
	f := &faulty{
		trouble: t, rand: r, shaky: &shaky{till: newTill()}, held: map[uint64]int64{}, own: map[uint64]int64{},
		died: map[uint64]time.Time{},
	}
	var err error
	if f.purse, err = newPurseOn(site, Open, f.shaky, nil, withPIN); err != nil {
		return nil, err
	}
	f.audit = newAudit(site)
	f.released = func(r fact.BudgetReleased) { f.release(r.Account, r.At) }
	f.wentOn = func(call uint64, held int64) { f.own[call] = held }
	f.killAt = 1 + r.IntN(killTries)
	return f, nil
}

// Ask asks the purse, if it lives.
func (f *faulty) Ask(e *fraud.Event) Answer {
	if !f.wakes.IsZero() {
		return Refuse // nobody answers
	}
	f.tries++
	if f.down {
		f.shaky.down = e.At.Unix()/int64(downTime/time.Second)%2 == 1
	}
	if f.trouble.back && f.tries > killTries/2 && e.At.In(jst).Hour() == 0 && f.shift == 0 {
		f.shift = 2 * time.Hour // an hour after midnight at the latest, it is the day before
	}
	a := f.purse.Ask(e)
	if l := f.legs[e.Call]; l != nil && l.Own {
		f.own[e.Call] = 0
	}
	if f.kill && f.tries >= f.killAt && f.kills < killsMost && len(f.legs) > 0 {
		f.die(e.At)
	}
	return a
}

// die forgets all that was not on disk.
func (f *faulty) die(at time.Time) {
	f.kills++
	f.killAt = f.tries + 1 + f.rand.IntN(killTries)
	f.wakes = at.Add(downLeast + time.Duration(f.rand.Int64N(int64(downMost-downLeast))))
	for call, l := range f.legs {
		f.held[call], f.died[call] = int64(l.Held), at
	}
}

// Tell tells the audit, and the purse if it lives.
func (f *faulty) Tell(e *fraud.Event) {
	f.unheard = false
	if e.Kind == fraud.Ended && e.Talk > 0 {
		late := f.late
		if f.unheard = f.rand.IntN(100) < f.lost; f.unheard {
			late = byeLostTime
		}
		seen := e.Talk + carrierSkew
		if at, killed := f.died[e.Call]; killed {
			seen = at.Sub(e.At.Add(-e.Talk))
		}
		own, has := f.own[e.Call]
		if !has {
			own = nobodysOwn
		}
		cost := f.bill(e, late, own, seen)
		if held, was := f.held[e.Call]; was {
			f.added = max(f.added, cost-held)
		}
	}
	if f.wakes.IsZero() {
		f.purse.Tell(e)
		return
	}
	if e.Kind == fraud.Ended && f.legs[e.Call] != nil {
		f.ended = append(f.ended, e.Call)
	}
}

// Due is the purse's, or when it is started again.
func (f *faulty) Due() (time.Time, bool) {
	if !f.wakes.IsZero() {
		return f.wakes, true
	}
	return f.purse.Due()
}

// Tick is the purse's; one that is started again hangs up all calls that were up,
// and their books are closed: what they held counts as spent.
func (f *faulty) Tick(at time.Time) (cut []uint64) {
	if f.wakes.IsZero() {
		return f.purse.Tick(at)
	}
	f.wakes = time.Time{}
	for _, call := range slices.Sorted(maps.Keys(f.legs)) {
		f.write(fact.CallEnded{Call: name(call), Ended: at, Reason: "restart"})
		if !slices.Contains(f.ended, call) {
			cut = append(cut, call)
		}
	}
	clear(f.legs)
	f.ended = nil
	f.now = at.Add(-f.shift)
	f.boot()
	return cut
}

// audit adds up what the carrier bills, unit by unit as they begin, against the
// caps of the unit and of each extension in any 24 hours, and of what people call
// with their PINs. It shares nothing with the ledger.
type audit struct {
	site  *fraud.Site
	unit  int64
	each  int64
	own   [2]int64             // of a person, and of all of them
	sums  map[string][]charged // by account
	clear map[string][]time.Time
	added int64 // the most that a call cost beyond what was held for it at a kill
}

// charged is a unit that began.
type charged struct {
	at       time.Time
	milliYen int64
	stated   int64 // the same, where the gate could not know of it
}

func newAudit(site *fraud.Site) *audit {
	a := &audit{site: site, sums: map[string][]charged{}, clear: map[string][]time.Time{}}
	for _, l := range budget.Factory() {
		switch l.Budget {
		case unitAbroad:
			a.unit = l.Incident
		case "extension/abroad":
			a.each = l.Incident
		}
	}
	a.own = [2]int64{budget.FactoryOf("person/abroad").Incident, budget.FactoryOf(peopleAbroad).Incident}
	return a
}

const (
	unitAbroad   = "unit/abroad"
	peopleAbroad = "people/abroad"
)

// nobodysOwn is what no call costs before a person's own budget pays.
const nobodysOwn = math.MaxInt64

// bill books a call abroad that ended, whose BYE comes late; from so much of its cost
// on a person pays for it. After so much of the call the gate could not know what the carrier
// did: the units that begin then are what docs/guides/budgets.md states.
func (a *audit) bill(e *fraud.Event, late time.Duration, own int64, seen time.Duration) (cost int64) {
	if !e.Abroad() {
		return 0
	}
	rate := a.site.Prices.Abroad(e.Area, e.Number)
	began := e.At.Add(-e.Talk)
	for t := time.Duration(0); t < e.Talk+late; t += rate.Unit {
		c := charged{at: began.Add(t), milliYen: rate.MilliYen}
		if t >= seen {
			c.stated = c.milliYen
		}
		cost += c.milliYen
		accounts := [...]string{unitAbroad, "extension/" + e.Extension + "/abroad"}
		if cost > own {
			accounts = [...]string{peopleAbroad, "person/" + e.Extension + "/abroad"}
		}
		for _, account := range accounts {
			a.sums[account] = append(a.sums[account], c)
		}
	}
	return cost
}

// release starts an account's count anew.
func (a *audit) release(account string, at time.Time) {
	a.clear[account] = append(a.clear[account], at)
}

// over is the most by which the bills of an account went beyond its cap in 24 hours,
// what is stated of the calls in those, and the most beyond cap and statement.
func (a *audit) over() (most, stated, unexplained int64) {
	for account, list := range a.sums {
		top := a.top(account)
		slices.SortFunc(list, func(x, y charged) int { return x.at.Compare(y.at) })
		sum, allowed, first := int64(0), int64(0), 0
		released := a.clear[account]
		for i := range list {
			for len(released) > 0 && !released[0].After(list[i].at) {
				sum, allowed, first, released = 0, 0, i, released[1:]
			}
			for ; list[i].at.Sub(list[first].at) >= auditWindow; first++ {
				sum, allowed = sum-list[first].milliYen, allowed-list[first].stated
			}
			sum, allowed = sum+list[i].milliYen, allowed+list[i].stated
			if sum-top > most {
				most, stated = sum-top, allowed
			}
			unexplained = max(unexplained, sum-top-allowed)
		}
	}
	return most, stated, unexplained
}

// top is an account's cap.
func (a *audit) top(account string) int64 {
	switch {
	case account == unitAbroad:
		return a.unit
	case account == peopleAbroad:
		return a.own[1]
	case strings.HasPrefix(account, "person/"):
		return a.own[0]
	}
	return a.each
}

// TroubleResult is what attacks came to with one kind of trouble.
type TroubleResult struct {
	What  string  `json:"what"`
	Yen   Figures `json:"milli_yen"`
	Over  Figures `json:"overshoot_milli_yen"`
	Worst string  `json:"worst_family"`
	// Stated is what was stated of the calls where Over was most; Unexplained the most
	// beyond that of any attack, by the gate's own word 0.
	Stated      int64 `json:"stated_milli_yen"`
	Unexplained int64 `json:"unexplained_milli_yen"`
	Added       int64 `json:"added_by_a_kill_milli_yen"` // to one call, the most
	Kills       int   `json:"kills"`
	Refused     Rate  `json:"office_refused"`
}

// suffer plays an attack of each family with each kind of trouble.
func (c *cast) suffer(rounds int, deadline time.Time) (out []TroubleResult, err error) {
	kinds := troubles()
	out = make([]TroubleResult, len(kinds))
	yen, over := make([][]int64, len(kinds)), make([][]int64, len(kinds))
	worst, refused, calls := make([]int64, len(kinds)), make([]int, len(kinds)), make([]int, len(kinds))
	for round := range rounds {
		for i := range c.families {
			if !deadline.IsZero() && time.Now().After(deadline) {
				break
			}
			o, plan, opt := c.attackOn(&c.families[i], round)
			opt.History = -1
			for k := range kinds {
				r := &out[k]
				r.What = kinds[k].what
				b, f, err := troubled(o, excerpt(plan, troubleAttempts, troubleTime), opt, kinds[k], c.withPIN)
				if err != nil {
					return nil, fmt.Errorf("%s on %s, %s: %w", plan.Family, o.Name, kinds[k].what, err)
				}
				beyond, stated, unexplained := f.over()
				yen[k], over[k] = append(yen[k], b.Intruder.MilliYen), append(over[k], beyond)
				if beyond > worst[k] || r.Worst == "" {
					worst[k], r.Worst, r.Stated = beyond, plan.Family, stated
				}
				r.Unexplained = max(r.Unexplained, unexplained)
				r.Added, r.Kills = max(r.Added, f.added), r.Kills+f.kills
				refused[k], calls[k] = refused[k]+b.Office.Refused.All, calls[k]+b.Office.Calls.All
			}
		}
	}
	for k := range out {
		out[k].Yen, out[k].Over, out[k].Refused = figures(yen[k]), figures(over[k]), rate(refused[k], calls[k])
	}
	return out, nil
}

func troubled(o *fraud.Office, plan *fraud.Plan, opt fraud.Options, t trouble, withPIN int) (
	fraud.Books, *faulty, error,
) {
	w, err := fraud.New(o, plan, opt)
	if err != nil {
		return fraud.Books{}, nil, err
	}
	f, err := newFaulty(w.Site(), t, withPIN, dice(opt.Seed, seedTrouble))
	if err != nil {
		return fraud.Books{}, nil, err
	}
	b, err := play(w, f, troubleOffice)
	return b, f, err
}

// killMost is what a kill can add to one call at most: units that begin while the
// process is gone, at the highest price of a minute that the factory lets through.
func killMost() int64 {
	return int64((downMost+time.Minute-1)/time.Minute) * budget.FactoryOf("extension/abroad").PerMinute
}
