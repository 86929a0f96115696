package tariff

import (
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const forever = time.Duration(math.MaxInt64)

// drawRate draws a rate that a table takes.
func drawRate(t *rapid.T) Rate {
	price := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 1000), rapid.Int64Range(0, int64(PriceMax)))
	return Rate{
		Prefix:  "232",
		PerUnit: Money(price.Draw(t, "per unit")),
		Unit:    time.Duration(rapid.Int64Range(int64(UnitMin), int64(UnitMax)).Draw(t, "unit")),
		Connect: Money(price.Draw(t, "connect")),
		Minimum: Money(price.Draw(t, "minimum")),
	}
}

var talks = rapid.OneOf(
	rapid.Int64Range(0, int64(4*time.Hour)),
	rapid.Int64Range(0, math.MaxInt64),
)

func drawTalk(t *rapid.T, name string) time.Duration { return time.Duration(talks.Draw(t, name)) }

// TestCostAsCarriersRound: the bills of March 2015 were for calls of some 30
// seconds at ¥175 for each begun minute.
func TestCostAsCarriersRound(t *testing.T) {
	sierraLeone := Rate{PerUnit: 175 * Yen, Unit: time.Minute}
	local := Rate{PerUnit: 8800, Unit: 3 * time.Minute}
	// 30/6: at least 30 seconds, then by 6.
	bySix := Rate{PerUnit: 1100, Unit: 6 * time.Second, Minimum: 5500}
	navi := Rate{PerUnit: 11 * Yen, Unit: 22500 * time.Millisecond, Connect: 11 * Yen}
	flat := Rate{Connect: 99 * Yen, Unit: time.Minute}
	for _, c := range []struct {
		rate Rate
		talk time.Duration
		want Money
	}{
		{sierraLeone, 0, 175 * Yen},
		{sierraLeone, 30 * time.Second, 175 * Yen},
		{sierraLeone, time.Minute, 175 * Yen},
		{sierraLeone, time.Minute + 1, 350 * Yen},
		{sierraLeone, time.Hour, 10_500 * Yen},
		{sierraLeone, -time.Hour, 175 * Yen},
		{local, 3 * time.Minute, 8800},
		{local, 181 * time.Second, 17600},
		{bySix, 1, 5500},
		{bySix, 30 * time.Second, 5500},
		{bySix, 30*time.Second + 1, 6600},
		{navi, 0, 22 * Yen},
		{navi, 45 * time.Second, 33 * Yen},
		{navi, 45*time.Second + 1, 44 * Yen},
		{flat, 0, 99 * Yen},
		{flat, forever, 99 * Yen},
		{free, forever, 0},
		{dear, 61 * time.Second, 2 * DearPerMinute},
		{Rate{PerUnit: PriceMax, Unit: UnitMin}, forever, MoneyMax},
		{Rate{Connect: MoneyMax, PerUnit: 1, Unit: time.Second}, 0, MoneyMax},
		{Rate{}, 0, MoneyMax},
		{Rate{PerUnit: -1, Unit: time.Second}, 0, MoneyMax},
		{Rate{Connect: -1, Unit: time.Second}, 0, MoneyMax},
		{Rate{Minimum: -1, Unit: time.Second}, 0, MoneyMax},
	} {
		if got := c.rate.Cost(c.talk); got != c.want {
			t.Errorf("%+v: %s costs %s, want %s", c.rate, c.talk, got, c.want)
		}
	}
}

func TestCostNeverFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRate(t)
		a, b := drawTalk(t, "a"), drawTalk(t, "b")
		if a > b {
			a, b = b, a
		}
		if r.Cost(a) > r.Cost(b) || r.Cost(a) < 0 || r.Cost(a) < r.Cost(0) {
			t.Fatalf("%s costs %s, %s costs %s", a, r.Cost(a), b, r.Cost(b))
		}
	})
}

// TestCostExactly compares with arithmetic that has no limits.
func TestCostExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, talk := drawRate(t), drawTalk(t, "talk")
		units, rest := new(big.Int).QuoRem(big.NewInt(int64(talk)), big.NewInt(int64(r.Unit)), new(big.Int))
		if rest.Sign() > 0 || talk == 0 {
			units.Add(units, big.NewInt(1))
		}
		want := units.Mul(units, big.NewInt(int64(r.PerUnit)))
		want.Add(want, big.NewInt(int64(r.Connect)))
		if least := big.NewInt(int64(r.Minimum)); want.Cmp(least) < 0 {
			want = least
		}
		if most := big.NewInt(int64(MoneyMax)); want.Cmp(most) > 0 {
			want = most
		}
		if got := r.Cost(talk); want.Cmp(big.NewInt(int64(got))) != 0 {
			t.Fatalf("%+v: %s costs %s, want %s thousandths", r, talk, got, want)
		}
	})
}

func TestAffordsIsTheLongest(t *testing.T) {
	money := rapid.OneOf(rapid.Int64Range(0, 10_000_000), rapid.Int64())
	rapid.Check(t, func(t *rapid.T) {
		r, m := drawRate(t), Money(money.Draw(t, "money"))
		talk := r.Affords(m)
		switch {
		case talk == -1:
			if r.Cost(0) <= m {
				t.Fatalf("%s pays for the answer, which costs %s", m, r.Cost(0))
			}
			return
		case talk < 0 || r.Cost(talk) > m:
			t.Fatalf("%s does not pay for %s: %s", m, talk, r.Cost(talk))
		case talk < forever && r.Cost(talk+1) <= m:
			t.Fatalf("%s pays for more than %s: %s", m, talk, r.Cost(talk+1))
		}
	})
}

// TestAffordsWhatItCosts: money set aside for a talk time is enough for it.
func TestAffordsWhatItCosts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, talk := drawRate(t), drawTalk(t, "talk")
		if got := r.Affords(r.Cost(talk)); got < talk {
			t.Fatalf("%s for %s pays for %s only", r.Cost(talk), talk, got)
		}
	})
}

func TestNoPriceAffordsNothing(t *testing.T) {
	for _, m := range []Money{0, 1, MoneyMax - 1, math.MinInt64} {
		if got := (Rate{}).Affords(m); got != -1 {
			t.Errorf("%s pays for %s", m, got)
		}
	}
}

func TestPerMinute(t *testing.T) {
	for _, c := range []struct {
		rate Rate
		want Money
	}{
		{Rate{PerUnit: 175 * Yen, Unit: time.Minute, Connect: 5}, 175 * Yen},
		{Rate{PerUnit: 8800, Unit: 3 * time.Minute}, 2934},
		{Rate{PerUnit: 1100, Unit: 6 * time.Second}, 11 * Yen},
		{Rate{Unit: time.Minute}, 0},
		{Rate{PerUnit: MoneyMax, Unit: time.Second}, MoneyMax},
		{Rate{PerUnit: MoneyMax, Unit: time.Minute}, MoneyMax},
		{Rate{PerUnit: MoneyMax, Unit: 1}, MoneyMax},
		{Rate{}, MoneyMax},
	} {
		if got := c.rate.PerMinute(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.rate, got, c.want)
		}
	}
}

func TestCheckRefusesNonsense(t *testing.T) {
	good := Rate{Prefix: "232", Unit: time.Minute, NameJA: "シエラレオネ　本土", Source: "a, b"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Rate)
		want   error
	}{
		"no prefix":      {func(r *Rate) { r.Prefix = "" }, ErrPrefix},
		"negative price": {func(r *Rate) { r.PerUnit = -1 }, ErrPrice},
		"fee too dear":   {func(r *Rate) { r.Connect = PriceMax + 1 }, ErrPrice},
		"minimum":        {func(r *Rate) { r.Minimum = -1 }, ErrPrice},
		"no unit":        {func(r *Rate) { r.Unit = 0 }, ErrUnit},
		"long unit":      {func(r *Rate) { r.Unit = UnitMax + 1 }, ErrUnit},
		"long ago":       {func(r *Rate) { r.From = time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC) }, ErrFrom},
		"far ahead":      {func(r *Rate) { r.From = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) }, ErrFrom},
		"two lines":      {func(r *Rate) { r.NameJA = "a\nb" }, ErrText},
		"space":          {func(r *Rate) { r.NameJA = "a " }, ErrText},
		"microseconds":   {func(r *Rate) { r.Unit += time.Microsecond }, ErrUnit},
		"no text":        {func(r *Rate) { r.NameEN = "\xff" }, ErrText},
		"bidi override":  {func(r *Rate) { r.NameEN = "\u202e" }, ErrText},
		"long source":    {func(r *Rate) { r.Source = string(make([]byte, SourceMax+1)) }, ErrText},
	} {
		r := good
		c.change(&r)
		if err := r.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
