package tidy

import (
	"bufio"
	"go/ast"
	"strings"
	"testing"
	"unicode/utf8"
)

// The sizes of style.md §5 rule 14.
const (
	functionLinesMax = 70
	fileLinesMax     = 500
	lineColumnsMax   = 120
	mainLinesMax     = 200
	interfaceMax     = 5
)

func TestSizes(t *testing.T) {
	for _, s := range tree(t) {
		lines := strings.Count(s.text, "\n")
		if lines > fileLinesMax && !exempt(t, s.path, "file") {
			t.Errorf("%s has %d lines (at most %d): split it along the nouns of the trade", s.path, lines, fileLinesMax)
		}
		if s.path == "cmd/sekisho/main.go" && lines > mainLinesMax {
			t.Errorf("%s has %d lines (at most %d): wiring lives in app", s.path, lines, mainLinesMax)
		}
		if !strings.HasPrefix(s.path, "text/catalog_") { // a sentence stands on one line
			longLines(t, s)
		}
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			n := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1
			if n > functionLinesMax && !exempt(t, s.path, f.Name.Name) {
				t.Errorf("%s:%d: %s has %d lines (at most %d): name its steps",
					s.path, s.line(f), f.Name.Name, n, functionLinesMax)
			}
		}
	}
}

func longLines(t *testing.T, s *source) {
	sc := bufio.NewScanner(strings.NewReader(s.text))
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		cols := utf8.RuneCountInString(strings.ReplaceAll(sc.Text(), "\t", "    "))
		if cols > lineColumnsMax && !exempt(t, s.path, "columns") {
			t.Errorf("%s:%d has %d columns (at most %d)", s.path, n, cols, lineColumnsMax)
		}
	}
}

func TestInterfacesAreSmall(t *testing.T) {
	for _, s := range tree(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			ts, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if i, ok := ts.Type.(*ast.InterfaceType); ok && i.Methods.NumFields() > interfaceMax &&
				!exempt(t, s.path, ts.Name.Name) {
				t.Errorf("%s:%d: interface %s has %d methods (at most %d): declare what this consumer needs",
					s.path, s.line(ts), ts.Name.Name, i.Methods.NumFields(), interfaceMax)
			}
			return true
		})
	}
}

func TestQueuesHaveNamedLimits(t *testing.T) {
	for _, s := range tree(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || len(c.Args) != 2 {
				return true
			}
			f, ok := c.Fun.(*ast.Ident)
			if !ok || f.Name != "make" {
				return true
			}
			if _, ok := c.Args[0].(*ast.ChanType); !ok {
				return true
			}
			if lit, ok := c.Args[1].(*ast.BasicLit); ok && lit.Value != "1" && !exempt(t, s.path, "chan") {
				t.Errorf("%s:%d: a queue of %s: give its limit a name in limits.go", s.path, s.line(c), lit.Value)
			}
			return true
		})
	}
}
