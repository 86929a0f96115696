package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// finder walks one file and notes its mutants and the edits that hold them.
type finder struct {
	fset    *token.FileSet
	info    *types.Info
	pkg     *types.Package
	file    *ast.File
	name    string // from the module's root
	src     string
	next    *int
	fn      string
	results []*ast.FuncType // of the functions around the node, innermost last
	stack   []ast.Node
	mutants []mutant
	edits   []edit
}

func (f *finder) text(n ast.Node) string {
	return f.src[f.offset(n.Pos()):f.offset(n.End())]
}

func (f *finder) offset(p token.Pos) int { return f.fset.Position(p).Offset }

// add notes a mutant of node n and gives its number.
func (f *finder) add(n ast.Node, after string) int {
	*f.next++
	f.mutants = append(f.mutants, mutant{
		id: *f.next, file: f.name, line: f.fset.Position(n.Pos()).Line, fn: f.fn,
		before: short(f.text(n)), after: short(after),
	})
	return *f.next
}

func (f *finder) edit(n ast.Node, wrap func(string) string) {
	f.edits = append(f.edits, edit{f.offset(n.Pos()), f.offset(n.End()), wrap})
}

// instead makes a mutant that puts another condition in the place of one.
func (f *finder) instead(n ast.Expr, alt string) {
	id := f.add(n, alt)
	f.edit(n, func(inner string) string {
		return fmt.Sprintf("(mutantOn(%d) && (%s) || !mutantOn(%d) && (%s))", id, alt, id, inner)
	})
}

// negate makes a mutant of a condition that is no comparison.
func (f *finder) negate(n ast.Expr) {
	switch e := ast.Unparen(n).(type) {
	case *ast.BinaryExpr:
		return // its operator is changed
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			return
		}
	}
	id := f.add(n, "!("+f.text(n)+")")
	f.edit(n, func(inner string) string { return fmt.Sprintf("(mutantOn(%d) != (%s))", id, inner) })
}

func (f *finder) walk() {
	ast.PreorderStack(f.file, nil, func(n ast.Node, stack []ast.Node) bool {
		f.stack = stack
		f.around()
		return f.visit(n)
	})
}

// around sets which function the stack is in.
func (f *finder) around() {
	f.fn, f.results = "", f.results[:0]
	for _, n := range f.stack {
		switch n := n.(type) {
		case *ast.FuncDecl:
			f.fn = funcName(n)
			f.results = append(f.results, n.Type)
		case *ast.FuncLit:
			f.results = append(f.results, n.Type)
		}
	}
}

func (f *finder) parent() ast.Node { return f.stack[len(f.stack)-1] }

// visit makes the mutants of one node; false keeps out of it.
func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok == token.VAR
	case *ast.ArrayType, *ast.StructType, *ast.InterfaceType, *ast.FuncType:
		return false
	case *ast.IfStmt:
		f.negate(n.Cond)
	case *ast.ForStmt:
		if n.Cond != nil {
			f.negate(n.Cond)
		}
	case *ast.SwitchStmt:
		if n.Tag == nil {
			f.negateCases(n)
		}
	case *ast.ReturnStmt:
		f.returns(n)
	}
	if s, ok := n.(ast.Stmt); ok {
		f.statement(s)
	}
	if e, ok := n.(ast.Expr); ok {
		return f.expression(e)
	}
	return true
}

func (f *finder) negateCases(n *ast.SwitchStmt) {
	for _, c := range n.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			f.negate(e)
		}
	}
}

// expression makes the mutants of an expression; false keeps out of it.
func (f *finder) expression(e ast.Expr) bool {
	tv, ok := f.info.Types[e]
	if ok && tv.IsType() {
		return false
	}
	if ok && tv.Value != nil {
		f.constant(e, tv)
		return false
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		f.binary(e)
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			f.instead(e, f.text(e.X))
		}
	case *ast.CallExpr:
		f.minMax(e)
	}
	return true
}

var comparisons = map[token.Token][]string{
	token.LSS: {"<=", ">="}, token.LEQ: {"<", ">"}, token.GTR: {">=", "<="}, token.GEQ: {">", "<"},
	token.EQL: {"!="}, token.NEQ: {"=="},
}

var arithmetic = map[token.Token]string{
	token.ADD: "-", token.SUB: "+", token.MUL: "/", token.QUO: "*", token.REM: "*",
	token.ADD_ASSIGN: "-=", token.SUB_ASSIGN: "+=", token.MUL_ASSIGN: "/=", token.QUO_ASSIGN: "*=",
}

func (f *finder) binary(e *ast.BinaryExpr) {
	x, y := f.text(e.X), f.text(e.Y)
	for _, op := range comparisons[e.Op] {
		f.instead(e, x+" "+op+" "+y)
	}
	switch e.Op {
	case token.LAND:
		f.instead(e, x+" || "+y)
	case token.LOR:
		f.instead(e, x+" && "+y)
	}
	if e.Op == token.LAND || e.Op == token.LOR {
		f.instead(e, x)
		f.instead(e, y)
	}
	op, ok := arithmetic[e.Op]
	if !ok || !f.isNumber(e) {
		return
	}
	t, ok := f.typeText(f.info.TypeOf(e))
	if !ok {
		return
	}
	id := f.add(e, x+" "+op+" "+y)
	f.edit(e, func(inner string) string {
		return fmt.Sprintf("func() %s { if mutantOn(%d) { return (%s) %s (%s) }; return %s }()", t, id, x, op, y, inner)
	})
}

func (f *finder) isNumber(e ast.Expr) bool {
	b, ok := f.info.TypeOf(e).Underlying().(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0
}

// typeText writes a type as this file can, false if it can't.
func (f *finder) typeText(t types.Type) (string, bool) {
	ok := true
	s := types.TypeString(t, func(p *types.Package) string {
		if p == f.pkg {
			return ""
		}
		for _, i := range f.file.Imports {
			if strings.Trim(i.Path.Value, `"`) != p.Path() {
				continue
			}
			if i.Name != nil {
				return i.Name.Name
			}
			return p.Name()
		}
		ok = false
		return p.Name()
	})
	return s, ok
}

func (f *finder) minMax(e *ast.CallExpr) {
	id, ok := e.Fun.(*ast.Ident)
	if !ok || len(e.Args) < 2 {
		return
	}
	if _, ok := f.info.Uses[id].(*types.Builtin); !ok || id.Name != "min" && id.Name != "max" {
		return
	}
	other := "max"
	if id.Name == "max" {
		other = "min"
	}
	t, ok := f.typeText(f.info.TypeOf(e))
	if !ok {
		return
	}
	alt := other + strings.TrimPrefix(f.text(e), id.Name)
	n := f.add(e, alt)
	f.edit(e, func(inner string) string {
		return fmt.Sprintf("func() %s { if mutantOn(%d) { return %s }; return %s }()", t, n, alt, inner)
	})
}

// constant makes mutants of the largest constant expression around.
func (f *finder) constant(e ast.Expr, tv types.TypeAndValue) {
	b, ok := tv.Type.Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsNumeric == 0 || b.Kind() == types.UntypedRune || b.Kind() == types.Int32 {
		return // characters are text
	}
	if f.isName(e) && f.isEnumeration(tv.Type) || f.mustStay(e) {
		return
	}
	t, ok := f.typeText(types.Default(tv.Type))
	if !ok {
		return
	}
	for _, by := range f.steps(e, tv) {
		id := f.add(e, fmt.Sprintf("%s %s", f.text(e), by))
		f.edit(e, func(inner string) string {
			return fmt.Sprintf("mutantStep[%s](%d, %s, %s)", t, id, strings.ReplaceAll(by, " ", ""), inner)
		})
	}
}

// steps says by how much a constant is changed.
func (f *finder) steps(_ ast.Expr, tv types.TypeAndValue) []string {
	if c, ok := f.parent().(*ast.BinaryExpr); ok {
		switch c.Op {
		case token.EQL, token.NEQ:
			return []string{"+ 1"}
		}
		if comparisons[c.Op] != nil {
			return nil // the boundary is moved by the operator
		}
	}
	if b := tv.Type.Underlying().(*types.Basic); b.Info()&types.IsUnsigned != 0 && tv.Value.String() == "0" {
		return []string{"+ 1"}
	}
	return []string{"+ 1", "- 1"}
}

func (f *finder) isName(e ast.Expr) bool {
	switch ast.Unparen(e).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return true
	}
	return false
}

func (f *finder) isEnumeration(t types.Type) bool {
	n, ok := t.(*types.Named)
	return ok && n.String() != "time.Duration"
}

// mustStay tells whether the language wants a constant here, or whether the
// constant is only a capacity.
func (f *finder) mustStay(e ast.Expr) bool {
	for i := len(f.stack) - 1; i >= 0; i-- {
		switch p := f.stack[i].(type) {
		case *ast.CallExpr:
			if id, ok := p.Fun.(*ast.Ident); ok && id.Name == "make" {
				_, isMap := f.info.TypeOf(p).Underlying().(*types.Map)
				return isMap || len(p.Args) == 3 && e.Pos() >= p.Args[2].Pos()
			}
		case *ast.KeyValueExpr:
			if e.Pos() >= p.Value.Pos() {
				return false
			}
			lit, ok := f.stack[i-1].(*ast.CompositeLit)
			if !ok {
				return true
			}
			_, isMap := f.info.TypeOf(lit).Underlying().(*types.Map)
			return !isMap
		case ast.Stmt:
			return false
		}
	}
	return false
}
