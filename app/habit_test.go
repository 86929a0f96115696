package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/policy"
)

// talked is a call of extension 201 to Sierra Leone some days ago that was
// talked on for so long.
func talked(days int, talk time.Duration, cost int64, reason string) []fact.Fact {
	f, _ := judged(days, "01023276123456", "main", "pass", "international").(fact.CallJudged)
	at := f.At.Truncate(24 * time.Hour).Add(3 * time.Hour) // noon in Japan
	f.At, f.Started = at, at
	f.Hold = &fact.Hold{Leg: 1, Amount: cost, Charges: []fact.Charge{{Account: "test"}}, At: at}
	return []fact.Fact{
		f,
		fact.CallAnswered{Call: f.Call, Line: "main", At: at},
		fact.CallEnded{
			Call: f.Call, Line: "main", Verb: "pass", Rule: "international", Answered: at, Ended: at.Add(talk),
			Reason: reason, Settled: []fact.Settlement{{Leg: 1, Cost: cost}},
		},
	}
}

// trader is a unit that has called Sierra Leone on thirty days, fourteen minutes
// each, at the demo tariff's ¥175.
func trader(t *testing.T) (data string, stop func()) {
	t.Helper()
	data, stop = owned(t)
	ask(t, data, control.LineAdd, control.LineAddRequest{
		ID: "main", Profile: "generic-registration", Registrar: "127.0.7.2:5060", User: "u", Secret: "a-long-secret",
		Numbers: []control.LineNumber{{Number: "0312345678", Ring: []string{"201"}}}, Transport: "udp",
	})
	stop()
	var all []fact.Fact
	for n := 34; n > 4; n-- {
		all = append(all, talked(n, 14*time.Minute-10*time.Second, 14*175_000, "hung up")...)
	}
	all = append(all, talked(2, time.Hour, 60*175_000, "hung up")...) // too young to count
	recorded(t, data, all...)
	_, stop = live(t, data)
	return data, stop
}

// TestSuggestedBudgetsFit: what is suggested for an office's own calls is shown
// as text, can be applied until a time, and then nothing more is needed.
func TestSuggestedBudgetsFit(t *testing.T) {
	data, _ := trader(t)
	out := ask(t, data, control.BudgetSuggest, control.BudgetSuggestRequest{})
	if len(out.Suggestions) != 2 || out.Calls != 31 || out.Suggestions[1].Budget != "unit/abroad" {
		t.Fatalf("%+v", out)
	}
	s := out.Suggestions[0]
	if s.Budget != "extension/201/abroad" || s.Usual != 2_450_000 || s.DayTo != 4_000_000 || s.Days < 29 ||
		s.MonthTo != 45_000_000 || !s.Bounded {
		t.Errorf("%+v", s)
	}
	p := ask(t, data, control.GatePreview, control.PolicyRequest{File: "gate.toml", Text: out.Text})
	if len(p.Findings) > 0 || len(p.Changes) != 2 || !p.Changes[0].Loosens {
		t.Errorf("%+v of\n%s", p, out.Text)
	}
	applied := ask(t, data, control.BudgetSuggest, control.BudgetSuggestRequest{
		Apply: true, Until: time.Now().Add(24 * time.Hour), Reason: "our partners",
	})
	if applied.Preview == nil || !applied.Preview.Applied {
		t.Fatalf("%+v", applied)
	}
	text := ask(t, data, control.GateExport, control.None{}).Text
	if !strings.Contains(text, "day = 4000\n") || !strings.Contains(text, `reason = "our partners"`) {
		t.Errorf("in force:\n%s", text)
	}
	low := ask(t, data, control.BudgetSuggest, control.BudgetSuggestRequest{Ceiling: 4_000_000})
	for _, s := range low.Suggestions {
		if s.DayTo > 4_000_000 {
			t.Errorf("beyond the ceiling: %+v", s)
		}
	}
}

// TestAPreviewSaysWhatANarrowerBudgetCuts plays the office's own calls.
func TestAPreviewSaysWhatANarrowerBudgetCuts(t *testing.T) {
	data, _ := trader(t)
	text := "[[budget]]\nbudget = \"unit/abroad\"\nday = 1000\nincident = 1000\n" + opensTo("SL", in(time.Hour))
	p := ask(t, data, control.GatePreview, control.PolicyRequest{File: "gate.toml", Text: text})
	// The country is shut now, so that the text alone lets them pass, and its
	// budget cuts them.
	if p.Replay == nil || len(p.Findings) > 0 || p.Replay.WouldCut == 0 || p.Replay.WouldRefuse != 0 ||
		p.Replay.Examples[0].Now != "cut" || p.Replay.Examples[0].NowRule != "budget" {
		t.Errorf("%+v %+v", p.Findings, p.Replay)
	}
}

// TestBudgetsAreUndone: undo takes a raised budget back to what it was, twice
// raises it again, and one that has ended is not taken.
func TestBudgetsAreUndone(t *testing.T) {
	data, _ := owned(t)
	day := func() string {
		for _, b := range ask(t, data, control.BudgetList, control.None{}) {
			if b.Budget == "unit/abroad" {
				return fmt.Sprint(b.Day)
			}
		}
		return "none"
	}
	set := func(yen int64, until time.Time) {
		t.Helper()
		ask(t, data, control.BudgetSet, control.BudgetSetRequest{
			Budget: "unit/abroad", Day: new(yen * 1000), Until: until, Reason: "test",
		})
	}
	set(5_000, time.Time{})
	set(50_000, time.Now().Add(time.Hour))
	if got := day(); got != "50000000" {
		t.Errorf("raised: %s", got)
	}
	for _, want := range []string{"5000000", "50000000"} {
		ask(t, data, control.GateUndo, control.PolicyUndoRequest{Reason: "test"})
		if got := day(); got != want {
			t.Errorf("undone: %s, want %s", got, want)
		}
	}
	ended := policy.Budget{Budget: "unit/abroad", Day: "50000", Until: in(-time.Hour), Reason: "test"}
	p := ask(t, data, control.GatePreview, control.PolicyRequest{Text: policy.FormatBudgets([]policy.Budget{ended})})
	if len(p.Findings) != 1 {
		t.Errorf("one that has ended: %+v", p)
	}
}

// TestBudgetsFollowTheHabitByLeaveOnly: nothing grows by itself until the owner
// says how far; then once a week, and what the owner set is left alone.
func TestBudgetsFollowTheHabitByLeaveOnly(t *testing.T) {
	data, stop := trader(t)
	again := func() { // and it has looked at what is to be done
		t.Helper()
		stop()
		var log *logged
		log, stop = liveHeard(t, data)
		for end := time.Now().Add(readyTime); !log.has("the office's habit was looked at"); {
			if time.Now().After(end) {
				t.Fatal("nobody looks at the habit")
			}
			time.Sleep(time.Millisecond)
		}
	}
	habits := func() (n int) {
		for _, c := range ask(t, data, control.GateHistory, control.None{}) {
			if c.Command == fact.PolicyByHabit && c.By == "unit: habit" && c.Loosens {
				n++
			}
		}
		return n
	}
	again()
	if n := habits(); n != 0 {
		t.Fatalf("%d changes that nobody agreed to", n)
	}
	ask(t, data, control.BudgetSet, control.BudgetSetRequest{
		Budget: "extension/abroad", GrowTo: new(int64(20_000_000)), Until: time.Now().Add(time.Hour), Reason: "test",
	})
	again()
	if n := habits(); n != 1 {
		t.Fatalf("%d changes that were agreed to", n)
	}
	again()
	text := ask(t, data, control.GateExport, control.None{}).Text
	if n := habits(); n != 1 || !strings.Contains(text, "day = 4000\n") || strings.Contains(text, "110500") {
		t.Errorf("%d changes by habit; in force:\n%s", n, text)
	}
}
