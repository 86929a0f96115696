package budget

import (
	"fmt"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number/tariff"
)

// TestRehearsal plays a day under a budget of ¥1,000: who is cut, who refused,
// and who calls again the next morning.
func TestRehearsal(t *testing.T) {
	need := Need{
		Pot: Abroad, Rate: tariff.Rate{PerUnit: 100_000, Unit: time.Minute}, Length: time.Hour,
		Charges: []fact.Charge{{Account: "unit/abroad", Caps: fact.Caps{Day: 1_000_000, AtOnce: 2}}},
	}
	at := time.Date(2026, 11, 27, 1, 0, 0, 0, time.UTC)
	r := NewRehearsal()
	want := func(name string, n Need, after, talk time.Duration, account string, cut bool) {
		t.Helper()
		at = at.Add(after)
		if o := r.Take(name, n, at, talk); o.Account != account || o.Cut != cut {
			t.Errorf("%s: %+v", name, o)
		}
	}
	want("a free call", Need{}, 0, time.Hour, "", false)
	want("nobody answers", need, 0, 0, "", false)
	want("five minutes", need, time.Minute, 5*time.Minute-skew, "", false)
	want("a second one", need, time.Minute, time.Minute-skew, "", false)
	want("a third at once", need, 0, time.Minute, "unit/abroad", false)
	want("ten minutes", need, 10*time.Minute, 10*time.Minute, "unit/abroad", true)
	want("with nothing left", need, 20*time.Minute, time.Minute, "unit/abroad", false)
	want("the same day", need, time.Hour, time.Minute, "unit/abroad", false)
	want("the next day", need, 24*time.Hour, time.Minute-skew, "", false)
	most := need
	most.Most = 300_000
	want("a call of ¥300", most, time.Hour, 5*time.Minute, "unit/abroad", true)
	most.Most, most.Length = 0, 2*time.Minute
	want("a call of two minutes", most, time.Hour, 5*time.Minute, "unit/abroad", true)
	for i := range 1000 { // what is over takes no room
		r.Take(fmt.Sprint(i), need, at.Add(time.Hour), 0)
	}
	if n := len(r.open); n > 2 {
		t.Errorf("%d calls go on", n)
	}
}
