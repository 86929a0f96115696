package tariff

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/sekisho/sekisho/number"
)

const head = "prefix,yen,unit_seconds\n"

// faultsOf reads a file that is wrong, and gives its faults as "line column cell".
func faultsOf(t *testing.T, file string) ([]string, Encoding) {
	t.Helper()
	_, encoding, err := Read([]byte(file))
	faults, ok := errors.AsType[Faults](err)
	if !ok {
		t.Fatalf("%.60q: %v", file, err)
	}
	var out []string
	for _, f := range faults {
		out = append(out, fmt.Sprintf("%d %s %s: %v", f.Line, f.Column, f.Cell, f.Err))
	}
	return out, encoding
}

// TestFaultsNameOnlyWhatIsWrong: a column that nobody knows is not taken for
// another one, nothing is told of what stands behind a broken header, and what is
// said of a cell is what the cell has.
func TestFaultsNameOnlyWhatIsWrong(t *testing.T) {
	for file, want := range map[string][]string{
		"zone,prefix,yen,unit_seconds\n": {"1 zone zone: " + ErrColumn.Error()},
		"zone,yen,unit_seconds\n": {
			"1 zone zone: " + ErrColumn.Error(), "1 prefix : " + ErrLacking.Error(),
		},
		"pre\"fix,yen\n232,1\n":  {"1  : " + ErrQuotes.Error()},
		head + "232,1,x\n":       {"2 unit_seconds x: " + ErrUnit.Error()},
		head + "\"2\n32\",1\n":   {"2  : " + ErrCells.Error()},
		head + "232,\"1\n\",-\n": {"3 unit_seconds -: " + ErrUnit.Error()},
		head + "x" + strings.Repeat("y", cellShown-1) + ",1,60\n": {
			"2 prefix x" + strings.Repeat("y", cellShown-1) + ": \"x" + strings.Repeat("y", cellShown-1) + "\": " +
				ErrPrefix.Error(),
		},
	} {
		if got, _ := faultsOf(t, file); !slices.Equal(got, want) {
			t.Errorf("%q:\n%q, want\n%q", file, got, want)
		}
	}
}

// TestFaultsSayTheEncoding, so that whoever looks for them sees the same letters.
func TestFaultsSayTheEncoding(t *testing.T) {
	names := "prefix,yen,unit_seconds,name_ja\n"
	for _, rows := range []string{"232,x,60,シエラレオネ\n", "232,1,60,シエラレオネ\n232,2,60,シエラレオネ\n"} {
		file, err := japanese.ShiftJIS.NewEncoder().String(names + rows)
		if err != nil {
			t.Fatal(err)
		}
		if _, encoding := faultsOf(t, file); encoding != ShiftJIS {
			t.Errorf("%q is said to be %q", rows, encoding)
		}
	}
}

// TestFilesUpToTheLimits are read, and what is more is told of once.
func TestFilesUpToTheLimits(t *testing.T) {
	full := head + "232,1,60\n"
	full += strings.Repeat("\n", FileMax-len(full))
	if tab := read(t, full); len(tab.Rates()) != 1 {
		t.Errorf("%d rates", len(tab.Rates()))
	}
	if got, _ := faultsOf(t, head+strings.Repeat("x,y,z\n", FaultsMax)); len(got) != FaultsMax {
		t.Errorf("%d faults", len(got))
	}
	var b strings.Builder
	b.WriteString(head)
	for i := range RatesMax {
		fmt.Fprintf(&b, "2%06d,1,1\n", i)
	}
	if tab := read(t, b.String()); len(tab.Rates()) != RatesMax {
		t.Errorf("%d rates", len(tab.Rates()))
	}
	b.WriteString("31,1,1\n32,1,1\n33,1,1\n")
	want := []string{fmt.Sprintf("%d  : %v", RatesMax+2, ErrTooMany)}
	if got, _ := faultsOf(t, b.String()); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	_, err := NewTable(make([]Rate, RatesMax+1))
	if want := "50001 rates, at most 50000: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v", err)
	}
}

// TestTablesAreWrittenForPeople: days and times as they are in Japan.
func TestTablesAreWrittenForPeople(t *testing.T) {
	want := `prefix,name_ja,name_en,yen,unit_seconds,connect_yen,minimum_yen,valid_from,source
232,シエラレオネ,Sierra Leone,175,60,0,0,,"a, b"
232,シエラレオネ,Sierra Leone,1180.5,6,10.25,0.001,2026-12-01,
mobile/090,携帯電話,,17.6,22.5,0,0,2026-12-01 09:30,
`
	if got := string(read(t, sample).CSV()); got != want {
		t.Errorf("%s", got)
	}
	odd := strings.Replace(sample, "2026-12-01 09:30", "2026-12-01T00:30:05Z", 1)
	if got := read(t, odd).CSV(); !bytes.Contains(got, []byte(",2026-12-01T09:30:05+09:00,")) {
		t.Errorf("%s", got)
	}
}

// TestRatesUpToTheLimits are taken, and one step more is refused.
func TestRatesUpToTheLimits(t *testing.T) {
	utc := func(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		good, bad func(*Rate)
		want      error
	}{
		"Japanese": {
			func(r *Rate) { r.NameJA = strings.Repeat("a", NameMax) },
			func(r *Rate) { r.NameJA = strings.Repeat("a", NameMax+1) }, ErrText,
		},
		"English": {
			func(r *Rate) { r.NameEN = strings.Repeat("a", NameMax) },
			func(r *Rate) { r.NameEN = strings.Repeat("a", NameMax+1) }, ErrText,
		},
		"source": {
			func(r *Rate) { r.Source = strings.Repeat("a", SourceMax) },
			func(r *Rate) { r.Source = strings.Repeat("a", SourceMax+1) }, ErrText,
		},
		"price":    {func(r *Rate) { r.PerUnit = PriceMax }, func(r *Rate) { r.PerUnit = PriceMax + 1 }, ErrPrice},
		"no price": {func(r *Rate) { r.PerUnit = 0 }, func(r *Rate) { r.PerUnit = -1 }, ErrPrice},
		"long": {
			func(r *Rate) { r.Unit = UnitMax }, func(r *Rate) { r.Unit = UnitMax + time.Millisecond }, ErrUnit,
		},
		"short": {
			func(r *Rate) { r.Unit = UnitMin }, func(r *Rate) { r.Unit = UnitMin - time.Millisecond }, ErrUnit,
		},
		"long ago":  {func(r *Rate) { r.From = utc(1970) }, func(r *Rate) { r.From = utc(1969) }, ErrFrom},
		"far ahead": {func(r *Rate) { r.From = utc(2199) }, func(r *Rate) { r.From = utc(2200) }, ErrFrom},
		"abroad": {
			func(r *Rate) { r.Prefix = "232" + strings.Repeat("7", number.MaxE164-3) },
			func(r *Rate) { r.Prefix = "232" + strings.Repeat("7", number.MaxE164-2) }, ErrPrefix,
		},
		"at home": {
			func(r *Rate) { r.Prefix = "mobile/0" + strings.Repeat("9", number.MaxE164-2) },
			func(r *Rate) { r.Prefix = "mobile/0" + strings.Repeat("9", number.MaxE164-1) }, ErrPrefix,
		},
		"carrier": {
			func(r *Rate) { r.Prefix = "009191/232" }, func(r *Rate) { r.Prefix = "0091919/232" }, ErrPrefix,
		},
		"carrier's classes": {
			func(r *Rate) { r.Prefix = "0033/mobile" }, func(r *Rate) { r.Prefix = "0033/freephone" }, ErrPrefix,
		},
		"carrier's digits": {
			func(r *Rate) { r.Prefix = "0033/44" }, func(r *Rate) { r.Prefix = "00x3/44" }, ErrPrefix,
		},
		"digits": {func(r *Rate) { r.Prefix = "mobile/07" }, func(r *Rate) { r.Prefix = "mobile/0" }, ErrPrefix},
	} {
		for _, one := range []struct {
			change func(*Rate)
			want   error
		}{{c.good, nil}, {c.bad, c.want}} {
			r := Rate{Prefix: "44", PerUnit: 1, Unit: time.Minute}
			one.change(&r)
			if _, err := NewTable([]Rate{r}); !errors.Is(err, one.want) || (err == nil) != (one.want == nil) {
				t.Errorf("%s: %v, want %v", name, err, one.want)
			}
		}
	}
}

// TestPricesAtTheEdge: what can't be reckoned with costs the most there is.
func TestPricesAtTheEdge(t *testing.T) {
	for _, c := range []struct {
		rate Rate
		want Money
	}{
		{Rate{PerUnit: -1, Unit: time.Hour}, MoneyMax},
		{Rate{PerUnit: 1, Unit: -1}, MoneyMax},
		{Rate{PerUnit: MoneyMax, Unit: 30 * time.Second}, MoneyMax},
		{Rate{PerUnit: MoneyMax, Unit: 30*time.Second - 1}, MoneyMax}, // where the quotient just overflows
	} {
		if got := c.rate.PerMinute(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.rate, got, c.want)
		}
	}
	if got := (Rate{Connect: 5, Unit: time.Minute}).Affords(5); got != forever {
		t.Errorf("what costs nothing but its beginning is paid for %d, want %d", got, forever)
	}
	almost := Rate{PerUnit: 1, Unit: 2}
	if got := almost.Affords(1<<62 - 1); got != forever-1 {
		t.Errorf("one unit less than for ever is %d, want %d", got, forever-1)
	}
}

// TestWhatIsOverIsNotTheDearest: a price that another has taken the place of
// counts no more, also for numbers without one.
func TestWhatIsOverIsNotTheDearest(t *testing.T) {
	tab, err := NewTable([]Rate{
		{Prefix: "44", PerUnit: 90 * Yen, Unit: time.Minute},
		{Prefix: "44", PerUnit: 10 * Yen, Unit: time.Minute, From: day},
		{Prefix: "1", PerUnit: 20 * Yen, Unit: time.Minute},
	})
	if err != nil {
		t.Fatal(err)
	}
	unknown := number.Parse("01023276123456", nil)
	for at, want := range map[time.Time]Money{day.Add(-1): 90 * Yen, day: 20 * Yen} {
		if r, known := tab.Rate(unknown, at); known || r.PerUnit != want {
			t.Errorf("at %s: %s, want %s", at, r.PerUnit, want)
		}
	}
	same := Rate{Prefix: "44", PerUnit: 1, Unit: time.Minute, From: day.In(tokyo)}
	if _, err := NewTable([]Rate{{Prefix: "44", Unit: time.Minute, From: day}, same}); !errors.Is(err, ErrTwice) {
		t.Errorf("two prices of one moment, told in two zones: %v", err)
	}
	var none *Table
	if r, known := none.Rate(unknown, day); known || r != (Rate{PerUnit: 1000 * Yen, Unit: time.Minute}) {
		t.Errorf("without a table: %+v", r)
	}
	if r, known := none.Rate(number.Parse("119", nil), day); !known || r != (Rate{Unit: time.Minute}) {
		t.Errorf("an emergency call without a table: %+v", r)
	}
}
