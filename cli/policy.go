package cli

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/gate/policy"
	"github.com/sekisho/sekisho/text"
)

func (s *session) gateExport() *cobra.Command {
	return &cobra.Command{
		Use: "export", Short: s.say("cli.gate.export"), Args: s.exactly(0),
		Example: "  sekisho gate export > gate.toml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return asked(s, cmd, control.GateExport, control.None{}, func(p control.Policy) error {
				s.printf("cli.gate.export.head", harmless(p.Unit), when(time.Now()))
				fmt.Fprint(s.out, p.Text)
				return nil
			})
		},
	}
}

func (s *session) gatePreview() *cobra.Command {
	var r control.PolicyRequest
	c := &cobra.Command{
		Use: "preview " + s.say("cli.arg.file"), Short: s.say("cli.gate.preview"), Args: s.exactly(1),
		Example: "  sekisho gate preview gate.toml",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := readPolicy(&r, args[0]); err != nil {
				return err
			}
			p, err := control.Call(cmd.Context(), s.client(), control.GatePreview, r)
			if err != nil {
				return err
			}
			return s.previewed(p)
		},
	}
	c.Flags().BoolVar(&r.Numbers, "numbers", false, s.say("cli.gate.flag.numbers"))
	return c
}

// previewed shows a preview; its exit says whether it could be applied.
func (s *session) previewed(p control.Preview) error {
	if s.output == "json" {
		if err := writeJSON(s.out, p); err != nil {
			return err
		}
	} else {
		s.preview(p)
	}
	return fit(p)
}

// fit is the exit of a preview: findings are wrong usage, failed tests a
// failure.
func fit(p control.Preview) error {
	if len(p.Findings) > 0 {
		return exitCode(control.ExitUsage)
	}
	for _, t := range p.Tests {
		if !t.Passed {
			return exitCode(control.ExitFailed)
		}
	}
	return nil
}

// readPolicy reads the file that a person names.
func readPolicy(r *control.PolicyRequest, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return control.NewProblem(control.ExitUsage, "cli.policy.unreadable", "", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	switch {
	case err != nil:
		return control.NewProblem(control.ExitUsage, "cli.policy.unreadable", "", err)
	case info.Size() > policy.TextBytesMax:
		what := text.Of("policy.large", info.Size(), policy.TextBytesMax)
		return control.NewProblem(control.ExitUsage, "cli.policy.wrong", "", what)
	}
	b := make([]byte, info.Size())
	if _, err := f.ReadAt(b, 0); err != nil && info.Size() > 0 {
		return control.NewProblem(control.ExitUsage, "cli.policy.unreadable", "", err)
	}
	r.File, r.Text = file, string(b)
	return nil
}

func (s *session) preview(p control.Preview) {
	for _, f := range p.Findings {
		fmt.Fprintln(s.err, harmless(f.Say(s.lang)))
	}
	if len(p.Findings) > 0 {
		return
	}
	if p.Undoes != nil {
		s.printf("cli.policy.undoes", p.Undoes.ID, s.name("policy.command", p.Undoes.Command), when(p.Undoes.At),
			harmless(p.Undoes.By), dash(harmless(p.Undoes.Reason)))
	}
	if len(p.Changes) == 0 {
		s.printf("cli.policy.same")
	} else {
		s.printf("cli.policy.changes")
	}
	s.changes(p)
	s.policyTests(p.Tests)
	if p.Replay != nil {
		s.replayed(*p.Replay)
	}
}

func (s *session) changes(p control.Preview) {
	for _, c := range p.Changes {
		mark := text.Key("cli.policy.mark.neither")
		switch {
		case c.Loosens && c.Bars:
			mark = "cli.policy.mark.both"
		case c.Loosens:
			mark = "cli.policy.mark.opens"
		case c.Bars:
			mark = "cli.policy.mark.bars"
		}
		fmt.Fprintln(s.out, "  "+s.say(mark)+" "+harmless(c.Says.Say(s.lang)))
	}
	for _, b := range p.Besides {
		fmt.Fprintln(s.out, harmless(b.Say(s.lang)))
	}
}

func (s *session) policyTests(list []control.PolicyTest) {
	passed := 0
	for _, t := range list {
		if t.Passed {
			passed++
		}
	}
	s.printf("cli.policy.tests", strconv.Itoa(passed), strconv.Itoa(len(list)))
	for _, t := range list {
		if t.Passed {
			continue
		}
		expected := s.ruled(t.Expect, t.Rule)
		fmt.Fprintln(s.out, "  "+s.say("cli.policy.test.failed", harmless(t.Name), strconv.Itoa(t.Line), expected,
			s.ruled(t.Came, t.By)))
	}
}

// ruled is a verb with the rule behind it, if there is one.
func (s *session) ruled(verb, rule string) string {
	if rule == "" {
		return s.name("gate.verb", verb)
	}
	return s.name("gate.verb", verb) + " (" + s.rule(rule) + ")"
}

func (s *session) replayed(r control.PolicyReplay) {
	s.printf("cli.policy.replay", when(r.Since), strconv.Itoa(r.Calls))
	if r.More {
		s.printf("cli.policy.replay.more")
	}
	s.printf("cli.policy.replay.refuse", strconv.Itoa(r.WouldRefuse))
	s.examples(r.Examples, "refuse", "challenge")
	if r.WouldCut > 0 {
		s.printf("cli.policy.replay.cut", strconv.Itoa(r.WouldCut))
		s.examples(r.Examples, "cut")
	}
	s.printf("cli.policy.replay.pass", strconv.Itoa(r.WouldPass))
	s.examples(r.Examples, "pass")
	if r.Already > 0 {
		s.printf("cli.policy.replay.already", strconv.Itoa(r.Already))
	}
	if r.Unread > 0 {
		s.printf("cli.policy.replay.unread", strconv.Itoa(r.Unread))
	}
}

func (s *session) examples(list []control.PolicyReplayed, verbs ...string) {
	for _, c := range list {
		if !slices.Contains(verbs, c.Now) {
			continue
		}
		fmt.Fprintln(s.out, "    "+s.say("cli.policy.replay.call", when(c.At), harmless(c.Extension),
			harmless(c.Number), harmless(dash(c.Line)), s.ruled(c.Then, c.ThenRule), s.ruled(c.Now, c.NowRule)))
	}
}

func (s *session) gateApply() *cobra.Command {
	var r control.PolicyRequest
	var yes bool
	c := &cobra.Command{
		Use: "apply " + s.say("cli.arg.file"), Short: s.say("cli.gate.apply"), Args: s.exactly(1),
		Example: "  sekisho gate apply gate.toml --reason " + s.say("cli.example.reason"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.needed(cmd, "reason"); err != nil {
				return err
			}
			if err := readPolicy(&r, args[0]); err != nil {
				return err
			}
			p, err := control.Call(cmd.Context(), s.client(), control.GatePreview, r)
			if err != nil {
				return err
			}
			return s.confirmed(p, yes, func() (control.Preview, error) {
				r.Base = p.Base
				return control.Call(cmd.Context(), s.client(), control.GateApply, r)
			})
		},
	}
	s.applying(c, &r.Reason, &r.Numbers, &yes)
	return c
}

func (s *session) applying(c *cobra.Command, reason *string, numbers, yes *bool) {
	c.Flags().StringVar(reason, "reason", "", s.say("cli.gate.flag.reason"))
	c.Flags().BoolVar(numbers, "numbers", false, s.say("cli.gate.flag.numbers"))
	c.Flags().BoolVarP(yes, "yes", "y", false, s.say("cli.gate.flag.yes"))
}

// confirmed shows what a change would do, asks, and has it done.
func (s *session) confirmed(p control.Preview, yes bool, do func() (control.Preview, error)) error {
	if s.output != "json" || fit(p) != nil {
		if err := s.previewed(p); err != nil {
			return err
		}
	}
	if !yes && !s.agreed("cli.policy.ask") {
		return control.NewProblem(control.ExitFailed, "cli.policy.notapplied", "cli.policy.notapplied.do")
	}
	done, err := do()
	if err != nil {
		return err
	}
	if s.output == "json" {
		done.Replay = p.Replay
		return writeJSON(s.out, done)
	}
	s.printf("cli.policy.applied")
	return nil
}

// agreed asks a person for yes.
func (s *session) agreed(question text.Key) bool {
	fmt.Fprint(s.err, s.say(question)+" ")
	line, _ := bufio.NewReader(s.in).ReadString('\n') // at the end of input the answer is no
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes", "はい":
		return true
	}
	return false
}

func (s *session) gateUndo() *cobra.Command {
	var r control.PolicyUndoRequest
	var yes bool
	c := &cobra.Command{
		Use: "undo", Short: s.say("cli.gate.undo"), Args: s.exactly(0),
		Example: "  sekisho gate undo --reason " + s.say("cli.example.reason"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.needed(cmd, "reason"); err != nil {
				return err
			}
			undo := func(ctx context.Context, preview bool) (control.Preview, error) {
				r.Preview = preview
				return control.Call(ctx, s.client(), control.GateUndo, r)
			}
			p, err := undo(cmd.Context(), true)
			if err != nil {
				return err
			}
			return s.confirmed(p, yes, func() (control.Preview, error) {
				r.Base = p.Base
				return undo(cmd.Context(), false)
			})
		},
	}
	s.applying(c, &r.Reason, &r.Numbers, &yes)
	return c
}

func (s *session) gateHistory() *cobra.Command {
	return &cobra.Command{
		Use: "history", Short: s.say("cli.gate.history"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{
				"cli.col.id", "cli.col.when", "cli.col.by", "cli.col.command", "cli.col.effect", "cli.col.opened",
				"cli.col.shut", "cli.col.reason",
			}
			return listed(s, cmd, control.GateHistory, control.None{}, heads, func(c control.PolicyChange) []string {
				effect := text.Key("cli.policy.effect.bars")
				if c.Loosens {
					effect = "cli.policy.effect.opens"
				}
				return []string{
					c.ID, when(c.At), c.By, s.name("policy.command", c.Command), s.say(effect), strconv.Itoa(c.Opened),
					strconv.Itoa(c.Shut), dash(c.Reason),
				}
			})
		},
	}
}
