package cli

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

func (s *session) mode() *cobra.Command {
	c := s.parent("mode", "cli.mode",
		s.modeShow(), s.modeSet(), s.modeHours(), s.modeRings(), s.modeDays(), s.modeMark())
	c.Long = s.say("cli.mode.long")
	return c
}

// modeNames are the modes as they are typed.
var modeNames = []string{"day", "night1", "night2", "holiday"}

// scopeFlag has a command take one number instead of the whole unit.
func (s *session) scopeFlag(c *cobra.Command) *string {
	return c.Flags().String("number", fact.ScopeUnit, s.say("cli.mode.flag.number"))
}

func (s *session) scope(scope string) string {
	if scope == fact.ScopeUnit {
		return s.say("mode.scope.unit")
	}
	return scope
}

func (s *session) modeShow() *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: s.say("cli.mode.show"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.ModeList, control.None{})
			if err != nil {
				return err
			}
			heads := []text.Key{
				"cli.col.scope", "cli.col.mode", "cli.col.because", "cli.col.until", "cli.col.hours", "cli.col.rings",
			}
			return show(s, rows, heads, func(m control.Mode) []string {
				why := s.name("mode.why", m.Why)
				if m.By != "" {
					why += " (" + m.By + ", " + when(m.At) + ")"
				}
				return []string{
					s.scope(m.Scope), s.name("mode", m.Mode), why, when(m.Until),
					dash(s.timetable(m)), dash(s.rings(m)),
				}
			})
		},
	}
}

// timetable writes a timetable in one line, as it is typed.
func (s *session) timetable(m control.Mode) string {
	var spans []string
	for _, h := range m.Hours {
		spans = append(spans, strings.Join(h.Days, ",")+" "+h.From+"-"+h.To+" "+h.Mode)
	}
	if m.Otherwise != "" {
		spans = append(spans, m.Otherwise)
	}
	return strings.Join(spans, "; ")
}

func (s *session) rings(m control.Mode) string {
	var out []string
	for _, name := range modeNames {
		if ring := m.Rings[name]; len(ring) > 0 {
			out = append(out, s.name("mode", name)+": "+strings.Join(ring, ","))
		}
	}
	return strings.Join(out, "; ")
}

func (s *session) modeSet() *cobra.Command {
	var stay bool
	c := &cobra.Command{
		Use: "set " + s.say("cli.mode.arg.mode"), Short: s.say("cli.mode.set"), Args: s.exactly(1),
		Example: "  sekisho mode set night1\n  sekisho mode set day --stay\n  sekisho mode set auto",
	}
	scope := s.scopeFlag(c)
	c.Flags().BoolVar(&stay, "stay", false, s.say("cli.mode.flag.stay"))
	c.RunE = func(cmd *cobra.Command, args []string) error {
		r := control.ModeSetRequest{Scope: *scope, Mode: args[0], Stay: stay}
		if args[0] == "auto" {
			r.Mode = ""
		} else if err := s.checkMode(args[0]); err != nil {
			return err
		}
		m, err := control.Call(cmd.Context(), s.client(), control.ModeSet, r)
		if err != nil {
			return err
		}
		if s.output == "json" {
			return writeJSON(s.out, m)
		}
		until := ""
		switch {
		case !m.Until.IsZero():
			until = s.say("cli.mode.until", when(m.Until))
		case m.Why == "person":
			until = s.say("cli.mode.untiltold")
		}
		s.printf("cli.mode.done", s.scope(m.Scope), s.name("mode", m.Mode), until)
		return nil
	}
	return c
}

func (s *session) checkMode(name string) error {
	if slices.Contains(modeNames, name) {
		return nil
	}
	return control.NewProblem(control.ExitUsage, "cli.mode.badmode", "", name)
}

func (s *session) modeHours() *cobra.Command {
	var otherwise string
	c := &cobra.Command{
		Use: "hours " + s.say("cli.mode.arg.span") + " ...", Short: s.say("cli.mode.hours"),
		Long: s.say("cli.mode.hours.long"), Args: s.between(1, hoursTypedMax),
		Example: "  sekisho mode hours " + s.say("cli.example.hours") + " --otherwise night1\n  sekisho mode hours off",
	}
	scope := s.scopeFlag(c)
	c.Flags().StringVar(&otherwise, "otherwise", "night1", s.say("cli.mode.flag.otherwise"))
	c.RunE = func(cmd *cobra.Command, args []string) error {
		r := control.ModeHoursRequest{Scope: *scope}
		if done := text.Key("cli.mode.hours.gone"); args[0] == "off" && len(args) == 1 {
			_, err := control.Call(cmd.Context(), s.client(), control.ModeHours, r)
			if err == nil {
				s.printf(done, s.scope(r.Scope))
			}
			return err
		}
		r.Otherwise = otherwise
		for _, span := range args {
			h, err := readHours(span)
			if err != nil {
				return err
			}
			r.Hours = append(r.Hours, h)
		}
		_, err := control.Call(cmd.Context(), s.client(), control.ModeHours, r)
		if err == nil {
			s.printf("cli.mode.hours.done", s.scope(r.Scope))
		}
		return err
	}
	return c
}

// hoursTypedMax is how many spans one command takes.
const hoursTypedMax = 64

// weekdays in the order in which a week is written in Japan's timetables.
var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// readHours reads "mon-fri 09:00-18:00 day". What the days, times and modes are
// worth the unit says.
func readHours(span string) (fact.Hours, error) {
	f := strings.Fields(span)
	if len(f) != 3 {
		return fact.Hours{}, control.NewProblem(control.ExitUsage, "cli.mode.badspan", "", span)
	}
	h := fact.Hours{Mode: f[2]}
	var ok bool
	if h.From, h.To, ok = strings.Cut(f[1], "-"); !ok {
		return h, control.NewProblem(control.ExitUsage, "cli.mode.badspan", "", span)
	}
	for part := range strings.SplitSeq(f[0], ",") {
		first, last, several := strings.Cut(part, "-")
		if !several {
			h.Days = append(h.Days, part)
			continue
		}
		from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
		if from < 0 || to < from {
			return h, control.NewProblem(control.ExitUsage, "cli.mode.badspan", "", span)
		}
		h.Days = append(h.Days, weekdays[from:to+1]...)
	}
	return h, nil
}

func (s *session) modeRings() *cobra.Command {
	c := &cobra.Command{
		Use:   "rings " + s.say("cli.mode.arg.mode") + " " + s.say("cli.arg.exts"),
		Short: s.say("cli.mode.rings"), Args: s.exactly(2),
		Example: "  sekisho mode rings night1 201 --number 0312345678\n  sekisho mode rings night1 off",
	}
	scope := s.scopeFlag(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if err := s.checkMode(args[0]); err != nil {
			return err
		}
		r := control.ModeRingsRequest{Scope: *scope, Mode: args[0]}
		if args[1] != "off" {
			r.Ring = strings.Split(args[1], ",")
		}
		if _, err := control.Call(cmd.Context(), s.client(), control.ModeRings, r); err != nil {
			return err
		}
		if r.Ring == nil {
			s.printf("cli.mode.rings.gone", s.scope(r.Scope), s.name("mode", r.Mode))
			return nil
		}
		s.printf("cli.mode.rings.done", s.scope(r.Scope), s.name("mode", r.Mode), args[1])
		return nil
	}
	return c
}

func (s *session) modeDays() *cobra.Command {
	var year string
	c := &cobra.Command{
		Use: "days", Short: s.say("cli.mode.days"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			r := control.DayListRequest{Year: time.Now().In(tokyo).Year()}
			if year != "" {
				n, err := strconv.Atoi(year)
				if err != nil || n < 1 || n > 9999 {
					return control.NewProblem(control.ExitUsage, "cli.mode.badyear", "", year)
				}
				r.Year = n
			}
			rows, err := control.Call(cmd.Context(), s.client(), control.DayList, r)
			if err != nil {
				return err
			}
			heads := []text.Key{"cli.col.date", "cli.col.weekday", "cli.col.as", "cli.col.name", "cli.col.by"}
			return show(s, rows, heads, func(d control.Day) []string {
				return []string{d.Date, d.Weekday, s.name("day", d.As), dash(d.Name), dash(d.By)}
			})
		},
	}
	c.Flags().StringVar(&year, "year", "", s.say("cli.mode.flag.year"))
	return c
}

func (s *session) modeMark() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "mark " + s.say("cli.mode.arg.date") + " " + s.say("cli.mode.arg.as"),
		Short: s.say("cli.mode.mark"), Args: s.exactly(2),
		Example: "  sekisho mode mark 2026-12-28 closed --name " + s.say("cli.example.day"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.DayMarkRequest{Date: args[0], As: args[1], Name: name}
			switch args[1] {
			case fact.DayClosed, fact.DayOpen:
			case "usual":
				r.As = ""
			default:
				return control.NewProblem(control.ExitUsage, "cli.mode.badday", "", args[1])
			}
			_, err := control.Call(cmd.Context(), s.client(), control.DayMark, r)
			if err == nil {
				s.printf("cli.mode.mark.done", args[0], s.name("day", args[1]))
			}
			return err
		},
	}
	c.Flags().StringVar(&name, "name", "", s.say("cli.mode.flag.name"))
	return c
}
