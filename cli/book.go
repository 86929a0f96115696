package cli

import (
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/number/book"
	"github.com/sekisho/sekisho/text"
)

func (s *session) book() *cobra.Command {
	return s.parent("book", "cli.book", s.bookAdd(), s.bookRemove(), s.bookList(), s.bookSearch(), s.bookImport(),
		s.bookExport())
}

// bookFlag adds the flag that names an extension's own book.
func (s *session) bookFlag(c *cobra.Command, extension *string) *cobra.Command {
	c.Flags().StringVar(extension, "extension", "", s.say("cli.book.flag.extension"))
	return c
}

func (s *session) bookAdd() *cobra.Command {
	var r control.BookChangeRequest
	var kana string
	c := &cobra.Command{
		Use: "add " + s.say("cli.arg.name") + " " + s.say("cli.arg.number"), Short: s.say("cli.book.add"),
		Args:    s.exactly(2),
		Example: "  sekisho book add " + s.say("cli.example.customer") + " 03-1234-5678",
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Add = []control.BookEntry{{Name: args[0], Kana: kana, Number: args[1]}}
			return s.changeBook(cmd, r)
		},
	}
	c.Flags().StringVar(&kana, "kana", "", s.say("cli.book.flag.kana"))
	return s.bookFlag(c, &r.Extension)
}

func (s *session) bookRemove() *cobra.Command {
	var r control.BookChangeRequest
	c := &cobra.Command{
		Use: "remove " + s.say("cli.arg.number"), Short: s.say("cli.book.remove"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Remove = args
			return s.changeBook(cmd, r)
		},
	}
	return s.bookFlag(c, &r.Extension)
}

func (s *session) changeBook(cmd *cobra.Command, r control.BookChangeRequest) error {
	done, err := control.Call(cmd.Context(), s.client(), control.BookChange, r)
	if err != nil {
		return err
	}
	if s.output == "json" {
		return writeJSON(s.out, done)
	}
	s.printf("cli.book.changed", done.Added, done.Removed, done.Entries)
	return nil
}

func (s *session) bookList() *cobra.Command {
	var r control.BookFindRequest
	c := &cobra.Command{
		Use: "list", Short: s.say("cli.book.list"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return s.findBook(cmd, r) },
	}
	return s.bookFlag(c, &r.Extension)
}

func (s *session) bookSearch() *cobra.Command {
	var r control.BookFindRequest
	c := &cobra.Command{
		Use: "search " + s.say("cli.arg.part"), Short: s.say("cli.book.search"), Args: s.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Part = args[0]
			return s.findBook(cmd, r)
		},
	}
	return s.bookFlag(c, &r.Extension)
}

func (s *session) findBook(cmd *cobra.Command, r control.BookFindRequest) error {
	rows, err := control.Call(cmd.Context(), s.client(), control.BookFind, r)
	if err != nil {
		return err
	}
	heads := []text.Key{"cli.col.name", "cli.col.kana", "cli.col.number"}
	return show(s, rows, heads, func(e control.BookEntry) []string { return []string{e.Name, dash(e.Kana), e.Number} })
}

func (s *session) bookImport() *cobra.Command {
	var r control.BookChangeRequest
	c := &cobra.Command{
		Use: "import " + s.say("cli.arg.file"), Short: s.say("cli.book.import"), Long: s.say("cli.book.import.long"),
		Args:    s.exactly(1),
		Example: "  sekisho book import customers.csv\n  sekisho book import my.vcf --extension 201",
		RunE: func(cmd *cobra.Command, args []string) error {
			entries, faults, err := readList(args[0], book.Read)
			if err != nil {
				return err
			}
			s.tellFaults(faults)
			for _, e := range entries {
				r.Add = append(r.Add, control.BookEntry{Name: e.Name, Kana: e.Kana, Number: e.Number})
			}
			return s.changeBook(cmd, r)
		},
	}
	return s.bookFlag(c, &r.Extension)
}

// readList reads a file of entries or numbers.
func readList[T any](path string, read func([]byte) ([]T, []book.Fault, error)) ([]T, []book.Fault, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, control.NewProblem(control.ExitUsage, "cli.book.nofile", "", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, book.FileMax+1))
	if err != nil {
		return nil, nil, control.NewProblem(control.ExitUsage, "cli.book.nofile", "", err)
	}
	list, faults, err := read(data)
	switch {
	case errors.Is(err, book.ErrFileSize):
		err = control.NewProblem(control.ExitUsage, "cli.book.large", "", book.FileMax>>20)
	case errors.Is(err, book.ErrEncoding):
		err = control.NewProblem(control.ExitUsage, "cli.book.encoding", "cli.book.encoding.do")
	case errors.Is(err, book.ErrColumns):
		err = control.NewProblem(control.ExitUsage, "cli.book.columns", "cli.book.columns.do")
	case err != nil || len(list) == 0:
		err = control.NewProblem(control.ExitUsage, "cli.book.nothing", "cli.book.columns.do")
	}
	return list, faults, err
}

// tellFaults says what of a file is not taken.
func (s *session) tellFaults(faults []book.Fault) {
	for _, f := range faults {
		why := text.Key("cli.book.badname")
		if errors.Is(f.Err, book.ErrNumber) {
			why = "cli.book.badnumber"
		}
		_, _ = io.WriteString(s.err, s.say("cli.book.left", f.Line, s.say(why))+"\n")
	}
}

func (s *session) bookExport() *cobra.Command {
	var r control.BookFindRequest
	var format string
	c := &cobra.Command{
		Use: "export", Short: s.say("cli.book.export"), Args: s.exactly(0),
		Example: "  sekisho book export --format vcard > common.vcf",
		RunE: func(cmd *cobra.Command, _ []string) error {
			write := book.WriteCSV
			switch format {
			case "csv":
			case "vcard":
				write = book.WriteVCard
			default:
				return control.NewProblem(control.ExitUsage, "cli.book.format", "", format)
			}
			rows, err := control.Call(cmd.Context(), s.client(), control.BookFind, r)
			if err != nil {
				return err
			}
			entries := make([]book.Entry, 0, len(rows))
			for _, e := range rows {
				entries = append(entries, book.Entry{Name: e.Name, Kana: e.Kana, Number: e.Number})
			}
			return write(s.out, entries)
		},
	}
	c.Flags().StringVar(&format, "format", "csv", s.say("cli.book.flag.format"))
	return s.bookFlag(c, &r.Extension)
}
