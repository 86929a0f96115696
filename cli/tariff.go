package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/text"
)

func (s *session) tariff() *cobra.Command {
	return s.parent("tariff", "cli.tariff", s.tariffImport(), s.tariffShow(), s.tariffPrice(), s.tariffRemove())
}

// lineFlag adds the flag that names a line.
func (s *session) lineFlag(c *cobra.Command, line *string, about text.Key) *cobra.Command {
	c.Flags().StringVar(line, "line", "", s.say(about))
	return c
}

func (s *session) tariffImport() *cobra.Command {
	var r control.TariffFile
	var yes bool
	c := &cobra.Command{
		Use: "import " + s.say("cli.arg.file"), Short: s.say("cli.tariff.import"), Args: s.exactly(1),
		Long: s.say("cli.tariff.import.long"),
		Example: "  sekisho tariff import prices.csv\n  sekisho tariff import kddi.csv --line trunk1 --yes --reason " +
			s.say("cli.example.prices"),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := readTariff(args[0])
			if err != nil {
				return err
			}
			r.Name, r.Data = filepath.Base(args[0]), data
			p, err := control.Call(cmd.Context(), s.client(), control.TariffCheck, r)
			if err != nil {
				return err
			}
			r.Before = p.Before
			switch {
			case s.output == "json" && (!yes || len(p.Faults) > 0):
				err = writeJSON(s.out, p)
			case s.output != "json":
				err = s.previewTariff(p, r.Name)
			}
			if err != nil {
				return err
			}
			if len(p.Faults) > 0 {
				return control.NewProblem(control.ExitUsage, "cli.tariff.wrong", "cli.tariff.wrong.do", r.Name)
			}
			switch {
			case !yes && s.output == "json":
				return nil
			case !cmd.Flags().Changed("reason"):
				return s.needed(cmd, "reason")
			case !yes && !s.agreed("cli.tariff.ask"):
				return control.NewProblem(control.ExitFailed, "cli.tariff.declined", "cli.tariff.declined.do")
			}
			return s.importTariff(cmd, r)
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, s.say("cli.tariff.flag.yes"))
	c.Flags().StringVar(&r.Reason, "reason", "", s.say("cli.gate.flag.reason"))
	return s.lineFlag(c, &r.Line, "cli.tariff.flag.line")
}

func (s *session) importTariff(cmd *cobra.Command, r control.TariffFile) error {
	return asked(s, cmd, control.TariffImport, r, func(t control.Tariff) error {
		s.printf("cli.tariff.imported", t.File, t.Rows, s.whose(t.Line))
		return nil
	})
}

// readTariff reads a file that the unit can take.
func readTariff(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, control.NewProblem(control.ExitUsage, "cli.tariff.nofile", "", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, tariff.FileMax+1))
	if err == nil && len(data) > tariff.FileMax {
		err = tariff.ErrFileSize
	}
	if err != nil {
		return nil, control.NewProblem(control.ExitUsage, "cli.tariff.nofile", "", err)
	}
	return data, nil
}

// whose says for which lines a tariff is.
func (s *session) whose(line string) string {
	if line == "" {
		return s.say("cli.tariff.all")
	}
	return s.say("cli.tariff.own", line)
}

// previewTariff shows what an import would do, or why there can't be one.
func (s *session) previewTariff(p control.TariffPreview, file string) error {
	if len(p.Faults) > 0 {
		heads := []text.Key{"cli.col.row", "cli.col.column", "cli.col.cell", "cli.col.why"}
		return show(s, p.Faults, heads, func(f control.TariffFault) []string {
			row := "-"
			if f.Line > 0 {
				row = strconv.Itoa(f.Line)
			}
			return []string{row, dash(f.Column), dash(f.Cell), f.Why.Say(s.lang)}
		})
	}
	s.printf("cli.tariff.read", file, p.Encoding, p.Rows, s.whose(p.Line))
	if p.Demo {
		s.printf("cli.tariff.nodemo")
	}
	s.printf("cli.tariff.changes", p.Added, p.Removed, p.Priced, p.Renamed)
	if len(p.Changes) > 0 {
		heads := []text.Key{"cli.col.prefix", "cli.col.rate", "cli.col.in-force", "cli.col.before", "cli.col.after"}
		err := show(s, p.Changes, heads, func(c control.TariffChange) []string {
			r := c.After
			if r == nil {
				r = c.Before
			}
			return []string{r.Prefix, s.rateName(r), s.since(r), s.price(c.Before), s.price(c.After)}
		})
		if err != nil {
			return err
		}
	}
	if rest := p.Added + p.Removed + p.Priced + p.Renamed - len(p.Changes); rest > 0 {
		s.printf("cli.tariff.more", rest)
	}
	if p.Cheaper > 0 {
		s.printf("cli.tariff.cheaper", p.Cheaper)
	}
	s.missing(p.Missing)
	return nil
}

// missing says what would be without a price.
func (s *session) missing(m control.TariffMissing) {
	if len(m.Classes) > 0 {
		names := make([]string, len(m.Classes))
		for i, c := range m.Classes {
			names[i] = s.name("number.class", c)
		}
		s.printf("cli.tariff.missing.classes", strings.Join(names, s.say("cli.list")))
	}
	if n := len(m.Codes); n > 0 {
		s.printf("cli.tariff.missing.codes", n, strings.Join(m.Codes[:min(n, codesShown)], " "))
	}
}

// codesShown is how many country codes without a price are named.
const codesShown = 12

// rateName is the rate's name in the reader's language, or in the other.
func (s *session) rateName(r *control.TariffRate) string {
	ja, en := r.NameJA, r.NameEN
	if s.lang == text.JA && ja != "" || en == "" {
		return dash(ja)
	}
	return en
}

// since is the day from which on a rate is in force.
func (s *session) since(r *control.TariffRate) string {
	if r.From.IsZero() {
		return "-"
	}
	at := r.From.In(tokyo)
	if at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 {
		return at.Format("2006-01-02")
	}
	return at.Format("2006-01-02 15:04")
}

// price says what a rate charges, as one cell.
func (s *session) price(r *control.TariffRate) string {
	if r == nil {
		return "-"
	}
	out := s.say("cli.tariff.price.unit", yen(r.Yen), r.Unit)
	if r.Connect != "0" {
		out += s.say("cli.tariff.price.connect", yen(r.Connect))
	}
	if r.Minimum != "0" {
		out += s.say("cli.tariff.price.minimum", yen(r.Minimum))
	}
	return out
}

// yen writes a decimal of the control socket for people.
func yen(decimal string) string {
	m, err := tariff.ParseMoney(decimal)
	if err != nil {
		return decimal
	}
	return m.String()
}

// inForce says which tariff counts.
func (s *session) inForce(t control.Tariff) {
	switch {
	case t.Broken:
		s.printf("cli.tariff.broken", t.File)
	case t.Demo:
		s.printf("cli.tariff.demo")
	default:
		s.printf("cli.tariff.inforce", t.File, t.Rows, s.whose(t.Line), when(t.Created), t.CreatedBy)
	}
}

func (s *session) tariffShow() *cobra.Command {
	var r control.TariffShowRequest
	c := &cobra.Command{
		Use: "show " + s.say("cli.arg.prefix"), Short: s.say("cli.tariff.show"), Args: s.between(0, 1),
		Example: "  sekisho tariff show 232\n  sekisho tariff show mobile --line trunk1",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				r.Prefix = args[0]
			}
			return asked(s, cmd, control.TariffShow, r, s.rates)
		},
	}
	return s.lineFlag(c, &r.Line, "cli.tariff.flag.show")
}

func (s *session) rates(t control.TariffRates) error {
	s.inForce(t.Tariff)
	heads := []text.Key{"cli.col.prefix", "cli.col.rate", "cli.col.price", "cli.col.in-force"}
	return show(s, t.Rates, heads, func(r control.TariffRate) []string {
		return []string{r.Prefix, s.rateName(&r), s.price(&r), s.since(&r)}
	})
}

func (s *session) tariffPrice() *cobra.Command {
	var r control.TariffPriceRequest
	c := &cobra.Command{
		Use: "price " + s.say("cli.arg.number"), Short: s.say("cli.tariff.price"), Args: s.exactly(1),
		Example: "  sekisho tariff price 01023276123456 --minutes 30",
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Number = args[0]
			return asked(s, cmd, control.TariffPrice, r, s.priced)
		},
	}
	c.Flags().IntVar(&r.Minutes, "minutes", 1, s.say("cli.tariff.flag.minutes"))
	return s.lineFlag(c, &r.Line, "cli.tariff.flag.carried")
}

// priced shows how a number is understood, and what it costs.
func (s *session) priced(p control.TariffPriced) error {
	understood := dash(p.Digits)
	if p.Why != "" {
		understood = s.say("cli.trace.notunderstood", s.why(p.Why))
	}
	rows := [][]string{
		{s.say("cli.trace.dialed"), fmt.Sprintf("%q", p.Dialed)},
		{s.say("cli.trace.parsed"), understood},
		{s.say("cli.trace.class"), s.class(control.GateTrace{Class: p.Class, Area: p.Area, Range: p.Range})},
	}
	if p.Line != "" {
		rows = append(rows, []string{s.say("cli.trace.line"), p.Line})
	}
	if p.Rate == nil {
		return writeTable(s.out, rows)
	}
	rate := s.say("cli.tariff.free")
	if p.Rate.Prefix != "" {
		rate = p.Rate.Prefix + " " + s.rateName(p.Rate)
	}
	if !p.Known {
		rate = s.say("cli.tariff.unknown")
	}
	rows = append(rows,
		[]string{s.say("cli.tariff.rate"), rate},
		[]string{s.say("cli.col.price"), s.price(p.Rate)},
		[]string{s.say("cli.tariff.perminute"), yen(p.PerMinute)},
		[]string{s.say("cli.tariff.cost", p.Minutes), yen(p.Cost)},
	)
	if err := writeTable(s.out, rows); err != nil {
		return err
	}
	s.inForce(p.Tariff)
	return nil
}

func (s *session) tariffRemove() *cobra.Command {
	var r control.TariffRequest
	c := &cobra.Command{
		Use: "remove", Short: s.say("cli.tariff.remove"), Args: s.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.needed(cmd, "reason"); err != nil {
				return err
			}
			return done(s, cmd, control.TariffRemove, r, "cli.tariff.removed", s.whose(r.Line))
		},
	}
	c.Flags().StringVar(&r.Reason, "reason", "", s.say("cli.gate.flag.reason"))
	return s.lineFlag(c, &r.Line, "cli.tariff.flag.line")
}
