package plan

import (
	"fmt"
	"time"
)

// clockLayout is how a time of day is written.
const clockLayout = "15:04"

// ParseClock reads a time of day, "6:30", "0630" or "06:30", as it is written from
// then on.
func ParseClock(s string) (clock string, err error) {
	layout := clockLayout
	if len(s) == 4 && allDigits(s) {
		layout = "1504"
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return "", fmt.Errorf("time of day %.10q: hours and minutes, like 0630", s)
	}
	return t.Format(clockLayout), nil
}

// NextClock is when it is a time of day the next time in Japan, which has no summer
// time. It is zero for what ParseClock did not give.
func NextClock(clock string, after time.Time) time.Time {
	t, err := time.Parse(clockLayout, clock)
	if err != nil {
		return time.Time{}
	}
	y, m, d := after.In(japan).Date()
	next := time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, japan)
	if !next.After(after) {
		next = next.AddDate(0, 0, 1)
	}
	return next.UTC()
}
