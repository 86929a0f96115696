package policy

import (
	"slices"
	"time"

	"github.com/sekisho/sekisho/calendar"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
)

// Settings is what the gate judges by, but for what a document does not know:
// whether the unit is claimed, what its lines declare, and the openings, whose
// IDs the database gives. lines are the rules of the unit's lines; those the
// document narrows are narrowed in the result.
func (d Document) Settings(lines map[string]gate.LineRule) gate.Settings {
	s := gate.Settings{
		DomesticWhenDegraded: d.Gate.DomesticWhenDegraded, Classes: classSet(d.Gate.Classes),
		Countries: slices.Clone(d.Gate.Countries), Extensions: map[string]gate.ExtensionRule{},
		Lines: map[string]gate.LineRule{}, Hours: d.hours(),
	}
	for _, e := range d.Extensions {
		s.Extensions[e.Extension] = gate.ExtensionRule{InternalOnly: e.InternalOnly, Classes: classSet(e.Classes)}
	}
	for id, rule := range lines {
		s.Lines[id] = d.narrow(id, rule)
	}
	return s
}

// narrow leaves of a line's classes those that the document lets it carry. A
// line whose classes are all taken keeps emergency calls, which no rule of
// classes is asked about.
func (d Document) narrow(id string, rule gate.LineRule) gate.LineRule {
	for _, l := range d.Lines {
		if l.Line == id && len(l.Classes) > 0 {
			rule.Classes &= classSet(l.Classes) | gate.Classes(number.Emergency)
		}
	}
	return rule
}

func classSet(names []string) gate.ClassSet {
	var out gate.ClassSet
	for _, n := range names {
		if c, err := number.ParseClass(n); err == nil {
			out |= gate.Classes(c)
		}
	}
	return out
}

func (d Document) hours() []gate.Hours {
	spans := map[string]calendar.Span{}
	for _, s := range withUsual(d.Calendar) {
		first, _ := calendar.ParseDay(s.From) // Check found nothing wrong with either
		last, _ := calendar.ParseDay(s.To)
		spans[s.Name] = calendar.Span{Name: s.Name, First: first, Last: last}
	}
	var out []gate.Hours
	for _, h := range d.Hours {
		g := gate.Hours{
			Name: h.Name, Zone: japan, Classes: classSet(h.Classes), Extensions: slices.Clone(h.Extensions),
			Ask: h.PIN,
		}
		g.From, _ = minutes(h.From) // as above
		g.To, _ = minutes(h.To)
		for _, day := range h.Days {
			switch i := slices.Index(weekdays, day); {
			case i >= 0:
				g.Days = append(g.Days, time.Weekday(i))
			case day == holiday:
				g.Holidays = true
			default:
				g.Spans = append(g.Spans, spans[day])
			}
		}
		out = append(out, g)
	}
	return out
}
