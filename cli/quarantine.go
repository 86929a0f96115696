package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/gate/quarantine"
	"github.com/sekisho/sekisho/text"
)

func (s *session) quarantine() *cobra.Command {
	list := &cobra.Command{
		Use: "list", Short: s.say("cli.quarantine.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.QuarantineList, control.None{})
			if err != nil {
				return err
			}
			return s.apart(rows)
		},
	}
	return s.parent("quarantine", "cli.quarantine", s.quarantineAdd(), list, s.quarantineRelease())
}

// apart shows what is set apart.
func (s *session) apart(rows []control.Quarantine) error {
	heads := []text.Key{
		"cli.col.id", "cli.col.apart", "cli.col.since", "cli.col.until", "cli.col.by", "cli.col.reason",
	}
	return show(s, rows, heads, func(q control.Quarantine) []string {
		until := s.say("cli.quarantine.open")
		if !q.Until.IsZero() {
			until = when(q.Until)
		}
		return []string{q.ID, q.What().Say(s.lang), when(q.Since), until, q.CreatedBy, s.reason(q.Reason)}
	})
}

// reason is what a person wrote, or the unit's own words.
func (s *session) reason(v string) string {
	if k := text.Key(v); k.Known() {
		return s.say(k)
	}
	return v
}

func (s *session) quarantineAdd() *cobra.Command {
	var r control.QuarantineAddRequest
	var until string
	c := &cobra.Command{
		Use: "add " + s.say("cli.arg.apart"), Short: s.say("cli.quarantine.add"), Args: s.between(1, 2),
		Example: "  sekisho quarantine add destination +23276 --reason " + s.say("cli.example.fraud") + "\n" +
			"  sekisho quarantine add extension 201 --until 8h --reason " + s.say("cli.example.fraud"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if r.Kind = args[0]; len(args) == 2 {
				r.Value = args[1]
			}
			if err := moment(until, &r.Until); err != nil {
				return err
			}
			return s.setApart(cmd, r)
		},
	}
	c.Flags().StringVar(&r.Reason, "reason", "", s.say("cli.gate.flag.reason"))
	c.Flags().StringVar(&until, "until", "", s.say("cli.quarantine.flag.until"))
	return c
}

func (s *session) setApart(cmd *cobra.Command, r control.QuarantineAddRequest) error {
	if err := s.needed(cmd, "reason"); err != nil {
		return err
	}
	return asked(s, cmd, control.QuarantineAdd, r, func(added control.QuarantineAdded) error {
		s.printf("cli.quarantine.added", added.What().Say(s.lang), added.ID)
		s.printf("cli.calls.cut.done", added.Cut)
		return nil
	})
}

func (s *session) quarantineRelease() *cobra.Command {
	var r control.QuarantineReleaseRequest
	c := &cobra.Command{
		Use: "release " + s.say("cli.arg.quarantine"), Short: s.say("cli.quarantine.release"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.ID = args[0]
			return s.letGo(cmd, r)
		},
	}
	c.Flags().StringVar(&r.Reason, "reason", "", s.say("cli.gate.flag.reason"))
	return c
}

func (s *session) letGo(cmd *cobra.Command, r control.QuarantineReleaseRequest) error {
	if err := s.needed(cmd, "reason"); err != nil {
		return err
	}
	return asked(s, cmd, control.QuarantineRelease, r, func(released []control.Quarantine) error {
		for _, q := range released {
			s.printf("cli.quarantine.released", q.What().Say(s.lang), q.ID)
		}
		return nil
	})
}

// stop is what a person types whose carrier has just called: nothing to look up.
func (s *session) stop() *cobra.Command {
	var reason string
	var release bool
	abroad := &cobra.Command{
		Use: "international", Short: s.say("cli.stop.international"), Args: s.exactly(0),
		Example: "  sekisho stop international --reason " + s.say("cli.example.fraud"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			kind, value := string(quarantine.Destination), quarantine.Abroad
			if release {
				return s.letGo(cmd, control.QuarantineReleaseRequest{Kind: kind, Value: value, Reason: reason})
			}
			return s.setApart(cmd, control.QuarantineAddRequest{Kind: kind, Value: value, Reason: reason})
		},
	}
	abroad.Flags().StringVar(&reason, "reason", "", s.say("cli.gate.flag.reason"))
	abroad.Flags().BoolVar(&release, "release", false, s.say("cli.stop.flag.release"))
	return s.parent("stop", "cli.stop", abroad)
}

// callsCut names what is to be cut by an option for each kind.
func (s *session) callsCut() *cobra.Command {
	var reason string
	var all bool
	values := map[quarantine.Kind]*string{}
	c := &cobra.Command{
		Use: "cut", Short: s.say("cli.calls.cut"), Args: s.exactly(0),
		Example: "  sekisho calls cut --extension 201 --reason " + s.say("cli.example.fraud"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.needed(cmd, "reason"); err != nil {
				return err
			}
			var of []control.CallsCutRequest
			for _, k := range quarantine.Kinds() {
				if v := values[k]; v != nil && cmd.Flags().Changed(string(k)) {
					of = append(of, control.CallsCutRequest{Kind: string(k), Value: *v, Reason: reason})
				}
			}
			if all {
				of = append(of, control.CallsCutRequest{Kind: string(quarantine.Unit), Reason: reason})
			}
			if len(of) != 1 {
				return control.NewProblem(control.ExitUsage, "cli.calls.cut.one", "cli.usage.do", s.cutOptions())
			}
			return asked(s, cmd, control.CutCalls, of[0], func(c control.CallsCut) error {
				s.printf("cli.calls.cut.done", c.Cut)
				return nil
			})
		},
	}
	for _, k := range quarantine.Kinds() {
		if k != quarantine.Unit {
			what := s.say(text.Key("quarantine.kind." + string(k)))
			values[k] = c.Flags().String(string(k), "", s.say("cli.calls.cut.flag", what))
		}
	}
	c.Flags().BoolVar(&all, "all", false, s.say("cli.calls.cut.flag.all"))
	c.Flags().StringVar(&reason, "reason", "", s.say("cli.gate.flag.reason"))
	return c
}

func (s *session) cutOptions() string {
	var names []string
	for _, k := range quarantine.Kinds() {
		if k != quarantine.Unit {
			names = append(names, "--"+string(k))
		}
	}
	return strings.Join(append(names, "--all"), ", ")
}
