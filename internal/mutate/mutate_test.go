package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// write puts files into a module of its own.
func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	goMod = "module example.test/toll\n\ngo 1.26.0\n"
	code  = `package toll

import "time"

const free = 3

type kind int

const special kind = 1

var closed = time.Hour * 2

func Price(calls int, night bool) (int, error) {
	if night && calls > 10 || calls == free {
		return 0, nil
	}
	sum := 0
	for i := range calls {
		if i == 1 {
			continue
		}
		sum += i * 5
	}
	return max(sum, 7), nil
}

func (k kind) plain() bool { return !(k == special) }
`
)

// TestMutantsOfAPackage: what is changed in a package, and what is not.
func TestMutantsOfAPackage(t *testing.T) {
	t.Chdir(write(t, map[string]string{"go.mod": goMod, "toll.go": code}))
	pkgs, err := load(t.Context(), []string{"."})
	if err != nil {
		t.Fatal(err)
	}
	mutants, _, err := find(pkgs[0])
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range mutants {
		got = append(got, strings.TrimPrefix(m.key(), "toll.go "))
	}
	want := []string{
		": time.Hour * 2 => time.Hour * 2 + 1",
		": time.Hour * 2 => time.Hour * 2 - 1",
		"Price: night && calls > 10 || calls == free => night && calls > 10 && calls == free",
		"Price: night && calls > 10 || calls == free => night && calls > 10",
		"Price: night && calls > 10 || calls == free => calls == free",
		"Price: night && calls > 10 => night || calls > 10",
		"Price: night && calls > 10 => night",
		"Price: night && calls > 10 => calls > 10",
		"Price: calls > 10 => calls >= 10",
		"Price: calls > 10 => calls <= 10",
		"Price: calls == free => calls != free",
		"Price: free => free + 1",
		"Price: 0 => 0 + 1",
		"Price: 0 => 0 - 1",
		"Price: 0 => 0 + 1 #2",
		"Price: 0 => 0 - 1 #2",
		"Price: i == 1 => i != 1",
		"Price: 1 => 1 + 1",
		"Price: continue => (left out)",
		"Price: sum += i * 5 => sum -= i * 5",
		"Price: sum += i * 5 => (left out)",
		"Price: i * 5 => i / 5",
		"Price: 5 => 5 + 1",
		"Price: 5 => 5 - 1",
		"Price: return max(sum, 7), nil => result 1: zero",
		"Price: max(sum, 7) => min(sum, 7)",
		"Price: 7 => 7 + 1",
		"Price: 7 => 7 - 1",
		"kind.plain: !(k == special) => (k == special)",
		"kind.plain: k == special => k != special",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const (
	half = `package toll

func Half(n int) int {
	if n < 0 {
		return 0
	}
	return n / 2
}

func untested() int { return 1 }
`
	weak = `package toll

import "testing"

func TestHalf(t *testing.T) {
	if Half(4) != 2 || Half(-4) != 0 {
		t.Error("not half")
	}
}
`
)

// TestSurvivorsAreReported builds a package with all its mutants and judges them.
func TestSurvivorsAreReported(t *testing.T) {
	t.Chdir(write(t, map[string]string{"go.mod": goMod, "half.go": half, "half_test.go": weak}))
	mutants := func(args []string, same string) (string, bool) {
		t.Helper()
		var out strings.Builder
		ok, err := mutate(t.Context(), &out, append(args, "."), same)
		if err != nil {
			t.Fatal(err)
		}
		return out.String(), ok
	}
	boundary := "half.go Half: n < 0 => n <= 0\n"
	got, ok := mutants([]string{"-min", "50"}, boundary+"\t0 is half of 0\n")
	want := `unreached half.go:10 untested: 1 => 1 + 1
unreached half.go:10 untested: 1 => 1 - 1
.                         77.8 %  killed 7 of n = 9, equivalent 1, mutants in all 10
`
	if got != want || !ok {
		t.Errorf("%v\n%s\nwant\n%s", ok, got, want)
	}
	got, ok = mutants([]string{"-min", "78"}, "")
	if ok || !strings.Contains(got, "survived  half.go:4 Half: n < 0 => n <= 0") {
		t.Errorf("a boundary that no test looks at: %v\n%s", ok, got)
	}
	got, ok = mutants([]string{"-min", "0"},
		"half.go Half: n < 0 => n >= 0\n\tnot so\nhalf.go Gone: 1 => 2\n\tnot there\n")
	if ok || !strings.Contains(got, "not equivalent, a test kills it") || !strings.Contains(got, "no such mutant") {
		t.Errorf("a list that is not true: %v\n%s", ok, got)
	}
}

// TestSlowTestsAreLeftOut: what only they notice survives.
func TestSlowTestsAreLeftOut(t *testing.T) {
	slow := strings.Replace(weak, "{\n\tif Half", "{\n\tif testing.Short() {\n\t\tt.Skip()\n\t}\n\tif Half", 1)
	t.Chdir(write(t, map[string]string{"go.mod": goMod, "half.go": half, "half_test.go": slow}))
	for want, args := range map[string][]string{
		"killed 7 of n = 10": {"-min", "0", "."}, "killed 0 of n = 10": {"-min", "0", "-short", "."},
	} {
		var out strings.Builder
		if _, err := mutate(t.Context(), &out, args, ""); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%v: %v\n%s\nwant %s", args, err, out.String(), want)
		}
	}
}

// TestTheClockIsNoWitness: tests that it stopped are run once more, those that
// failed are not.
func TestTheClockIsNoWitness(t *testing.T) {
	const stopped, failed, passed = "echo 'panic: test timed out after 1s'; exit 2", "echo FAIL; exit 1", "exit 0"
	for name, c := range map[string]struct {
		runs []string
		want bool
	}{
		"passes":              {[]string{passed}, true},
		"fails":               {[]string{failed}, false},
		"stopped, then fails": {[]string{stopped, failed}, false},
		"stopped, then not":   {[]string{stopped, passed}, true},
		"stopped twice":       {[]string{stopped, stopped}, false},
	} {
		var script strings.Builder
		script.WriteString("#!/bin/sh\necho >>runs\ncase $(wc -l <runs) in\n")
		for i, run := range c.runs {
			script.WriteString(strconv.Itoa(i+1) + ") " + run + " ;;\n")
		}
		dir := write(t, map[string]string{"test": script.String() + "esac\n"})
		if err := os.Chmod(filepath.Join(dir, "test"), 0o700); err != nil {
			t.Fatal(err)
		}
		s := &subject{dir: dir, binary: filepath.Join(dir, "test")}
		got := s.pass(t.Context(), []string{"TestHalf"}, 1, time.Minute)
		runs, err := os.ReadFile(filepath.Join(dir, "runs"))
		if err != nil || got != c.want || len(runs) != len(c.runs) {
			t.Errorf("%s: %v after %d runs, %v", name, got, len(runs), err)
		}
	}
}

func TestASampleIsRepeatable(t *testing.T) {
	all := make([]mutant, 100)
	for i := range all {
		all[i].id = i + 1
	}
	ids := func(o options) (out []int) {
		for _, m := range choose(slices.Clone(all), o) {
			out = append(out, m.id)
		}
		return out
	}
	first := ids(options{sample: 10, seed: 1})
	if len(first) != 10 || !slices.IsSorted(first) || !slices.Equal(first, ids(options{sample: 10, seed: 1})) ||
		slices.Equal(first, ids(options{sample: 10, seed: 2})) || len(ids(options{})) != 100 {
		t.Error(first)
	}
}

func TestTheListOfEquivalents(t *testing.T) {
	got, err := readEquivalents("# about\n\na.go F: 1 => 2\n\twhy\nb.go G: x => y\n\tbecause\n")
	want := equivalents{"a.go F: 1 => 2": "why", "b.go G: x => y": "because"}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range []string{"\twhy\n", "a\nb\n\twhy\n", "a\n", "a\n\twhy\na\n\twhy\n"} {
		if list, err := readEquivalents(bad); err == nil {
			t.Errorf("%q was read as %v", bad, list)
		}
	}
	if _, err := readEquivalents(equivalentsText); err != nil {
		t.Error(err)
	}
}
