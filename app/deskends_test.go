package app

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// TestDeskEnds: at the next such time after the log-in, in Japan, and where the unit did not
// run then as soon as it does.
func TestDeskEnds(t *testing.T) {
	morning := time.Date(2026, 12, 1, 0, 30, 0, 0, time.UTC) // 9:30 in Japan
	f := fact.DeskUsed{Device: "801-1", Extension: "201", At: morning}
	for _, c := range []struct {
		clock string
		at    time.Duration
		want  time.Duration
		ok    bool
	}{
		{"20:00", 0, 10*time.Hour + 30*time.Minute, true},
		{"20:00", 10 * time.Hour, 30 * time.Minute, true},
		{"20:00", 12 * time.Hour, -90 * time.Minute, true},
		{"09:30", 0, 24 * time.Hour, true},
		{"", 0, 0, false},
	} {
		wait, ok := deskEnds(f, c.clock, morning.Add(c.at))
		if ok != c.ok || ok && wait != c.want {
			t.Errorf("until %q, %s after the log-in: %s %t", c.clock, c.at, wait, ok)
		}
	}
}
