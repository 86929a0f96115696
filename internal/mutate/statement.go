package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// inList tells whether the node visited is a statement of a block: only those
// can be left out.
func (f *finder) inList() bool {
	switch f.parent().(type) {
	case *ast.BlockStmt, *ast.CommClause, *ast.CaseClause:
		return true
	}
	return false
}

func (f *finder) statement(s ast.Stmt) {
	if !f.inList() {
		return
	}
	if c, ok := f.parent().(*ast.CommClause); ok && c.Comm == s {
		return
	}
	switch s := s.(type) {
	case *ast.ExprStmt:
		if c, ok := s.X.(*ast.CallExpr); ok && f.text(c.Fun) == "panic" {
			return
		}
		f.leaveOut(s)
	case *ast.SendStmt, *ast.DeferStmt, *ast.GoStmt:
		f.leaveOut(s)
	case *ast.BranchStmt:
		if s.Tok == token.BREAK || s.Tok == token.CONTINUE {
			f.leaveOut(s)
		}
	case *ast.IncDecStmt:
		op := "++"
		if s.Tok == token.INC {
			op = "--"
		}
		f.insteadStatement(s, f.text(s.X)+op)
		f.leaveOut(s)
	case *ast.AssignStmt:
		f.assignment(s)
	}
}

func (f *finder) assignment(s *ast.AssignStmt) {
	if s.Tok == token.DEFINE || f.text(s.Lhs[0]) == "_" {
		return
	}
	if op, ok := arithmetic[s.Tok]; ok && f.isNumber(s.Lhs[0]) {
		f.insteadStatement(s, f.text(s.Lhs[0])+" "+op+" "+f.text(s.Rhs[0]))
	}
	f.leaveOut(s)
}

func (f *finder) leaveOut(s ast.Stmt) {
	id := f.add(s, "(left out)")
	f.edit(s, func(inner string) string { return fmt.Sprintf("if !mutantOn(%d) { %s }", id, inner) })
}

func (f *finder) insteadStatement(s ast.Stmt, alt string) {
	id := f.add(s, alt)
	f.edit(s, func(inner string) string {
		return fmt.Sprintf("if mutantOn(%d) { %s } else { %s }", id, alt, inner)
	})
}

// returns makes mutants that give a zero value instead of a result.
func (f *finder) returns(s *ast.ReturnStmt) {
	types := resultTypes(f.results[len(f.results)-1], f.text)
	if len(s.Results) == 0 {
		return
	}
	if len(s.Results) == 1 && len(types) > 1 {
		zeros := make([]string, len(types))
		for i, t := range types {
			zeros[i] = "*new(" + t + ")"
		}
		f.returnInstead(s, "return zeros", strings.Join(zeros, ", "))
		return
	}
	for i, r := range s.Results {
		zero, shown := "*new("+types[i]+")", "zero"
		switch v := ast.Unparen(r).(type) {
		case *ast.BinaryExpr:
			if types[i] == "bool" {
				continue // its own mutants say more
			}
		case *ast.BasicLit:
			if v.Kind != token.STRING || f.text(r) == `""` {
				continue
			}
		case *ast.UnaryExpr:
			if v.Op == token.NOT {
				continue
			}
		case *ast.CompositeLit:
			if len(v.Elts) == 0 {
				continue
			}
		case *ast.Ident:
			switch v.Name {
			case "nil":
				continue
			case "true":
				zero, shown = "false", "false"
			case "false":
				zero, shown = "true", "true"
			}
		}
		var values []string
		for j, other := range s.Results {
			if j == i {
				values = append(values, zero)
			} else {
				values = append(values, f.text(other))
			}
		}
		f.returnInstead(s, fmt.Sprintf("result %d: %s", i+1, shown), strings.Join(values, ", "))
	}
}

func (f *finder) returnInstead(s *ast.ReturnStmt, shown, values string) {
	id := f.add(s, shown)
	f.edit(s, func(inner string) string {
		return fmt.Sprintf("{ if mutantOn(%d) { return %s }; %s }", id, values, inner)
	})
}

// resultTypes lists the types of a function's results, one per value.
func resultTypes(t *ast.FuncType, text func(ast.Node) string) []string {
	var out []string
	if t.Results == nil {
		return nil
	}
	for _, r := range t.Results.List {
		for range max(1, len(r.Names)) {
			out = append(out, text(r.Type))
		}
	}
	return out
}
