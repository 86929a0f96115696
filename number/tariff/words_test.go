package tariff

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestFaultsSay: the first fault with its place, and which rate it is.
func TestFaultsSay(t *testing.T) {
	f := Faults{{Line: 3, Column: "yen", Cell: "x", Err: ErrMoney}, {Line: 4, Err: ErrUnit}}
	if got := f.Error(); !strings.HasPrefix(got, `2 faults, the first in line 3, column "yen", "x": `) ||
		!errors.Is(f, ErrUnit) {
		t.Error(got)
	}
	e := &RateError{Index: 4, Err: ErrUnit}
	if got := e.Error(); got != "rate 5: "+ErrUnit.Error() || !errors.Is(e, ErrUnit) {
		t.Error(got)
	}
}

// TestBegin: the rates whose prefixes begin so, and no others.
func TestBegin(t *testing.T) {
	table, err := NewTable([]Rate{
		{Prefix: "232", Unit: time.Minute}, {Prefix: "23276", Unit: time.Minute}, {Prefix: "1", Unit: time.Minute},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range table.Begin("23") {
		got = append(got, r.Prefix)
	}
	if strings.Join(got, " ") != "232 23276" || len(table.Begin("9")) != 0 {
		t.Errorf("%q", got)
	}
}

// TestUnitsOfFiles: a unit is seconds up to the limit.
func TestUnitsOfFiles(t *testing.T) {
	most := Seconds(UnitMax)
	for cell, want := range map[string]error{
		"60": nil, "22.5": nil, most: nil, most + "1": ErrUnit, "x": ErrUnit, "0": ErrUnit,
		"288230376151771.744": ErrUnit, // a minute, to who multiplies without looking
	} {
		var r Rate
		if err := readUnit(cell, &r); !errors.Is(err, want) || err == nil && Seconds(r.Unit) != cell {
			t.Errorf("%q: %v, %s", cell, err, r.Unit)
		}
	}
}
