package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

// The environment of a mutated test binary.
const (
	envMutant = "SEKISHO_MUTANT"       // number of the mutant that is on
	envReach  = "SEKISHO_MUTANT_REACH" // file to note reached mutants in
)

// switches is the file added to a mutated package. The address space has a
// limit, because a loop without its end may allocate without one.
const switches = `package %s

import (
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
)

var mutantNow, mutantReached, mutantNotes = mutantSwitch()

func mutantSwitch() (int, []atomic.Bool, *os.File) {
	now, _ := strconv.Atoi(os.Getenv("` + envMutant + `"))
	limit := &syscall.Rlimit{Cur: %d, Max: %d}
	_ = syscall.Setrlimit(syscall.RLIMIT_AS, limit)
	if os.Getenv("` + envReach + `") == "" {
		return now, nil, nil
	}
	f, err := os.OpenFile(os.Getenv("` + envReach + `"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	return now, make([]atomic.Bool, %d), f
}

func mutantOn(id int) bool {
	if mutantReached != nil && !mutantReached[id].Swap(true) {
		_, _ = mutantNotes.WriteString(strconv.Itoa(id) + "\n")
	}
	return id == mutantNow
}

func mutantStep[T ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 |
	~uintptr | ~float32 | ~float64](id, by int, v T) T {
	if mutantOn(id) {
		return v + T(by)
	}
	return v
}
`

// subject is a package with its mutants and the binary that holds them all.
type subject struct {
	path    string // from the module's root, "./gate/budget"
	dir     string
	binary  string
	rapid   bool // the tests know the flags of pgregory.net/rapid
	short   bool // slow tests are left out
	mutants []mutant
}

// load reads the packages that patterns name, without tests of them.
func load(ctx context.Context, patterns []string) ([]*packages.Package, error) {
	pkgs, err := packages.Load(&packages.Config{
		Context: ctx,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedModule,
	}, patterns...)
	if err != nil {
		return nil, fmt.Errorf("load packages: %w", err)
	}
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("load %s: %w", p.PkgPath, p.Errors[0])
		}
	}
	return pkgs, nil
}

// find gives a package's mutants and its files rewritten to hold them, by name.
func find(p *packages.Package) ([]mutant, map[string]string, error) {
	var mutants []mutant
	files := map[string]string{}
	next := 0
	for i, syntax := range p.Syntax {
		name := p.CompiledGoFiles[i]
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, fmt.Errorf("read source: %w", err)
		}
		shown, err := filepath.Rel(p.Module.Dir, name)
		if err != nil {
			return nil, nil, fmt.Errorf("name source: %w", err)
		}
		f := finder{
			fset: p.Fset, info: p.TypesInfo, pkg: p.Types, file: syntax,
			name: filepath.ToSlash(shown), src: string(src), next: &next,
		}
		f.walk()
		mutants = append(mutants, f.mutants...)
		files[name] = apply(f.src, f.edits)
	}
	seen := map[string]int{}
	for i := range mutants {
		key := mutants[i].key()
		seen[key]++
		mutants[i].nth = seen[key]
	}
	return mutants, files, nil
}

// build compiles the tests of a package with all its mutants inside, in dir.
// A package without tests has no binary.
func build(ctx context.Context, p *packages.Package, dir string) (*subject, error) {
	mutants, files, err := find(p)
	if err != nil {
		return nil, err
	}
	home := filepath.Dir(p.CompiledGoFiles[0])
	s := &subject{
		path: "." + strings.TrimPrefix(p.PkgPath, p.Module.Path), dir: home,
		binary: filepath.Join(dir, "test"), mutants: mutants,
	}
	files[filepath.Join(home, "mutant_switches.go")] = fmt.Sprintf(switches, p.Name, addressSpace, addressSpace,
		len(mutants)+1)
	replace := map[string]string{}
	for name, text := range files {
		to := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("write mutated source: %w", err)
		}
		replace[name] = to
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, fmt.Errorf("overlay: %w", err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return nil, fmt.Errorf("overlay: %w", err)
	}
	out, err := run(ctx, home, nil, "go", "test", "-c", "-vet=off", "-overlay", list, "-o", s.binary, ".")
	if err != nil {
		return nil, fmt.Errorf("build %s with its mutants: %w\n%s", s.path, err, out)
	}
	if _, err := os.Stat(s.binary); errors.Is(err, os.ErrNotExist) {
		s.binary = ""
		return s, nil
	}
	imports, err := run(ctx, home, nil, "go", "list", "-f", "{{.TestImports}} {{.XTestImports}}", ".")
	if err != nil {
		return nil, fmt.Errorf("list imports of tests: %w\n%s", err, imports)
	}
	s.rapid = strings.Contains(imports, "pgregory.net/rapid")
	return s, nil
}

// run executes a program in dir and gives what it printed.
func run(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = killDelay
	out, err := cmd.CombinedOutput()
	return string(out), err
}
