package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// bar is one thing that is promised, and what a run says of it.
type bar struct {
	what, asked, seen, upper string
	n, need                  int // need is 0 where no number of calls is asked for
	word                     string
}

// rateBar judges a rate by its bound: with too few calls, or some of them bad, it
// may be short of telling.
func rateBar(what string, of, asked float64, got Rate) bar {
	b := bar{
		what: what, asked: per(asked, of), seen: per(got.Rate, of), upper: per(got.Upper, of), n: got.N,
		need: callsFor(asked), word: "short",
	}
	switch {
	case got.Upper <= asked:
		b.word = "met"
	case got.Rate > asked:
		b.word = fmt.Sprintf("MISSED %.1f times", got.Rate/asked)
	}
	return b
}

// valueBar judges a quantile.
func valueBar(what string, asked, got int64, n int, say func(int64) string) bar {
	b := bar{what: what, asked: say(asked), seen: say(got), n: n, word: "met"}
	switch {
	case n == 0:
		b.seen, b.word = "–", "short"
	case got > asked:
		b.word = "MISSED by " + say(got-asked)
	}
	return b
}

// bars are what the gate with its budgets is promised to do.
func (s *Result) bars() []bar {
	attacks := s.MilliYen.N
	worst := valueBar("yen in any 24 hours, max", barMax, s.Worst.Max, attacks, yen)
	if s.Policy == Fitted { // each office has a budget of its own
		worst = valueBar("yen in 24 hours beyond the budget", 0, s.Beyond.Max, attacks, yen)
	}
	return []bar{
		valueBar("yen median", barMedian, s.MilliYen.Median, attacks, yen),
		valueBar("yen p95", barP95, s.MilliYen.P95, attacks, yen),
		worst,
		{what: "yen of a whole attack, max", asked: "–", seen: yen(s.MilliYen.Max), n: attacks},
		valueBar("calls answered median", barCallsMedian, s.Calls.Median, attacks, count),
		valueBar("calls answered p95", barCallsP95, s.Calls.P95, attacks, count),
		valueBar("seconds to shut out, fast, median", barShut, s.Stop.Median, s.Stop.N, count),
		rateBar("refused of 100,000", 1e5, barRefused, s.Refused),
		rateBar("refused of 100,000 abroad", 1e5, barAbroad, s.RefusedAbroad),
		rateBar("cut of a million", 1e6, barCut, s.Cut),
		rateBar("challenged of 100,000", 1e5, barChallenged, s.Challenged),
	}
}

// bars prints by how much each is missed.
func (r *Report) bars(out io.Writer) {
	_, _ = fmt.Fprint(out, "\nBARS: what is asked, what this run saw, and its bound; short: this run is too "+
		"short to tell\n")
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	cells(w, "", "policy", "bar", "asked", "seen", "≤", "n", "needed", "")
	for i := range r.Results {
		s := &r.Results[i]
		if s.Name != unitName {
			continue
		}
		for _, b := range s.bars() {
			need := ""
			if b.need > 0 {
				need = itoa(b.need)
			}
			cells(w, s.Name, string(s.Policy), b.what, b.asked, b.seen, b.upper, itoa(b.n), need, b.word)
		}
	}
	_ = w.Flush()
}
