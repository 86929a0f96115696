package calendar

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// official is the Cabinet Office's list (内閣府「国民の祝日について」, syukujitsu.csv),
// substitute holidays and days between holidays among them.
var official = map[int]string{
	2024: "01-01 01-08 02-11 02-12 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-15 08-11 08-12 " +
		"09-16 09-22 09-23 10-14 11-03 11-04 11-23",
	2025: "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-21 08-11 " +
		"09-15 09-23 10-13 11-03 11-23 11-24",
	2026: "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 " +
		"09-21 09-22 09-23 10-12 11-03 11-23",
	2027: "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 " +
		"09-20 09-23 10-11 11-03 11-23",
}

func TestHolidaysAreThoseOfTheCabinetOffice(t *testing.T) {
	for year, want := range official {
		var got []string
		for at := noon(year, time.January, 1); at.Year() == year; at = at.AddDate(0, 0, 1) {
			if Holiday(at.Date()) {
				got = append(got, at.Format("01-02"))
			}
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%d:\n got %v\nwant %v", year, got, want)
		}
	}
}

// TestEquinoxesAhead: the forecast of the National Astronomical Observatory
// (暦要項, 将来の春分の日・秋分の日).
func TestEquinoxesAhead(t *testing.T) {
	for year, want := range map[int]string{
		2028: "20 22", 2029: "20 23", 2030: "20 23", 2031: "21 23", 2032: "20 22", 2033: "20 23", 2034: "20 23",
		2035: "21 23", 2036: "20 22", 2040: "20 22", 2045: "20 22", 2050: "20 23",
	} {
		if got := fmt.Sprint(equinox(year, springBase), " ", equinox(year, autumnBase)); got != want {
			t.Errorf("%d: %s, want %s", year, got, want)
		}
	}
}

func TestEveryYearHasItsHolidays(t *testing.T) {
	for year := FirstYear; year <= LastYear; year++ {
		n := 0
		for at := noon(year, time.January, 1); at.Year() == year; at = at.AddDate(0, 0, 1) {
			if Holiday(at.Date()) {
				n++
			}
		}
		if n < 16 || n > 21 { // 16 are named; some add a substitute or a day between
			t.Errorf("%d has %d holidays", year, n)
		}
	}
	if !Holiday(FirstYear-1, time.June, 8) || !Holiday(LastYear+1, time.June, 8) {
		t.Error("a day of a year that nobody knows counts as a working day")
	}
}

func TestSpans(t *testing.T) {
	obon, turn := Usual()[0], Usual()[1]
	for at := noon(2026, time.January, 1); at.Year() == 2026; at = at.AddDate(0, 0, 1) {
		d := at.Format("01-02")
		_, month, day := at.Date()
		if got, want := obon.Covers(month, day), d >= "08-13" && d <= "08-16"; got != want {
			t.Errorf("obon on %s: %v", d, got)
		}
		if got, want := turn.Covers(month, day), d >= "12-29" || d <= "01-03"; got != want {
			t.Errorf("year-end on %s: %v", d, got)
		}
	}
	autumn := Span{First: Day{time.November, 20}, Last: Day{time.December, 5}}
	for at := noon(2026, time.January, 1); at.Year() == 2026; at = at.AddDate(0, 0, 1) {
		d := at.Format("01-02")
		_, month, day := at.Date()
		if got, want := autumn.Covers(month, day), d >= "11-20" && d <= "12-05"; got != want {
			t.Errorf("20 November to 5 December on %s: %v", d, got)
		}
	}
	for _, s := range []string{"", "8-13", "08-3", "8-3", "13-08", "02-30", "08-13x", "2026-08-13", "08/13"} {
		if d, err := ParseDay(s); err == nil {
			t.Errorf("%q was read as %v", s, d)
		}
	}
	if d, err := ParseDay("02-29"); err != nil || d.String() != "02-29" {
		t.Errorf("%v %v", d, err)
	}
}
