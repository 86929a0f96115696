package tidy

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

var off = flag.Bool("off", false, "switch each feature off, and see its proof fail: some seconds for each")

// TestProofsFailWithTheirFeaturesOff switches the features of docs/reference/features.md
// off, one after the other, as testdata/off.txt says: the function that they need begins
// otherwise. Their proofs must fail then. Nothing of that is in the unit: the compiler is
// shown other files in place of its own.
func TestProofsFailWithTheirFeaturesOff(t *testing.T) {
	if !*off {
		t.Skip("run by ./test features")
	}
	switches := switches(t)
	for _, m := range proofs(t, featuresPage, 4) {
		folder, test := m[1], m[2]
		name := folder + "." + test
		t.Run(name, func(t *testing.T) {
			how := switches[name]
			said, passed := runWith(t, overlay(t, how), folder, test)
			if passed || !strings.Contains(said, "--- FAIL: "+test) {
				t.Errorf("switched off by %q, and %s says\n%s", how, name, said)
			}
		})
	}
}

// TestEachFeatureHasASwitch: a function that is named otherwise by now, or is in another file,
// is found here and not only when all features are switched off.
func TestEachFeatureHasASwitch(t *testing.T) {
	switches := switches(t)
	for _, m := range proofs(t, featuresPage, 4) {
		name := m[1] + "." + m[2]
		how, ok := switches[name]
		if !ok {
			t.Errorf("say in testdata/off.txt how the feature that %s proves is switched off", name)
			continue
		}
		if cells := strings.SplitN(how, " | ", 3); len(cells) == 3 {
			if _, err := bodyOf(filepath.Join(root(t), cells[0]), cells[1]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else {
			t.Errorf("%s: %q is no file, function and beginning", name, how)
		}
	}
}

// switches are how features are switched off, by their proofs.
func switches(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	list, err := os.ReadFile("testdata/off.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		if proof, how, ok := strings.Cut(line, " | "); ok {
			all[proof] = strings.TrimSpace(how)
		}
	}
	return all
}

// overlay shows the compiler a file in which a function begins otherwise: how is file,
// function and what it begins with.
func overlay(t *testing.T, how string) string {
	t.Helper()
	cells := strings.SplitN(how, " | ", 3)
	file := filepath.Join(root(t), cells[0])
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at, err := bodyOf(file, cells[1])
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	other := filepath.Join(dir, path.Base(file))
	changed := string(text[:at]) + " " + cells[2] + "\n" + string(text[at:])
	if err := os.WriteFile(other, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{file: other}})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(out, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return out
}

// bodyOf is where the body of a function begins, named as Type.method or function.
func bodyOf(file, name string) (int, error) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		return 0, err
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		full := fn.Name.Name
		if fn.Recv != nil {
			full = receiver(fn.Recv.List[0].Type) + "." + full
		}
		if full == name {
			return set.Position(fn.Body.Lbrace).Offset + 1, nil
		}
	}
	return 0, fmt.Errorf("%s has no function %s", file, name)
}

// receiver names the type of a method.
func receiver(e ast.Expr) string {
	if p, ok := e.(*ast.StarExpr); ok {
		e = p.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// runWith runs one test with an overlay, which counts for what that test builds itself,
// too.
func runWith(t *testing.T, overlay, folder, test string) (said string, passed bool) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-count=1", "-tags", "e2e",
		"-run", "^"+test+"$", "./"+folder)
	c.Dir, c.Env = root(t), append(os.Environ(), "GOFLAGS=-overlay="+overlay)
	out, err := c.CombinedOutput()
	return string(out), err == nil
}
