package tidy

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDependenciesAreCommitted is never-rule 10: a new dependency of the
// binary is a visible change of docs/reference/dependencies.txt.
func TestDependenciesAreCommitted(t *testing.T) {
	dir := root(t)
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps",
		"-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", "./cmd/sekisho")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var now []string
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, module) {
			now = append(now, line)
		}
	}
	slices.Sort(now)
	now = slices.Compact(now)
	if len(now) == 0 {
		t.Fatal("no dependency seen: the test looked at nothing")
	}
	path := filepath.Join(dir, "docs/reference/dependencies.txt")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(strings.ReplaceAll(string(b), " ", "@"))
	have := strings.Fields(strings.ReplaceAll(strings.Join(now, "\n"), " ", "@"))
	for _, d := range have {
		if !slices.Contains(want, d) {
			t.Errorf("%s is new in the binary: write why in docs/decisions and add it to %s", d, path)
		}
	}
	for _, d := range want {
		if !slices.Contains(have, d) {
			t.Errorf("%s is no longer in the binary: take it from %s", d, path)
		}
	}
}
