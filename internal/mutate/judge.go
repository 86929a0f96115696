package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// verdict is what became of a mutant.
type verdict int

const (
	killed verdict = iota
	survived
	unreached // no test runs the place
)

// timing is one test: how long it takes and which mutants it reaches.
type timing struct {
	name    string
	took    time.Duration
	reaches map[int]bool
}

func (s *subject) args(tests []string, more ...string) []string {
	quoted := make([]string, len(tests))
	for i, t := range tests {
		quoted[i] = regexp.QuoteMeta(t)
	}
	args := append([]string{"-test.run", "^(" + strings.Join(quoted, "|") + ")$", "-test.failfast"}, more...)
	if s.short {
		args = append(args, "-test.short")
	}
	if s.rapid {
		// The same examples on every run; a failure is not shrunk nor written down.
		args = append(args, "-rapid.seed=1", "-rapid.nofailfile", "-rapid.shrinktime=0s")
	}
	return args
}

// survey runs every test once without a mutant.
func (s *subject) survey(ctx context.Context) ([]timing, error) {
	if s.binary == "" {
		return nil, nil
	}
	out, err := run(ctx, s.dir, nil, s.binary, "-test.list", ".")
	if err != nil {
		return nil, fmt.Errorf("list tests of %s: %w\n%s", s.path, err, out)
	}
	notes := filepath.Join(filepath.Dir(s.binary), "reached")
	var tests []timing
	for name := range strings.FieldsSeq(out) {
		if strings.HasPrefix(name, "Benchmark") {
			continue
		}
		if err := os.WriteFile(notes, nil, 0o600); err != nil {
			return nil, fmt.Errorf("note reached mutants: %w", err)
		}
		began := time.Now()
		out, err := run(ctx, s.dir, []string{envReach + "=" + notes}, s.binary, s.args([]string{name})...)
		if err != nil {
			return nil, fmt.Errorf("%s %s fails without a mutant: %w\n%s", s.path, name, err, out)
		}
		t := timing{name: name, took: time.Since(began), reaches: map[int]bool{}}
		b, err := os.ReadFile(notes)
		if err != nil {
			return nil, fmt.Errorf("read reached mutants: %w", err)
		}
		for id := range strings.FieldsSeq(string(b)) {
			n, err := strconv.Atoi(id)
			if err != nil {
				return nil, fmt.Errorf("read reached mutants: %w", err)
			}
			t.reaches[n] = true
		}
		tests = append(tests, t)
	}
	slices.SortStableFunc(tests, func(a, b timing) int { return int(a.took - b.took) })
	return tests, nil
}

// batches groups the tests that reach a mutant: the quick ones together, then
// each slow one alone.
func batches(tests []timing, id int) [][]timing {
	var quick []timing
	var slow [][]timing
	for _, t := range tests {
		switch {
		case !t.reaches[id]:
		case t.took <= quickTest:
			quick = append(quick, t)
		default:
			slow = append(slow, []timing{t})
		}
	}
	if len(quick) > 0 {
		return append([][]timing{quick}, slow...)
	}
	return slow
}

// judge runs the tests that reach a mutant until one fails.
func (s *subject) judge(ctx context.Context, tests []timing, id int) verdict {
	v := unreached
	for _, batch := range batches(tests, id) {
		v = survived
		var names []string
		var took time.Duration
		for _, t := range batch {
			names = append(names, t.name)
			took += t.took
		}
		if !s.pass(ctx, names, id, max(testTimeMin, testTimeFactor*took)) {
			return killed
		}
	}
	return v
}

// pass tells whether tests pass in spite of a mutant. Those that the clock
// stopped get more time once: that a machine was busy is nothing they noticed.
func (s *subject) pass(ctx context.Context, tests []string, id int, limit time.Duration) bool {
	for _, limit := range []time.Duration{limit, patience * limit} {
		within, cancel := context.WithTimeout(ctx, limit+killDelay)
		out, err := run(within, s.dir, []string{envMutant + "=" + strconv.Itoa(id)}, s.binary,
			s.args(tests, "-test.timeout", limit.String())...)
		stopped := within.Err() != nil || strings.Contains(out, "panic: test timed out after")
		cancel()
		if err == nil || !stopped {
			return err == nil
		}
	}
	return false
}

// judgeAll judges mutants, jobs at a time, in order.
func (s *subject) judgeAll(ctx context.Context, tests []timing, mutants []mutant, jobs int) []verdict {
	verdicts := make([]verdict, len(mutants))
	work := make(chan int)
	var wg sync.WaitGroup
	for range jobs {
		wg.Go(func() {
			for i := range work {
				verdicts[i] = s.judge(ctx, tests, mutants[i].id)
			}
		})
	}
	for i := range mutants {
		work <- i
	}
	close(work)
	wg.Wait()
	return verdicts
}
