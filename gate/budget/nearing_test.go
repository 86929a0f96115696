package budget

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// TestOwnersAreToldOnce: at half and at four fifths of a budget, each once in
// its window, and not once more in the morning of what the evening spent.
func TestOwnersAreToldOnce(t *testing.T) {
	at := time.Date(2026, 11, 27, 11, 0, 0, 0, time.UTC) // 20:00 in Japan
	caps := fact.Caps{Incident: 100, Day: 100, Month: 400}
	l := NewLedger(newDisk())
	calls := 0
	spend := func(amount int64) (told []int) {
		t.Helper()
		calls++
		h := fact.Hold{Amount: amount, Charges: []fact.Charge{{Account: "a", Caps: caps}}, At: at}
		l.Begin()
		_, err := l.Follow(fact.CallJudged{Call: string(rune('a' + calls)), First: true, Hold: &h}, 0)
		if err != nil && !errors.As(err, new(*fact.Exhausted)) {
			t.Fatal(err)
		}
		for range 3 {
			f, ok := l.accounts["a"].Nearing("a", caps, at)
			if !ok {
				return told
			}
			follow(t, l, f)
			told = append(told, f.Share)
		}
		return told
	}
	want := func(what string, got []int, shares ...int) {
		t.Helper()
		if !slices.Equal(got, shares) {
			t.Errorf("%s: told of %v, want %v", what, got, shares)
		}
	}
	want("a little", spend(49))
	want("half", spend(1), 50)
	want("more", spend(20))
	want("four fifths", spend(15), 80)
	at = at.Add(13 * time.Hour)
	want("the next morning, still within 24 hours", spend(5), 80)
	want("once more", spend(1))
	follow(t, l, fact.BudgetReleased{Account: "a", At: at})
	want("after a release", spend(60), 50)
	at = at.AddDate(0, 0, 2)
	want("two days later, of the day and of the month", spend(60), 50, 50)
	follow(t, l, fact.BudgetExhausted{Account: "a", Window: fact.WindowDay, Epoch: 1})
	at = at.AddDate(0, 1, 0)
	if f, ok := l.accounts["a"].Nearing("a", fact.Caps{Day: 1}, at); ok {
		t.Errorf("a budget that is shut: %+v", f)
	}
}
