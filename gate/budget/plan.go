package budget

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

// Settings is what a plan is made of.
type Settings struct {
	// Tariff gives what a line's carrier charges. It is asked for each call, and
	// may give another table later.
	Tariff  func(line string) *tariff.Table
	Limits  []fact.Limit        // instead of the factory's; those with Until instead of all others
	Groups  map[string][]string // numbers of the ring groups that an extension is in
	Shut    map[string]string   // exhausted accounts, with the window
	Vouched map[string][]Vouch  // what accounts vouch for, with Account.Vouched
}

// Plan says which budgets a call needs money from. It never changes. A nil
// Plan has no budgets.
type Plan struct {
	tariff  func(line string) *tariff.Table
	limits  map[string]fact.Limit
	until   map[string]fact.Limit // those that end
	groups  map[string][]string
	shut    map[string]string
	vouched map[string][]Vouch
}

// New makes a plan. It refuses bounds that have no budget, and too many.
// Without a tariff every call is as dear as the dearest.
func New(s Settings) (*Plan, error) {
	if s.Tariff == nil {
		s.Tariff = func(string) *tariff.Table { return nil }
	}
	if len(s.Limits) > limitsMax {
		return nil, fmt.Errorf("%d bounds of budgets, at most %d", len(s.Limits), limitsMax)
	}
	p := &Plan{tariff: s.Tariff, limits: make(map[string]fact.Limit), until: make(map[string]fact.Limit)}
	for _, l := range slices.Concat(Factory(), s.Limits) {
		if _, _, _, ok := ParseName(l.Budget); !ok {
			return nil, fmt.Errorf("%q names no budget", l.Budget)
		}
		if l.Until.IsZero() {
			p.limits[l.Budget] = l
		} else {
			p.until[l.Budget] = l
		}
	}
	p.groups, p.shut, p.vouched = maps.Clone(s.Groups), maps.Clone(s.Shut), maps.Clone(s.Vouched)
	return p, nil
}

// Limits lists the bounds in force at a time by name.
func (p *Plan) Limits(at time.Time) []fact.Limit {
	names := slices.Collect(maps.Keys(p.limits))
	for name, l := range p.until {
		if at.Before(l.Until) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []fact.Limit
	for _, name := range slices.Compact(names) {
		l, _ := p.own(name, at)
		out = append(out, l)
	}
	return out
}

// Limit finds the bounds in force for a budget; false where there are none.
func (p *Plan) Limit(name string, at time.Time) (fact.Limit, bool) {
	s, id, pot, ok := ParseName(name)
	if !ok {
		return fact.Limit{}, false
	}
	return p.limit(s, id, pot, at)
}

// limit finds the bounds of one budget: its own, or those of all of its kind. A
// person's go by the extension's where there are none.
func (p *Plan) limit(s Scope, id string, pot Pot, at time.Time) (fact.Limit, bool) {
	if id != "" {
		if l, ok := p.own(Name(s, id, pot), at); ok {
			return l, true
		}
	}
	l, ok := p.own(Name(s, "", pot), at)
	switch {
	case ok:
	case s == People:
		l, ok = p.limit(Unit, "", pot, at)
		return peopleOf(l, Name(s, "", pot)), ok
	case s == Person:
		l, ok = p.limit(Extension, id, pot, at)
		return ownOf(l, Name(s, id, pot)), ok
	}
	return l, ok
}

// own finds the bounds of that very name: those that end, until they do.
func (p *Plan) own(name string, at time.Time) (fact.Limit, bool) {
	if l, ok := p.until[name]; ok && at.Before(l.Until) {
		return l, true
	}
	l, ok := p.limits[name]
	return l, ok
}

// Who is charged for a call.
type Who struct {
	Extension string // "" for nobody's, e.g. the test of a line
	Forwards  bool   // it forwards, transfers or redirects: it does not talk itself
	Alerts    bool   // it is the unit that calls its owner: from a budget of its own
	Dials     bool   // whoever is on the phone can be asked for the PIN
	Proves    bool   // it has typed it
	Site      string // the other site that calls over our lines, "" for none
}

// Need is what a call needs to be let out. The zero Need needs nothing.
type Need struct {
	Pot     Pot
	Rate    tariff.Rate
	Charges []fact.Charge // the accounts, from the closest to the call to the farthest
	Callee  uint32
	Most    tariff.Money  // for the call, 0 for no bound
	Length  time.Duration // of talk, 0 for no bound
	Warn    time.Duration // of talk after which who talks is told that it is long, 0 for never
	Own     bool          // from the person's own budget
}

// Nothing tells that a call needs no money.
func (n *Need) Nothing() bool { return len(n.Charges) == 0 }

// The reasons for which a call is too dear for a budget; stable words. The
// other reasons are fact.WindowShut and the windows of fact.Exhausted.
const (
	TooDearPerMinute = "per-minute"
	TooDearToConnect = "connect"
	TooDearForOne    = "call"
)

// Refusal says which budget a call can't be let out from, and why.
type Refusal struct {
	Account string
	Why     string // a TooDear or Window word
	Cap     int64  // thousandths of yen, or a number of calls or numbers
	Asks    bool   // with its PIN the person calls from its own budget
}

// Need tells what a call needs, or why it can't be let out whatever the
// accounts have left. Who proves to be the extension's person calls from its own
// budget, as does whoever calls a number from there that it has vouched for.
func (p *Plan) Need(who Who, line string, d number.Destination, at time.Time) (Need, *Refusal) {
	own, refusal := p.need(who, true, line, d, at)
	if refusal == nil && (who.Proves || p.vouches(who, &own, at)) {
		return own, nil
	}
	n, refused := p.need(who, false, line, d, at)
	if refused != nil {
		refused.Asks = refusal == nil && !who.Proves
	}
	return n, refused
}

// Without is Need where the person's own budget has no room.
func (p *Plan) Without(who Who, line string, d number.Destination, at time.Time) (Need, *Refusal) {
	return p.need(who, false, line, d, at)
}

// Asks tells whether a call that its budgets have no room for may go on from the
// person's own one with its PIN, as far as is known: that may have no room either.
func (p *Plan) Asks(who Who, line string, d number.Destination, at time.Time) bool {
	_, ok := p.Own(who, line, d, at)
	return ok && !who.Proves
}

// Own is what a call that is up needs from the own budget of whoever dialed it,
// and can prove to be the person; ok is false where it can't have any, whatever
// that has left.
func (p *Plan) Own(who Who, line string, d number.Destination, at time.Time) (n Need, ok bool) {
	n, refusal := p.need(who, true, line, d, at)
	return n, refusal == nil && n.Own
}

// vouches tells whether the person has called the number with its PIN before.
func (p *Plan) vouches(who Who, own *Need, at time.Time) bool {
	return own.Own && own.Callee != 0 && slices.ContainsFunc(p.vouched[own.Charges[0].Account], func(v Vouch) bool {
		return v.Callee == own.Callee && v.holds(hourOf(at))
	})
}

// need is what a call needs from the person's own budget, or from the others.
func (p *Plan) need(who Who, own bool, line string, d number.Destination, at time.Time) (Need, *Refusal) {
	pot := PotOf(d)
	if p == nil || pot == "" {
		return Need{}, nil
	}
	n := Need{Pot: pot, Charges: make([]fact.Charge, 0, 4), Own: own}
	n.Rate, _ = p.tariff(line).Rate(d, at)
	if n.Rate.Cost(0) == 0 && n.Rate.PerUnit == 0 {
		return Need{}, nil
	}
	if own && (!who.Dials || who.Extension == "") {
		return Need{}, &Refusal{}
	}
	var refusal *Refusal
	charge := func(s Scope, id string) {
		l, ok := p.limit(s, id, pot, at)
		if !ok {
			return
		}
		c := fact.Charge{Account: Name(s, id, pot), Caps: l.Caps}
		if why, ceiling := p.judge(&n, &l, c.Account); why != "" && refusal == nil {
			refusal = &Refusal{Account: c.Account, Why: why, Cap: ceiling}
		}
		n.Charges = append(n.Charges, c)
	}
	switch {
	case who.Alerts: // an office whose budgets are used up is told of it
		charge(Alert, "")
	case own:
		charge(Person, who.Extension)
		charge(People, "")
		charge(Customer, "")
	default:
		chargeOffice(p.groups[who.Extension], who, charge)
	}
	if pot == Abroad {
		n.Callee = mark(d.Digits)
	}
	if refusal == nil && n.Most > 0 && n.Least() > n.Most {
		refusal = &Refusal{Account: n.Charges[0].Account, Why: TooDearForOne, Cap: int64(n.Most)}
	}
	return n, refusal
}

// chargeOffice charges the budgets of whoever calls, and those around them.
func chargeOffice(groups []string, who Who, charge func(Scope, string)) {
	if who.Site != "" {
		charge(Site, who.Site)
	}
	if who.Extension != "" {
		if who.Forwards {
			charge(Forward, who.Extension)
		}
		charge(Extension, who.Extension)
		for _, g := range groups[:min(len(groups), groupsMax)] {
			charge(Group, g)
		}
	}
	charge(Unit, "")
	charge(Customer, "")
}

// Recap gives the charges of a leg that goes on the caps that are in force now:
// a budget that was narrowed binds the calls that are up, too.
func (p *Plan) Recap(charges []fact.Charge, at time.Time) []fact.Charge {
	if p == nil {
		return charges
	}
	out := slices.Clone(charges)
	for i := range out {
		if l, ok := p.Limit(out[i].Account, at); ok {
			out[i].Caps = l.Caps
		}
	}
	return out
}

// judge holds a call's price against one budget's bounds for single calls, and
// narrows what the call may use.
func (p *Plan) judge(n *Need, l *fact.Limit, account string) (why string, ceiling int64) {
	if l.Call > 0 && (n.Most == 0 || tariff.Money(l.Call) < n.Most) {
		n.Most = tariff.Money(l.Call)
	}
	if l.Length > 0 && (n.Length == 0 || l.Length < n.Length) {
		n.Length = l.Length
	}
	if l.Warn > 0 && (n.Warn == 0 || l.Warn < n.Warn) {
		n.Warn = l.Warn
	}
	switch {
	case p.shut[account] != "":
		return fact.WindowShut, 0
	case l.PerMinute > 0 && int64(n.Rate.PerMinute()) > l.PerMinute:
		return TooDearPerMinute, l.PerMinute
	case l.Connect > 0 && int64(n.Rate.Connect) > l.Connect:
		return TooDearToConnect, l.Connect
	}
	return "", 0
}

// mark is a short mark of a number, never 0. Two numbers share one now and
// then: so it says little about a number to who reads the evidence, and a
// count of numbers comes out one too low.
func mark(digits string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(digits))
	const bits = 20
	return h.Sum32()>>(32-bits) + 1
}

// slice is the first slice of talk that is paid for in advance.
func (n *Need) slice() time.Duration {
	if n.Pot.Ordinary() {
		return sliceHome
	}
	if n.Own {
		return sliceOwn
	}
	return sliceAbroad
}

func (n *Need) growth() time.Duration {
	if n.Pot.Ordinary() {
		return sliceGrowth
	}
	return growthAbroad
}

// Least is the least that has to be set aside for a call to begin. A person's own
// budget, which is never shut, is not offered for its last crumbs: such a call
// would be cut.
func (n *Need) Least() tariff.Money {
	least := n.Rate.Cost(talkMin)
	if n.Own {
		return max(least, n.First())
	}
	return least
}

// First is what is set aside for a call at first. It is more than Least where
// the bounds for one call allow it.
func (n *Need) First() tariff.Money {
	amount := n.Rate.Cost(n.slice())
	if n.Most > 0 && amount > n.Most {
		amount = n.Rate.Cost(n.Rate.Affords(n.Most))
	}
	return amount
}

// Within is the most that can be set aside of a first slice where only so much
// is free; ok is false where that is too little to begin.
func (n *Need) Within(room tariff.Money) (amount tariff.Money, ok bool) {
	if room < n.Least() {
		return 0, false
	}
	return min(n.Rate.Cost(n.Rate.Affords(room)), n.First()), true
}
