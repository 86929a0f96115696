package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

func (s *session) key() *cobra.Command {
	c := s.parent("key", "cli.key", s.keyList(), s.keySet(), s.keyRemove())
	c.Long = s.say("cli.key.long")
	return c
}

func (s *session) keyList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.key.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.KeyList, control.None{})
			if err != nil {
				return err
			}
			heads := []text.Key{
				"cli.col.key", "cli.col.line", "cli.col.takes", "cli.col.label", "cli.col.shows", "cli.col.by",
			}
			return show(s, rows, heads, func(k control.LineKey) []string {
				shows := s.say(text.Key("cli.lamp." + k.Shows))
				return []string{k.Key, k.Line, dash(strings.Join(k.Numbers, ", ")), dash(k.Label), shows, k.By}
			})
		},
	}
}

func (s *session) keySet() *cobra.Command {
	var r control.KeySetRequest
	c := &cobra.Command{
		Use: "set " + s.say("cli.key.arg.key"), Short: s.say("cli.key.set"), Args: s.exactly(1),
		Example: "  sekisho key set key1 --line hikari\n" +
			"  sekisho key set key3 --line hikari --numbers 03-1234-5678 --label " + s.say("cli.example.keylabel"),
	}
	c.Flags().StringVar(&r.Line, "line", "", s.say("cli.key.flag.line"))
	c.Flags().StringSliceVar(&r.Numbers, "numbers", nil, s.say("cli.key.flag.numbers"))
	c.Flags().StringVar(&r.Label, "label", "", s.say("cli.key.flag.label"))
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if r.Key = args[0]; r.Line == "" {
			return control.NewProblem(control.ExitUsage, "cli.key.lineless", "cli.key.noline.do")
		}
		if _, err := control.Call(cmd.Context(), s.client(), control.KeySet, r); err != nil {
			return err
		}
		s.printf("cli.key.done", r.Key, r.Line)
		return nil
	}
	return c
}

func (s *session) keyRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove " + s.say("cli.key.arg.key"), Short: s.say("cli.key.remove"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := control.Call(cmd.Context(), s.client(), control.KeySet, control.KeySetRequest{Key: args[0]})
			if err == nil {
				s.printf("cli.key.gone", args[0])
			}
			return err
		},
	}
}
