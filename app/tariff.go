package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/policy"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/unit/plan"
)

// loadTariffs reads what was imported, and puts it in force. Rates that are not
// those that were imported count as none: calls are dear then, not cheap.
func (a *App) loadTariffs(ctx context.Context) error {
	var err error
	if a.state.tariffs, err = a.store.Tariffs(ctx); err != nil {
		return fmt.Errorf("tariffs: %w", err)
	}
	a.bind()
	return nil
}

// bind makes the book of tariffs anew and puts it in force. The caller holds
// a.mu, or is alone.
func (a *App) bind() {
	others, lines := tariff.Demo(), map[string]*tariff.Table{}
	for _, t := range a.state.tariffs {
		table, _, err := tariff.Read(t.Rates)
		if err != nil {
			a.log.Error("a tariff can't be read: until it is imported again calls count as dear",
				"line", t.Line, "err", err)
		}
		if t.Line == "" {
			others = table
		} else {
			lines[t.Line] = table
		}
	}
	a.tariffs.Store(tariff.NewBook(others, lines))
}

// own finds the tariff that was imported for a line, "" for all others.
func (a *App) own(line string) (fact.Tariff, bool) {
	for _, t := range a.state.tariffs {
		if t.Line == line {
			return t, true
		}
	}
	return fact.Tariff{}, false
}

// knownLine refuses a line that the unit does not have.
func (a *App) knownLine(line string) error {
	if line == "" {
		return nil
	}
	if _, err := a.lines.Endpoint(line, 0); err != nil {
		return control.NewProblem(control.ExitNotFound, "cli.line.none", "cli.line.none.do", line)
	}
	return nil
}

func (a *App) tariffCheck(_ context.Context, _ control.Caller, r control.TariffFile) (control.TariffPreview, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.knownLine(r.Line); err != nil {
		return control.TariffPreview{}, err
	}
	out := control.TariffPreview{Line: r.Line, Changes: []control.TariffChange{}}
	table, encoding, err := tariff.Read(r.Data)
	out.Encoding = string(encoding)
	if faults, ok := errors.AsType[tariff.Faults](err); ok {
		for _, f := range faults {
			fault := control.TariffFault{Line: f.Line, Column: f.Column, Cell: f.Cell, Why: control.Explain(f.Err)}
			out.Faults = append(out.Faults, fault)
		}
		return out, nil
	}
	out.Rows, out.Mark = len(table.Rates()), fact.Bulk(table.CSV()).Mark()
	if own, ok := a.own(r.Line); ok {
		out.Before = own.Rates.Mark()
	}
	before := a.tariffs.Load().For(r.Line)
	if out.Demo = before == tariff.Demo(); out.Demo {
		before = nil // that inventions go is no news
	}
	for _, c := range tariff.Changes(before, table) {
		switch {
		case c.Before == nil:
			out.Added++
		case c.After == nil:
			out.Removed++
		case c.Price():
			out.Priced++
		default:
			out.Renamed++
		}
		if len(out.Changes) < changesShownMax {
			shown := control.TariffChange{Before: showRate(c.Before), After: showRate(c.After)}
			out.Changes = append(out.Changes, shown)
		}
	}
	if !out.Demo {
		out.Cheaper = tariff.Cheaper(before, table, now())
	}
	classes, codes := table.Missing(now())
	out.Missing.Codes = codes
	for _, c := range classes {
		out.Missing.Classes = append(out.Missing.Classes, c.String())
	}
	return out, nil
}

func (a *App) tariffImport(ctx context.Context, by control.Caller, r control.TariffFile) (control.Tariff, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.knownLine(r.Line); err != nil {
		return control.Tariff{}, err
	}
	if what, bad := policy.CheckReason(r.Reason); bad {
		return control.Tariff{}, control.NewProblem(control.ExitUsage, "cli.policy.reason", "", what)
	}
	table, _, err := tariff.Read(r.Data)
	if err != nil {
		wrong := control.NewProblem(control.ExitUsage, "cli.tariff.wrong", "cli.tariff.wrong.do", r.Name)
		return control.Tariff{}, wrong
	}
	before, _ := a.own(r.Line)
	if before.Rates.Mark() != r.Before {
		meanwhile := control.NewProblem(control.ExitConflict, "cli.tariff.meanwhile", "cli.tariff.meanwhile.do")
		return control.Tariff{}, meanwhile
	}
	sum := sha256.Sum256(r.Data)
	t := fact.Tariff{
		Line: r.Line, File: r.Name, SHA256: hex.EncodeToString(sum[:]), Rows: len(table.Rates()), Rates: table.CSV(),
		Created: now(), CreatedBy: by.Actor(),
	}
	imported := fact.TariffImported{Tariff: t, Before: r.Before, Reason: r.Reason}
	if was := a.tariffs.Load().For(r.Line); was != tariff.Demo() {
		imported.Cheaper = tariff.Cheaper(was, table, now())
	}
	if err := a.commit(ctx, fact.Write{Facts: []fact.Fact{imported}}); err != nil {
		return control.Tariff{}, err
	}
	a.forget(r.Line)
	a.state.tariffs = append(a.state.tariffs, t)
	a.bind()
	return a.showTariff(r.Line), nil
}

// without is what calls on a line are billed by when it has no tariff of its
// own any more.
func (a *App) without(line string) *tariff.Table {
	if line == "" {
		return tariff.Demo()
	}
	return a.tariffs.Load().For("")
}

// forget takes a line's tariff out of the state; false says that it had none.
func (a *App) forget(line string) bool {
	before := len(a.state.tariffs)
	mine := func(t fact.Tariff) bool { return t.Line == line }
	a.state.tariffs = slices.DeleteFunc(slices.Clone(a.state.tariffs), mine)
	return len(a.state.tariffs) < before
}

func (a *App) tariffRemove(ctx context.Context, by control.Caller, r control.TariffRequest) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	own, ok := a.own(r.Line)
	if !ok {
		return control.None{}, control.NewProblem(control.ExitNotFound, "cli.tariff.none", "")
	}
	if what, bad := policy.CheckReason(r.Reason); bad {
		return control.None{}, control.NewProblem(control.ExitUsage, "cli.policy.reason", "", what)
	}
	gone := fact.TariffRemoved{
		Line: r.Line, Before: own.Rates.Mark(), By: by.Actor(), At: now(), Reason: r.Reason,
		Cheaper: tariff.Cheaper(a.tariffs.Load().For(r.Line), a.without(r.Line), now()),
	}
	if err := a.commit(ctx, fact.Write{Facts: []fact.Fact{gone}}); err != nil {
		return control.None{}, err
	}
	a.forget(r.Line)
	a.bind()
	return control.None{}, nil
}

// showTariff says by what calls on a line are billed.
func (a *App) showTariff(line string) control.Tariff {
	t, ok := a.own(line)
	if !ok {
		t, ok = a.own("")
	}
	if !ok {
		return control.Tariff{Demo: true, Rows: len(tariff.Demo().Rates())}
	}
	return control.Tariff{
		Line: t.Line, Broken: a.tariffs.Load().For(t.Line) == nil, File: t.File, SHA256: t.SHA256, Mark: t.Rates.Mark(),
		Rows: t.Rows, Created: t.Created, CreatedBy: t.CreatedBy,
	}
}

func (a *App) tariffShow(
	_ context.Context, _ control.Caller, r control.TariffShowRequest,
) (control.TariffRates, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.knownLine(r.Line); err != nil {
		return control.TariffRates{}, err
	}
	out := control.TariffRates{Tariff: a.showTariff(r.Line), Rates: []control.TariffRate{}}
	for _, rate := range a.tariffs.Load().For(r.Line).Begin(r.Prefix) {
		out.Rates = append(out.Rates, *showRate(&rate))
	}
	return out, nil
}

func (a *App) tariffPrice(
	_ context.Context, _ control.Caller, r control.TariffPriceRequest,
) (control.TariffPriced, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.knownLine(r.Line); err != nil {
		return control.TariffPriced{}, err
	}
	if r.Minutes < 1 || r.Minutes > minutesPricedMax {
		return control.TariffPriced{}, control.NewProblem(control.ExitUsage, "cli.tariff.minutes", "", r.Minutes)
	}
	p, err := plan.New(a.planSettings())
	if err != nil {
		return control.TariffPriced{}, fmt.Errorf("numbering plan: %w", err)
	}
	d := p.Dialed(r.Number).Destination
	if r.Line != "" {
		ctx := p.Context(r.Line)
		d = number.Parse(r.Number, &ctx)
	} else if lines := p.Dialed(r.Number).Lines; len(lines) > 0 {
		r.Line = lines[0]
	}
	out := control.TariffPriced{
		Dialed: r.Number, Class: d.Class.String(), Digits: d.Digits, Area: d.Area, Why: d.Why, Line: r.Line,
		Tariff: a.showTariff(r.Line), Minutes: r.Minutes,
	}
	if d.Class.Abroad() {
		out.Range = d.Range.String()
	}
	if d.Class == number.NotUnderstood {
		return out, nil
	}
	rate, known := a.tariffs.Load().For(r.Line).Rate(d, now())
	out.Rate, out.Known = showRate(&rate), known
	out.PerMinute = rate.PerMinute().Decimal()
	out.Cost = rate.Cost(time.Duration(r.Minutes) * time.Minute).Decimal()
	return out, nil
}

func showRate(r *tariff.Rate) *control.TariffRate {
	if r == nil {
		return nil
	}
	return &control.TariffRate{
		Prefix: r.Prefix, NameJA: r.NameJA, NameEN: r.NameEN, Yen: r.PerUnit.Decimal(),
		Unit: tariff.Seconds(r.Unit), Connect: r.Connect.Decimal(), Minimum: r.Minimum.Decimal(),
		From: r.From, Source: r.Source,
	}
}
