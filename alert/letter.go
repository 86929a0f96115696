package alert

import (
	"cmp"
	"strings"
	"time"

	"github.com/sekisho/sekisho/alert/watch"
	"github.com/sekisho/sekisho/text"
)

// Letter is an alert in words, as a channel carries it.
type Letter struct {
	ID     string
	Kind   string // "barred" …, "test"
	Notice string // "begun", "again", "over"
	About  string // subject in the evidence
	// Extension is whose it is, "" where it is nobody's.
	Extension string
	Unit      string
	Title     string // one line
	Rows      []Row  // since when, what happened, what was done, what to do
	Count     int
	Since     time.Time
	At        time.Time
}

// Row is one line of a letter.
type Row struct{ Label, Says string }

// Text is the letter as plain text, lines parted by "\n".
func (l Letter) Text() string {
	var b strings.Builder
	b.WriteString(l.Title)
	for _, r := range l.Rows {
		b.WriteString("\n" + r.Label + ": " + r.Says)
	}
	return b.String()
}

// tokyo is the zone people read times in.
var tokyo = time.FixedZone("JST", 9*60*60)

func clock(t time.Time) string { return t.In(tokyo).Format("2006-01-02 15:04:05 MST") }

// write says an alert in a language.
func write(a watch.Alert, unit string, lang text.Lang) Letter {
	say := func(k text.Key, args ...any) string { return text.Say(lang, k, args...) }
	of := a.Of.Say(lang)
	l := Letter{
		ID: a.ID, Kind: string(a.Kind), Notice: string(a.Notice), About: a.About, Unit: unit, Count: a.Count,
		Since: a.Since, At: a.At,
	}
	if a.Of.Key == "alert.of.extension" && len(a.Of.Args) > 0 {
		l.Extension = a.Of.Args[0].Plain
	}
	kind := cmp.Or(a.As, text.Key(a.Kind))
	l.Title = say("alert.notice."+text.Key(a.Notice), unit, say("alert.title."+kind, of))
	row := func(label text.Key, says string) {
		if says != "" {
			l.Rows = append(l.Rows, Row{Label: say(label), Says: says})
		}
	}
	row("alert.label.since", clock(a.Since))
	if a.Notice == watch.Over {
		row("alert.label.until", clock(a.Last))
	}
	what := a.What.Say(lang)
	if a.Count > 1 {
		what = say("alert.counted", what, a.Count)
	}
	row("alert.label.what", what)
	if a.Notice != watch.Over {
		row("alert.label.done", say("alert.done."+kind))
	}
	row("alert.label.do", a.Do.Say(lang))
	if a.Withheld > 0 {
		row("alert.label.more", say("alert.withheld", a.Withheld))
	}
	return l
}
