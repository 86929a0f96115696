package cli

import (
	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

func (s *session) speed() *cobra.Command {
	return s.parent("speed", "cli.speed", s.speedSet(), s.speedRemove(), s.speedList())
}

// speedFlag adds the flag that names whose own place it is.
func (s *session) speedFlag(c *cobra.Command, r *control.SpeedSetRequest) *cobra.Command {
	c.Flags().StringVar(&r.Extension, "extension", "", s.say("cli.speed.flag.extension"))
	return c
}

func (s *session) speedSet() *cobra.Command {
	var r control.SpeedSetRequest
	return s.speedFlag(&cobra.Command{
		Use: "set " + s.say("cli.arg.place") + " " + s.say("cli.arg.number"), Short: s.say("cli.speed.set"),
		Args: s.exactly(2), Example: "  sekisho speed set 12 03-1234-5678",
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Place, r.To = args[0], args[1]
			if _, err := control.Call(cmd.Context(), s.client(), control.SpeedSet, r); err != nil {
				return err
			}
			s.printf("cli.speed.done", r.Place, r.To)
			return nil
		},
	}, &r)
}

func (s *session) speedRemove() *cobra.Command {
	var r control.SpeedSetRequest
	return s.speedFlag(&cobra.Command{
		Use: "remove " + s.say("cli.arg.place"), Short: s.say("cli.speed.remove"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Place = args[0]
			_, err := control.Call(cmd.Context(), s.client(), control.SpeedSet, r)
			return err
		},
	}, &r)
}

func (s *session) speedList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.speed.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.SpeedList, control.None{})
			if err != nil {
				return err
			}
			heads := []text.Key{"cli.col.ext", "cli.col.place", "cli.col.to", "cli.col.by", "cli.col.since"}
			return show(s, rows, heads, func(v control.Speed) []string {
				return []string{dash(v.Extension), v.Place, v.To, v.By, when(v.At)}
			})
		},
	}
}
