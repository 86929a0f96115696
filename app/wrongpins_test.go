package app

import (
	"strconv"
	"testing"
	"time"
)

// TestWrongPINs: a phone at which wrong PINs were typed takes none for a while, however
// many people they were for; another one does, and so does this one later.
func TestWrongPINs(t *testing.T) {
	var d wrongPINs
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for i := range wrongPINsMax {
		at := noon.Add(time.Duration(i) * time.Minute)
		if d.full("801-1", at) {
			t.Errorf("full after %d", i)
		}
		d.note("801-1", at)
	}
	last := noon.Add((wrongPINsMax - 1) * time.Minute)
	if !d.full("801-1", last) || d.full("802-1", last) {
		t.Error("it is not the phone with the wrong PINs that is full")
	}
	if !d.full("801-1", noon.Add(wrongPINsWithin-time.Second)) || d.full("801-1", noon.Add(wrongPINsWithin)) {
		t.Error("it is full for another time")
	}
	if d.full("801-1", last.Add(wrongPINsWithin)) || len(d.wrong) != 0 {
		t.Errorf("kept: %v", d.wrong)
	}
	d.note("801-1", noon.Add(time.Hour))
	if d.full("801-1", noon) || len(d.wrong) != 0 {
		t.Error("a clock that was set back keeps a phone full")
	}
}

// TestWrongPINsOfMany: those beyond whom one can tell apart count together.
func TestWrongPINsOfMany(t *testing.T) {
	var d wrongPINs
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for i := range wrongCallersMax + wrongPINsMax {
		if d.full(strconv.Itoa(i), noon) {
			t.Errorf("%d is full", i)
		}
		d.note(strconv.Itoa(i), noon)
	}
	if !d.full("another", noon) || d.full("0", noon) || len(d.wrong) > wrongCallersMax+1 {
		t.Errorf("%d are told apart", len(d.wrong))
	}
	if d.note("another", noon.Add(wrongPINsWithin)); d.full("another", noon.Add(wrongPINsWithin)) || len(d.wrong) != 1 {
		t.Errorf("%d are kept", len(d.wrong))
	}
}
