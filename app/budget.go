package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/policy"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/text"
)

// loadShut reads what is exhausted.
func (a *App) loadShut(ctx context.Context) error {
	accounts, err := a.store.Accounts(ctx)
	if err != nil {
		return fmt.Errorf("budgets: %w", err)
	}
	a.state.shut, a.state.vouched = make(map[string]string), make(map[string][]budget.Vouch)
	for _, c := range accounts {
		if len(c.Vouched) > 0 {
			a.state.vouched[c.ID] = c.Vouched
		}
		if c.Shut != "" {
			a.state.shut[c.ID] = c.Shut
		}
	}
	return nil
}

// budgets makes the plan of budgets from everything that it depends on.
func (a *App) budgets(state settings, shut map[string]string) (*budget.Plan, error) {
	groups := make(map[string][]string)
	for _, g := range state.groups {
		for _, extension := range g.Members {
			groups[extension] = append(groups[extension], g.Number)
		}
	}
	p, err := budget.New(budget.Settings{
		Tariff: func(line string) *tariff.Table { return a.tariffs.Load().For(line) },
		Limits: state.rules.Limits(), Groups: groups, Shut: shut, Vouched: state.vouched,
	})
	if err != nil {
		return nil, fmt.Errorf("budgets: %w", err)
	}
	return p, nil
}

// exhausted hears of budgets that were found used up: it wakes watchBudgets,
// because it is told on the writer's goroutine.
func (a *App) exhausted(f fact.BudgetExhausted) {
	a.log.Warn("a budget is used up; it stays shut until it is released", "budget", f.Account, "window", f.Window)
	a.vouched()
}

// vouched hears that a PIN vouched for a number.
func (a *App) vouched() {
	select {
	case a.budgetsChanged <- struct{}{}:
	default:
	}
}

// watchBudgets puts exhausted budgets into the policy, so that the rule says
// no, or asks for a PIN, before anything is written: until then the accounts
// themselves do. It tells, too, of those that are on the way there, and has some
// follow the office's habit.
func (a *App) watchBudgets(ctx context.Context) {
	tick := time.NewTicker(nearingCheck)
	defer tick.Stop()
	habit := time.NewTicker(habitCheck)
	defer habit.Stop()
	var seen uint64
	err := a.lookAtHabit(ctx)
	for {
		if err != nil && ctx.Err() == nil {
			a.log.Warn("budgets not looked at", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-a.budgetsChanged:
			err = a.readShut(ctx)
		case <-tick.C:
			seen, err = a.tellNearing(ctx, seen)
		case <-habit.C:
			err = a.lookAtHabit(ctx)
		}
	}
}

// tellNearing looks at the accounts that changed from a leaf on, and writes down
// which of them have reached a share that the owner is told of. It gives the
// leaf to go on with.
func (a *App) tellNearing(ctx context.Context, since uint64) (uint64, error) {
	accounts, err := a.store.AccountsSince(ctx, since)
	if err != nil || len(accounts) == 0 {
		return since, err
	}
	a.mu.Lock()
	p, err := a.budgets(a.state, nil)
	a.mu.Unlock()
	if err != nil {
		return since, err
	}
	next, at := since, now()
	var w fact.Write
	for i := range accounts {
		c := &accounts[i]
		next = max(next, c.Leaf+1)
		l, _ := p.Limit(c.ID, at)
		if f, ok := c.Nearing(c.ID, l.Caps, at); ok {
			w.Facts = append(w.Facts, f)
		}
	}
	if len(w.Facts) == 0 {
		return next, nil
	}
	if err := a.commit(ctx, w); err != nil {
		return since, err
	}
	return next, nil
}

func (a *App) readShut(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.loadShut(ctx); err != nil {
		return err
	}
	return a.refresh()
}

func (a *App) budgetList(ctx context.Context, _ control.Caller, _ control.None) ([]control.Budget, error) {
	_ = a.commit(ctx, fact.Write{}) // what has just happened is still on its way to the disk
	accounts, err := a.store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	p, err := a.budgets(a.state, a.state.shut)
	if err != nil {
		return nil, err
	}
	at := time.Now()
	var out []control.Budget
	for _, l := range p.Limits(at) {
		s, id, _, _ := budget.ParseName(l.Budget)
		kind := id == "" && (s == budget.Extension || s == budget.Person || s == budget.Forward)
		out = append(out, control.Budget{Limit: l, Kind: kind, Set: a.isSet(l.Budget)})
	}
	for i := range accounts {
		c := &accounts[i]
		k := slices.IndexFunc(out, func(b control.Budget) bool { return b.Budget == c.ID })
		if k < 0 && c.Unused() { // a PIN was set
			continue
		}
		if k < 0 {
			k = len(out)
			l, _ := p.Limit(c.ID, at)
			l.Budget = c.ID
			out = append(out, control.Budget{Limit: l})
		}
		u := c.Used(at)
		b := &out[k]
		b.UsedHour, b.Used24, b.UsedDay, b.UsedMon = u.Hour, u.Incident, u.Day, u.Month
		b.Held, b.Calls, b.Shut = c.Held, c.Open, c.Shut
	}
	slices.SortFunc(out, func(x, y control.Budget) int { return strings.Compare(x.Budget, y.Budget) })
	return out, nil
}

func (a *App) isSet(name string) bool {
	return slices.ContainsFunc(a.state.rules.Budgets, func(b policy.Budget) bool { return b.Budget == name })
}

// budgetSet writes one budget into the policy, as whoever edits gate.toml would.
func (a *App) budgetSet(ctx context.Context, by control.Caller, r control.BudgetSetRequest) (control.Preview, error) {
	if _, _, _, ok := budget.ParseName(r.Budget); !ok {
		return control.Preview{}, noBudget(r.Budget)
	}
	if !r.Until.IsZero() {
		if err := budgetUntil(r.Until); err != nil {
			return control.Preview{}, err
		}
	}
	if what, bad := policy.CheckReason(r.Reason); bad {
		return control.Preview{}, control.NewProblem(control.ExitUsage, "cli.policy.reason", "", what)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	c, err := a.withBudgets(fact.PolicyByBudget, []policy.Budget{written(a.state.document(now()).Budgets, r)})
	if err != nil {
		return control.Preview{}, err
	}
	return a.apply(ctx, by, c, r.Reason, "")
}

// budgetUntil refuses an end that has passed or is too far away.
func budgetUntil(until time.Time) error {
	switch at := now(); {
	case !until.After(at):
		return control.NewProblem(control.ExitUsage, "cli.gate.past", "", until.Format(time.RFC3339))
	case until.After(at.AddDate(0, 0, policy.OpeningDays)):
		return control.NewProblem(control.ExitUsage, "cli.gate.toolong", "", strconv.Itoa(policy.OpeningDays))
	}
	return nil
}

// withBudgets is the change that writes entries into the policy, in the place
// of those about the same. The caller holds a.mu.
func (a *App) withBudgets(command string, entries []policy.Budget) (change, error) {
	rules := a.state.document(now())
	rules.Openings = nil
	rules.Budgets = slices.DeleteFunc(slices.Clone(rules.Budgets), func(b policy.Budget) bool {
		return slices.ContainsFunc(entries, func(e policy.Budget) bool { return e.Is(&b) })
	})
	rules.Budgets = append(rules.Budgets, entries...)
	if wrong := rules.Check(); len(wrong) > 0 {
		return change{}, control.NewProblem(control.ExitUsage, "cli.budget.wrong", "", wrong[0].What)
	}
	c := change{command: command, rules: rules.Normal()}
	c.text = policy.Format(c.rules)
	if n := len(c.text); n > policy.TextBytesMax {
		large := text.Of("policy.large", n, policy.TextBytesMax)
		return change{}, control.NewProblem(control.ExitUsage, "cli.budget.wrong", "", large)
	}
	return c, nil
}

// written lays what is asked for over the entry that there is, or makes one.
func written(list []policy.Budget, r control.BudgetSetRequest) policy.Budget {
	b := policy.Budget{Budget: r.Budget}
	if !r.Until.IsZero() {
		b.Until = policy.FormatTime(r.Until.Truncate(time.Second))
	}
	until := b.Until
	if i := slices.IndexFunc(list, func(o policy.Budget) bool { return o.Is(&b) }); i >= 0 {
		b = list[i]
	}
	b.Until, b.Reason = until, r.Reason
	for _, c := range []struct {
		value *int64
		to    *policy.Figure
	}{
		{r.Hour, &b.Hour},
		{r.Incident, &b.Incident},
		{r.Day, &b.Day},
		{r.Month, &b.Month},
		{r.Call, &b.Call},
		{r.PerMinute, &b.PerMinute},
		{r.Connect, &b.Connect},
		{r.GrowTo, &b.GrowTo},
	} {
		if c.value != nil {
			*c.to = policy.Figure(tariff.Money(*c.value).Decimal())
		}
	}
	if r.AtOnce != nil {
		b.AtOnce = policy.Figure(strconv.FormatInt(*r.AtOnce, 10))
	}
	if r.Callees != nil {
		b.Callees = policy.Figure(strconv.FormatInt(*r.Callees, 10))
	}
	if r.Length != nil {
		b.Length = time.Duration(*r.Length).String()
	}
	if r.Warn != nil {
		b.Warn = time.Duration(*r.Warn).String()
	}
	return b
}

func (a *App) budgetRelease(ctx context.Context, by control.Caller, r control.BudgetReleaseRequest,
) (control.None, error) {
	if r.Reason == "" {
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.budget.noreason", "")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.loadShut(ctx); err != nil {
		return control.None{}, err
	}
	if a.state.shut[r.Budget] == "" {
		p := control.NewProblem(control.ExitNotFound, "cli.budget.open", "cli.budget.open.do", r.Budget)
		return control.None{}, p
	}
	released := fact.BudgetReleased{Account: r.Budget, By: by.Actor(), Reason: r.Reason, At: now()}
	if err := a.commit(ctx, fact.Write{Facts: []fact.Fact{released}}); err != nil {
		return control.None{}, err
	}
	delete(a.state.shut, r.Budget)
	return control.None{}, a.refresh()
}

func noBudget(name string) error {
	return control.NewProblem(control.ExitUsage, "cli.budget.none", "cli.budget.none.do", name)
}
