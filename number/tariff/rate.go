package tariff

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Rate is what a carrier charges for calls to one prefix.
type Rate struct {
	// Prefix says for which numbers: see the package comment.
	Prefix string
	// NameJA and NameEN say it to people: "シエラレオネ", "Sierra Leone".
	NameJA, NameEN string
	// PerUnit is charged for each Unit of talk that has begun.
	PerUnit Money
	Unit    time.Duration
	// Connect is charged once, when the call is answered.
	Connect Money
	// Minimum is the least that an answered call costs in all.
	Minimum Money
	// From is since when the price is in force, until a later one of the same
	// prefix is; zero for always.
	From time.Time
	// Source says where the price stands, for people.
	Source string
}

// Why a rate can't be; errors.Is tells them apart.
var (
	ErrPrefix = errors.New("not a prefix of a tariff")
	ErrJapan  = errors.New("numbers of Japan stand under their class, not under 81")
	ErrPrice  = errors.New("a price is ¥0 to ¥1,000,000")
	ErrUnit   = errors.New("a unit is 0.1 seconds to an hour, in whole milliseconds")
	ErrFrom   = errors.New("prices are in force from a time between 1970 and 2200")
	ErrText   = errors.New("names and sources are short texts of one line")
)

// Check says whether the rate can stand in a table.
func (r Rate) Check() error {
	if _, err := readPrefix(r.Prefix); err != nil {
		return err
	}
	if err := errors.Join(checkPrice(r.PerUnit), checkPrice(r.Connect), checkPrice(r.Minimum)); err != nil {
		return err
	}
	if err := errors.Join(checkUnit(r.Unit), checkFrom(r.From)); err != nil {
		return err
	}
	if !isLine(r.NameJA, NameMax) || !isLine(r.NameEN, NameMax) || !isLine(r.Source, SourceMax) {
		return ErrText
	}
	return nil
}

func checkPrice(m Money) error {
	if m < 0 || m > PriceMax {
		return fmt.Errorf("%s: %w", m, ErrPrice)
	}
	return nil
}

func checkUnit(d time.Duration) error {
	if d < UnitMin || d > UnitMax || d%time.Millisecond != 0 {
		return fmt.Errorf("%s: %w", d, ErrUnit)
	}
	return nil
}

func checkFrom(at time.Time) error {
	if y := at.UTC().Year(); !at.IsZero() && (y < 1970 || y >= 2200) {
		return fmt.Errorf("year %d: %w", y, ErrFrom)
	}
	return nil
}

// isLine tells one line of at most limit bytes, without space around it.
func isLine(s string, limit int) bool {
	if len(s) > limit || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) && r != '\u3000' { // the space of Japanese
			return false
		}
	}
	return true
}

// Cost is what an answered call of that talk time costs, as the carrier rounds:
// units count as soon as they begin, and the first begins with the answer. It
// never falls as talk grows, and saturates at MoneyMax. What is no price at all
// (Check) costs MoneyMax: nobody talks for it by mistake.
func (r Rate) Cost(talk time.Duration) Money {
	if r.Unit <= 0 || r.PerUnit < 0 || r.Connect < 0 || r.Minimum < 0 {
		return MoneyMax
	}
	units := uint64(1)
	if talk > r.Unit {
		units = (uint64(talk) + uint64(r.Unit) - 1) / uint64(r.Unit)
	}
	over, cost := bits.Mul64(units, uint64(r.PerUnit))
	if over > 0 || cost > uint64(MoneyMax-r.Connect) {
		return MoneyMax
	}
	return max(Money(cost)+r.Connect, r.Minimum)
}

// Affords is the longest talk time that costs no more than m; -1 if m does not
// pay for the answer. Where talk of any length is paid for it is the longest
// duration there is.
func (r Rate) Affords(m Money) time.Duration {
	const forever = time.Duration(math.MaxInt64)
	switch {
	case r.Cost(0) > m:
		return -1
	case r.Cost(forever) <= m:
		return forever
	}
	// PerUnit is not 0, or the cost would not grow; and talk for ever has more
	// units than m pays for, so that this is less.
	return time.Duration((m-r.Connect)/r.PerUnit) * r.Unit
}

// PerMinute is the price of talk by the minute, whatever the unit, rounded up
// to the next thousandth; without connect fee and minimum. It compares rates,
// and saturates as Cost does.
func (r Rate) PerMinute() Money {
	if r.Unit <= 0 || r.PerUnit < 0 {
		return MoneyMax
	}
	high, low := bits.Mul64(uint64(r.PerUnit), uint64(time.Minute))
	if high >= uint64(r.Unit) {
		return MoneyMax
	}
	price, rest := bits.Div64(high, low, uint64(r.Unit))
	if rest > 0 {
		price++
	}
	return Money(min(price, uint64(MoneyMax)))
}
