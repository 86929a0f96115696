package budget

import (
	"strings"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number/tariff"
)

// Scope is whose budget it is.
type Scope string

// The scopes, from the closest to a call to the farthest.
const (
	Forward Scope = "forward" // what an extension forwards, transfers or redirects
	// Person is what whoever has typed an extension's PIN calls: charged in place
	// of the extension's, its groups' and the unit's budgets.
	Person    Scope = "person"
	People    Scope = "people"    // all persons' together
	Extension Scope = "extension" // all else of an extension, what it forwards too
	Group     Scope = "group"     // a ring group, by its number
	Site      Scope = "site"      // what another site calls over our lines
	Unit      Scope = "unit"
	Customer  Scope = "customer" // whose unit it is
	Alert     Scope = "alert"    // the unit's own calls to its owner; nothing else is charged for them
)

// Name is the name of a budget: "unit/abroad", "extension/201/abroad", or, for
// every extension that has none of its own, "extension/abroad".
func Name(s Scope, id string, p Pot) string {
	if id == "" {
		return string(s) + "/" + string(p)
	}
	return string(s) + "/" + id + "/" + string(p)
}

// ParseName takes a name apart; ok is false for what is none.
func ParseName(name string) (s Scope, id string, p Pot, ok bool) {
	parts := strings.Split(name, "/")
	if len(parts) == 3 {
		id = parts[1]
	}
	if len(parts) < 2 || len(parts) > 3 || len(parts) == 3 && id == "" {
		return "", "", "", false
	}
	s, p = Scope(parts[0]), Pot(parts[len(parts)-1])
	switch p {
	case Abroad, Premium, Mobile, Home:
	default:
		return "", "", "", false
	}
	switch s {
	case Forward, Person, Extension, Site:
	case Group:
		ok = id != ""
		return s, id, p, ok
	case People, Unit, Customer, Alert:
		ok = id == ""
		return s, id, p, ok
	default:
		return "", "", "", false
	}
	return s, id, p, true
}

const yen = int64(tariff.Yen)

// Factory gives the bounds of a unit that nobody has set any for. They need no
// history: abroad they are what an office can lose without harm, at home they
// are wider than an office talks.
func Factory() []fact.Limit {
	return []fact.Limit{
		{
			Budget: "unit/abroad",
			Caps: fact.Caps{
				Incident: 10_000 * yen, Day: 10_000 * yen, Month: 100_000 * yen, AtOnce: 2, Callees: 30,
			},
		},
		{
			Budget: "extension/abroad",
			Caps: fact.Caps{
				Incident: 3_000 * yen, Day: 3_000 * yen, Month: 30_000 * yen, AtOnce: 2, Callees: 10,
			},
			Call: 3_000 * yen, PerMinute: 300 * yen, Connect: 500 * yen, Length: 3 * time.Hour,
		},
		{
			Budget: "forward/abroad",
			Caps:   fact.Caps{Incident: 1_000 * yen, Day: 1_000 * yen, Month: 5_000 * yen, AtOnce: 1, Callees: 3},
			Call:   500 * yen, Length: time.Hour,
		},
		{
			Budget: "unit/premium",
			Caps:   fact.Caps{Incident: 3_000 * yen, Day: 3_000 * yen, Month: 30_000 * yen},
		},
		{
			Budget: "extension/premium",
			Caps:   fact.Caps{Incident: 1_000 * yen, Day: 1_000 * yen, Month: 10_000 * yen},
			Call:   1_000 * yen, PerMinute: 300 * yen, Connect: 500 * yen, Length: time.Hour,
		},
		{
			Budget: "forward/premium",
			Caps:   fact.Caps{Incident: 300 * yen, Day: 300 * yen, Month: 1_000 * yen, AtOnce: 1},
		},
		{Budget: "unit/mobile", Caps: fact.Caps{Day: 200_000 * yen, Month: 2_000_000 * yen}},
		{Budget: "extension/mobile", Caps: fact.Caps{Day: 10_000 * yen, Month: 100_000 * yen}},
		{Budget: "forward/mobile", Caps: fact.Caps{Day: 5_000 * yen, Month: 50_000 * yen}},
		{Budget: "unit/home", Caps: fact.Caps{Day: 200_000 * yen, Month: 2_000_000 * yen}},
		{Budget: "extension/home", Caps: fact.Caps{Day: 10_000 * yen, Month: 100_000 * yen}},
		{Budget: "forward/home", Caps: fact.Caps{Day: 5_000 * yen, Month: 50_000 * yen}},
		{
			Budget: "site/abroad",
			Caps:   fact.Caps{Incident: 1_000 * yen, Day: 1_000 * yen, Month: 5_000 * yen, AtOnce: 1, Callees: 3},
			Call:   500 * yen, PerMinute: 300 * yen, Connect: 500 * yen, Length: time.Hour,
		},
		{
			Budget: "site/premium",
			Caps:   fact.Caps{Incident: 300 * yen, Day: 300 * yen, Month: 1_000 * yen, AtOnce: 1},
		},
		{Budget: "site/mobile", Caps: fact.Caps{Day: 30_000 * yen, Month: 300_000 * yen}},
		{Budget: "site/home", Caps: fact.Caps{Day: 30_000 * yen, Month: 300_000 * yen}},
		{
			Budget: "alert/mobile", Caps: fact.Caps{Day: 2_000 * yen, Month: 20_000 * yen, AtOnce: 1},
			Length: 5 * time.Minute,
		},
		{
			Budget: "alert/home", Caps: fact.Caps{Day: 1_000 * yen, Month: 10_000 * yen, AtOnce: 1},
			Length: 5 * time.Minute,
		},
	}
}

// FactoryOf is what the factory bounds a budget by: its own bounds, or those of
// its kind. A budget that the factory does not know has none.
func FactoryOf(name string) fact.Limit {
	s, id, pot, _ := ParseName(name)
	switch s {
	case Person:
		return ownOf(FactoryOf(Name(Extension, id, pot)), name)
	case People:
		return peopleOf(FactoryOf(Name(Unit, "", pot)), name)
	}
	kind := name
	if id != "" {
		kind = Name(s, "", pot)
	}
	for _, l := range Factory() {
		if l.Budget == kind {
			l.Budget = name
			return l
		}
	}
	return fact.Limit{Budget: name}
}

// ownOf is what a person's own budget is bounded by where nobody has set that:
// so many times what the extension's is, and in a month what its working days may
// come to. What a call may cost a minute stays.
func ownOf(l fact.Limit, name string) fact.Limit {
	l.Budget, l.GrowTo = name, 0
	for _, b := range []*int64{&l.Hour, &l.Incident, &l.Day, &l.Month, &l.Call} {
		*b *= personTimes
	}
	l.Callees *= personTimes
	l.Month = workingMonth(l)
	return l
}

// workingMonth is a month's bound that does not end an office's work before the
// month does, where it had one.
func workingMonth(l fact.Limit) int64 {
	if l.Month == 0 {
		return 0
	}
	return max(l.Month, monthOfDays*l.Day)
}

// peopleOf is what all persons' own budgets together are bounded by where nobody
// has set that: once more what the unit's is on a day, and more calls at once.
func peopleOf(l fact.Limit, name string) fact.Limit {
	l.Budget, l.GrowTo, l.Callees = name, 0, 0
	l.AtOnce *= personTimes
	l.Month = workingMonth(l)
	return l
}

// Wider tells whether some bound lets more pass than another one does; 0 is
// none at all.
func Wider(l, than fact.Limit) bool {
	for _, b := range [][2]int64{
		{l.Hour, than.Hour},
		{l.Incident, than.Incident},
		{l.Day, than.Day},
		{l.Month, than.Month},
		{int64(l.AtOnce), int64(than.AtOnce)},
		{int64(l.Callees), int64(than.Callees)},
		{l.Call, than.Call},
		{l.PerMinute, than.PerMinute},
		{l.Connect, than.Connect},
		{int64(l.Length), int64(than.Length)},
	} {
		if b[1] != 0 && (b[0] == 0 || b[0] > b[1]) {
			return true
		}
	}
	return l.GrowTo > than.GrowTo
}
