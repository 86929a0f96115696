package tariff

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/number"
)

// Why a table can't be; errors.Is tells them apart.
var (
	ErrTooMany = errors.New("more rates than a tariff may have")
	ErrTwice   = errors.New("two prices of one prefix from the same time on")
)

// RateError names the rate that NewTable refuses.
type RateError struct {
	Index int // in the list
	Err   error
}

func (e *RateError) Error() string { return fmt.Sprintf("rate %d: %v", e.Index+1, e.Err) }

func (e *RateError) Unwrap() error { return e.Err }

// DearPerMinute is what a minute of a call costs where there is no price at
// all to go by: more than carriers in Japan ask for satellites.
const DearPerMinute = 1000 * Yen

// dear is the rate of calls where no price is in force.
var dear = Rate{PerUnit: DearPerMinute, Unit: time.Minute}

// free is the rate of calls that no carrier bills, and of emergency calls.
var free = Rate{Unit: time.Minute}

// Table is a tariff: all that one carrier charges. It never changes. A nil
// Table knows no price.
type Table struct {
	rates   []Rate          // by prefix, then From
	begin   map[key][]entry // of one prefix, the latest first
	longest map[room]int    // the longest digits of the room's prefixes
	dearest []entry         // the dearest first
}

// entry is a rate and its time in force.
type entry struct {
	rate  *Rate
	until time.Time // zero for ever
}

func (e entry) inForce(at time.Time) bool {
	return !e.rate.From.After(at) && (e.until.IsZero() || at.Before(e.until))
}

// NewTable makes a table of rates, in any order. The error is a *RateError for
// a rate that can't be, or wraps ErrTooMany.
func NewTable(rates []Rate) (*Table, error) {
	if len(rates) > RatesMax {
		return nil, fmt.Errorf("%d rates, at most %d: %w", len(rates), RatesMax, ErrTooMany)
	}
	t := &Table{
		rates:   make([]Rate, 0, len(rates)),
		begin:   make(map[key][]entry, len(rates)),
		longest: make(map[room]int),
	}
	seen := make(map[key]map[time.Time]bool, len(rates))
	for i, r := range rates {
		if err := r.Check(); err != nil {
			return nil, &RateError{Index: i, Err: err}
		}
		r.From = r.From.UTC()
		k, _ := readPrefix(r.Prefix) // Check has read it
		if seen[k][r.From] {
			return nil, &RateError{Index: i, Err: fmt.Errorf("%s: %w", r.Prefix, ErrTwice)}
		}
		if seen[k] == nil {
			seen[k] = make(map[time.Time]bool, 1)
		}
		seen[k][r.From] = true
		t.rates = append(t.rates, r)
	}
	t.index()
	return t, nil
}

// index sorts the rates and makes them quick to find.
func (t *Table) index() {
	slices.SortFunc(t.rates, order)
	for i := range t.rates {
		r := &t.rates[i]
		k, _ := readPrefix(r.Prefix) // Check has read it
		t.longest[k.room] = max(t.longest[k.room], len(k.digits))
		t.begin[k] = append(t.begin[k], entry{rate: r})
	}
	for _, list := range t.begin {
		slices.SortFunc(list, func(a, b entry) int { return b.rate.From.Compare(a.rate.From) })
		for i := range list[1:] {
			list[i+1].until = list[i].rate.From
		}
		t.dearest = append(t.dearest, list...)
	}
	slices.SortFunc(t.dearest, func(a, b entry) int {
		return cmp.Or(
			cmp.Compare(b.rate.PerMinute(), a.rate.PerMinute()),
			cmp.Compare(b.rate.Cost(0), a.rate.Cost(0)),
			strings.Compare(a.rate.Prefix, b.rate.Prefix),
			b.rate.From.Compare(a.rate.From),
		)
	})
}

// Rates returns all rates, by prefix and then From.
func (t *Table) Rates() []Rate {
	if t == nil {
		return nil
	}
	return slices.Clone(t.rates)
}

// Rate returns the rate by which a call to d that begins at that time is
// billed. Where the table has none it is the dearest, by the minute, of those
// in force, and known is false; a table without any makes it DearPerMinute.
// Extensions, feature codes and what a table does not say of emergency numbers
// are free, and known.
func (t *Table) Rate(d number.Destination, at time.Time) (r Rate, known bool) {
	if e, ok := t.find(d, at); ok {
		return *e.rate, true
	}
	switch d.Class {
	case number.Extension, number.Feature, number.Emergency:
		return free, true
	}
	if t != nil {
		for _, e := range t.dearest {
			if e.inForce(at) {
				return *e.rate, false
			}
		}
	}
	return dear, false
}

// Begin returns the rates whose prefixes begin with s, in the order of Rates.
func (t *Table) Begin(s string) []Rate {
	var out []Rate
	for _, r := range t.Rates() {
		if strings.HasPrefix(r.Prefix, s) {
			out = append(out, r)
		}
	}
	return out
}

// find returns the longest prefix in force.
func (t *Table) find(d number.Destination, at time.Time) (entry, bool) {
	if t == nil {
		return entry{}, false
	}
	k := key{room: roomOf(d)}
	for n := min(len(d.Digits), t.longest[k.room]); n >= 0; n-- {
		k.digits = d.Digits[:n]
		for _, e := range t.begin[k] {
			if e.inForce(at) {
				return e, true
			}
		}
	}
	return entry{}, false
}
