package main

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// mutant is one small mistake that can be switched on.
type mutant struct {
	id     int // from 1, unique within the package
	file   string
	line   int
	fn     string // function or method it stands in, "" at package level
	before string
	after  string
	nth    int // counts mutants with the same key, from 1
}

// key names a mutant without its line, so that a list of them outlives edits
// elsewhere in the file.
func (m mutant) key() string {
	k := fmt.Sprintf("%s %s: %s => %s", m.file, m.fn, m.before, m.after)
	if m.nth > 1 {
		k += fmt.Sprintf(" #%d", m.nth)
	}
	return k
}

func (m mutant) String() string {
	return fmt.Sprintf("%s:%d %s: %s => %s", m.file, m.line, m.fn, m.before, m.after)
}

// edit replaces a piece of source by what wrap makes of it. Edits nest.
type edit struct {
	pos, end int
	wrap     func(inner string) string
}

// apply gives the source with all edits made, inner ones first.
func apply(src string, edits []edit) string {
	slices.SortStableFunc(edits, func(a, b edit) int {
		if a.pos != b.pos {
			return a.pos - b.pos
		}
		return b.end - a.end
	})
	out, _ := applyWithin(src, edits, 0, len(src))
	return out
}

// applyWithin renders src[from:to] and gives the edits that lie behind it.
func applyWithin(src string, edits []edit, from, to int) (string, []edit) {
	var b strings.Builder
	for len(edits) > 0 && edits[0].pos < to {
		e := edits[0]
		b.WriteString(src[from:e.pos])
		var inner string
		inner, edits = applyWithin(src, edits[1:], e.pos, e.end)
		b.WriteString(e.wrap(inner))
		from = e.end
	}
	b.WriteString(src[from:to])
	return b.String(), edits
}

// short puts a piece of source on one line.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 70 {
		return string(r[:69]) + "…"
	}
	return s
}

func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	if g, ok := t.(*ast.IndexExpr); ok {
		t = g.X
	}
	return fmt.Sprintf("%s.%s", t, d.Name.Name)
}
