package tidy

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// proof is the last cell of a row of docs/reference/features.md: a folder and a test
// in it.
var proof = regexp.MustCompile("^`([a-z0-9/]+)\\.(Test[A-Za-z0-9]+)`$")

// TestFeaturesAreProven looks whether every feature that the reference promises names
// a test that there is.
func TestFeaturesAreProven(t *testing.T) {
	const page = "docs/reference/features.md"
	text, err := os.ReadFile(filepath.Join(root(t), page))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 || strings.HasPrefix(cells[0], "---") || strings.TrimSpace(cells[0]) == "feature" {
			continue
		}
		rows++
		m := proof.FindStringSubmatch(strings.TrimSpace(cells[3]))
		if m == nil {
			t.Errorf("%s: %q names no proof: a test, as `unit.TestMusicWhileHeld`", page, cells[0])
			continue
		}
		if !hasTest(t, filepath.Join(root(t), m[1]), m[2]) {
			t.Errorf("%s: there is no test %s in %s: write it, or take the promise back", page, m[2], m[1])
		}
	}
	if rows == 0 {
		t.Errorf("%s promises nothing", page)
	}
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
