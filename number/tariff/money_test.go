package tariff

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestMoneyIsWrittenAsPeopleDo(t *testing.T) {
	for m, want := range map[Money]string{
		0:                    "¥0",
		12 * Yen:             "¥12",
		1_234_567:            "¥1,234.567",
		8800:                 "¥8.8",
		2_558_574 * Yen:      "¥2,558,574",
		1:                    "¥0.001",
		-500:                 "-¥0.5",
		-1_234_567 * Yen:     "-¥1,234,567",
		999_999:              "¥999.999",
		MoneyMax:             "¥9,223,372,036,854,775.807",
		Money(math.MinInt64): "-¥9,223,372,036,854,775.808",
	} {
		if got := m.String(); got != want {
			t.Errorf("%d: %s, want %s", int64(m), got, want)
		}
	}
}

func TestParseMoneyRoundsNothing(t *testing.T) {
	for s, want := range map[string]Money{
		"175": 175 * Yen, "8.8": 8800, "0.001": 1, "1,234.5": 1_234_500, "¥12": 12 * Yen, "007": 7 * Yen, "8.800": 8800,
	} {
		if got, err := ParseMoney(s); got != want || err != nil {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", "-", "¥", ".", ".5", "5.", "8.8000", "0.0005", "1e3", "+5", "1,23", "1234,567", ",123", "1,,234", "5 ",
		" 5", "8,8", "９", "0x10", "1_000", "NaN", "--5", "¥-5", "1.2.3", "1.,5", "9223372036854775.808", "1\x00",
	} {
		if got, err := ParseMoney(s); !errors.Is(err, ErrMoney) || got != 0 {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
}

func TestMoneyReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Money(rapid.Int64().Draw(t, "money"))
		for _, s := range []string{m.String(), m.Decimal()} {
			if back, err := ParseMoney(s); back != m || err != nil {
				t.Fatalf("%d: %q reads as %d, %v", int64(m), s, int64(back), err)
			}
		}
	})
}

func TestParseMoneyTakesWhatItPrints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`-?¥?[0-9,.]{0,8}`).Draw(t, "text")
		m, err := ParseMoney(s)
		if err != nil {
			return
		}
		if back, err := ParseMoney(m.Decimal()); back != m || err != nil {
			t.Fatalf("%q: %d, then %d, %v", s, int64(m), int64(back), err)
		}
	})
}
