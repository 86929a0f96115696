package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/policy"
	"github.com/sekisho/sekisho/number/tariff"
)

// Budgets that follow the office's habit: what is suggested, and what is
// applied by itself where the owner agreed to how far.

// habitCeiling bounds suggestions for which nobody named a ceiling.
const habitCeiling = 100_000 * int64(tariff.Yen)

// habitReason is the reason of the entries that the unit writes by itself, and
// byHabit who writes them.
const (
	habitReason = "follows what the office spends"
	byHabit     = "unit: habit"
)

// habit reads what budgets were used for.
func (a *App) habit(ctx context.Context, p *gate.Policy, since time.Time) (h budget.Habit, calls int, err error) {
	for c, err := range a.store.OutsideCalls(ctx, since, replayCallsMax) {
		if err != nil {
			return h, calls, err
		}
		if c.Cost == 0 || c.Ended.IsZero() {
			continue
		}
		d, ok := a.read(c)
		if !ok {
			continue
		}
		need, _ := p.Need(&gate.Request{
			Line: c.Line, Destination: d, At: c.Judged,
			Origin: gate.Origin{Kind: gate.OriginKind(c.Origin), Extension: c.Extension},
		})
		calls++
		// A call that was cut for a quarantine or by hand was none of the office's;
		// one that a crash left open is counted as more than it was.
		h.Add(need.Charges, c.Judged, c.Cost, c.Reason == "cut" || c.Reason == "restart")
	}
	return h, calls, nil
}

// suggest says which budgets should be wider. ceiling is that of a day by
// budget, 0 for one that is to be left alone.
func (a *App) suggest(
	ctx context.Context, state settings, ceiling func(name string) int64,
) (control.BudgetSuggestions, []policy.Budget, *budget.Habit, error) {
	at := now()
	out := control.BudgetSuggestions{Since: at.AddDate(0, 0, -habitDays), Suggestions: []control.BudgetSuggestion{}}
	p, err := a.gateAs(state)
	if err != nil {
		return out, nil, nil, err
	}
	h, calls, err := a.habit(ctx, p, out.Since)
	if err != nil {
		return out, nil, nil, err
	}
	out.Calls = calls
	plan, err := a.budgets(state, nil)
	if err != nil {
		return out, nil, nil, err
	}
	var entries []policy.Budget
	for _, id := range h.Accounts() {
		is, ok := plan.Limit(id, at)
		if !ok {
			continue
		}
		s, ok := h.Suggest(id, is, at, ceiling(id))
		if !ok {
			continue
		}
		out.Suggestions = append(out.Suggestions, control.BudgetSuggestion{
			Budget: id, Days: s.Days, Usual: s.Usual, Day: is.Day, DayTo: s.Day, Month: is.Month, MonthTo: s.Month,
			Bounded: s.Bounded, Incident: is.Incident, ToIn24: s.Incident,
		})
		entries = append(entries, policy.Budget{
			Budget: id, Incident: yenOf(s.Incident), Day: yenOf(s.Day), Month: yenOf(s.Month),
		})
	}
	return out, entries, &h, nil
}

func yenOf(amount int64) policy.Figure {
	if amount == 0 {
		return ""
	}
	return policy.Figure(tariff.Money(amount).Decimal())
}

func (a *App) budgetSuggest(
	ctx context.Context, by control.Caller, r control.BudgetSuggestRequest,
) (control.BudgetSuggestions, error) {
	a.mu.Lock()
	state := a.state
	a.mu.Unlock()
	if r.Ceiling < 0 {
		return control.BudgetSuggestions{}, control.NewProblem(control.ExitUsage, "cli.budget.amount", "", r.Ceiling)
	}
	rules := state.document(now())
	out, entries, _, err := a.suggest(ctx, state, func(name string) int64 {
		return cmp.Or(r.Ceiling, rules.GrowTo(name, now()), habitCeiling)
	})
	if err != nil {
		return out, err
	}
	until := r.Until
	if until.IsZero() {
		until = now().AddDate(0, 0, habitUntil)
	}
	for i := range entries {
		entries[i].Until = policy.FormatTime(until.Truncate(time.Minute))
		entries[i].Reason = cmp.Or(r.Reason, habitReason)
	}
	out.Text = policy.FormatBudgets(entries)
	if !r.Apply || len(entries) == 0 {
		return out, nil
	}
	if err := budgetUntil(until); err != nil {
		return out, err
	}
	if what, bad := policy.CheckReason(r.Reason); bad {
		return out, control.NewProblem(control.ExitUsage, "cli.policy.reason", "", what)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	c, err := a.withBudgets(fact.PolicyByBudget, entries)
	if err != nil {
		return out, err
	}
	p, err := a.apply(ctx, by, c, r.Reason, "")
	out.Preview = &p
	return out, err
}

// lookAtHabit is followHabit, and says so to whoever looks for it.
func (a *App) lookAtHabit(ctx context.Context) error {
	err := a.followHabit(ctx)
	a.log.Debug("the office's habit was looked at", "err", err)
	return err
}

// followHabit widens the budgets that the owner lets follow the office's habit,
// once a week: no sooner, so that nobody gains by asking often.
func (a *App) followHabit(ctx context.Context) error {
	at := now()
	a.mu.Lock()
	state := a.state
	a.mu.Unlock()
	rules := state.document(at)
	if !state.claimed || !slices.ContainsFunc(rules.Budgets, func(b policy.Budget) bool { return b.GrowTo != "" }) {
		return nil
	}
	changes, err := a.store.Policies(ctx, historyMax)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if c.Command == fact.PolicyByHabit && c.At.After(at.AddDate(0, 0, -habitWeek)) {
			return nil
		}
	}
	_, entries, h, err := a.suggest(ctx, state, func(name string) int64 { return rules.GrowTo(name, at) })
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e policy.Budget) bool {
		return slices.ContainsFunc(rules.Budgets, func(b policy.Budget) bool { // somebody's own has precedence
			return b.Budget == e.Budget && b.Temporary() && b.Reason != habitReason
		})
	})
	entries = append(entries, stillFits(rules, h, entries, at)...)
	if len(entries) == 0 {
		return nil
	}
	for i := range entries {
		entries[i].Until = policy.FormatTime(at.AddDate(0, 0, habitUntil).Truncate(time.Minute))
		entries[i].Reason = habitReason
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	c, err := a.withBudgets(fact.PolicyByHabit, entries)
	if err != nil {
		return err
	}
	p, err := a.preview(ctx, a.state, c, nil)
	if err != nil {
		return err
	}
	for _, t := range p.Tests {
		if !t.Passed {
			return errHabitTest
		}
	}
	c.reason = habitReason
	return a.put(ctx, byHabit, c)
}

// stillFits are the entries of earlier weeks that are still needed, and stay;
// the others are left to their end.
func stillFits(rules policy.Document, h *budget.Habit, fresh []policy.Budget, at time.Time) (out []policy.Budget) {
	for _, b := range rules.Budgets {
		if b.Reason != habitReason || slices.ContainsFunc(fresh, func(e policy.Budget) bool { return e.Is(&b) }) {
			continue
		}
		most := rules.GrowTo(b.Budget, at)
		s, _ := h.Suggest(b.Budget, budget.FactoryOf(b.Budget), at, most)
		if s.Fits > budget.FactoryOf(b.Budget).Day && most > 0 {
			out = append(out, b)
		}
	}
	return out
}

var errHabitTest = errors.New("budgets stay as they are: a test of the policy would fail")
