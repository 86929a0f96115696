package unit

import (
	"testing"
	"time"
)

// TestIDsFollowTheClock: IDs of calls are all different, and sort as the calls
// came.
func TestIDsFollowTheClock(t *testing.T) {
	now := time.Date(2015, 3, 11, 0, 0, 0, 0, time.UTC)
	before := newID(now)
	for i := range 1000 {
		now = now.Add(time.Duration(1+i) * 7 * time.Millisecond)
		id, twin := newID(now), newID(now)
		if id <= before || id == twin || id[12:] == twin[12:] || len(id) != 32 {
			t.Fatalf("%s after %s, beside %s", id, before, twin)
		}
		before = max(id, twin)
	}
}
