package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path"
	"slices"
	"strconv"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ok, err := mutate(ctx, os.Stdout, os.Args[1:], equivalentsText)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// options are the flags of the command.
type options struct {
	sample int
	seed   uint64
	min    float64
	jobs   int
	only   string
	short  bool
}

// mutate judges the packages named by args and tells whether all is well.
func mutate(ctx context.Context, out io.Writer, args []string, listed string) (bool, error) {
	var o options
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.IntVar(&o.sample, "sample", 0, "judge `n` mutants of each package, chosen by -seed (0: all)")
	flags.Uint64Var(&o.seed, "seed", 1, "what chooses the sample")
	flags.Float64Var(&o.min, "min", 90, "lowest score of a package, in percent")
	flags.IntVar(&o.jobs, "j", 2, "mutants judged at the same time")
	flags.StringVar(&o.only, "only", "", "judge only mutants whose line of the report contains `text`")
	flags.BoolVar(&o.short, "short", false, "leave out slow tests (go test -short): what only they notice survives")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	same, err := readEquivalents(listed)
	if err != nil {
		return false, fmt.Errorf("equivalents.txt: %w", err)
	}
	pkgs, err := load(ctx, flags.Args())
	if err != nil {
		return false, err
	}
	ok := true
	for _, p := range pkgs {
		dir, err := os.MkdirTemp("", "mutate")
		if err != nil {
			return false, fmt.Errorf("folder for a package: %w", err)
		}
		s, err := build(ctx, p, dir)
		if err == nil {
			s.short = o.short
			var good bool
			good, err = s.report(ctx, out, o, same)
			ok = ok && good
		}
		if err := os.RemoveAll(dir); err != nil {
			return false, fmt.Errorf("folder of a package: %w", err)
		}
		if err != nil {
			return false, err
		}
	}
	return ok, nil
}

// choose takes the sample, in the order of the source.
func choose(mutants []mutant, o options) []mutant {
	var chosen []mutant
	for _, m := range mutants {
		if strings.Contains(m.String(), o.only) {
			chosen = append(chosen, m)
		}
	}
	if o.sample <= 0 || o.sample >= len(chosen) {
		return chosen
	}
	r := rand.New(rand.NewPCG(o.seed, 0))
	r.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	chosen = chosen[:o.sample]
	slices.SortFunc(chosen, func(a, b mutant) int { return a.id - b.id })
	return chosen
}

// report judges a package's mutants, prints the survivors and the score, and
// tells whether the score is high enough and the list of equivalents true.
func (s *subject) report(ctx context.Context, out io.Writer, o options, same equivalents) (bool, error) {
	tests, err := s.survey(ctx)
	if err != nil {
		return false, err
	}
	chosen := choose(s.mutants, o)
	verdicts := s.judgeAll(ctx, tests, chosen, o.jobs)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	ok, dead, equal := true, 0, 0
	for i, m := range chosen {
		_, listed := same[m.key()]
		switch v := verdicts[i]; {
		case listed && v == killed:
			ok = false
			fmt.Fprintf(out, "not equivalent, a test kills it: %s\n", m.key())
		case listed:
			equal++
		case v == killed:
			dead++
		case v == unreached:
			fmt.Fprintf(out, "unreached %s\n", m.named())
		default:
			fmt.Fprintf(out, "survived  %s\n", m.named())
		}
	}
	ok = s.checkListed(out, same) && ok
	if n := len(chosen) - equal; n > 0 {
		score := 100 * float64(dead) / float64(n)
		fmt.Fprintf(out, "%-24s %5.1f %%  killed %d of n = %d, equivalent %d, mutants in all %d\n",
			s.path, score, dead, n, equal, len(s.mutants))
		ok = ok && score >= o.min
	}
	return ok, nil
}

// named is the line of the report, with the number that equivalents.txt needs.
func (m mutant) named() string {
	if m.nth > 1 {
		return m.String() + " #" + strconv.Itoa(m.nth)
	}
	return m.String()
}

// checkListed tells whether every entry for this package names a mutant.
func (s *subject) checkListed(out io.Writer, same equivalents) bool {
	keys := map[string]bool{}
	for _, m := range s.mutants {
		keys[m.key()] = true
	}
	ok := true
	for key := range same {
		file, _, _ := strings.Cut(key, " ")
		if path.Dir(file) == path.Clean(s.path) && !keys[key] {
			ok = false
			fmt.Fprintf(out, "listed as equivalent, but there is no such mutant: %s\n", key)
		}
	}
	return ok
}
