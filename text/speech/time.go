package speech

import (
	"time"

	"github.com/sekisho/sekisho/text"
)

// Clock says the time of day to the minute, by twelve hours: 午後四時十二分.
func Clock(lang text.Lang, at time.Time) []string {
	hour, minute := int64(at.Hour()%12), int64(at.Minute())
	half := "time-am"
	if at.Hour() >= 12 {
		half = "time-pm"
	}
	if lang == text.EN {
		return append(englishClock(hour, minute), half)
	}
	said := append([]string{half}, join(Number(lang, hour), "word-hour", "ji-", 0, 4, 7, 9)...)
	if minute == 0 {
		return said
	}
	return append(said, join(Number(lang, minute), "word-minute", "fun-", 1, 3, 4, 6, 8, 10)...)
}

func englishClock(hour, minute int64) []string {
	if hour == 0 {
		hour = 12
	}
	said := Number(text.EN, hour)
	switch {
	case minute == 0:
		return said
	case minute < 10:
		said = append(said, "time-oh")
	}
	return append(said, Number(text.EN, minute)...)
}

// Date says a day of the year, and of the week.
func Date(lang text.Lang, at time.Time) []string {
	weekday := numbered("weekday-", int64(at.Weekday()))
	date := []string{numbered("month-", int64(at.Month())), numbered("day-", int64(at.Day()))}
	if lang == text.EN {
		return append([]string{weekday}, date...)
	}
	return append(date, weekday)
}
