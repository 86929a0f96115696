package cli

import (
	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

func (s *session) wake() *cobra.Command {
	return s.parent("wake", "cli.wake", s.wakeSet(), s.wakeOff(), s.wakeList())
}

func (s *session) wakeSet() *cobra.Command {
	var r control.WakeSetRequest
	c := &cobra.Command{
		Use: "set " + s.say("cli.arg.ext") + " " + s.say("cli.arg.clock"), Short: s.say("cli.wake.set"),
		Args: s.exactly(2), Example: "  sekisho wake set 201 06:30 --daily",
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Extension, r.Clock = args[0], args[1]
			set, err := control.Call(cmd.Context(), s.client(), control.WakeSet, r)
			if err != nil {
				return err
			}
			s.printf("cli.wake.done", set.Extension, when(set.Next))
			return nil
		},
	}
	c.Flags().BoolVar(&r.Daily, "daily", false, s.say("cli.wake.flag.daily"))
	return c
}

func (s *session) wakeOff() *cobra.Command {
	return &cobra.Command{
		Use: "off " + s.say("cli.arg.ext"), Short: s.say("cli.wake.off"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, daily := range []bool{false, true} {
				r := control.WakeSetRequest{Extension: args[0], Daily: daily}
				if _, err := control.Call(cmd.Context(), s.client(), control.WakeSet, r); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (s *session) wakeList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.wake.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.WakeList, control.None{})
			if err != nil {
				return err
			}
			heads := []text.Key{"cli.col.ext", "cli.col.clock", "cli.col.often", "cli.col.next", "cli.col.by"}
			return show(s, rows, heads, func(v control.WakeUp) []string {
				often := s.say("cli.wake.once")
				if v.Daily {
					often = s.say("cli.wake.daily")
				}
				return []string{v.Extension, v.Clock, often, when(v.Next), v.By}
			})
		},
	}
}
