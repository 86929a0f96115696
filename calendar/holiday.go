package calendar

import "time"

// The years whose holidays are known. Those before were moved for the Olympic
// games (2020, 2021) and the enthronement (2019).
const (
	FirstYear = 2022
	LastYear  = 2099
)

// Holiday tells whether a day is a national holiday; outside the known years
// it always is. month and day are those of the calendar in Japan.
func Holiday(year int, month time.Month, day int) bool {
	if year < FirstYear || year > LastYear {
		return true
	}
	return named(year, month, day) || substitute(year, month, day) || between(year, month, day)
}

// named tells whether the law names the day (§2).
func named(year int, month time.Month, day int) bool {
	for _, h := range fixed {
		if h.month == month && h.day == day {
			return true
		}
	}
	for _, h := range mondays {
		if h.month == month && day == monday(year, month, h.nth) {
			return true
		}
	}
	return month == time.March && day == equinox(year, springBase) ||
		month == time.September && day == equinox(year, autumnBase)
}

// fixed are the holidays with a date.
var fixed = []struct {
	month time.Month
	day   int
}{
	{time.January, 1},   // 元日
	{time.February, 11}, // 建国記念の日 (set by cabinet order)
	{time.February, 23}, // 天皇誕生日
	{time.April, 29},    // 昭和の日
	{time.May, 3},       // 憲法記念日
	{time.May, 4},       // みどりの日
	{time.May, 5},       // こどもの日
	{time.August, 11},   // 山の日
	{time.November, 3},  // 文化の日
	{time.November, 23}, // 勤労感謝の日
}

// mondays are the holidays on the nth Monday of a month.
var mondays = []struct {
	month time.Month
	nth   int
}{
	{time.January, 2},   // 成人の日
	{time.July, 3},      // 海の日
	{time.September, 3}, // 敬老の日
	{time.October, 2},   // スポーツの日
}

// monday is the day of the nth Monday of a month.
func monday(year int, month time.Month, nth int) int {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Weekday()
	return 1 + (int(time.Monday)-int(first)+7)%7 + 7*(nth-1)
}

// Days of the equinoxes in 1980, with their fraction, and how much later one
// comes each year before leap days.
const (
	springBase  = 20.8431
	autumnBase  = 23.2488
	equinoxYear = 1980
	laterAYear  = 0.242194
)

func equinox(year int, base float64) int {
	n := year - equinoxYear
	return int(base+laterAYear*float64(n)) - n/4
}

// substitute tells of a day that is no holiday by name whether one fell on the
// Sunday before and this is the first day since that is none.
func substitute(year int, month time.Month, day int) bool {
	for at := noon(year, month, day).AddDate(0, 0, -1); ; at = at.AddDate(0, 0, -1) {
		switch {
		case !named(at.Date()):
			return false
		case at.Weekday() == time.Sunday:
			return true
		}
	}
}

// between tells of a day that is no holiday by name whether those before and
// after it are.
func between(year int, month time.Month, day int) bool {
	at := noon(year, month, day)
	return named(at.AddDate(0, 0, -1).Date()) && named(at.AddDate(0, 0, 1).Date())
}

func noon(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
}
