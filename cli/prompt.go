package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

func (s *session) prompt() *cobra.Command {
	c := s.parent("prompt", "cli.prompt",
		s.promptList(), s.promptSet(), s.promptRemove(), s.promptExport(), s.promptSay())
	c.Long = s.say("cli.prompt.long")
	return c
}

func (s *session) promptList() *cobra.Command {
	var words bool
	c := &cobra.Command{
		Use: "list", Short: s.say("cli.prompt.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := control.Call(cmd.Context(), s.client(), control.PromptList, control.None{})
			if err != nil {
				return err
			}
			var rows []control.Prompt
			for _, p := range all {
				if words || !p.Word || p.Own {
					rows = append(rows, p)
				}
			}
			heads := []text.Key{"cli.col.prompt", "cli.col.language", "cli.col.own", "cli.col.seconds", "cli.col.says"}
			return show(s, rows, heads, func(p control.Prompt) []string {
				own := "-"
				if p.Own {
					own = p.By + ", " + when(p.At)
				}
				return []string{
					p.Prompt, p.Language, own, fmt.Sprintf("%d.%d", p.Tenths/10, p.Tenths%10), p.Says,
				}
			})
		},
	}
	c.Flags().BoolVar(&words, "words", false, s.say("cli.prompt.flag.words"))
	return c
}

func (s *session) promptSet() *cobra.Command {
	c := &cobra.Command{
		Use:   "set " + s.say("cli.prompt.arg.prompt"),
		Short: s.say("cli.prompt.set"), Args: s.exactly(1),
		Example: "  sekisho prompt set closed --say 本日の営業は終了しました。\n" +
			"  sekisho prompt set closed --in en --wav closed.wav",
	}
	from := s.recordingFlags(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		mu, err := s.sound(cmd.Context(), from)
		if err != nil {
			return err
		}
		if len(mu) == 0 {
			return control.NewProblem(control.ExitUsage, "cli.sound.none", "")
		}
		r := control.PromptSetRequest{Sound: mu}
		r.Prompt, r.Language = args[0], from.in
		if _, err := control.Call(cmd.Context(), s.client(), control.PromptSet, r); err != nil {
			return err
		}
		s.printf("cli.prompt.done", args[0], from.in)
		return nil
	}
	return c
}

func (s *session) promptRemove() *cobra.Command {
	var r control.PromptSetRequest
	c := &cobra.Command{
		Use:   "remove " + s.say("cli.prompt.arg.prompt"),
		Short: s.say("cli.prompt.remove"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Prompt = args[0]
			if _, err := control.Call(cmd.Context(), s.client(), control.PromptSet, r); err != nil {
				return err
			}
			s.printf("cli.prompt.gone", args[0], r.Language)
			return nil
		},
	}
	s.languageFlag(c, &r.Language)
	return c
}

func (s *session) promptExport() *cobra.Command {
	var r control.PromptRequest
	c := &cobra.Command{
		Use:   "export " + s.say("cli.prompt.arg.prompt") + " " + s.say("cli.arg.file"),
		Short: s.say("cli.prompt.export"), Args: s.exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Prompt = args[0]
			return s.exportSound(args[1], func() ([]byte, error) {
				p, err := control.Call(cmd.Context(), s.client(), control.PromptSound, r)
				return p.Sound, err
			})
		},
	}
	s.languageFlag(c, &r.Language)
	return c
}

func (s *session) promptSay() *cobra.Command {
	var from recording
	c := &cobra.Command{
		Use:   "say " + s.say("cli.prompt.arg.text") + " " + s.say("cli.arg.file"),
		Short: s.say("cli.prompt.say"), Long: s.say("cli.prompt.say.long"), Args: s.exactly(2),
		Example: "  sekisho prompt say お電話ありがとうございます。 welcome.wav",
		RunE: func(cmd *cobra.Command, args []string) error {
			from.say = args[0]
			if from.say == "" {
				from.say = " "
			}
			return s.exportSound(args[1], func() ([]byte, error) { return s.sound(cmd.Context(), &from) })
		},
	}
	s.languageFlag(c, &from.in)
	return c
}
