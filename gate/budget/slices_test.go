package budget

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number/tariff"
)

// TestSlices: what is set aside at first, and how it grows.
func TestSlices(t *testing.T) {
	rate := tariff.Rate{PerUnit: 1, Unit: time.Second}
	abroad, home := Need{Pot: Abroad, Rate: rate}, Need{Pot: Mobile, Rate: rate}
	if abroad.Least() != 20 || abroad.First() != 60 || home.First() != 600 {
		t.Errorf("least %v, first abroad %v, at home %v", abroad.Least(), abroad.First(), home.First())
	}
	for most, want := range map[tariff.Money]tariff.Money{59: 59, 60: 60, 61: 60, 0: 60} {
		n := Need{Pot: Abroad, Rate: rate, Most: most}
		if got := n.First(); got != want {
			t.Errorf("most %d: first %d", most, got)
		}
	}
	for room, want := range map[tariff.Money]tariff.Money{0: 0, 19: 0, 20: 20, 59: 59, 60: 60, 100: 60} {
		if got, ok := abroad.Within(room); got != want || ok != (want > 0) {
			t.Errorf("room %d: %d %v", room, got, ok)
		}
	}
	began := wednesday
	for _, c := range []struct {
		n     Need
		held  tariff.Money
		after time.Duration
		want  tariff.Money
	}{
		{abroad, 60, time.Second, 60},                                                  // a slice at least
		{abroad, 100, 100 * time.Second, 100},                                          // as much as was talked
		{abroad, 600, 600 * time.Second, 120},                                          // twice a slice at most
		{home, 600, time.Second, 600},                                                  // at home a slice is longer
		{home, 9000, 9000 * time.Second, 5 * 600},                                      // and grows more
		{Need{Pot: Abroad, Rate: rate, Length: 70 * time.Second}, 60, time.Second, 13}, // to the length and the guard
		{Need{Pot: Abroad, Rate: rate, Most: 80}, 60, time.Second, 20},
		{Need{Pot: Abroad, Rate: rate, Most: 120}, 60, time.Second, 60},
		{Need{Pot: Abroad, Rate: rate, Most: 60}, 60, time.Second, 0},
		{Need{Pot: Abroad, Rate: rate, Most: 50}, 60, time.Second, 0},
	} {
		m := Meter{Need: c.n, Held: c.held, Answered: began}
		if got := m.More(began.Add(c.after)); got != c.want {
			t.Errorf("%s of %d after %s: %d more, want %d", c.n.Pot, c.held, c.after, got, c.want)
		}
	}
	m := Meter{Need: abroad, Held: 60, Answered: began}
	for room, want := range map[tariff.Money]tariff.Money{0: 0, 7: 7, 100: 100} {
		if got := m.MoreWithin(room); got != want {
			t.Errorf("within %d: %d", room, got)
		}
	}
	m.Rate.Unit, m.Rate.PerUnit = time.Minute, 60
	if got := m.MoreWithin(59); got != 0 {
		t.Errorf("less than a unit: %d", got)
	}
}

// TestDeadlines: three seconds before the carrier's next unit a leg ends,
// twenty before that more is asked for.
func TestDeadlines(t *testing.T) {
	charges := []fact.Charge{{Account: "unit/abroad"}}
	rate := tariff.Rate{PerUnit: 1, Unit: time.Second}
	for _, c := range []struct {
		name       string
		m          Meter
		cut, renew time.Duration // after the answer; -1 for never
	}{
		{
			"a minute",
			Meter{Need: Need{Pot: Abroad, Rate: rate, Charges: charges}, Held: 60},
			57 * time.Second, 12 * time.Second,
		},
		{"ten seconds", Meter{Need: Need{Pot: Abroad, Rate: rate, Charges: charges}, Held: 10}, 7 * time.Second, 0},
		{
			"a short length",
			Meter{Need: Need{Pot: Abroad, Rate: rate, Charges: charges, Length: 30 * time.Second}, Held: 60},
			30 * time.Second, -1,
		},
		{
			"no more than that",
			Meter{Need: Need{Pot: Abroad, Rate: rate, Charges: charges, Most: 60}, Held: 60},
			57 * time.Second, -1,
		},
		{"no money", Meter{Need: Need{Pot: Abroad, Rate: rate}, Held: 60}, -1, -1},
	} {
		c.m.Answered = wednesday
		for what, got := range map[string]struct {
			at   time.Time
			want time.Duration
		}{"cut": {c.m.CutAt(), c.cut}, "more": {c.m.RenewAt(), c.renew}} {
			if got.want < 0 && !got.at.IsZero() || got.want >= 0 && !got.at.Equal(wednesday.Add(got.want)) {
				t.Errorf("%s: %s at %s, want %s", c.name, what, got.at, got.want)
			}
		}
		c.m.Answered = time.Time{}
		if !c.m.CutAt().IsZero() || !c.m.RenewAt().IsZero() {
			t.Errorf("%s: an end before the answer", c.name)
		}
	}
}

// TestSettle: what a leg costs counts from the answer, and the carrier's two
// seconds.
func TestSettle(t *testing.T) {
	charges := []fact.Charge{{Account: "unit/abroad"}}
	n := Need{Pot: Abroad, Rate: tariff.Rate{PerUnit: 1, Unit: time.Nanosecond}, Charges: charges}
	m := Meter{Leg: 3, Need: n, Answered: wednesday}
	for after, want := range map[time.Duration]int64{5: 2e9 + 5, 0: 2e9, -5: 2e9} {
		if s := m.Settle(wednesday.Add(after)); s.Leg != 3 || s.Cost != want || s.Charges != nil {
			t.Errorf("after %d: %+v", after, s)
		}
	}
	m.Unrecorded = true
	if s := m.Settle(wednesday); len(s.Charges) != 1 || s.Charges[0].Account != "unit/abroad" {
		t.Errorf("what was not set aside is charged to nobody: %+v", s)
	}
	m.Answered = time.Time{}
	if s := m.Settle(wednesday); s.Cost != 0 {
		t.Errorf("without an answer: %+v", s)
	}
	free := Meter{Answered: wednesday, Need: Need{Rate: n.Rate}}
	if s := free.Settle(wednesday.Add(5)); s.Cost != 0 || free.Runs() {
		t.Errorf("a leg that needs no money: %+v", s)
	}
}

// TestUsedUp: a budget is used up where not even what comes back pays for the
// least, or for another unit.
func TestUsedUp(t *testing.T) {
	n := Need{Pot: Abroad, Rate: tariff.Rate{PerUnit: 10, Unit: time.Minute, Connect: 5}}
	begins := Meter{Need: n}
	talks := Meter{Need: n, Held: 25, Answered: wednesday}
	held := Meter{Need: n, Held: 25}
	for _, c := range []struct {
		m          Meter
		window     string
		room, back int64
		want       bool
	}{
		{begins, fact.WindowDay, 14, 0, true},
		{begins, fact.WindowDay, 15, 0, false},
		{begins, fact.WindowDay, 7, 8, false},
		{begins, fact.WindowDay, 7, 7, true},
		{begins, fact.WindowDay, 20, 0, false},
		{talks, fact.WindowMonth, 9, 0, true},
		{talks, fact.WindowMonth, 10, 0, false},
		{held, fact.WindowMonth, 14, 0, true},
		{held, fact.WindowMonth, 15, 0, false},
		{Meter{Need: n, Answered: wednesday}, fact.WindowHour, 14, 0, true},
		{begins, fact.WindowAtOnce, 0, 0, false},
		{begins, fact.WindowShut, 0, 0, false},
	} {
		full := &fact.Exhausted{Window: c.window, Room: c.room, Back: c.back}
		if got := c.m.UsedUp(full); got != c.want {
			t.Errorf("held %d, %s, room %d and %d: %v", c.m.Held, c.window, c.room, c.back, got)
		}
	}
}
