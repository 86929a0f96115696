package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestSearch finds the limit of a system that does 1,000 a second.
func TestSearch(t *testing.T) {
	for _, first := range []float64{10, 300, 1000, 20_000} {
		s := &search{next: first, left: 16, least: growthMin, close: closeEnough}
		for {
			rate, ok := s.more()
			if !ok {
				break
			}
			s.take(step{Rate: rate, Clean: rate <= 1000, Cores: cores{Subject: min(1, rate/1000)}})
		}
		best, ok := s.best()
		if !ok || best.Rate > 1000 || best.Rate < 1000/closeEnough/1.01 {
			t.Errorf("from %.0f: found %.0f in %d steps", first, best.Rate, len(s.steps))
		}
	}
	s := &search{fixed: []float64{5, 3}}
	for _, want := range []float64{5, 3} {
		rate, ok := s.more()
		if !ok || rate != want {
			t.Errorf("fixed rate %.0f, want %.0f", rate, want)
		}
		s.take(step{Rate: rate})
	}
	if _, ok := s.more(); ok {
		t.Error("a third of two rates")
	}
}

// TestAQuickRunKeepsItsTime plays the rows of a quick run by the clock, each step
// and each start as long as on some machine: the run ends in its time, and every
// search has its least steps.
func TestAQuickRunKeepsItsTime(t *testing.T) {
	for _, each := range []time.Duration{500 * time.Millisecond, time.Second, 1500 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			o, err := parse([]string{"-quick"})
			if err != nil {
				t.Fatal(err)
			}
			started, steps := time.Now(), 0
			for _, r := range rows() {
				if r.extra {
					continue
				}
				tr := &trial{row: r, until: o.rowEnds(r, started)}
				if r.fixed > 0 {
					tr.after = 2
				}
				time.Sleep(2 * time.Second) // start
				s := &search{next: 1, left: o.steps, least: 2}
				for took := time.Duration(0); ; took = each {
					rate, ok := s.more()
					if !ok || tr.over(s, time.Now(), took) {
						break
					}
					time.Sleep(each)
					s.take(step{Rate: rate, Clean: true})
				}
				time.Sleep(time.Duration(tr.after)*each + quickRowEnd)
				if len(s.steps) < quickStepsLeast {
					t.Errorf("%s had %d steps", r.key, len(s.steps))
				}
				steps += len(s.steps)
			}
			if took := time.Since(started); took > quickTime {
				t.Errorf("with steps of %v it took %v", each, took)
			}
			if each == 500*time.Millisecond && steps != 4*quickSteps {
				t.Errorf("on a quick machine there are %d steps, want all", steps)
			}
		})
	}
}

func TestVerdictsMustMatch(t *testing.T) {
	cases := []struct {
		name    string
		reached map[uint64]int
		v       verdicts
		want    string
	}{
		{"one each", map[uint64]int{330000000: 1}, verdicts{byNumber: map[string]int{"0330000000": 1}}, ""},
		{
			"a verdict whose call did not get there", nil,
			verdicts{byNumber: map[string]int{"0330000000": 1}},
			"",
		},
		{"none", map[uint64]int{330000000: 1}, verdicts{byNumber: map[string]int{"0330000001": 1}}, "with 0 verdicts"},
		{"two", nil, verdicts{byNumber: map[string]int{"0330000000": 2}}, "judged 2 times"},
		{"two calls", map[uint64]int{330000000: 2}, verdicts{byNumber: map[string]int{"0330000000": 1}}, "in 2 calls"},
		{"others", nil, verdicts{others: 1}, "other calls"},
	}
	for _, c := range cases {
		err := c.v.compare(c.reached)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestJudge(t *testing.T) {
	cases := []struct {
		s    step
		want string
	}{
		{step{Offered: 1000, Done: 1000, Retransmits: 1}, ""},
		{step{Offered: 1000, Done: 1000, Retransmits: 2}, "0.2 % retransmitted"},
		{step{Offered: 1000, Done: 999, Failed: map[string]uint64{"503": 1}}, "failed: 503 × 1"},
		{step{Offered: 1000, Done: 1000, SetupP90: 80}, "falls behind: p90 to 200 80 ms"},
		{step{Offered: 1000, Done: 999}, "999 of 1000 done"},
	}
	for _, c := range cases {
		if c.s.judge(time.Second); c.s.Why != c.want || c.s.Clean != (c.want == "") {
			t.Errorf("%+v, want %q", c.s, c.want)
		}
	}
}

func TestMedianOfRounds(t *testing.T) {
	l := &line{}
	for _, clean := range []float64{30, 10, 20} {
		steps := []step{{Rate: clean, Clean: true, MicroCPU: 1000 / clean}}
		l.Rounds = append(l.Rounds, round{Clean: clean, Steps: steps})
	}
	if l.settle(); l.Clean != 20 || l.CPU != 50 {
		t.Errorf("median %.0f at %.0f µs, want 20 at 50", l.Clean, l.CPU)
	}
}

func TestTextOf(t *testing.T) {
	b := []byte("c1 d6:result2:ok3:sdp9:v=0\r\no=-xe")
	if got := string(textOf(b, "sdp")); got != "v=0\r\no=-x" {
		t.Errorf("got %q", got)
	}
	if textOf([]byte("c1 d3:sdp99:x"), "sdp") != nil || textOf(b, "cdr") != nil {
		t.Error("found what is not there")
	}
}

func TestOptions(t *testing.T) {
	if o, err := parse([]string{"-quick", "-rates", "5,10", "-rows", "calls", "-o", "json"}); err != nil ||
		!o.json || len(o.rates) != 2 || o.rounds != 1 || o.rows[0] != "calls" {
		t.Errorf("%+v, %v", o, err)
	}
	for _, bad := range [][]string{{"-rates", "x"}, {"-rates", "-1"}, {"-rows", "all"}, {"-o", "yaml"}, {"more"}} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestEvidenceThatDoesNotVerify makes the run void, whatever the exit code or
// the words.
func TestEvidenceThatDoesNotVerify(t *testing.T) {
	for _, script := range []string{
		`echo '{"ok":false,"why":"leaf 3 is not what it was"}'; exit 6`,
		`echo '{"ok":false}'`,
		`exit 1`,
		`echo nonsense`,
	} {
		program := filepath.Join(t.TempDir(), "sekisho")
		if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		u := &unit{binary: program, data: t.TempDir()}
		if _, err := u.verify(t.Context()); err == nil || !strings.Contains(err.Error(), "does not verify") {
			t.Errorf("%s: %v", script, err)
		}
	}
}

// TestOthersAreNamed: a program that is no part of the run is seen with what it
// uses, and we are not.
func TestOthersAreNamed(t *testing.T) {
	w := &others{time.Now().Add(-time.Second), map[string]time.Duration{}}
	own := filepath.Base(os.Args[0])
	for _, u := range w.most() {
		if strings.HasPrefix(own, u.Program) || u.Cores < othersMin {
			t.Errorf("%+v", u)
		}
	}
	// Process 1 has used something since the machine started.
	name, err := os.ReadFile("/proc/1/comm")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := processTimes()["1 "+strings.TrimSpace(string(name))]; !ok {
		t.Error("process 1 is not seen")
	}
}
