package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

// session is one run of the command: where it writes and in which language.
type session struct {
	in     io.Reader
	out    io.Writer
	err    io.Writer
	getenv func(string) string
	lang   text.Lang
	output string // "table" or "json"
	data   string
	langBy string
}

// Main runs the command line and gives the exit code.
func Main(
	ctx context.Context, args []string, getenv func(string) string, in io.Reader, out, errw io.Writer,
) int {
	s := &session{in: in, out: out, err: errw, getenv: getenv}
	s.lang = s.language(langOf(args))
	root := s.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return control.ExitOK
	}
	return s.fail(err)
}

// fail tells a person what went wrong and what to do.
func (s *session) fail(err error) int {
	if code, ok := errors.AsType[exitCode](err); ok {
		return int(code)
	}
	p := control.AsProblem(err)
	fmt.Fprintln(s.err, "sekisho: "+p.Say(s.lang))
	if do := p.SayDo(s.lang); do != "" {
		fmt.Fprintln(s.err, "         "+do)
	}
	return p.Exit
}

// exitCode is an exit that has already said everything.
type exitCode int

func (exitCode) Error() string { return "exit" }

func (s *session) say(k text.Key, args ...any) string { return text.Say(s.lang, k, args...) }

// name says a code for people: the sentence of part.code, "-" for none.
func (s *session) name(part, code string) string {
	if code == "" {
		return "-"
	}
	return s.say(text.Key(part + "." + strings.ReplaceAll(code, " ", "-")))
}

func (s *session) printf(k text.Key, args ...any) { fmt.Fprintln(s.out, s.say(k, args...)) }

// langOf finds --lang before flags are parsed: help itself is in a language.
func langOf(args []string) string {
	for i, a := range args {
		if a == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
		if len(a) > 7 && a[:7] == "--lang=" {
			return a[7:]
		}
	}
	return ""
}

func (s *session) language(flag string) text.Lang {
	sources := []string{flag}
	for _, name := range []string{"SEKISHO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		sources = append(sources, s.getenv(name))
	}
	for i, v := range sources {
		if v == "" {
			continue
		}
		if l, ok := text.ParseLang(v); ok || i > 0 { // a wrong --lang is told in the locale's
			return l
		}
	}
	return text.EN
}

func (s *session) root() *cobra.Command {
	root := &cobra.Command{
		Use: "sekisho", Short: s.say("cli.short"), Long: s.say("cli.long"),
		SilenceErrors: true, SilenceUsage: true,
		Args: s.known, RunE: help,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	flags := root.PersistentFlags()
	flags.StringVar(&s.langBy, "lang", "", s.say("cli.flag.lang"))
	flags.StringVarP(&s.output, "output", "o", "table", s.say("cli.flag.output"))
	flags.StringVar(&s.data, "data", s.dataDefault(), s.say("cli.flag.data"))
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if s.output != "table" && s.output != "json" {
			return control.NewProblem(control.ExitUsage, "cli.badoutput", "", s.output)
		}
		if _, ok := text.ParseLang(s.langBy); !ok {
			return control.NewProblem(control.ExitUsage, "cli.badlang", "", s.langBy)
		}
		return nil
	}
	root.AddCommand(
		s.serve(), s.demo(), s.claim(), s.status(), s.phone(), s.group(), s.mode(), s.key(), s.menu(), s.queue(),
		s.prompt(),
		s.mailbox(), s.conference(),
		s.forward(), s.quiet(), s.callerID(),
		s.page(), s.lamps(), s.line(), s.site(), s.gate(),
		s.speed(), s.wake(), s.desk(),
		s.tariff(), s.budget(), s.stop(), s.quarantine(), s.pin(), s.book(), s.block(), s.alert(), s.calls(),
		s.recording(),
		s.evidence(), s.doctor(), s.metrics(),
		s.config(), s.version(), s.man(),
	)
	s.speak(root)
	return root
}

// dataDefault is where a unit keeps its data when nobody says.
func (s *session) dataDefault() string {
	if d := s.getenv("SEKISHO_DATA"); d != "" {
		return d
	}
	if os.Geteuid() == 0 {
		return "/var/lib/sekisho"
	}
	return filepath.Join(s.getenv("HOME"), ".local", "share", "sekisho")
}

// known takes no arguments: what stands behind a command that only holds
// others would be the name of one.
func (s *session) known(c *cobra.Command, args []string) error { return s.unknownCommand(c, args) }

func (s *session) unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return control.NewProblem(control.ExitUsage, "cli.unknowncommand", "cli.usage.do", cmd.CommandPath()+" "+args[0])
}

// exactly demands a number of arguments, and says which are missing.
func (s *session) exactly(n int) cobra.PositionalArgs { return s.between(n, n) }

// between demands a number of arguments in a range.
func (s *session) between(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && len(args) <= most {
			return nil
		}
		return s.wrongArguments(cmd)
	}
}

func (s *session) wrongArguments(c *cobra.Command) error {
	return control.NewProblem(control.ExitUsage, "cli.arguments", "cli.usage.do", s.use(c))
}

// parent makes a command that only holds others.
func (s *session) parent(use string, short text.Key, children ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: s.say(short), RunE: help, Args: s.known}
	c.AddCommand(children...)
	return c
}

// client speaks to the unit on the data directory.
func (s *session) client() *control.Client { return app.Dial(s.data) }
