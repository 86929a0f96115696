package tidy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/sekisho/sekisho"

// source is one Go file of the house.
type source struct {
	path string // from the root, with slashes
	pkg  string // folder from the root
	test bool
	text string
	ast  *ast.File
	fset *token.FileSet
}

func (s *source) line(n ast.Node) int { return s.fset.Position(n.Pos()).Line }

// imports lists the paths that the file imports.
func (s *source) imports() []string {
	var out []string
	for _, i := range s.ast.Imports {
		out = append(out, strings.Trim(i.Path.Value, `"`))
	}
	return out
}

// importName gives the name under which the file knows a path, "" if it does
// not import it.
func (s *source) importName(path string) string {
	for _, i := range s.ast.Imports {
		if strings.Trim(i.Path.Value, `"`) != path {
			continue
		}
		if i.Name != nil {
			return i.Name.Name
		}
		return path[strings.LastIndex(path, "/")+1:]
	}
	return ""
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatalf("the house is not where it was: %v", err)
	}
	return dir
}

var readTree = sync.OnceValues(func() ([]*source, error) {
	dir, err := filepath.Abs("../..")
	if err != nil {
		return nil, err
	}
	var out []*source
	fset := token.NewFileSet()
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != dir && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, p, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		out = append(out, &source{
			path: rel, pkg: filepath.ToSlash(filepath.Dir(rel)), test: strings.HasSuffix(name, "_test.go"),
			text: string(text), ast: f, fset: fset,
		})
		return nil
	})
	return out, err
})

// tree is every Go file of the house, parsed once.
func tree(t *testing.T) []*source {
	t.Helper()
	s, err := readTree()
	if err != nil {
		t.Fatal(err)
	}
	if len(s) < 5 {
		t.Fatalf("only %d files found: the rules would look at nothing", len(s))
	}
	return s
}

// under tells whether folder is dir or lies below it.
func under(folder, dir string) bool {
	return folder == dir || strings.HasPrefix(folder, dir+"/")
}
