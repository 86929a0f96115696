package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"

	"github.com/sekisho/sekisho/text"
)

// tokyo is the zone people read times in.
var tokyo = time.FixedZone("JST", 9*60*60)

// when renders a time for people, "-" when there is none.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(tokyo).Format("2006-01-02 15:04:05")
}

// show writes rows as a table, or the values as JSON.
func show[T any](s *session, rows []T, heads []text.Key, cells func(T) []string) error {
	if s.output == "json" {
		if rows == nil {
			rows = []T{}
		}
		return writeJSON(s.out, rows)
	}
	if len(rows) == 0 {
		s.printf("cli.none")
		return nil
	}
	table := make([][]string, 0, len(rows)+1)
	head := make([]string, len(heads))
	for i, h := range heads {
		head[i] = s.say(h)
	}
	table = append(table, head)
	for _, r := range rows {
		table = append(table, cells(r))
	}
	return writeTable(s.out, table)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing json: %w", err)
	}
	return nil
}

// writeTable aligns columns by what a terminal shows: Japanese letters are
// two columns wide.
func writeTable(w io.Writer, rows [][]string) error {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i := range r {
			r[i] = harmless(r[i])
			c := r[i]
			widths[i] = max(widths[i], columns(c))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		for i, c := range r {
			b.WriteString(c)
			if i < len(r)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-columns(c)+2))
			}
		}
		b.WriteByte('\n')
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing table: %w", err)
	}
	return nil
}

// harmless takes what moves a terminal's cursor out of a cell: much of what
// is shown was chosen by others.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '·'
		}
		return r
	}, s)
}

// columns is how wide a terminal shows s.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// dash shows an empty cell.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
