package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/number/book"
	"github.com/sekisho/sekisho/text"
)

func (s *session) block() *cobra.Command {
	type change = control.ScreenChangeRequest
	return s.parent("block", "cli.block",
		s.blockNumbers("add", "cli.block.add", func(r *change, n []string) { r.Block = n }),
		s.blockNumbers("remove", "cli.block.remove", func(r *change, n []string) { r.Unblock = n }),
		s.blockNumbers("allow", "cli.block.allow", func(r *change, n []string) { r.Allow = n }),
		s.blockNumbers("unallow", "cli.block.unallow", func(r *change, n []string) { r.Unallow = n }),
		s.blockSwitch("anonymous", "cli.block.anonymous", func(r *change, on bool) { r.Anonymous = &on }),
		s.blockSwitch("only", "cli.block.only", func(r *change, on bool) { r.Only = &on }),
		s.blockImport(), s.blockLast(), s.blockList())
}

// blockFlag adds the flag that names a number of the office.
func (s *session) blockFlag(c *cobra.Command, number *string) *cobra.Command {
	c.Flags().StringVar(number, "at", "", s.say("cli.block.flag.at"))
	return c
}

func (s *session) blockNumbers(
	verb string, short text.Key, with func(*control.ScreenChangeRequest, []string),
) *cobra.Command {
	var r control.ScreenChangeRequest
	c := &cobra.Command{
		Use: verb + " " + s.say("cli.arg.number"), Short: s.say(short), Args: s.between(1, book.NumbersMax),
		Example: "  sekisho block " + verb + " 090-1234-5678",
		RunE: func(cmd *cobra.Command, args []string) error {
			with(&r, args)
			return s.changeScreen(cmd, r)
		},
	}
	return s.blockFlag(c, &r.Number)
}

func (s *session) blockSwitch(
	verb string, short text.Key, with func(*control.ScreenChangeRequest, bool),
) *cobra.Command {
	var r control.ScreenChangeRequest
	c := &cobra.Command{
		Use: verb + " on|off", Short: s.say(short), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "on" && args[0] != "off" {
				return s.wrongArguments(cmd)
			}
			with(&r, args[0] == "on")
			return s.changeScreen(cmd, r)
		},
	}
	return s.blockFlag(c, &r.Number)
}

func (s *session) changeScreen(cmd *cobra.Command, r control.ScreenChangeRequest) error {
	if _, err := control.Call(cmd.Context(), s.client(), control.ScreenChange, r); err != nil {
		return err
	}
	s.printf("cli.block.changed")
	return nil
}

func (s *session) blockImport() *cobra.Command {
	var r control.ScreenChangeRequest
	c := &cobra.Command{
		Use: "import " + s.say("cli.arg.file"), Short: s.say("cli.block.import"), Args: s.exactly(1),
		Example: "  sekisho block import unwanted.txt",
		RunE: func(cmd *cobra.Command, args []string) error {
			numbers, faults, err := readList(args[0], book.ReadNumbers)
			if err != nil {
				return err
			}
			s.tellFaults(faults)
			r.Block = numbers
			return s.changeScreen(cmd, r)
		},
	}
	return s.blockFlag(c, &r.Number)
}

func (s *session) blockLast() *cobra.Command {
	var r control.ScreenLastRequest
	c := &cobra.Command{
		Use: "last", Short: s.say("cli.block.last"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := control.Call(cmd.Context(), s.client(), control.ScreenLast, r)
			if err != nil {
				return err
			}
			if s.output == "json" {
				return writeJSON(s.out, b)
			}
			s.printf("cli.block.lastdone", b.Caller)
			return nil
		},
	}
	c.Flags().StringVar(&r.Extension, "extension", "", s.say("cli.block.flag.extension"))
	return c
}

// blockRow is one line of what block list shows.
type blockRow struct{ at, what, caller string }

func (s *session) blockList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: s.say("cli.block.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			screens, err := control.Call(cmd.Context(), s.client(), control.ScreenList, control.None{})
			if err != nil {
				return err
			}
			if s.output == "json" {
				return writeJSON(s.out, screens)
			}
			var rows []blockRow
			for _, sc := range screens {
				at := sc.Number
				if at == "" {
					at = s.say("cli.block.everywhere")
				}
				if sc.Anonymous {
					rows = append(rows, blockRow{at, s.say("cli.block.row.anonymous"), "-"})
				}
				if sc.Only {
					rows = append(rows, blockRow{at, s.say("cli.block.row.only"), strconv.Itoa(len(sc.Allowed))})
				}
				for _, n := range sc.Blocked {
					rows = append(rows, blockRow{at, s.say("cli.block.row.blocked"), n})
				}
				for _, n := range sc.Allowed {
					rows = append(rows, blockRow{at, s.say("cli.block.row.allowed"), n})
				}
			}
			heads := []text.Key{"cli.col.called", "cli.col.rule", "cli.col.caller"}
			return show(s, rows, heads, func(r blockRow) []string { return []string{r.at, r.what, r.caller} })
		},
	}
}
