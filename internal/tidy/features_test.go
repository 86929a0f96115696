package tidy

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// proof is the last cell of a row of a page: a folder and a test in it.
var proof = regexp.MustCompile("^`([a-z0-9/]+)\\.(Test[A-Za-z0-9]+)`$")

// featuresPage is what the unit does as a telephone system.
const featuresPage = "docs/reference/features.md"

// TestPromisesAreProven looks whether everything that these pages promise names a test
// that there is.
func TestPromisesAreProven(t *testing.T) {
	for page, cells := range map[string]int{featuresPage: 4, "docs/reference/interop.md": 3} {
		for _, m := range proofs(t, page, cells) {
			if !hasTest(t, filepath.Join(root(t), m[1]), m[2]) {
				t.Errorf("%s: there is no test %s in %s: write it, or take the promise back", page, m[2], m[1])
			}
		}
	}
}

// proofs are the last cells of a page's rows, which have so many: folders and tests.
func proofs(t *testing.T, page string, cells int) (all [][]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), page))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		row := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(row) != cells || strings.HasPrefix(row[0], "---") || strings.TrimSpace(row[cells-1]) == "proof" {
			continue
		}
		m := proof.FindStringSubmatch(strings.TrimSpace(row[cells-1]))
		if m == nil {
			t.Errorf("%s: %q names no proof: a test, as `unit.TestMusicWhileHeld`", page, row[0])
			continue
		}
		all = append(all, m)
	}
	if len(all) == 0 {
		t.Errorf("%s promises nothing", page)
	}
	return all
}

// hasTest tells whether a folder's tests have one of that name.
func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}
