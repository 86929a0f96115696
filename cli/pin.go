package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

func (s *session) pin() *cobra.Command {
	set := &cobra.Command{
		Use: "set " + s.say("cli.arg.ext"), Short: s.say("cli.pin.set"), Long: s.say("cli.pin.set.long"),
		Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			digits, err := s.readPIN(args[0])
			if err != nil {
				return err
			}
			r := control.PINSetRequest{Extension: args[0], Digits: digits}
			return done(s, cmd, control.PINSet, r, "cli.pin.isset", args[0])
		},
	}
	generate := &cobra.Command{
		Use: "generate " + s.say("cli.arg.ext"), Short: s.say("cli.pin.generate"), Args: s.exactly(1),
		Example: "  sekisho pin generate 201",
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.PINRequest{Extension: args[0]}
			return asked(s, cmd, control.PINGenerate, r, func(p control.PINGenerated) error {
				s.printf("cli.pin.generated", p.Extension, p.Digits)
				s.printf("cli.pin.once")
				return nil
			})
		},
	}
	remove := &cobra.Command{
		Use: "remove " + s.say("cli.arg.ext"), Short: s.say("cli.pin.remove"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := control.PINRequest{Extension: args[0]}
			return done(s, cmd, control.PINRemove, r, "cli.pin.removed", args[0])
		},
	}
	return s.parent("pin", "cli.pin", set, generate, remove, s.pinUnlock(), s.pinList())
}

func (s *session) pinUnlock() *cobra.Command {
	var r control.PINUnlockRequest
	c := &cobra.Command{
		Use: "unlock " + s.say("cli.arg.ext"), Short: s.say("cli.pin.unlock"), Args: s.exactly(1),
		Example: "  sekisho pin unlock 201 --reason " + s.say("cli.example.reason"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.needed(cmd, "reason"); err != nil {
				return err
			}
			r.Extension = args[0]
			return done(s, cmd, control.PINUnlock, r, "cli.pin.unlocked", args[0])
		},
	}
	c.Flags().StringVar(&r.Reason, "reason", "", s.say("cli.gate.flag.reason"))
	return c
}

func (s *session) pinList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.pin.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			heads := []text.Key{"cli.col.ext", "cli.col.state", "cli.col.wrong", "cli.col.set", "cli.col.by"}
			return listed(s, cmd, control.PINList, control.None{}, heads, func(p control.PIN) []string {
				set := "-"
				if !p.Set.IsZero() {
					set = when(p.Set)
				}
				state := s.name("cli.pin.state", p.State)
				return []string{p.Extension, state, strconv.Itoa(p.Wrong), set, dash(p.SetBy)}
			})
		},
	}
}

// pinCount says who has a PIN.
func (s *session) pinCount(n control.PINCount) string {
	if n.Set == n.Extensions && n.Locked == 0 {
		return s.say("cli.status.pins.all", n.Extensions)
	}
	return s.say("cli.status.pins.some", n.Extensions, n.Set, n.Locked)
}

// pinBytesMax bounds a line that is read as a PIN.
const pinBytesMax = 64

// readPIN reads a PIN: from a terminal twice and unseen, else one line.
func (s *session) readPIN(extension string) ([]byte, error) {
	f, ok := s.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(s.in, pinBytesMax)).ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) == 0 || err != nil && !errors.Is(err, io.EOF) {
			return nil, control.NewProblem(control.ExitUsage, "cli.pin.unread", "")
		}
		return line, nil
	}
	first, err := s.unseen(f, s.say("cli.pin.type", extension))
	if err != nil {
		return nil, err
	}
	second, err := s.unseen(f, s.say("cli.pin.again"))
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(first, second) {
		return nil, control.NewProblem(control.ExitUsage, "cli.pin.differ", "")
	}
	return first, nil
}

// unseen reads a line that the terminal does not show.
func (s *session) unseen(f *os.File, prompt string) ([]byte, error) {
	fmt.Fprint(s.err, prompt)
	line, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(s.err)
	if err != nil {
		return nil, control.NewProblem(control.ExitUsage, "cli.pin.unread", "")
	}
	return bytes.TrimSpace(line), nil
}
