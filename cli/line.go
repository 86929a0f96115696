package cli

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

// secretBytesMax bounds a secret read from a file.
const secretBytesMax = 4096

func (s *session) line() *cobra.Command {
	remove := &cobra.Command{
		Use: "remove " + s.say("cli.arg.line"), Short: s.say("cli.line.remove"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return done(s, cmd, control.LineRemove, control.LineRequest{ID: args[0]}, "cli.line.removed", args[0])
		},
	}
	test := &cobra.Command{
		Use: "test " + s.say("cli.arg.line"), Short: s.say("cli.line.test"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rows, err := control.Call(cmd.Context(), s.client(), control.LineTest, control.LineRequest{ID: args[0]})
			if err != nil {
				return err
			}
			return s.checks(rows)
		},
	}
	return s.parent("line", "cli.line", s.lineAdd(), s.lineList(), remove, test)
}

func (s *session) lineAdd() *cobra.Command {
	var r control.LineAddRequest
	var secretFile string
	var numbers []string
	add := &cobra.Command{
		Use: "add " + s.say("cli.arg.line"), Short: s.say("cli.line.add"), Args: s.exactly(1),
		Example: "  sekisho line add hikari --profile hikari-hgw --registrar 192.168.1.1 --user 0003 \\\n" +
			"    --secret-file hgw.secret --number 0312345678=201,202 --area-code 03",
		RunE: func(cmd *cobra.Command, args []string) error {
			r.ID = args[0]
			for _, n := range numbers {
				number, ring, ok := strings.Cut(n, "=")
				if !ok || number == "" || ring == "" {
					return control.NewProblem(control.ExitUsage, "cli.line.badnumber", "", n)
				}
				r.Numbers = append(r.Numbers, control.LineNumber{Number: number, Ring: strings.Split(ring, ",")})
			}
			secret, err := s.readSecret(secretFile)
			if err != nil {
				return err
			}
			r.Secret = secret
			return asked(s, cmd, control.LineAdd, r, func(l control.Line) error {
				s.printf("cli.line.added", l.ID)
				if l.Warning != nil {
					fmt.Fprintln(s.out, l.Warning.Say(s.lang))
				}
				return nil
			})
		},
	}
	f := add.Flags()
	f.StringVar(&r.Profile, "profile", "generic-registration", s.say("cli.line.flag.profile"))
	f.StringVar(&r.Registrar, "registrar", "", s.say("cli.line.flag.registrar"))
	f.StringVar(&r.User, "user", "", s.say("cli.line.flag.user"))
	f.StringVar(&secretFile, "secret-file", "", s.say("cli.line.flag.secret"))
	f.StringArrayVar(&numbers, "number", nil, s.say("cli.line.flag.number"))
	f.StringVar(&r.AreaCode, "area-code", "", s.say("cli.line.flag.area"))
	f.IntVar(&r.Channels, "channels", 0, s.say("cli.line.flag.channels"))
	f.StringVar(&r.Transport, "transport", "udp", s.say("cli.line.flag.transport"))
	f.StringSliceVar(&r.Sources, "source", nil, s.say("cli.line.flag.source"))
	f.IntVar(&r.LocalPort, "local-port", 0, s.say("cli.line.flag.port"))
	f.StringVar(&r.LocalAddr, "local-addr", "", s.say("cli.line.flag.addr"))
	f.IntVar(&r.DSCP, "dscp", 0, s.say("cli.line.flag.dscp"))
	f.StringVar(&r.Forwarded, "forwarded", "", s.say("cli.line.flag.forwarded"))
	f.IntVar(&r.Priority, "priority", 0, s.say("cli.line.flag.priority"))
	return add
}

// readSecret reads a secret from a file, or from standard input for "-": a
// secret on the command line would stand in the process list.
func (s *session) readSecret(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	var b []byte
	var err error
	if path == "-" {
		b, err = io.ReadAll(io.LimitReader(s.in, secretBytesMax))
	} else {
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return "", control.NewProblem(control.ExitUsage, "cli.line.nosecret", "", err)
	}
	secret := strings.TrimRight(string(b), "\r\n")
	if secret == "" || len(secret) > secretBytesMax || strings.ContainsAny(secret, "\r\n") {
		return "", control.NewProblem(control.ExitUsage, "cli.line.badsecret", "", path)
	}
	return secret, nil
}

func (s *session) lineList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.line.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{
				"cli.col.line", "cli.col.profile", "cli.col.numbers", "cli.col.channels", "cli.col.state",
				"cli.col.warning",
			}
			return listed(s, cmd, control.LineList, control.None{}, heads, func(l control.Line) []string {
				var numbers []string
				for _, n := range l.Numbers {
					numbers = append(numbers, n.Number+"→"+strings.Join(n.Ring, ","))
				}
				state := s.name("line.state", l.State)
				if l.Reason != nil {
					state += " (" + l.Reason.Say(s.lang) + ")"
				}
				warning := ""
				if l.Warning != nil {
					warning = l.Warning.Say(s.lang)
				}
				return []string{
					l.ID, l.Profile, dash(strings.Join(numbers, " ")),
					strconv.Itoa(l.InUse) + "/" + strconv.Itoa(l.Channels), state, dash(warning),
				}
			})
		},
	}
}

// checks shows the findings of a test; one that failed is exit code 7.
func (s *session) checks(rows []control.Check) error {
	heads := []text.Key{"cli.col.check", "cli.col.result", "cli.col.detail"}
	err := show(s, rows, heads, func(c control.Check) []string {
		name := s.name("check.name", c.Name)
		if !c.Of.IsZero() {
			name += " " + c.Of.Say(s.lang)
		}
		return []string{name, s.name("cli.result", string(c.Result)), c.Detail.Say(s.lang)}
	})
	if err != nil {
		return fmt.Errorf("checks: %w", err)
	}
	for _, c := range rows {
		if c.Result == control.ResultFailed {
			return exitCode(control.ExitFinding)
		}
	}
	return nil
}
