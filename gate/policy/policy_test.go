package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/cockroachdb/datadriven"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/text"
)

// now is a Tuesday morning in Japan.
var now = time.Date(2026, time.December, 1, 9, 0, 0, 0, japan)

func read(t *testing.T, d *datadriven.TestData, contents string) Document {
	t.Helper()
	var doc Document
	if _, err := toml.Decode(contents, &doc); err != nil {
		d.Fatalf(t, "%v", err)
	}
	return doc
}

// TestScripts runs the scripts of testdata: gate.toml in, what comes of it out.
//
//	check      the faults of a document
//	normal     the document written in the one way; it must read as itself
//	diff       what the document behind "=====" changes of the one before
//	settings   what the gate judges by; lines "hikari" and "isdn" exist
//	limits     the bounds of budgets; grow=NAME how far one may follow the habit
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "check":
				return faults(read(t, d, d.Input).Check())
			case "normal":
				doc := read(t, d, d.Input)
				once := Format(doc.Normal())
				if again := Format(read(t, d, once).Normal()); again != once {
					d.Fatalf(t, "read again it is\n%s\nnot\n%s", again, once)
				}
				return once
			case "diff":
				before, after, ok := strings.Cut(d.Input, "=====")
				if !ok {
					d.Fatalf(t, "no =====")
				}
				b, a := read(t, d, before), read(t, d, after)
				if f := slices.Concat(b.Check(), a.Check()); f != nil {
					d.Fatalf(t, "%s", faults(f))
				}
				return changes(Diff(b.Normal(), a.Normal(), now))
			case "besides":
				before, after, ok := strings.Cut(d.Input, "=====")
				if !ok {
					d.Fatalf(t, "no =====")
				}
				var b strings.Builder
				for _, m := range Besides(read(t, d, before).Normal(), read(t, d, after).Normal()) {
					fmt.Fprintln(&b, m.Say(text.EN))
				}
				return b.String()
			case "settings":
				return settings(read(t, d, d.Input))
			case "limits":
				doc := read(t, d, d.Input)
				if d.HasArg("grow") {
					var name string
					d.ScanArgs(t, "grow", &name)
					return fmt.Sprintf("until noon %s, later %s\n", tariff.Money(doc.GrowTo(name, now)),
						tariff.Money(doc.GrowTo(name, now.Add(3*time.Hour))))
				}
				return limits(doc.Limits())
			}
			d.Fatalf(t, "no command %q", d.Cmd)
			return ""
		})
	})
}

func faults(list []Fault) string {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%s: %s\n", f.Path, f.What.Say(text.EN))
	}
	return b.String()
}

func changes(list []Change) string {
	var b strings.Builder
	for _, c := range list {
		way := ""
		if c.Loosens {
			way += "+"
		}
		if c.Bars {
			way += "-"
		}
		fmt.Fprintf(&b, "%-2s %s\n", way, c.Says.Say(text.EN))
	}
	if Loosens(list) != strings.Contains(b.String(), "+") && !strings.Contains(b.String(), " + ") {
		return "Loosens does not tell what the list does\n" + b.String()
	}
	return b.String()
}

func limits(list []fact.Limit) string {
	var b strings.Builder
	for _, l := range list {
		fmt.Fprintf(&b, "%s: hour %d, incident %d, day %d, month %d, %d at once, %d numbers; "+
			"call %d, %d a minute, %d to connect, %s; grow to %d", l.Budget, l.Hour, l.Incident, l.Day, l.Month,
			l.AtOnce, l.Callees, l.Call, l.PerMinute, l.Connect, l.Length, l.GrowTo)
		if l.Warn > 0 {
			fmt.Fprintf(&b, "; told at %s", l.Warn)
		}
		if !l.Until.IsZero() {
			fmt.Fprintf(&b, "; until %s", l.Until.Format(time.RFC3339Nano))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func settings(doc Document) string {
	s := doc.Settings(map[string]gate.LineRule{
		"hikari": {Classes: gate.FactoryClasses, Carriers: []string{"0033"}},
		"isdn":   {Classes: outside | gate.Classes(number.Premium, number.Emergency)},
	})
	var b strings.Builder
	fmt.Fprintf(&b, "degraded %v; classes %s; countries %q\n", s.DomesticWhenDegraded, names(s.Classes), s.Countries)
	for _, id := range slices.Sorted(maps.Keys(s.Extensions)) {
		e := s.Extensions[id]
		fmt.Fprintf(&b, "extension %s: inside %v, classes %s\n", id, e.InternalOnly, names(e.Classes))
	}
	for _, id := range slices.Sorted(maps.Keys(s.Lines)) {
		fmt.Fprintf(&b, "line %s: %s %q\n", id, names(s.Lines[id].Classes), s.Lines[id].Carriers)
	}
	for _, h := range s.Hours {
		fmt.Fprintf(&b, "hours %s: %d to %d %s, days %v, holidays %v, spans %v, classes %s, extensions %q, ask %v\n",
			h.Name, h.From, h.To, h.Zone, h.Days, h.Holidays, h.Spans, names(h.Classes), h.Extensions, h.Ask)
	}
	return b.String()
}
