package tidy

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/text"
)

// makers are the functions that put what they are given into a sentence as text.
var makers = []string{"Of", "Wrong", "NewProblem"}

// TestSentencesTakeText: what a message is given it keeps as text, so a sentence for one
// that wants a number shows people "%!d(string=120)".
func TestSentencesTakeText(t *testing.T) {
	seen := 0
	for _, s := range tree(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			f, ok := c.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains(makers, f.Sel.Name) {
				return true
			}
			for _, a := range c.Args {
				l, ok := a.(*ast.BasicLit)
				if !ok || l.Kind != token.STRING {
					continue
				}
				key, err := strconv.Unquote(l.Value)
				if err != nil || !strings.Contains(key, ".") {
					continue
				}
				seen++
				for _, lang := range []text.Lang{text.JA, text.EN} {
					if said := text.Of(text.Key(key), "a", "b", "c", "d").Say(lang); strings.Contains(said, "%!d(") {
						t.Errorf("%s:%d: %s wants a number in %s: write %%s", s.path, s.line(c), key, lang)
					}
				}
			}
			return true
		})
	}
	if seen < 100 {
		t.Errorf("only %d sentences were looked at", seen)
	}
}
