package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

func (s *session) lamps() *cobra.Command {
	return &cobra.Command{
		Use: "lamps", Short: s.say("cli.lamps"), Long: s.say("cli.lamps.long"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.LampList, control.None{})
			if err != nil {
				return err
			}
			if len(rows) == 0 && s.output != "json" {
				s.printf("cli.lamps.none")
				return nil
			}
			heads := []text.Key{"cli.col.lamp", "cli.col.shows", "cli.col.has", "cli.col.watched"}
			return show(s, rows, heads, func(l control.Lamp) []string {
				shows := text.Key("cli.lamp." + l.Shows)
				if l.Private {
					shows += ".self"
				}
				return []string{l.Lamp, s.say(shows), dash(l.Device), dash(strings.Join(l.Watched, ", "))}
			})
		},
	}
}
