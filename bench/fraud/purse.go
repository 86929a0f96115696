package main

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/challenge"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/sim/fraud"
	"github.com/sekisho/sekisho/unit"
)

const (
	purseName = "sekisho+budget"
	unitName  = "sekisho+tempo"
)

// purse is the gate as a unit asks it: the desk itself, with the factory's
// budgets. Money is set aside with the verdict, renewed while a call goes on, and
// what can't be renewed is cut. A budget that ran out stays shut until a manager
// saw that all was well. With a watch it is all that ships: see watched.go.
type purse struct {
	*checkpoint
	watched
	table *tariff.Table
	desk  *desk.Desk
	books fact.Committer
	now   time.Time     // the wall's clock
	shift time.Duration // by which that was set back
	// unheard says that nobody confirmed the end that is told next: as a unit does,
	// all that was set aside counts as spent then.
	unheard  bool
	legs     map[uint64]*leg
	pins     *challenge.Book
	who      map[string]string   // at each extension: person, fax or door
	prompts  map[uint64]prompted // calls whose caller was asked for a PIN
	shut     map[string]*closed
	limits   []fact.Limit              // that the owner set, instead of the factory's
	vouched  map[string][]budget.Vouch // numbers called with a PIN, by account
	stale    bool                      // the policy does not know of shut and vouched yet
	released func(fact.BudgetReleased)
	// wentOn hears of a call that goes on from the person's own budget, and what
	// the others had set aside for it.
	wentOn  func(call uint64, held int64)
	full    string // what had no room when money was wanted last
	tolls   tolls
	keeping []uint64 // calls whose caller is to be asked while it talks
}

// leg is one call's money.
type leg struct {
	budget.Meter
	request    gate.Request
	asked      bool // the caller was asked while it talked
	told       bool // or could not be, since there was money last
	extension  string
	renew, cut time.Time // zero for never
	ask        time.Time // when to ask the caller for its PIN, zero for never
	end        string    // why it gets no more money
	of         fraud.Count
}

// newPurse is a unit's gate without a watch, of an office of whose people so many
// of a hundred have a PIN.
func newPurse(withPIN int) func(*fraud.Site, Policy) (Subject, error) {
	return func(site *fraud.Site, p Policy) (Subject, error) {
		return newPurseOn(site, p, newTill(), nil, withPIN)
	}
}

// newUnit is all that a unit asks, as it ships.
func newUnit(withPIN int) func(*fraud.Site, Policy) (Subject, error) {
	return func(site *fraud.Site, p Policy) (Subject, error) {
		return newPurseOn(site, p, newTill(), tempo.New(site.Zone), withPIN)
	}
}

// newPurseOn makes a purse that writes into books.
func newPurseOn(site *fraud.Site, p Policy, books fact.Committer, w *tempo.Watch, withPIN int) (*purse, error) {
	table, err := tariff.NewTable(rates(site.Prices))
	if err != nil {
		return nil, err
	}
	c, err := newCheckpoint(site, p)
	if err != nil {
		return nil, err
	}
	u := &purse{
		checkpoint: c, table: table, now: site.Start, legs: map[uint64]*leg{}, shut: map[string]*closed{},
		pins: pins(site, withPIN), who: map[string]string{}, prompts: map[uint64]prompted{},
		vouched: map[string][]budget.Vouch{}, released: func(fact.BudgetReleased) {}, tolls: tolls{},
		watched: watched{
			watch: w, calls: map[uint64]tempo.Event{}, apart: map[string]string{}, apartFor: map[string]string{},
		},
	}
	u.books = listener{books, u}
	for _, e := range site.Extensions {
		u.who[e.Number] = e.Who
	}
	u.replan()
	u.boot()
	return u, nil
}

// boot makes the desk, as a start of the unit does.
func (p *purse) boot() {
	p.desk = desk.New(desk.Config{
		Committer: p.books, Policy: p.policy, Now: func() time.Time { return p.now },
		Watch: p.watch, Cut: func(s desk.Suspect) { p.suspects = append(p.suspects, s) },
	})
}

// parts says where the numbers begin of countries that share a code.
var parts = map[string][]string{
	"CA": {"1416", "1604", "1514"}, "JM": {"1876"}, "DO": {"1809", "1829"}, "KZ": {"77"},
}

// classes are the published prices of numbers in Japan.
var classes = map[number.Class]string{
	number.Geographic: "geographic", number.Mobile: "mobile", number.IPPhone: "phone", number.Freephone: "free",
	number.Service: "service", number.Navi: "navi", number.Premium: "premium",
}

// rates is the carrier's price list as an installer enters it.
func rates(p *fraud.Prices) (out []tariff.Rate) {
	add := func(prefix string, r fraud.Rate) {
		out = append(out, tariff.Rate{Prefix: prefix, PerUnit: tariff.Money(r.MilliYen), Unit: r.Unit})
	}
	for _, area := range p.Areas() {
		begin := parts[area]
		if a, ok := number.AreaOf(area); ok && begin == nil {
			begin = []string{a.CallingCode}
		}
		for _, prefix := range begin {
			add(prefix, p.Abroad(area, ""))
		}
	}
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		add(class.String(), p.Home(classes[class]))
	}
	return out
}

// Ask sets money aside for what the gate passes.
func (p *purse) Ask(e *fraud.Event) Answer {
	r := p.request(e)
	if p.stale {
		p.replan()
	}
	if p.opens(&r) {
		p.desk.SetPolicy(p.policy)
	}
	if p.failed {
		return Refuse
	}
	p.now = e.At.Add(-p.shift)
	r.At = p.now
	asked := p.prompts[e.Call]
	delete(p.prompts, e.Call)
	if e.Proved {
		if !p.proves(e) {
			p.refused(e, asked.cause+", PIN not taken", asked.account)
			return Refuse
		}
		r.Proof = gate.Proof{Person: e.Extension, At: r.At}
	}
	var v gate.Verdict
	p.desk.Ask(r, func(got gate.Verdict, _ gate.Pass, _ error) { v = got })
	a := p.answer(e, &v)
	p.judgedOdd(e, &r, a)
	if v.Meter != nil {
		p.legs[e.Call] = &leg{Meter: *v.Meter, request: r, extension: e.Extension, of: one(e)}
	}
	return a
}

// answer is what a verdict comes to: who can't be asked for a PIN is refused.
func (p *purse) answer(e *fraud.Event, v *gate.Verdict) Answer {
	a := answerOf(v)
	if a != Refuse && a != Challenge {
		return a
	}
	cause, account := p.causeOf(v, e.Extension)
	switch {
	case a == Refuse && e.Proved:
		cause += ", PIN right"
	case a == Challenge && p.asks(e):
		p.prompts[e.Call] = prompted{cause, account}
		p.tolls.of(cause).Challenged.Add(one(e))
		return Challenge
	case a == Challenge && p.who[e.Extension] == person:
		cause += ", has no PIN"
	case a == Challenge:
		cause += ", " + p.who[e.Extension]
	}
	p.refused(e, cause, account)
	return Refuse
}

func name(call uint64) string { return strconv.FormatUint(call, 10) }

// write writes a fact that nobody waits for; where the store takes none, later.
func (p *purse) write(f fact.Fact) {
	p.books.Commit(fact.Write{Facts: []fact.Fact{f}}, func(err error) {
		if err != nil {
			p.desk.Later(err, f)
		}
	})
}

// Tell starts meters, settles, and hears of the manager.
func (p *purse) Tell(e *fraud.Event) {
	p.now = e.At.Add(-p.shift)
	p.note(e)
	l := p.legs[e.Call]
	switch {
	case e.Kind == fraud.Answered && l != nil:
		l.Answered = e.At
		l.funded(e.At)
	case e.Kind == fraud.Kept && l != nil:
		p.keeps(e, l)
	case e.Kind == fraud.Ended && l != nil:
		delete(p.legs, e.Call)
		s := l.Settle(e.At)
		if p.unheard {
			s.Cost = max(s.Cost, int64(l.Held))
		}
		p.write(fact.CallEnded{
			Call: name(e.Call), Answered: l.Answered, Ended: e.At, Reason: "hung up", Settled: []fact.Settlement{s},
		})
	case e.Kind == fraud.Lapsed:
		if asked, waits := p.prompts[e.Call]; waits {
			delete(p.prompts, e.Call)
			p.refused(e, asked.cause+", asked in vain", asked.account)
		}
	case e.Kind == fraud.Reviewed && !e.Intruder:
		for _, account := range slices.Sorted(maps.Keys(p.shut)) {
			if slices.Contains(p.shut[account].by, e.Extension) {
				p.write(fact.BudgetReleased{Account: account, By: "owner", Reason: "looked at", At: e.At})
			}
		}
	}
}

// Due is the next slice, the end of one that is the last, or now where calls of
// somebody who was set apart are up.
func (p *purse) Due() (due time.Time, ok bool) {
	if len(p.doomed) > 0 {
		return p.since, true
	}
	for _, l := range p.legs {
		for _, at := range []time.Time{l.renew, l.cut, l.ask} {
			if !at.IsZero() && (due.IsZero() || at.Before(due)) {
				due = at
			}
		}
	}
	return due, !due.IsZero()
}

// Tick sets further slices aside, and cuts what has used up its last.
func (p *purse) Tick(at time.Time) (cut []uint64) {
	if len(p.doomed) > 0 {
		cut, p.doomed = p.doomed, nil
		return p.cutting(cut)
	}
	p.now = at // renewals count the leg's time, which no clock sets back
	for _, call := range slices.Sorted(maps.Keys(p.legs)) {
		l := p.legs[call]
		if !l.renew.IsZero() && !l.renew.After(at) {
			l.renew, p.full = time.Time{}, ""
			p.desk.Renew(name(call), l.Meter, func(more tariff.Money) {
				again := at.Add(unit.MoneyAgain)
				l.end = cmp.Or(l.end, p.full) // what was first counts: it is asked for again
				if more == 0 {
					l.short(at)
				}
				switch {
				case more > 0:
					l.Held, l.end = l.Held+more, ""
					l.funded(at)
				case !l.RenewAt().IsZero() && again.Before(l.cut.Add(-unit.MoneyAgain)):
					l.renew = again // other calls give money back
				}
			})
		}
		if !l.ask.IsZero() && !l.ask.After(at) {
			l.ask = time.Time{}
			p.runsShort(call, l)
		}
		if !l.cut.IsZero() && !l.cut.After(at) {
			l.cut, l.renew, l.ask = time.Time{}, time.Time{}, time.Time{}
			cut = append(cut, call)
		}
	}
	return p.cutting(cut)
}

const oneCall = "budget's bound for one call"

// cutting counts why calls are cut on which somebody talks.
func (p *purse) cutting(calls []uint64) []uint64 {
	for _, call := range calls {
		if l := p.legs[call]; !l.Answered.IsZero() {
			p.tolls.of(cmp.Or(l.end, oneCall) + l.fared()).Cut.Add(l.of)
		}
	}
	return calls
}

// daily is what the whole office may spend abroad in 24 hours.
func (p *purse) daily() int64 {
	for _, l := range p.limits {
		if l.Budget == unitAbroad {
			return l.Incident
		}
	}
	return budget.FactoryOf(unitAbroad).Incident
}
