package tariff

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Money is an amount in thousandths of a yen.
type Money int64

// Yen is one yen.
const Yen Money = 1000

// MoneyMax is where costs saturate: more than anybody has.
const MoneyMax Money = math.MaxInt64

// ErrMoney is why ParseMoney refuses.
var ErrMoney = errors.New("not an amount in yen")

// decimals is how many digits a thousandth of a yen needs.
const decimals = 3

// String writes yen with separated thousands, and as many decimals as it
// takes: "¥1,234.567", "¥12", "-¥0.5". ParseMoney reads it back.
func (m Money) String() string {
	sign, digits := "", m.Decimal()
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = "-", rest
	}
	whole, part, broken := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if broken {
		whole += "." + part
	}
	return sign + "¥" + whole
}

// Decimal writes yen as a plain decimal: "1234.567", "12", "-0.5".
func (m Money) Decimal() string { return thousandths(int64(m)) }

// thousandths writes n/1000 with as many decimals as it takes.
func thousandths(n int64) string {
	sign, size := "", uint64(n)
	if n < 0 {
		sign, size = "-", -size
	}
	s := sign + strconv.FormatUint(size/1000, 10)
	if part := size % 1000; part > 0 {
		s += "." + strings.TrimRight(fmt.Sprintf("%0*d", decimals, part), "0")
	}
	return s
}

// ParseMoney reads an amount in yen exactly: digits, their thousands separated
// by commas or not, and up to three decimals; "-" and "¥" may stand in front.
// Nothing is rounded: what does not fit is ErrMoney.
func ParseMoney(s string) (Money, error) {
	sign, rest := "", s
	if cut, negative := strings.CutPrefix(s, "-"); negative {
		sign, rest = "-", cut
	}
	n, ok := parseThousandths(sign, ungroup(strings.TrimPrefix(rest, "¥")))
	if !ok {
		return 0, fmt.Errorf("%.40q: %w", s, ErrMoney)
	}
	return Money(n), nil
}

// parseThousandths reads a decimal without sign, with up to three decimals.
func parseThousandths(sign, s string) (n int64, ok bool) {
	whole, part, broken := strings.Cut(s, ".")
	if !allDigits(whole) || broken && (!allDigits(part) || len(part) > decimals) {
		return 0, false
	}
	n, err := strconv.ParseInt(sign+whole+part+strings.Repeat("0", decimals-len(part)), 10, 64)
	return n, err == nil
}

// ungroup takes the commas out of "1,234,567.8"; where they stand anywhere
// else it leaves them, and what it returns is no decimal.
func ungroup(s string) string {
	whole, part, broken := strings.Cut(s, ".")
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if i > 0 && len(g) != 3 || g == "" || len(g) > 3 {
			return s // also where there are no groups
		}
	}
	whole = strings.Join(groups, "")
	if broken {
		return whole + "." + part
	}
	return whole
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
