package tariff

import (
	"testing"
	"time"
)

// TestWhatChangesThePrice: each part of it alone; names and sources do not.
func TestWhatChangesThePrice(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Rate)
		want   bool
	}{
		"price":  {func(r *Rate) { r.PerUnit++ }, true},
		"unit":   {func(r *Rate) { r.Unit++ }, true},
		"fee":    {func(r *Rate) { r.Connect++ }, true},
		"least":  {func(r *Rate) { r.Minimum++ }, true},
		"name":   {func(r *Rate) { r.NameEN = "x" }, false},
		"source": {func(r *Rate) { r.Source = "x" }, false},
	} {
		a := Rate{Prefix: "232", PerUnit: 1, Unit: time.Minute}
		b := a
		c.change(&b)
		if got := (Change{Before: &a, After: &b}).Price(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestCheaper: what makes calls count as less is counted once a prefix, also
// where it hides in a longer prefix, a later day or a price that is gone.
func TestCheaper(t *testing.T) {
	now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	table := func(rates ...Rate) *Table {
		for i := range rates {
			rates[i].Unit = time.Minute
		}
		x, err := NewTable(rates)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	dear, other := Rate{Prefix: "232", PerUnit: 180_000}, Rate{Prefix: "44", PerUnit: 20_000}
	before := table(dear, other)
	for name, c := range map[string]struct {
		after *Table
		want  int
	}{
		"the same":      {table(dear, other), 0},
		"dearer":        {table(Rate{Prefix: "232", PerUnit: 181_000}, other), 0},
		"cheaper":       {table(Rate{Prefix: "232", PerUnit: 1}, other), 1},
		"a part of it":  {table(dear, other, Rate{Prefix: "23276", PerUnit: 1}), 1},
		"tomorrow":      {table(dear, other, Rate{Prefix: "232", PerUnit: 1, From: now.AddDate(0, 0, 1)}), 1},
		"fee falls":     {table(Rate{Prefix: "232", PerUnit: 180_000, Connect: 1}, other), 0},
		"no dear price": {table(other), 1},
		"no cheap one":  {table(dear), 0},
		"none at all":   {nil, 0},
	} {
		if got := Cheaper(before, c.after, now); got != c.want {
			t.Errorf("%s: %d prefixes, want %d", name, got, c.want)
		}
	}
	long := Rate{Prefix: "232", PerUnit: 180_000, Unit: time.Minute, Connect: 10_000}
	if a := (Rate{Prefix: "232", PerUnit: 170_000, Unit: time.Minute, Connect: 30_000}); !a.cheaper(long) {
		t.Error("a dearer beginning hides what is cheaper by the hour")
	}
}
