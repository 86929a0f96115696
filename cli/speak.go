package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

// speak makes cobra's own words come from text, for every command.
func (s *session) speak(root *cobra.Command) {
	root.SetUsageFunc(func(c *cobra.Command) error {
		_, err := io.WriteString(c.OutOrStdout(), s.usage(c))
		return err
	})
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		about := c.Long
		if about == "" {
			about = c.Short
		}
		fmt.Fprintf(c.OutOrStdout(), "%s\n\n%s", about, s.usage(c))
	})
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagProblem(err) })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.InitDefaultCompletionCmd()
	root.SetHelpCommand(&cobra.Command{Use: "help", Hidden: true, RunE: func(_ *cobra.Command, args []string) error {
		target, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return s.unknownCommand(target, rest)
		}
		return target.Help()
	}})
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		c.DisableFlagsInUseLine = true // "[flags]": usage says it itself
		c.InitDefaultHelpFlag()
		if f := c.Flags().Lookup("help"); f != nil {
			f.Usage = s.say("cli.flag.help")
		}
		for _, child := range c.Commands() {
			walk(child)
		}
	}
	walk(root)
	if c, _, err := root.Find([]string{"completion"}); err == nil {
		s.speakCompletion(c)
	}
}

// speakCompletion puts words of ours in place of cobra's on its own command.
func (s *session) speakCompletion(c *cobra.Command) {
	c.Short, c.Long, c.Args, c.RunE = s.say("cli.completion"), "", s.known, help
	for _, shell := range c.Commands() {
		shell.Short, shell.Long, shell.Args = s.say("cli.completion.shell", shell.Name()), "", s.exactly(0)
		if f := shell.Flags().Lookup("no-descriptions"); f != nil {
			f.Usage = s.say("cli.completion.flag.plain")
		}
	}
}

// help shows a command's help: what a command does that only holds others.
func help(c *cobra.Command, _ []string) error { return c.Help() }

// use is a command's first line: its path, its arguments, and that it takes
// options.
func (s *session) use(c *cobra.Command) string { return c.UseLine() + " " + s.say("cli.arg.flags") }

// usage is what --help shows below what a command does.
func (s *session) usage(c *cobra.Command) string {
	var b strings.Builder
	title := func(k text.Key) { fmt.Fprintf(&b, "\n%s\n", s.say(k)) }
	fmt.Fprintf(&b, "%s\n  %s\n", s.say("cli.help.usage"), s.use(c))
	children := visible(c)
	if len(children) > 0 {
		fmt.Fprintf(&b, "  %s …\n", c.CommandPath())
	}
	if c.HasExample() {
		title("cli.help.examples")
		b.WriteString(c.Example + "\n")
	}
	if len(children) > 0 {
		title("cli.help.commands")
		for _, child := range children {
			fmt.Fprintf(&b, "  %-*s %s\n", c.NamePadding(), child.Name(), child.Short)
		}
	}
	if c.HasAvailableLocalFlags() {
		title("cli.help.flags")
		s.flags(&b, c.LocalFlags())
	}
	if c.HasAvailableInheritedFlags() {
		title("cli.help.global")
		s.flags(&b, c.InheritedFlags())
	}
	if len(children) > 0 {
		title("cli.help.more")
	}
	return b.String()
}

// flags lists flags, their values and defaults, aligned as a terminal shows
// them.
func (s *session) flags(b *strings.Builder, set *pflag.FlagSet) {
	var rows [][2]string
	wide := 0
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		head := "      --" + f.Name
		if f.Shorthand != "" {
			head = "  -" + f.Shorthand + ", --" + f.Name
		}
		if kind := f.Value.Type(); kind != "bool" {
			head += " " + s.name("cli.type", kind)
		}
		rows = append(rows, [2]string{head, f.Usage + s.standard(f)})
		wide = max(wide, columns(head))
	})
	for _, r := range rows {
		b.WriteString(r[0] + strings.Repeat(" ", wide-columns(r[0])+3) + r[1] + "\n")
	}
}

// standard says what a flag is when it is left out, "" where that is nothing.
func (s *session) standard(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "0", "0s", "false", "[]":
		return ""
	}
	return s.say("cli.help.default", f.DefValue)
}

// flagProblem says what was typed wrongly.
func flagProblem(err error) error {
	wrong := func(k text.Key, args ...any) error {
		return control.NewProblem(control.ExitUsage, k, "cli.usage.do", args...)
	}
	switch e := err.(type) { // pflag gives them bare
	case *pflag.NotExistError:
		name := e.GetSpecifiedName()
		if e.GetSpecifiedShortnames() != "" {
			return wrong("cli.flag.unknown", "-"+name)
		}
		return wrong("cli.flag.unknown", "--"+name)
	case *pflag.ValueRequiredError:
		return wrong("cli.flag.novalue", "--"+e.GetFlag().Name)
	case *pflag.InvalidSyntaxError:
		return wrong("cli.flag.syntax", e.GetSpecifiedFlag())
	case *pflag.InvalidValueError:
		key := map[string]text.Key{
			"int": "cli.flag.number", "duration": "cli.flag.duration", "bool": "cli.flag.bool",
		}[e.GetFlag().Value.Type()]
		if key == "" {
			key = "cli.flag.value"
		}
		return wrong(key, "--"+e.GetFlag().Name, e.GetValue())
	}
	return wrong("cli.usage", control.Explain(err))
}

// needed demands flags that a command can't do without.
func (s *session) needed(c *cobra.Command, names ...string) error {
	for _, name := range names {
		if !c.Flags().Changed(name) {
			return control.NewProblem(control.ExitUsage, "cli.help.missing", "cli.usage.do", "--"+name)
		}
	}
	return nil
}
