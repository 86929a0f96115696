package app

import (
	"testing"
	"time"
)

// TestDeskTries: a phone at which wrong PINs were typed takes none for a while, however
// many people they were for; another one does, and so does this one later.
func TestDeskTries(t *testing.T) {
	var d deskTries
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for i := range deskWrongMax {
		at := noon.Add(time.Duration(i) * time.Minute)
		if d.full("801-1", at) {
			t.Errorf("full after %d", i)
		}
		d.note("801-1", at)
	}
	last := noon.Add((deskWrongMax - 1) * time.Minute)
	if !d.full("801-1", last) || d.full("802-1", last) {
		t.Error("it is not the phone with the wrong PINs that is full")
	}
	if !d.full("801-1", noon.Add(deskWrongWithin-time.Second)) || d.full("801-1", noon.Add(deskWrongWithin)) {
		t.Error("it is full for another time")
	}
	if d.full("801-1", last.Add(deskWrongWithin)) || len(d.wrong) != 0 {
		t.Errorf("kept: %v", d.wrong)
	}
	d.note("801-1", noon.Add(time.Hour))
	if d.full("801-1", noon) || len(d.wrong) != 0 {
		t.Error("a clock that was set back keeps a phone full")
	}
}
