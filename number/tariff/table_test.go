package tariff

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/number"
	"pgregory.net/rapid"
)

var day = time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)

// table makes a table of prefixes and their prices in yen a minute.
func table(t testing.TB, prices map[string]Money) *Table {
	t.Helper()
	var rates []Rate
	for p, m := range prices {
		rates = append(rates, Rate{Prefix: p, PerUnit: m * Yen, Unit: time.Minute})
	}
	tab, err := NewTable(rates)
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

var line = number.Context{
	Line: number.Line{Carriers: []string{"0033"}},
	Extension: func(s string) bool {
		return s == "201"
	},
}

func TestLongestPrefixCounts(t *testing.T) {
	tab := table(t, map[string]Money{
		"232": 175, "2327": 180, "1": 9, "1876": 60, "979": 900,
		"geographic": 3, "geographic/03": 2, "mobile": 17, "mobile/070": 16, "service/104": 60, "hash-short": 10,
		"hash-short/#9110": 11, "0033/232": 170, "0033/geographic": 4, "freephone": 0, "navi/0570": 20,
	})
	for dialed, want := range map[string]string{
		"01023276123456":     "2327",
		"01023222123456":     "232",
		"0102321":            "232",
		"01018765551234":     "1876",
		"01012125551234":     "1",
		"+97912345678":       "979",
		"0312345678":         "geographic/03",
		"184" + "0312345678": "geographic/03",
		"0612345678":         "geographic",
		"09012345678":        "mobile",
		"07012345678":        "mobile/070",
		"104":                "service/104",
		"#7119":              "hash-short",
		"#9110":              "hash-short/#9110",
		"003301023276123456": "0033/232",
		"00330312345678":     "0033/geographic",
		"0120123456":         "freephone",
		"0570123456":         "navi/0570",
		"201":                "",
		"110":                "",
	} {
		d := number.Parse(dialed, &line)
		r, known := tab.Rate(d, day)
		if r.Prefix != want || !known {
			t.Errorf("%s (%s): %q %v, want %q", dialed, d, r.Prefix, known, want)
		}
	}
	for _, dialed := range []string{"0990123456", "010233123456", "117", "003309012345678", "0044", "010", "*99"} {
		d := number.Parse(dialed, &line)
		if r, known := tab.Rate(d, day); known || r.Prefix != "979" {
			t.Errorf("%s (%s): %q %v, want the dearest", dialed, d, r.Prefix, known)
		}
	}
}

func TestPricesHaveTheirTime(t *testing.T) {
	rate := func(prefix string, yen Money, from time.Time) Rate {
		return Rate{Prefix: prefix, PerUnit: yen * Yen, Unit: time.Minute, From: from}
	}
	tab, err := NewTable([]Rate{
		rate("44", 30, day.AddDate(0, 1, 0)), rate("44", 20, day), rate("44", 10, time.Time{}),
		rate("447", 99, day), rate("1", 500, day.AddDate(1, 0, 0)), rate("1", 5, day),
	})
	if err != nil {
		t.Fatal(err)
	}
	fixed := number.Parse("010442079460000", nil)
	mobile := number.Parse("010447700900000", nil)
	unknown := number.Parse("010232761234", nil)
	for _, c := range []struct {
		d     number.Destination
		at    time.Time
		want  Money
		known bool
	}{
		{fixed, day.Add(-1), 10, true},
		{fixed, day, 20, true},
		{fixed, day.AddDate(0, 1, 0).Add(-1), 20, true},
		{fixed, day.AddDate(0, 1, 0), 30, true},
		{mobile, day.Add(-1), 10, true}, // the longer one is not yet in force
		{mobile, day, 99, true},
		{unknown, day.Add(-1), 10, false},
		{unknown, day, 99, false},
		{unknown, day.AddDate(1, 0, 0), 500, false},
	} {
		if r, known := tab.Rate(c.d, c.at); r.PerUnit != c.want*Yen || known != c.known {
			t.Errorf("%s at %s: %s %v, want %d", c.d, c.at, r.PerUnit, known, c.want)
		}
	}
	late, err := NewTable([]Rate{rate("1", 5, day)})
	if err != nil {
		t.Fatal(err)
	}
	if r, known := late.Rate(fixed, day.Add(-1)); r != dear || known {
		t.Errorf("no price in force: %+v", r)
	}
}

func TestNoTableIsDear(t *testing.T) {
	var none *Table
	empty := table(t, nil)
	for _, tab := range []*Table{none, empty} {
		r, known := tab.Rate(number.Parse("0312345678", nil), day)
		if known || r.PerMinute() != DearPerMinute || len(tab.Rates()) != 0 {
			t.Errorf("%+v %v", r, known)
		}
		if r, known := tab.Rate(number.Parse("119", nil), day); !known || r.Cost(time.Hour) != 0 {
			t.Errorf("an emergency call: %+v %v", r, known)
		}
	}
	if classes, codes := none.Missing(day); len(classes) != len(Classes())-1 || len(codes) < 200 {
		t.Errorf("%d classes are missing, and %d codes", len(classes), len(codes))
	}
	some := table(t, map[string]Money{"geographic": 1, "mobile/070": 2, "1": 3, "1876": 4})
	classes, codes := some.Missing(day)
	if len(classes) != len(Classes())-2 || slices.Contains(codes, "1") || !slices.Contains(codes, "232") {
		t.Errorf("missing: %v, %v", classes, codes)
	}
}

func TestNewTableRefuses(t *testing.T) {
	good := Rate{Prefix: "232", Unit: time.Minute}
	for prefix, want := range map[string]error{
		"": ErrPrefix, "+232": ErrPrefix, "0232": ErrPrefix, "1234567890123456": ErrPrefix, "81": ErrJapan,
		"8190": ErrJapan, "0033/81": ErrJapan, "extension": ErrPrefix, "feature": ErrPrefix, "international": ErrPrefix,
		"satellite": ErrPrefix, "global-code": ErrPrefix, "not-understood": ErrPrefix, "carrier-select": ErrPrefix,
		"mobile/": ErrPrefix, "mobile/90": ErrPrefix, "mobile/00": ErrPrefix, "mobile/+81": ErrPrefix,
		"service/": ErrPrefix, "service/1x": ErrPrefix, "hash-short/#": ErrPrefix,
		"hash-short/7119": ErrPrefix, "0033": ErrPrefix,
		"0033/": ErrPrefix, "0033/service": ErrPrefix, "0033/0033/232": ErrPrefix, "0033333/232": ErrPrefix,
		"Mobile": ErrPrefix, "mobile ": ErrPrefix, "２３２": ErrPrefix, "mobile/0" + strings.Repeat("9", 15): ErrPrefix,
	} {
		r := good
		r.Prefix = prefix
		var at *RateError
		if _, err := NewTable([]Rate{good, r}); !errors.Is(err, want) || !errors.As(err, &at) || at.Index != 1 {
			t.Errorf("%q: %v", prefix, err)
		}
	}
	if _, err := NewTable([]Rate{good, good}); !errors.Is(err, ErrTwice) {
		t.Error(err)
	}
	if _, err := NewTable(make([]Rate, RatesMax+1)); !errors.Is(err, ErrTooMany) {
		t.Error(err)
	}
}

// TestTableIsCopied: neither what was handed in nor what is handed out leads
// into a table.
func TestTableIsCopied(t *testing.T) {
	rates := []Rate{{Prefix: "232", PerUnit: 175 * Yen, Unit: time.Minute}}
	tab, err := NewTable(rates)
	if err != nil {
		t.Fatal(err)
	}
	rates[0].PerUnit = 0
	tab.Rates()[0].PerUnit = 0
	if r, _ := tab.Rate(number.Parse("01023276123456", nil), day); r.PerUnit != 175*Yen {
		t.Errorf("%+v", r)
	}
}

// TestRateAgreesWithLooking compares the index with going through all rates.
func TestRateAgreesWithLooking(t *testing.T) {
	digits := rapid.StringMatching(`[23][23]{0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		var rates []Rate
		seen := map[string]bool{}
		for range rapid.IntRange(0, 12).Draw(t, "rates") {
			r := Rate{Prefix: digits.Draw(t, "prefix"), Unit: time.Minute, PerUnit: Money(len(rates)) * Yen}
			r.From = day.AddDate(0, 0, rapid.IntRange(0, 4).Draw(t, "from"))
			if id := r.Prefix + r.From.String(); !seen[id] {
				seen[id] = true
				rates = append(rates, r)
			}
		}
		tab, err := NewTable(rates)
		if err != nil {
			t.Fatal(err)
		}
		d := number.Destination{Class: number.International, Digits: digits.Draw(t, "digits") + "4"}
		at := day.AddDate(0, 0, rapid.IntRange(-1, 5).Draw(t, "at"))
		want, known := look(rates, d, at)
		if got, ok := tab.Rate(d, at); got != want || ok != known {
			t.Fatalf("%s at %s: %+v %v, want %+v %v", d, at, got, ok, want, known)
		}
	})
}

// look is Table.Rate without an index.
func look(rates []Rate, d number.Destination, at time.Time) (Rate, bool) {
	best, found := Rate{}, false
	dearest := dear
	for i, r := range rates {
		if r.From.After(at) || superseded(rates, i, at) {
			continue
		}
		if dearest == dear || r.PerUnit > dearest.PerUnit {
			dearest = r
		}
		if strings.HasPrefix(d.Digits, r.Prefix) && (!found || len(r.Prefix) > len(best.Prefix)) {
			best, found = r, true
		}
	}
	if !found {
		return dearest, false
	}
	return best, true
}

func superseded(rates []Rate, i int, at time.Time) bool {
	for _, r := range rates {
		if r.Prefix == rates[i].Prefix && r.From.After(rates[i].From) && !r.From.After(at) {
			return true
		}
	}
	return false
}

func BenchmarkRate(b *testing.B) {
	prices := map[string]Money{"geographic": 3, "mobile": 17}
	for i := range 10_000 {
		prices["2"+strconv.Itoa(10_000+i)] = Money(i%500 + 1)
	}
	tab := table(b, prices)
	d := number.Parse("01023276123456", nil)
	b.ReportAllocs()
	for b.Loop() {
		tab.Rate(d, day)
	}
}
