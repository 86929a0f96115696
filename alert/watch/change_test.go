package watch_test

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/alert/watch"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// TestLooseningIsTold changes what the gate goes by: the owner hears of each
// change at once, and not of one that has a fact of its own for its opening.
func TestLooseningIsTold(t *testing.T) {
	at := time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)
	for _, f := range []fact.Fact{
		fact.PolicyApplied{By: "uid:0", Text: "[gate]\n", At: at},
		fact.PolicyApplied{Command: fact.PolicyByBudget, By: "uid:0", Text: "[gate]\n", At: at},
		fact.BudgetReleased{Account: "unit/abroad", By: "uid:0", At: at},
		fact.QuarantineSet{Quarantine: fact.Quarantine{ID: "q-1", CreatedBy: "uid:0"}},
		fact.QuarantineReleased{ID: "q-1", By: "uid:0", At: at},
		fact.TariffImported{Tariff: fact.Tariff{CreatedBy: "uid:0"}},
		fact.TariffImported{Tariff: fact.Tariff{CreatedBy: "uid:0"}, Cheaper: 3},
		fact.TariffRemoved{By: "uid:0", At: at},
	} {
		told := watch.New(watch.Settings{}).Take(f, at).Alerts
		if len(told) != 1 || told[0].Kind != watch.Change {
			t.Errorf("%s: %+v", f.Kind(), told)
		}
	}
	if told := watch.New(watch.Settings{}).Take(fact.PolicyApplied{By: "uid:0", At: at}, at).Alerts; len(told) != 0 {
		t.Errorf("a change that opens only: %+v", told)
	}
}

// TestMoneyIsTold uses a budget up.
func TestMoneyIsTold(t *testing.T) {
	at := time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)
	told := watch.New(watch.Settings{}).Take(fact.BudgetExhausted{Account: "unit/abroad", At: at}, at).Alerts
	if len(told) != 1 || told[0].Kind != watch.Money {
		t.Errorf("%+v", told)
	}
}

// TestMoneyRunsOut: half of a budget, four fifths and its end are told apart,
// each at once.
func TestMoneyRunsOut(t *testing.T) {
	at := time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)
	w := watch.New(watch.Settings{Quiet: watch.Hours{From: 0, To: 24 * 60}})
	for _, share := range []int{50, 80} {
		f := fact.BudgetNearing{
			Account: "unit/abroad", Window: fact.WindowDay, Share: share, Used: 5_000_000, Cap: 10_000_000, At: at,
		}
		told := w.Take(f, at).Alerts
		if len(told) != 1 || told[0].Kind != watch.Money || told[0].As != "nearing" || !told[0].Due.Equal(at) {
			t.Errorf("%d: %+v", share, told)
		}
		if again := w.Take(f, at).Alerts; len(again) != 0 {
			t.Errorf("%d twice: %+v", share, again)
		}
	}
	told := w.Take(fact.BudgetExhausted{Account: "unit/abroad", At: at}, at).Alerts
	if len(told) != 1 || told[0].As != "" {
		t.Errorf("%+v", told)
	}
}

// TestHolidaysAreOffHours: a call abroad on a day on which the office is closed
// is told at once, in quiet hours, too.
func TestHolidaysAreOffHours(t *testing.T) {
	noon := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) // a Monday, Labor Thanksgiving Day
	call := fact.CallJudged{
		Call: "c", Party: fact.Party{Extension: "201"}, Class: "international", Area: "US", Verb: "pass",
	}
	offHours := func(closed bool) (n int) {
		s := watch.Settings{
			Office: watch.Hours{From: 8 * 60, To: 20 * 60}, Quiet: watch.Hours{From: 0, To: 24 * 60},
			Closed: func(year int, month time.Month, day int) bool {
				return closed && year == 2026 && month == time.November && day == 23
			},
		}
		for _, a := range watch.New(s).Take(call, noon).Alerts {
			if a.Kind == watch.OffHours && a.Due.Equal(noon) {
				n++
			}
		}
		return n
	}
	if offHours(true) != 1 || offHours(false) != 0 {
		t.Errorf("%d alerts on a holiday, %d on a working day", offHours(true), offHours(false))
	}
}

// TestWhatIsSetApartIsNamed: a site that the gate has set apart, in the alert; no number
// that was.
func TestWhatIsSetApartIsNamed(t *testing.T) {
	at := time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)
	for _, c := range []struct{ kind, value, want string }{
		{"site", "osaka", "site osaka was set apart: quarantine q-1 (gate: tempo)"},
		{"extension", "201", "extension 201 was set apart: quarantine q-1 (gate: tempo)"},
		{"destination", "+232", "destination was set apart: quarantine q-1 (gate: tempo)"},
	} {
		q := fact.Quarantine{ID: "q-1", Kind: c.kind, Value: c.value, CreatedBy: "gate: tempo"}
		told := watch.New(watch.Settings{}).Take(fact.QuarantineSet{Quarantine: q}, at).Alerts
		if len(told) != 1 || told[0].What.Say(text.EN) != c.want {
			t.Errorf("%+v, want %q", told, c.want)
		}
	}
}

// TestASiteThatTriesIsNamed, where the gate bars its calls.
func TestASiteThatTriesIsNamed(t *testing.T) {
	at := time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)
	w := watch.New(watch.Settings{})
	var told []watch.Alert
	for _, call := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		told = append(told, w.Take(fact.CallJudged{
			Call: call, Party: fact.Party{Origin: "site", Site: "osaka", Device: "site/osaka"}, Class: "international",
			Area: "SL", Verb: "refuse", Rule: "international", At: at,
		}, at).Alerts...)
	}
	if len(told) == 0 || told[0].Of.Say(text.EN) != "site osaka" || told[0].About != "site/osaka" {
		t.Errorf("%+v", told)
	}
}
