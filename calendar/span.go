package calendar

import (
	"fmt"
	"time"
)

// Day is a day of any year.
type Day struct {
	Month time.Month
	Day   int
}

// ParseDay reads "MM-DD", e.g. "08-13". "02-29" is the last of February in a
// leap year and matches no day in others.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse("2006-01-02", "2024-"+s) // a leap year
	if err != nil {
		return Day{}, fmt.Errorf("day %.20q is not MM-DD", s)
	}
	return Day{Month: t.Month(), Day: t.Day()}, nil
}

// String writes the day as ParseDay reads it.
func (d Day) String() string { return fmt.Sprintf("%02d-%02d", int(d.Month), d.Day) }

func (d Day) before(e Day) bool { return d.Month < e.Month || d.Month == e.Month && d.Day < e.Day }

// Span is some days of each year in a row, its last day among them. One whose
// Last comes before its First goes over the turn of the year.
type Span struct {
	Name        string
	First, Last Day
}

// Covers tells whether a day is in the span.
func (s Span) Covers(month time.Month, day int) bool {
	d := Day{Month: month, Day: day}
	if s.Last.before(s.First) {
		return !d.before(s.First) || !s.Last.before(d)
	}
	return !d.before(s.First) && !s.Last.before(d)
}

// Usual are the spans on which offices in Japan are closed beside holidays:
// Obon, 13 to 16 August, and the turn of the year, 29 December to 3 January
// (行政機関の休日に関する法律, Act No. 91 of 1988, §1 (1) 3).
func Usual() []Span {
	return []Span{
		{Name: "obon", First: Day{time.August, 13}, Last: Day{time.August, 16}},
		{Name: "year-end", First: Day{time.December, 29}, Last: Day{time.January, 3}},
	}
}
