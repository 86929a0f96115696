package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

func (s *session) alert() *cobra.Command {
	return s.parent("alert", "cli.alert", s.alertList(), s.alertTest())
}

func (s *session) alertList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.alert.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return asked(s, cmd, control.AlertList, control.None{}, s.alerts)
		},
	}
}

func (s *session) alerts(list control.Alerts) error {
	heads := []text.Key{"cli.col.kind", "cli.col.meaning", "cli.col.threshold", "cli.col.last-sent"}
	err := show(s, list.Kinds, heads, func(k control.AlertKind) []string {
		unit := text.Key("cli.alert.times")
		if k.Seconds {
			unit = "cli.alert.seconds"
		}
		return []string{
			k.Kind, s.name("alert.kind", k.Kind), s.say(unit, strconv.Itoa(k.Threshold)), when(k.LastSent),
		}
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out)
	return s.alertChannels(list.Channels)
}

func (s *session) alertChannels(rows []control.AlertChannel) error {
	if len(rows) == 0 {
		s.printf("cli.alert.nochannels")
		s.printf("cli.alert.nochannels.do")
		return nil
	}
	heads := []text.Key{
		"cli.col.channel", "cli.col.type", "cli.col.target", "cli.col.owed", "cli.col.last-sent", "cli.col.failure",
	}
	return show(s, rows, heads, func(c control.AlertChannel) []string {
		failure := when(c.LastFailed)
		if c.Why != nil {
			failure += " " + c.Why.Say(s.lang)
		}
		kind := s.name("alert.channel.type", c.Type)
		return []string{c.Name, kind, c.Target, strconv.Itoa(c.Owed), when(c.LastSent), failure}
	})
}

func (s *session) alertTest() *cobra.Command {
	return &cobra.Command{
		Use: "test [" + s.say("cli.arg.channel") + "]", Short: s.say("cli.alert.test"), Args: s.between(0, 1),
		Example: "  sekisho alert test mail",
		RunE: func(cmd *cobra.Command, args []string) error {
			var r control.AlertTestRequest
			if len(args) > 0 {
				r.Channel = args[0]
			}
			rows, err := control.Call(cmd.Context(), s.client(), control.AlertTest, r)
			if err != nil {
				return err
			}
			heads := []text.Key{"cli.col.channel", "cli.col.type", "cli.col.result", "cli.col.answer"}
			err = show(s, rows, heads, func(t control.AlertTried) []string {
				result, answer := s.say("cli.alert.sent"), fmt.Sprintf("%s (%d ms)", t.Answer, t.TookMS)
				if t.Why != nil {
					result, answer = s.say("cli.alert.failed"), t.Why.Say(s.lang)
					if t.Answer != "" {
						answer += ": " + t.Answer
					}
				}
				return []string{t.Channel, s.name("alert.channel.type", t.Type), result, answer}
			})
			if err != nil {
				return err
			}
			for _, t := range rows {
				if !t.OK {
					return exitCode(control.ExitFinding)
				}
			}
			return nil
		},
	}
}
