package cli

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

func (s *session) menu() *cobra.Command {
	c := s.parent("menu", "cli.menu", s.menuList(), s.menuSet(), s.menuRemove())
	c.Long = s.say("cli.menu.long")
	return c
}

func (s *session) menuList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.menu.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.MenuList, control.None{})
			if err != nil {
				return err
			}
			heads := []text.Key{
				"cli.col.menu", "cli.col.choices", "cli.col.otherwise", "cli.col.seconds", "cli.col.by",
			}
			return show(s, rows, heads, func(m control.Menu) []string {
				var choices []string
				for _, c := range m.Choices {
					choices = append(choices, c.Key+"="+c.To)
				}
				return []string{
					m.Menu, strings.Join(choices, " "), dash(m.Otherwise), strconv.Itoa(m.Seconds), m.By,
				}
			})
		},
	}
}

func (s *session) menuSet() *cobra.Command {
	var r control.MenuSetRequest
	c := &cobra.Command{
		Use:   "set " + s.say("cli.menu.arg.menu") + " " + s.say("cli.menu.arg.choice") + " ...",
		Short: s.say("cli.menu.set"), Args: s.between(2, 11),
		Example: "  sekisho menu set 700 1=201 2=400 --wav welcome.wav --otherwise 201\n" +
			"  sekisho menu set 700 1=201 2=400 --say お電話ありがとうございます。営業は1を、サポートは2を押してください。",
	}
	from := s.recordingFlags(c)
	c.Flags().StringVar(&r.Otherwise, "otherwise", "", s.say("cli.menu.flag.otherwise"))
	c.RunE = func(cmd *cobra.Command, args []string) error {
		r.Menu, r.Choices = args[0], nil
		for _, a := range args[1:] {
			key, to, ok := strings.Cut(a, "=")
			if !ok || len(key) != 1 || key[0] < '0' || key[0] > '9' || to == "" {
				return control.NewProblem(control.ExitUsage, "cli.menu.choice", "", a)
			}
			r.Choices = append(r.Choices, fact.MenuChoice{Key: key, To: to})
		}
		var err error
		if r.Greeting, err = s.sound(cmd.Context(), from); err != nil {
			return err
		}
		if _, err := control.Call(cmd.Context(), s.client(), control.MenuSet, r); err != nil {
			return err
		}
		s.printf("cli.menu.done", r.Menu, len(r.Choices))
		return nil
	}
	return c
}

func (s *session) menuRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove " + s.say("cli.menu.arg.menu"), Short: s.say("cli.menu.remove"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := control.Call(cmd.Context(), s.client(), control.MenuSet, control.MenuSetRequest{Menu: args[0]})
			if err == nil {
				s.printf("cli.menu.gone", args[0])
			}
			return err
		},
	}
}
