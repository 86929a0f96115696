package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

// shippedResults are those of all that ships.
func (r *Report) shippedResults() (out []*Result) {
	for i := range r.Results {
		if r.Results[i].Name == unitName {
			out = append(out, &r.Results[i])
		}
	}
	return out
}

// days prints what the worst 24 hours of each family cost beside the whole attack.
func (r *Report) days(out io.Writer) {
	_, _ = fmt.Fprintf(out, "\nWORST 24 HOURS: %s, yen of any 24 hours of an attack by the carrier's books (bar: "+
		"max at most %s), the worst\nfamily first; whole: the attack that cost most from its first call to its last, "+
		"and how many days it lasted\n", unitName, yen(barMax))
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	cells(w, "", "policy", "n", "24 h median", "p95", "max", "whole median", "max", "days", "calls max")
	for _, s := range r.shippedResults() {
		byDay := slices.Clone(s.Families)
		slices.SortStableFunc(byDay, func(a, b Family) int { return cmp.Compare(b.Worst.Max, a.Worst.Max) })
		free := 0
		for _, f := range byDay {
			if f.MilliYen.Max == 0 {
				free++
				continue
			}
			cells(w, f.Name, string(s.Policy), itoa(f.Worst.N), yen(f.Worst.Median), yen(f.Worst.P95),
				yen(f.Worst.Max), yen(f.MilliYen.Median), yen(f.MilliYen.Max), daysOf(f.Longest), count(f.Calls.Max))
		}
		if free > 0 {
			cells(w, fmt.Sprintf("%d others", free), string(s.Policy), "", "0", "0", "0", "0", "0", "", "0")
		}
	}
	_ = w.Flush()
	for _, s := range r.shippedResults() {
		if s.Policy == Fitted && s.Budget.N > 0 {
			_, _ = fmt.Fprintf(out, "%s fitted: the offices' budgets of 24 hours, which their owners set once by the "+
				"month before: median %s, p95 %s, max %s;\nthe worst 24 hours beyond its budget %s\n",
				s.Name, yen(s.Budget.Median), yen(s.Budget.P95), yen(s.Budget.Max), yen(s.Beyond.Max))
		}
	}
}

func daysOf(seconds int64) string {
	return fmt.Sprintf("%.1f", (time.Duration(seconds)*time.Second).Hours()/24)
}

// why prints why the office's calls were refused and cut in peace: by cause, and
// by kind of office.
func (r *Report) why(out io.Writer) {
	for _, s := range r.shippedResults() {
		if len(s.Why) == 0 {
			continue
		}
		_, _ = fmt.Fprintf(out, "\nWHY: %s %s, what was refused for nothing, cut and challenged in peace (of all "+
			"calls as above); -why has all\n", s.Name, s.Policy)
		all, calls := tolls{}, fraud.Count{}
		for _, k := range s.Why {
			all.add(k.Tolls)
			calls.Add(k.Calls)
		}
		w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
		cells(w, "cause", "refused", "abroad", "of 100,000", "cut", "of a million", "challenged", "offices")
		for _, cause := range all.worst() {
			t := all[cause]
			kinds := 0
			for _, k := range s.Why {
				if k.Tolls[cause] != nil {
					kinds++
				}
			}
			cells(w, cause, itoa(t.Refused.All), itoa(t.Refused.Abroad), per(ratio(t.Refused.All, calls.All), 1e5),
				itoa(t.Cut.All), per(ratio(t.Cut.All, calls.All), 1e6), itoa(t.Challenged.All), itoa(kinds))
		}
		_ = w.Flush()
		_, _ = fmt.Fprintln(out)
		w = tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
		cells(w, "kind of office", "calls", "refused", "of 100,000", "≤", "abroad", "refused", "of 100,000", "≤", "cut",
			"of a million", "≤", "challenged", "offices refused", "most because of")
		for _, kind := range s.kinds() {
			k := s.Why[kind]
			t := k.Tolls.sum()
			refused, abroad := rate(t.Refused.All, k.Calls.All), rate(t.Refused.Abroad, k.Calls.Abroad)
			cut, most := rate(t.Cut.All, k.Calls.All), "–"
			if t.Refused.All+t.Cut.All > 0 {
				most = k.Tolls.worst()[0]
			}
			cells(w, kind, itoa(k.Calls.All), itoa(refused.K), per(refused.Rate, 1e5), per(refused.Upper, 1e5),
				itoa(k.Calls.Abroad), itoa(abroad.K), per(abroad.Rate, 1e5), per(abroad.Upper, 1e5), itoa(cut.K),
				per(cut.Rate, 1e6), per(cut.Upper, 1e6), itoa(t.Challenged.All),
				fmt.Sprintf("%d of %d", k.Troubled, k.Offices), most)
		}
		_ = w.Flush()
	}
}

// kinds lists the kinds of offices by how many calls were refused and cut.
func (s *Result) kinds() []string {
	bad := func(kind string) int {
		t := s.Why[kind].Tolls.sum()
		return t.Refused.All + t.Cut.All
	}
	return slices.SortedFunc(maps.Keys(s.Why), func(a, b string) int {
		return cmp.Or(cmp.Compare(bad(b), bad(a)), cmp.Compare(a, b))
	})
}

// causes prints a run of -why: each cause in each kind of office.
func (r *Report) causes(out io.Writer) error {
	r.heading(out)
	r.peace(out)
	r.why(out)
	for _, s := range r.shippedResults() {
		_, _ = fmt.Fprintf(out, "\nEACH CAUSE IN EACH KIND OF OFFICE: %s %s\n", s.Name, s.Policy)
		w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
		cells(w, "kind of office", "cause", "refused", "abroad", "cut", "challenged")
		for _, kind := range s.kinds() {
			list := s.Why[kind].Tolls
			for _, cause := range list.worst() {
				t := list[cause]
				cells(w, kind, cause, itoa(t.Refused.All), itoa(t.Refused.Abroad), itoa(t.Cut.All),
					itoa(t.Challenged.All))
			}
		}
		_ = w.Flush()
	}
	return nil
}

// ratio is k of n as a rate.
func ratio(k, n int) float64 { return rate(k, n).Rate }
