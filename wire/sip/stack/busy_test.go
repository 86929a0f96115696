package stack

import (
	"net/netip"
	"testing"
	"time"
)

// TestBusyPlaces: one source does not take the places of another, the second
// ends, and a clock that is set back does not close the door.
func TestBusyPlaces(t *testing.T) {
	var b busyPlaces
	now := time.Unix(1_000_000, 0)
	wild, calm := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	count := func(a netip.Addr, at time.Time) (n int) {
		for range 2 * busyPlacesMax {
			if b.take(a, busyPlacesPhone, at) {
				n++
			}
		}
		return n
	}
	if n := count(wild, now); n != busyPlacesPhone {
		t.Errorf("a wild source got %d places", n)
	}
	if n := count(calm, now.Add(time.Second/2)); n != busyPlacesPhone {
		t.Errorf("beside it another got %d", n)
	}
	if n := count(wild, now.Add(time.Second)); n != busyPlacesPhone {
		t.Errorf("a second later it got %d", n)
	}
	if n := count(wild, now.Add(-time.Hour)); n != busyPlacesPhone {
		t.Errorf("an hour before it got %d", n)
	}
	all := 0
	for i := range 200 {
		all += count(netip.AddrFrom4([4]byte{10, 1, 0, byte(i)}), now.Add(time.Minute))
	}
	if all != busyPlacesMax {
		t.Errorf("all together got %d, want %d", all, busyPlacesMax)
	}
}
