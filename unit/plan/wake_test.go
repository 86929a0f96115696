package plan

import (
	"testing"
	"time"
)

func TestClocks(t *testing.T) {
	for in, want := range map[string]string{
		"0630": "06:30", "6:30": "06:30", "06:30": "06:30", "2359": "23:59", "0000": "00:00",
		"2400": "", "0660": "", "630": "", "": "", "06300": "", "-630": "", "6.30": "",
	} {
		if got, err := ParseClock(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v; want %q", in, got, err, want)
		}
	}
	now := time.Date(2026, 12, 31, 21, 30, 0, 0, time.UTC) // 6:30 on New Year's Day in Japan
	for clock, want := range map[string]time.Time{
		"06:31": now.Add(time.Minute), "06:30": now.Add(24 * time.Hour), "06:29": now.Add(24*time.Hour - time.Minute),
		"00:00": now.Add(17*time.Hour + 30*time.Minute), "x": {},
	} {
		if got := NextClock(clock, now); !got.Equal(want) {
			t.Errorf("%s comes at %s, want %s", clock, got, want)
		}
	}
}
