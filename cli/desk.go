package cli

import (
	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// desk says at which phones anybody may log in, and who has.
func (s *session) desk() *cobra.Command {
	return s.parent("desk", "cli.desk", s.deskSet(), s.deskOff(), s.deskLogOut(), s.deskList())
}

func (s *session) deskSet() *cobra.Command {
	r := control.ServiceSetRequest{Service: fact.ServiceDesk, On: true}
	c := &cobra.Command{
		Use: "set " + s.say("cli.arg.ext"), Short: s.say("cli.desk.set"), Args: s.exactly(1),
		Example: "  sekisho desk set 801 --until 20:00",
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Extension = args[0]
			if _, err := control.Call(cmd.Context(), s.client(), control.ServiceSet, r); err != nil {
				return err
			}
			s.printf("cli.desk.done", r.Extension)
			return nil
		},
	}
	c.Flags().StringVar(&r.To, "until", "", s.say("cli.desk.flag.until"))
	return c
}

func (s *session) deskOff() *cobra.Command {
	return &cobra.Command{
		Use: "off " + s.say("cli.arg.ext"), Short: s.say("cli.desk.off"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.ServiceSetRequest{Extension: args[0], Service: fact.ServiceDesk}
			_, err := control.Call(cmd.Context(), s.client(), control.ServiceSet, r)
			return err
		},
	}
}

func (s *session) deskLogOut() *cobra.Command {
	return &cobra.Command{
		Use: "logout " + s.say("cli.arg.phone"), Short: s.say("cli.desk.logout"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := control.Call(cmd.Context(), s.client(), control.DeskLogOut, control.PhoneRequest{Phone: args[0]})
			return err
		},
	}
}

func (s *session) deskList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.desk.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.DeskList, control.None{})
			if err != nil {
				return err
			}
			heads := []text.Key{"cli.col.device", "cli.col.name", "cli.col.logout", "cli.col.who", "cli.col.since"}
			return show(s, rows, heads, func(v control.Desk) []string {
				since := "-"
				if v.Extension != "" {
					since = when(v.Since)
				}
				return []string{v.Device, dash(v.Name), dash(v.Until), dash(v.Extension), since}
			})
		},
	}
}
