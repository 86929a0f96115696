package tariff

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/number"
)

// Change is one rate that two tables don't have alike: of the same prefix from
// the same time on. What one of them lacks is nil there.
type Change struct {
	Before, After *Rate
}

// Price reports whether the change is one of money, not of words alone.
func (c Change) Price() bool {
	if c.Before == nil || c.After == nil {
		return true
	}
	a, b := *c.Before, *c.After
	return a.PerUnit != b.PerUnit || a.Unit != b.Unit || a.Connect != b.Connect || a.Minimum != b.Minimum
}

// Changes says what becomes of a table when another takes its place, by prefix
// and then From. Either may be nil.
func Changes(before, after *Table) []Change {
	a, b := before.Rates(), after.Rates()
	var out []Change
	for len(a) > 0 || len(b) > 0 {
		switch order := first(a, b); {
		case order < 0:
			out, a = append(out, Change{Before: &a[0]}), a[1:]
		case order > 0:
			out, b = append(out, Change{After: &b[0]}), b[1:]
		default:
			if a[0] != b[0] {
				out = append(out, Change{Before: &a[0], After: &b[0]})
			}
			a, b = a[1:], b[1:]
		}
	}
	return out
}

// first says which of two sorted lists goes on with the earlier rate.
func first(a, b []Rate) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return order(a[0], b[0])
}

// order is that of a table: by prefix, then From.
func order(a, b Rate) int {
	return cmp.Or(strings.Compare(a.Prefix, b.Prefix), a.From.Compare(b.From))
}

// Cheaper counts the prefixes of either table on which a call costs less by the
// one that comes after, now or when one of its prices comes into force.
func Cheaper(before, after *Table, now time.Time) (n int) {
	seen := map[key]bool{}
	for _, r := range slices.Concat(after.Rates(), before.Rates()) {
		k, err := readPrefix(r.Prefix)
		if err != nil || seen[k] {
			continue
		}
		d := number.Destination{Class: k.class, Carrier: k.carrier, Digits: k.digits}
		for _, at := range []time.Time{now, r.From} {
			if at.Before(now) {
				continue
			}
			was, _ := before.Rate(d, at)
			if is, _ := after.Rate(d, at); is.cheaper(was) {
				seen[k] = true
				n++
				break
			}
		}
	}
	return n
}

// cheaper tells whether some call costs less than by another rate: one of a
// moment, of minutes, or of an hour.
func (r Rate) cheaper(than Rate) bool {
	for _, talk := range []time.Duration{time.Millisecond, time.Minute, 3 * time.Minute, time.Hour} {
		if r.Cost(talk) < than.Cost(talk) {
			return true
		}
	}
	return false
}

// Missing says what a table has no price for at that time, so that it counts
// as the dearest: classes within Japan that have none of their own, and country
// codes abroad. Emergency numbers are never missing.
func (t *Table) Missing(at time.Time) (classes []number.Class, codes []string) {
	for _, c := range Classes() {
		if _, known := t.Rate(number.Destination{Class: c}, at); !known {
			classes = append(classes, c)
		}
	}
	seen := map[string]bool{}
	for _, a := range number.InternationalAreas() {
		d := number.Destination{Class: number.International, Digits: a.CallingCode}
		if _, known := t.Rate(d, at); !known && !seen[a.CallingCode] {
			seen[a.CallingCode] = true
			codes = append(codes, a.CallingCode)
		}
	}
	return classes, codes
}
