package tidy

import (
	"bytes"
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var bannedFolders = map[string]bool{
	"util": true, "utils": true, "common": true, "types": true, "models": true, "helpers": true,
	"manager": true, "misc": true, "base": true, "shared": true,
}

func TestFoldersAreNounsOfTheTrade(t *testing.T) {
	for _, s := range tree(t) {
		for part := range strings.SplitSeq(s.pkg, "/") {
			if bannedFolders[part] {
				t.Errorf("%s: a folder named %q says nothing; name the noun of the trade", s.path, part)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	docs := map[string]bool{}
	for _, s := range tree(t) {
		if s.test || strings.HasSuffix(s.ast.Name.Name, "_test") {
			continue
		}
		if _, ok := docs[s.pkg]; !ok {
			docs[s.pkg] = false
		}
		if s.ast.Doc != nil && len(s.ast.Doc.Text()) > 40 {
			docs[s.pkg] = true
		}
	}
	for pkg, ok := range docs {
		if !ok {
			t.Errorf("%s: no package comment; tell a newcomer what to use first", pkg)
		}
	}
}

func TestExportedThingsAreDocumented(t *testing.T) {
	for _, s := range tree(t) {
		if s.test || isOutside(s.pkg) || s.ast.Name.Name == "main" {
			continue
		}
		for _, d := range s.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s:%d: %s is exported without a comment", s.path, s.line(d), d.Name.Name)
				}
			case *ast.GenDecl:
				undocumentedSpecs(t, s, d)
			}
		}
	}
}

// implied are methods whose meaning their interface gives.
var implied = map[string]bool{"String": true, "Error": true, "Unwrap": true, "Kind": true, "Row": true}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	if implied[d.Name.Name] {
		return false
	}
	x := d.Recv.List[0].Type
	if p, ok := x.(*ast.StarExpr); ok {
		x = p.X
	}
	if g, ok := x.(*ast.IndexExpr); ok {
		x = g.X
	}
	id, ok := x.(*ast.Ident)
	return ok && id.IsExported()
}

func undocumentedSpecs(t *testing.T, s *source, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				t.Errorf("%s:%d: %s is exported without a comment", s.path, s.line(spec), spec.Name.Name)
			}
		case *ast.ValueSpec:
			if spec.Names[0].IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				t.Errorf("%s:%d: %s is exported without a comment", s.path, s.line(spec), spec.Names[0].Name)
			}
		}
	}
}

// TestOutsideTypesStayInside is never-rule 9: no exported signature names a
// type of an outside library.
func TestOutsideTypesStayInside(t *testing.T) {
	for _, s := range tree(t) {
		if s.test || isOutside(s.pkg) || under(s.pkg, "cli") || under(s.pkg, "cmd") {
			continue
		}
		foreign := map[string]string{}
		for _, imp := range s.imports() {
			if !std(imp) && !strings.HasPrefix(imp, module) {
				foreign[foreignName(s, imp)] = imp
			}
		}
		if len(foreign) == 0 {
			continue
		}
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() || !exportedReceiver(f) {
				continue
			}
			ast.Inspect(f.Type, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := sel.X.(*ast.Ident); ok && foreign[x.Name] != "" {
						t.Errorf("%s:%d: %s shows %s.%s: wrap it in a type of our own",
							s.path, s.line(f), f.Name.Name, x.Name, sel.Sel.Name)
					}
				}
				return true
			})
		}
	}
}

var majorVersion = regexp.MustCompile(`/v\d+$`)

// foreignName is the name under which a file knows an outside package.
func foreignName(s *source, imp string) string {
	for _, i := range s.ast.Imports {
		if strings.Trim(i.Path.Value, `"`) == imp && i.Name != nil {
			return i.Name.Name
		}
	}
	p := majorVersion.ReplaceAllString(imp, "")
	return p[strings.LastIndex(p, "/")+1:]
}

func TestReadmesHaveTheSameHeadings(t *testing.T) {
	dir := root(t)
	count := func(name string) []int {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		var out []int
		for line := range strings.SplitSeq(string(b), "\n") {
			if strings.HasPrefix(line, "#") {
				out = append(out, len(line)-len(strings.TrimLeft(line, "#")))
			}
		}
		return out
	}
	en, ja := count("README.md"), count("README.ja.md")
	if len(en) != len(ja) {
		t.Fatalf("README.md has %d headings, README.ja.md has %d: they say the same in the same order",
			len(en), len(ja))
	}
	for i := range en {
		if en[i] != ja[i] {
			t.Errorf("heading %d: levels %d and %d differ", i+1, en[i], ja[i])
		}
	}
}

func TestNoLeftovers(t *testing.T) {
	mark := regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)
	for _, s := range tree(t) {
		if under(s.pkg, "internal/tidy") {
			continue
		}
		for i, line := range strings.Split(s.text, "\n") {
			if mark.MatchString(line) {
				t.Errorf("%s:%d: a leftover; do it now, or write an issue", s.path, i+1)
			}
		}
	}
}

// bytesMost is the largest file in the repository: the voice of package synthesis.
const bytesMost = 2_200_000

// TestNoPrograms: what was built is no source, and stays in the history for ever.
func TestNoPrograms(t *testing.T) {
	dir := root(t)
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-z")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	files := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if len(files) < 100 {
		t.Fatalf("%d files seen: the test looked at nothing", len(files))
	}
	for _, name := range files {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if os.IsNotExist(err) {
			continue // taken away, and not yet committed
		}
		if err != nil {
			t.Error(err)
			continue
		}
		if bytes.HasPrefix(b, []byte("\x7fELF")) || len(b) > bytesMost {
			t.Errorf("%s: a program, or %d bytes (at most %d)", name, len(b), bytesMost)
		}
	}
}
