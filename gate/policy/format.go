package policy

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/sekisho/sekisho/fact"
)

// Format writes a document as gate.toml: reading it gives the same document,
// for one that is Normal.
func Format(d Document) string {
	var w writer
	w.table("[gate]")
	w.flag("domestic_when_degraded", d.Gate.DomesticWhenDegraded)
	w.list("classes", d.Gate.Classes)
	w.list("countries", d.Gate.Countries)
	for _, e := range d.Extensions {
		w.table("[[extension]]")
		w.text("extension", e.Extension)
		if e.InternalOnly {
			w.flag("internal_only", true)
		}
		w.list("classes", e.Classes)
	}
	for _, l := range d.Lines {
		w.table("[[line]]")
		w.text("line", l.Line)
		w.list("classes", l.Classes)
	}
	for _, s := range d.Calendar {
		w.table("[[calendar]]")
		w.text("name", s.Name)
		w.text("from", s.From)
		w.text("to", s.To)
	}
	for _, h := range d.Hours {
		w.table("[[hours]]")
		w.text("name", h.Name)
		w.text("from", h.From)
		w.text("to", h.To)
		w.list("days", h.Days)
		w.list("classes", h.Classes)
		w.list("extensions", h.Extensions)
		if h.PIN {
			w.flag("pin", true)
		}
	}
	for i := range d.Budgets {
		w.budget(&d.Budgets[i])
	}
	for _, o := range d.Openings {
		w.table("[[opening]]")
		w.text("extension", o.Extension)
		w.text("area", o.Area)
		w.text("until", o.Until)
		w.text("reason", o.Reason)
	}
	for _, t := range d.Tests {
		w.table("[[test]]")
		w.text("name", t.Name)
		w.text("from", t.From)
		w.text("dial", t.Dial)
		w.text("at", t.At)
		w.text("line", t.Line)
		w.text("expect", t.Expect)
		w.text("rule", t.Rule)
	}
	return w.String()
}

// FormatBudgets writes entries of budgets alone, as Format does.
func FormatBudgets(list []Budget) string {
	var w writer
	for i := range list {
		w.budget(&list[i])
	}
	return w.String()
}

func (w *writer) budget(b *Budget) {
	w.table("[[budget]]")
	w.text("budget", b.Budget)
	var l fact.Limit
	list, _ := bounds(b, &l)
	for _, f := range list {
		switch _, err := f.read(); {
		case *f.in == "":
		case err != nil:
			w.text(f.name, string(*f.in))
		default:
			w.WriteString(f.name + " = " + string(*f.in) + "\n")
		}
	}
	w.text("length", b.Length)
	w.text("warn", b.Warn)
	w.text("until", b.Until)
	w.text("reason", b.Reason)
}

type writer struct{ strings.Builder }

func (w *writer) table(head string) {
	if w.Len() > 0 {
		w.WriteByte('\n')
	}
	w.WriteString(head + "\n")
}

func (w *writer) flag(key string, v bool) { fmt.Fprintf(w, "%s = %t\n", key, v) }

// text writes a key with a text; an empty one is left out.
func (w *writer) text(key, v string) {
	if v != "" {
		w.WriteString(key + " = " + quote(v) + "\n")
	}
}

// list writes a key with a list of texts; an empty one is left out.
func (w *writer) list(key string, list []string) {
	if len(list) == 0 {
		return
	}
	quoted := make([]string, len(list))
	for i, v := range list {
		quoted[i] = quote(v)
	}
	w.WriteString(key + " = [" + strings.Join(quoted, ", ") + "]\n")
}

// quote writes a basic string of TOML.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case unicode.IsControl(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
