package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
)

func (s *session) gate() *cobra.Command {
	rules := &cobra.Command{
		Use: "rules", Short: s.say("cli.gate.rules"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{"cli.col.order", "cli.col.rule", "cli.col.says"}
			return listed(s, cmd, control.GateRules, control.None{}, heads, func(r control.Rule) []string {
				return []string{strconv.Itoa(r.Order), s.rule(r.Name), s.say(text.Key(r.Says))}
			})
		},
	}
	return s.parent("gate", "cli.gate", s.gateCheck(), s.gateOpen(), s.gateShut(), s.gateList(), rules, s.gateSigns(),
		s.gateExport(), s.gatePreview(), s.gateApply(), s.gateUndo(), s.gateHistory())
}

func (s *session) gateCheck() *cobra.Command {
	var r control.GateCheckRequest
	var at string
	c := &cobra.Command{
		Use: "check " + s.say("cli.arg.number"), Short: s.say("cli.gate.check"), Args: s.exactly(1),
		Example: "  sekisho gate check 01023276123456 --from 201",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.needed(cmd, "from"); err != nil {
				return err
			}
			r.Number = args[0]
			if err := moment(at, &r.At); err != nil {
				return err
			}
			return asked(s, cmd, control.GateCheck, r, s.trace)
		},
	}
	c.Flags().StringVar(&r.From, "from", "", s.say("cli.gate.flag.from"))
	c.Flags().StringVar(&at, "at", "", s.say("cli.gate.flag.at"))
	return c
}

// trace shows the way of a number: dialed → parsed → class → rule → verdict.
func (s *session) trace(tr control.GateTrace) error {
	parsed := dash(tr.Digits)
	if tr.Why != "" {
		parsed = s.say("cli.trace.notunderstood", s.why(tr.Why))
	}
	rows := [][]string{
		{s.say("cli.trace.dialed"), fmt.Sprintf("%q", tr.Dialed)},
		{s.say("cli.trace.parsed"), parsed},
		{s.say("cli.trace.class"), s.class(tr)},
	}
	if tr.Internal {
		rows = append(rows, []string{s.say("cli.trace.verdict"), s.say("cli.trace.internal")})
		return writeTable(s.out, rows)
	}
	if tr.Line != "" {
		rows = append(rows, []string{s.say("cli.trace.line"), tr.Line})
	}
	for _, st := range tr.Steps {
		said := s.name("gate.verb", st.Answer)
		if st.Says != nil {
			said += ": " + st.Says.Say(s.lang)
		}
		rows = append(rows, []string{s.say("cli.trace.rule"), s.rule(st.Rule) + ": " + said})
		for _, sign := range st.Signs {
			rows = append(rows, []string{s.say("cli.trace.sign"), sign.Say(s.lang)})
		}
	}
	verdict := s.name("gate.verb", tr.Verdict) + " (" + s.rule(tr.Rule) + ")"
	if tr.Reason != "" {
		verdict += " " + s.say(text.Key(tr.Reason))
	}
	rows = append(rows, []string{s.say("cli.trace.verdict"), verdict})
	if tr.Sent != "" {
		rows = append(rows, []string{s.say("cli.trace.sent"), fmt.Sprintf("%q", tr.Sent)})
	}
	if tr.Unavailable != nil {
		rows = append(rows, []string{s.say("cli.trace.unavailable"), tr.Unavailable.Say(s.lang)})
	}
	return writeTable(s.out, rows)
}

// rule is a rule's name for people.
func (s *session) rule(name string) string { return s.name("gate.rule", name) }

// why says why a number is not understood, or leads nowhere in the house.
func (s *session) why(word string) string {
	if k := text.Key("number.why." + word); k.Known() {
		return s.say(k)
	}
	return s.name("plan.why", word)
}

// class says what kind of number was dialed, and where it leads abroad.
func (s *session) class(tr control.GateTrace) string {
	out := s.name("number.class", tr.Class)
	if area, ok := number.AreaOf(tr.Area); ok && tr.Range != "" {
		name := area.NameEN
		if s.lang == text.JA {
			name = area.NameJA
		}
		out += " · " + area.Code + " " + name
	}
	if tr.Range != "" {
		out += " · " + s.name("number.range", tr.Range)
	}
	return out
}

// gateSigns tells what the gate knows of how the office telephones, and what it
// lately found odd.
func (s *session) gateSigns() *cobra.Command {
	return &cobra.Command{
		Use: "signs " + s.say("cli.arg.extension"), Short: s.say("cli.gate.signs"), Args: s.between(0, 1),
		Example: "  sekisho gate signs\n  sekisho gate signs 201",
		RunE: func(cmd *cobra.Command, args []string) error {
			var r control.GateSignsRequest
			if len(args) == 1 {
				r.Extension = args[0]
			}
			return asked(s, cmd, control.GateSigns, r, func(found control.Signs) error {
				s.signs(found)
				return nil
			})
		},
	}
}

func (s *session) signs(found control.Signs) {
	if len(found.Areas) > 0 {
		s.printf("cli.signs.areas", strings.Join(found.Areas, ", "))
	} else {
		s.printf("cli.signs.noareas")
	}
	for _, x := range found.Extensions {
		if x.Site != "" {
			s.printf("cli.signs.site", x.Site)
		} else {
			s.printf("cli.signs.extension", x.Extension)
		}
		for _, k := range x.Known {
			s.printf("cli.signs.says", k.Say(s.lang))
		}
	}
	if len(found.Seen) == 0 {
		s.printf("cli.signs.nothing")
		return
	}
	s.printf("cli.signs.seen")
	for _, c := range found.Seen {
		verdict := s.name("gate.verb", c.Verdict) + " (" + s.rule(c.Rule) + ")"
		key := text.Key("cli.signs.call")
		if c.Site != "" {
			key, c.Extension = "cli.signs.sitecall", c.Site
		}
		s.printf(key, when(c.At), c.Extension, c.To, s.name("tempo.level", c.Opinion), verdict)
		for _, sign := range c.Signs {
			s.printf("cli.signs.says", sign.Say(s.lang))
		}
	}
}

func (s *session) gateOpen() *cobra.Command {
	var r control.GateOpenRequest
	var until string
	c := &cobra.Command{
		Use: "open " + s.say("cli.arg.area"), Short: s.say("cli.gate.open"), Args: s.exactly(1),
		Example: "  sekisho gate open US --for 201 --until 8h --reason " + s.say("cli.example.reason"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.needed(cmd, "for", "reason"); err != nil {
				return err
			}
			r.Area = strings.ToUpper(args[0])
			t, err := parseTime(until, time.Now())
			if err != nil {
				return err
			}
			r.Until = t
			return asked(s, cmd, control.GateOpen, r, func(o control.Opening) error {
				s.printf("cli.gate.opened", o.Area, o.Extension, when(o.Until), o.ID)
				return nil
			})
		},
	}
	c.Flags().StringVar(&r.Extension, "for", "", s.say("cli.gate.flag.for"))
	c.Flags().StringVar(&until, "until", "8h", s.say("cli.gate.flag.until"))
	c.Flags().StringVar(&r.Reason, "reason", "", s.say("cli.gate.flag.reason"))
	return c
}

func (s *session) gateShut() *cobra.Command {
	var r control.GateShutRequest
	c := &cobra.Command{
		Use: "shut " + s.say("cli.arg.id"), Short: s.say("cli.gate.shut"), Args: s.between(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				r.ID = args[0]
			}
			if r.ID == "" && r.Extension == "" {
				return s.wrongArguments(cmd)
			}
			return done(s, cmd, control.GateShut, r, "cli.gate.shutdone")
		},
	}
	c.Flags().StringVar(&r.Extension, "for", "", s.say("cli.gate.flag.for"))
	c.Flags().StringVar(&r.Area, "area", "", s.say("cli.gate.flag.area"))
	c.Flags().StringVar(&r.Reason, "reason", "", s.say("cli.gate.flag.whyshut"))
	return c
}

func (s *session) gateList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.gate.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{
				"cli.col.id", "cli.col.ext", "cli.col.area", "cli.col.until", "cli.col.by", "cli.col.reason",
			}
			return listed(s, cmd, control.GateList, control.None{}, heads, func(o control.Opening) []string {
				return []string{o.ID, o.Extension, o.Area, when(o.Until), o.CreatedBy, dash(o.Reason)}
			})
		},
	}
}

// parseTime reads a duration from now ("8h"), a day ("2026-12-01", its end)
// or a time ("2026-12-01 18:00", Asia/Tokyo).
func parseTime(v string, now time.Time) (time.Time, error) {
	if d, err := time.ParseDuration(v); err == nil {
		return now.Add(d).UTC(), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, v, tokyo); err == nil {
			return t.UTC(), nil
		}
	}
	if t, err := time.ParseInLocation("2006-01-02", v, tokyo); err == nil {
		return t.AddDate(0, 0, 1).Add(-time.Second).UTC(), nil
	}
	return time.Time{}, control.NewProblem(control.ExitUsage, "cli.badtime", "", v)
}
