package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/text"
)

// Budget gives a budget bounds of its own. What it leaves out is as without it:
// for a temporary one as in the lasting one of that name, else as for all
// budgets of its kind, else as the factory has it. 0 is no bound.
type Budget struct {
	Budget    string `toml:"budget"` // "unit/abroad", "extension/201/abroad", "extension/abroad" for all extensions
	Hour      Figure `toml:"hour"`   // yen, up to PerMinute and Connect
	Incident  Figure `toml:"incident"`
	Day       Figure `toml:"day"`
	Month     Figure `toml:"month"`
	Call      Figure `toml:"call"`
	PerMinute Figure `toml:"per_minute"`
	Connect   Figure `toml:"connect"`
	AtOnce    Figure `toml:"at_once"` // calls
	Callees   Figure `toml:"callees"` // numbers
	Length    string `toml:"length"`  // "3h", "90m"
	Warn      string `toml:"warn"`    // so, too
	// GrowTo is what a day may come to as the budget follows the office's habit.
	GrowTo Figure `toml:"grow_to"`
	Until  string `toml:"until"` // makes it temporary; needed where it is wider than the factory's
	Reason string `toml:"reason"`
}

// Figure is a number as it was written, "" for none.
type Figure string

// UnmarshalTOML takes a number, or a text for Check to judge.
func (f *Figure) UnmarshalTOML(v any) error {
	switch v := v.(type) {
	case int64:
		*f = Figure(strconv.FormatInt(v, 10))
	case float64:
		*f = Figure(strconv.FormatFloat(v, 'f', -1, 64))
	default:
		*f = Figure(fmt.Sprint(v))
	}
	return nil
}

// Temporary tells a budget that has an end.
func (b *Budget) Temporary() bool { return b.Until != "" }

// Expires is when it ends; the zero time where Until is none.
func (b *Budget) Expires() time.Time { return when(b.Until) }

// Is tells whether two entries are about the same: a change replaces the other.
func (b *Budget) Is(o *Budget) bool { return b.Budget == o.Budget && b.Temporary() == o.Temporary() }

// bound is one figure of a budget: how it is called, where it stands in an
// entry and in the bounds. Counts are no money.
type bound struct {
	name  string
	in    *Figure
	to    *int64
	count bool
}

// bounds lists the figures of an entry and the numbers they set; done puts what
// is no int64 into the limit.
func bounds(b *Budget, l *fact.Limit) (list []bound, done func()) {
	atOnce, callees := int64(l.AtOnce), int64(l.Callees)
	list = []bound{
		{"hour", &b.Hour, &l.Hour, false},
		{"incident", &b.Incident, &l.Incident, false},
		{"day", &b.Day, &l.Day, false},
		{"month", &b.Month, &l.Month, false},
		{"call", &b.Call, &l.Call, false},
		{"per_minute", &b.PerMinute, &l.PerMinute, false},
		{"connect", &b.Connect, &l.Connect, false},
		{"at_once", &b.AtOnce, &atOnce, true},
		{"callees", &b.Callees, &callees, true},
		{"grow_to", &b.GrowTo, &l.GrowTo, false},
	}
	return list, func() { l.AtOnce, l.Callees = int(atOnce), int(callees) }
}

// talkTime is a length of talk of a budget, as bound is a figure.
type talkTime struct {
	name string
	in   *string
	to   *time.Duration
}

// talkTimesOf lists them.
func talkTimesOf(b *Budget, l *fact.Limit) []talkTime {
	return []talkTime{{"length", &b.Length, &l.Length}, {"warn", &b.Warn, &l.Warn}}
}

func (f bound) read() (int64, error) {
	if f.count {
		n, err := strconv.ParseUint(string(*f.in), 10, 31)
		return int64(n), err
	}
	m, err := tariff.ParseMoney(string(*f.in))
	if err == nil && m < 0 {
		err = tariff.ErrMoney
	}
	return int64(m), err
}

// over lays an entry over bounds. What can't be read of it changes nothing.
func (b Budget) over(l fact.Limit) fact.Limit {
	l.Budget, l.Until = b.Budget, b.Expires()
	list, done := bounds(&b, &l)
	for _, f := range list {
		if n, err := f.read(); *f.in != "" && err == nil {
			*f.to = n
		}
	}
	done()
	for _, t := range talkTimesOf(&b, &l) {
		if d, err := time.ParseDuration(*t.in); err == nil {
			*t.to = d
		}
	}
	return l
}

// budgetKey names an entry among those of a document.
type budgetKey struct {
	name      string
	temporary bool
}

// Limits are the bounds of budgets as the document has them, the lasting ones
// first.
func (d Document) Limits() []fact.Limit {
	list := slices.Clone(d.Budgets)
	slices.SortStableFunc(list, orderBudgets)
	lasting := map[string]fact.Limit{}
	var out []fact.Limit
	for _, b := range list {
		l := b.over(under(lasting, b.Budget))
		if !b.Temporary() {
			lasting[b.Budget] = l
		}
		out = append(out, l)
	}
	return out
}

// under is what a budget is bounded by without an entry of its own.
func under(lasting map[string]fact.Limit, name string) fact.Limit {
	s, id, pot, _ := budget.ParseName(name)
	l, ok := lasting[name]
	if !ok && id != "" {
		l, ok = lasting[budget.Name(s, "", pot)]
	}
	if !ok {
		l = budget.FactoryOf(name)
	}
	l.Budget = name
	return l
}

// orderBudgets puts first what others build on: lasting before temporary, kinds
// before single ones.
func orderBudgets(a, b Budget) int {
	rank := func(x *Budget) int {
		n := 0
		if x.Temporary() {
			n = 2
		}
		if _, id, _, _ := budget.ParseName(x.Budget); id != "" {
			n++
		}
		return n
	}
	return cmp.Or(cmp.Compare(rank(&a), rank(&b)), cmp.Compare(a.Budget, b.Budget))
}

// normal writes an entry in the one way.
func (b *Budget) normal() {
	var l fact.Limit
	list, _ := bounds(b, &l)
	for _, f := range list {
		n, err := f.read()
		switch {
		case *f.in == "" || err != nil:
		case f.count:
			*f.in = Figure(strconv.FormatInt(n, 10))
		default:
			*f.in = Figure(tariff.Money(n).Decimal())
		}
	}
	for _, t := range talkTimesOf(b, &l) {
		if d, err := time.ParseDuration(*t.in); err == nil {
			*t.in = lengthOf(d)
		}
	}
	b.Until = normalTime(b.Until)
}

// lengthOf writes a length of talk without the zeros of time.Duration.String.
func lengthOf(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func (c *checker) budget(d Document, i int, b Budget) {
	path := fmt.Sprintf("budget[%d]", i)
	if _, _, _, ok := budget.ParseName(b.Budget); !ok {
		c.wrong(path+".budget", "policy.budget.name", clip(b.Budget))
		return
	}
	if slices.IndexFunc(d.Budgets, func(o Budget) bool { return o.Is(&b) }) < i {
		c.wrong(path, "policy.twice", b.Budget)
	}
	var l fact.Limit
	list, _ := bounds(&b, &l)
	given := b.Length+b.Warn != ""
	for _, f := range list {
		given = given || *f.in != ""
		switch _, err := f.read(); {
		case *f.in == "" || err == nil:
		case f.count:
			c.wrong(path+"."+f.name, "policy.budget.count", clip(string(*f.in)))
		default:
			c.wrong(path+"."+f.name, "policy.budget.yen", clip(string(*f.in)))
		}
	}
	c.talkTimes(path, d, &b)
	if !given {
		c.wrong(path, "policy.budget.nothing")
	}
	if _, err := ParseTime(b.Until); b.Temporary() && err != nil {
		c.wrong(path+".until", "policy.time", clip(b.Until))
	}
	if b.Temporary() || b.Reason != "" {
		if what, bad := CheckReason(b.Reason); bad {
			c.faults = append(c.faults, Fault{Path: path + ".reason", What: what})
		}
	}
	if factory := budget.FactoryOf(b.Budget); !b.Temporary() && budget.Wider(b.over(factory), factory) {
		c.wrong(path+".until", "policy.budget.no-until", b.Budget)
	}
}

// talkTimes checks lengths of talk: who is told that a call is long hears that before it
// ends, as it does by the entry or by what holds where that says nothing.
func (c *checker) talkTimes(path string, d Document, b *Budget) {
	var l fact.Limit
	bad := b.Warn == ""
	for _, t := range talkTimesOf(b, &l) {
		if d, err := time.ParseDuration(*t.in); *t.in != "" && (err != nil || d < 0) {
			c.wrong(path+"."+t.name, "policy.budget.length", clip(*t.in))
			bad = true
		}
	}
	if bad {
		return
	}
	l = b.over(d.resolved().base(budgetKey{b.Budget, b.Temporary()}))
	if l.Length > 0 && l.Warn >= l.Length {
		c.wrong(path+".warn", "policy.budget.warn", lengthOf(l.Warn), lengthOf(l.Length))
	}
}

// budgets says what becomes of budgets.
func (d *differ) budgets(before, after Document) {
	was, is := before.resolved(), after.resolved()
	entries := slices.Concat(before.Budgets, after.Budgets)
	slices.SortStableFunc(entries, orderBudgets)
	told := map[budgetKey]bool{}
	for _, e := range entries {
		k := budgetKey{e.Budget, e.Temporary()}
		if told[k] {
			continue
		}
		told[k] = true
		b, a := was.find(k), is.find(k)
		// Between two ends of a temporary one, what holds without it stands on the
		// other side.
		longer, shorter := a.Until.After(b.Until), b.Until.After(a.Until)
		c := Change{
			Loosens: budget.Wider(a, b) ||
				longer && budget.Wider(a, was.base(k)) || shorter && budget.Wider(is.base(k), b),
			Bars: budget.Wider(b, a) ||
				longer && budget.Wider(was.base(k), a) || shorter && budget.Wider(b, is.base(k)),
		}
		what := figures(b, a)
		switch {
		case what.IsZero() && b.Until.Equal(a.Until):
			continue
		case what.IsZero(): // another end alone
			what = figures(was.base(k), a)
		}
		switch i := slices.IndexFunc(after.Budgets, func(o Budget) bool { return o.Is(&e) }); {
		case i < 0:
			c.Says = text.Of("policy.diff.budget.gone", k.name, what)
		case k.temporary:
			c.Says = text.Of("policy.diff.budget.until", k.name, what, after.Budgets[i].Until, after.Budgets[i].Reason)
		default:
			c.Says = text.Of("policy.diff.budget", k.name, what)
		}
		d.list = append(d.list, c)
	}
}

// Besides says what a change of the unit's and the groups' budgets does not bound:
// where one becomes narrower than the factory's, calls with a PIN are still paid
// from their persons' own. An owner who bounds the customer's knows.
func Besides(before, after Document) (out []text.Message) {
	was, is := before.resolved(), after.resolved()
	for _, e := range after.Budgets {
		s, _, pot, _ := budget.ParseName(e.Budget)
		all := budget.Name(budget.Customer, "", pot)
		if s != budget.Unit && s != budget.Group || slices.ContainsFunc(after.Budgets, func(o Budget) bool {
			return o.Budget == all
		}) {
			continue
		}
		k := budgetKey{e.Budget, e.Temporary()}
		l := is.find(k)
		if budget.Wider(budget.FactoryOf(e.Budget), l) && !figures(was.find(k), l).IsZero() {
			own, people := budget.Name(budget.Person, "", pot), budget.Name(budget.People, "", pot)
			out = append(out, text.Of("policy.budget.besides", e.Budget, own, people, all))
		}
	}
	return out
}

// resolved are the bounds of a document by entry.
type resolved struct {
	lasting map[string]fact.Limit
	entries map[budgetKey]fact.Limit
}

func (d Document) resolved() resolved {
	r := resolved{map[string]fact.Limit{}, map[budgetKey]fact.Limit{}}
	for _, l := range d.Limits() {
		r.entries[budgetKey{l.Budget, !l.Until.IsZero()}] = l
		if l.Until.IsZero() {
			r.lasting[l.Budget] = l
		}
	}
	return r
}

// find gives the bounds of an entry, or those that hold without it.
func (r resolved) find(k budgetKey) fact.Limit {
	if l, ok := r.entries[k]; ok {
		return l
	}
	return r.base(k)
}

// base is what holds without an entry.
func (r resolved) base(k budgetKey) fact.Limit {
	if k.temporary {
		return under(r.lasting, k.name)
	}
	others := map[string]fact.Limit{}
	for name, l := range r.lasting {
		if name != k.name {
			others[name] = l
		}
	}
	return under(others, k.name)
}

// figures says which bounds differ, and how.
func figures(b, a fact.Limit) (out text.Message) {
	var none Budget
	was, _ := bounds(&none, &b)
	is, _ := bounds(&none, &a)
	add := func(name string, from, to text.Message) {
		one := text.Of("policy.budget.figure", text.Of(text.Key("policy.budget.of."+name)), from, to)
		if out.IsZero() {
			out = one
		} else {
			out = text.Of("policy.and", out, one)
		}
	}
	for i := range was {
		if *was[i].to != *is[i].to {
			add(was[i].name, was[i].says(), is[i].says())
		}
	}
	if b.Length != a.Length {
		add("length", lengthSaid(b.Length), lengthSaid(a.Length))
	}
	if b.Warn != a.Warn {
		add("warn", warnSaid(b.Warn), warnSaid(a.Warn))
	}
	return out
}

// says is a bound for people.
func (f bound) says() text.Message {
	switch {
	case *f.to == 0 && f.name == "grow_to":
		return text.Of("policy.budget.fixed")
	case *f.to == 0:
		return text.Of("policy.budget.unbounded")
	case f.count:
		return text.Of("policy.day-named", strconv.FormatInt(*f.to, 10))
	}
	return text.Of("policy.day-named", tariff.Money(*f.to).String())
}

func lengthSaid(d time.Duration) text.Message {
	if d == 0 {
		return text.Of("policy.budget.unbounded")
	}
	return text.Of("policy.day-named", lengthOf(d))
}

func warnSaid(d time.Duration) text.Message {
	if d == 0 {
		return text.Of("policy.budget.fixed")
	}
	return lengthSaid(d)
}

// GrowTo is how far a budget may follow the office's habit at a time,
// thousandths of yen on a day: as its entries say, or those of its kind.
func (d Document) GrowTo(name string, at time.Time) (most int64) {
	s, id, pot, _ := budget.ParseName(name)
	for _, l := range d.Limits() {
		mine := l.Budget == name || id != "" && l.Budget == budget.Name(s, "", pot)
		if mine && (l.Until.IsZero() || at.Before(l.Until)) {
			most = max(most, l.GrowTo)
		}
	}
	return most
}
