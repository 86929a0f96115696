package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/text"
)

func (s *session) budget() *cobra.Command {
	return s.parent("budget", "cli.budget", s.budgetShow(), s.budgetSet(), s.budgetSuggest(), s.budgetRelease())
}

func (s *session) budgetShow() *cobra.Command {
	return &cobra.Command{
		Use: "show " + s.say("cli.arg.budget"), Short: s.say("cli.budget.show"), Args: s.between(0, 1),
		Example: "  sekisho budget show\n  sekisho budget show unit",
		RunE: func(cmd *cobra.Command, args []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.BudgetList, control.None{})
			if err != nil {
				return err
			}
			var chosen []control.Budget
			for _, b := range rows {
				if len(args) == 0 || strings.HasPrefix(b.Budget, args[0]) {
					chosen = append(chosen, b)
				}
			}
			heads := []text.Key{
				"cli.col.budget", "cli.col.used24", "cli.col.usedday", "cli.col.usedmonth", "cli.col.held",
				"cli.col.atonce", "cli.col.state",
			}
			return show(s, chosen, heads, func(b control.Budget) []string {
				return []string{
					b.Budget, used(b.Kind, b.Used24, b.Incident), used(b.Kind, b.UsedDay, b.Day),
					used(b.Kind, b.UsedMon, b.Month), used(b.Kind, b.Held, 0), calls(b), s.budgetState(b),
				}
			})
		},
	}
}

// used shows what is used of a cap; of a kind, the cap alone.
func used(kind bool, amount, top int64) string {
	ceiling := ""
	if top > 0 {
		ceiling = tariff.Money(top).String()
	}
	switch {
	case kind:
		return dash(ceiling)
	case ceiling == "":
		return tariff.Money(amount).String()
	}
	return tariff.Money(amount).String() + " / " + ceiling
}

func calls(b control.Budget) string {
	var out string
	if !b.Kind {
		out = strconv.Itoa(b.Calls)
	}
	if b.AtOnce > 0 {
		out = strings.TrimPrefix(out+" / "+strconv.Itoa(b.AtOnce), " / ")
	}
	return dash(out)
}

func (s *session) budgetState(b control.Budget) string {
	switch {
	case b.Shut != "":
		return s.say("cli.budget.state.shut", s.name("cli.budget.window", b.Shut))
	case b.Kind:
		return s.say("cli.budget.state.kind")
	}
	return s.say("cli.budget.state.open")
}

// bounds are the flags of `budget set`, and where each goes.
type bounds struct {
	r      control.BudgetSetRequest
	length time.Duration
	warn   time.Duration
	until  string
}

type bound struct {
	flag string
	to   **int64
}

func (b *bounds) amounts() []bound {
	r := &b.r
	return []bound{
		{"hour", &r.Hour},
		{"incident", &r.Incident},
		{"day", &r.Day},
		{"month", &r.Month},
		{"call", &r.Call},
		{"per-minute", &r.PerMinute},
		{"connect", &r.Connect},
		{"grow-to", &r.GrowTo},
	}
}

func (b *bounds) counts() []bound {
	return []bound{{"at-once", &b.r.AtOnce}, {"callees", &b.r.Callees}}
}

// read takes the flags that were given.
func (b *bounds) read(cmd *cobra.Command) error {
	for _, a := range b.amounts() {
		if v := cmd.Flags().Lookup(a.flag); v.Changed {
			m, err := tariff.ParseMoney(v.Value.String())
			if err != nil {
				return control.NewProblem(control.ExitUsage, "cli.budget.amount", "", v.Value.String())
			}
			*a.to = new(int64(m))
		}
	}
	for _, a := range b.counts() {
		if v := cmd.Flags().Lookup(a.flag); v.Changed {
			n, err := strconv.ParseInt(v.Value.String(), 10, 32)
			if err != nil {
				return control.NewProblem(control.ExitUsage, "cli.budget.count", "", v.Value.String())
			}
			*a.to = new(n)
		}
	}
	if cmd.Flags().Changed("length") {
		b.r.Length = new(int64(b.length))
	}
	if cmd.Flags().Changed("warn") {
		b.r.Warn = new(int64(b.warn))
	}
	if err := moment(b.until, &b.r.Until); err != nil {
		return err
	}
	return nil
}

func (s *session) budgetSet() *cobra.Command {
	var b bounds
	c := &cobra.Command{
		Use: "set " + s.say("cli.arg.budget"), Short: s.say("cli.budget.set"), Long: s.say("cli.budget.set.long"),
		Args: s.exactly(1),
		Example: "  sekisho budget set extension/201/abroad --day 1000 --reason " + s.say("cli.example.reason") +
			"\n  sekisho budget set extension/201/abroad --day 5000 --incident 5000 --until 336h --reason " +
			s.say("cli.example.reason"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.needed(cmd, "reason"); err != nil {
				return err
			}
			if err := b.read(cmd); err != nil {
				return err
			}
			b.r.Budget = args[0]
			return asked(s, cmd, control.BudgetSet, b.r, func(set control.Preview) error {
				s.printf("cli.budget.isset", args[0])
				s.changes(set)
				return nil
			})
		},
	}
	for _, a := range append(b.amounts(), b.counts()...) {
		c.Flags().String(a.flag, "", s.say(text.Key("cli.budget.flag."+a.flag)))
	}
	c.Flags().DurationVar(&b.length, "length", 0, s.say("cli.budget.flag.length"))
	c.Flags().DurationVar(&b.warn, "warn", 0, s.say("cli.budget.flag.warn"))
	c.Flags().StringVar(&b.until, "until", "", s.say("cli.budget.flag.until"))
	c.Flags().StringVar(&b.r.Reason, "reason", "", s.say("cli.gate.flag.reason"))
	return c
}

func (s *session) budgetSuggest() *cobra.Command {
	var r control.BudgetSuggestRequest
	var ceiling, until string
	c := &cobra.Command{
		Use: "suggest", Short: s.say("cli.budget.suggest"), Long: s.say("cli.budget.suggest.long"), Args: s.exactly(0),
		Example: "  sekisho budget suggest\n  sekisho budget suggest --ceiling 20000 --apply --until 2160h --reason " +
			s.say("cli.example.reason"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ceiling != "" {
				m, err := tariff.ParseMoney(ceiling)
				if err != nil {
					return control.NewProblem(control.ExitUsage, "cli.budget.amount", "", ceiling)
				}
				r.Ceiling = int64(m)
			}
			if r.Apply {
				if err := s.needed(cmd, "until", "reason"); err != nil {
					return err
				}
			}
			if err := moment(until, &r.Until); err != nil {
				return err
			}
			return asked(s, cmd, control.BudgetSuggest, r, s.suggested)
		},
	}
	c.Flags().StringVar(&ceiling, "ceiling", "", s.say("cli.budget.flag.ceiling"))
	c.Flags().BoolVar(&r.Apply, "apply", false, s.say("cli.budget.flag.apply"))
	c.Flags().StringVar(&until, "until", "", s.say("cli.budget.flag.apply-until"))
	c.Flags().StringVar(&r.Reason, "reason", "", s.say("cli.gate.flag.reason"))
	return c
}

// suggested shows what is suggested, and how to take it.
func (s *session) suggested(out control.BudgetSuggestions) error {
	s.printf("cli.budget.suggest.from", strconv.Itoa(out.Calls), when(out.Since))
	if len(out.Suggestions) == 0 {
		s.printf("cli.budget.suggest.none")
		return nil
	}
	heads := []text.Key{
		"cli.col.budget", "cli.col.days", "cli.col.usual", "cli.col.usedday", "cli.col.usedmonth", "cli.col.state",
	}
	change := func(is, to int64) string { return dash(bound0(is)) + " → " + dash(bound0(to)) }
	err := show(s, out.Suggestions, heads, func(b control.BudgetSuggestion) []string {
		state := ""
		if b.Bounded {
			state = s.say("cli.budget.suggest.bounded")
		}
		return []string{
			b.Budget, strconv.Itoa(b.Days), tariff.Money(b.Usual).String(), change(b.Day, b.DayTo),
			change(b.Month, b.MonthTo), dash(state),
		}
	})
	switch {
	case err != nil:
		return err
	case out.Preview != nil:
		s.printf("cli.policy.applied")
	default:
		s.printf("cli.budget.suggest.how")
		fmt.Fprint(s.out, "\n"+out.Text)
	}
	return nil
}

// bound0 writes a bound, "" for none.
func bound0(amount int64) string {
	if amount == 0 {
		return ""
	}
	return tariff.Money(amount).String()
}

func (s *session) budgetRelease() *cobra.Command {
	var r control.BudgetReleaseRequest
	c := &cobra.Command{
		Use: "release " + s.say("cli.arg.budget"), Short: s.say("cli.budget.release"),
		Long: s.say("cli.budget.release.long"), Args: s.exactly(1),
		Example: "  sekisho budget release unit/abroad --reason " + s.say("cli.example.reason"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.needed(cmd, "reason"); err != nil {
				return err
			}
			r.Budget = args[0]
			return done(s, cmd, control.BudgetRelease, r, "cli.budget.released", r.Budget)
		},
	}
	c.Flags().StringVar(&r.Reason, "reason", "", s.say("cli.gate.flag.reason"))
	return c
}
