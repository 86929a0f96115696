package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"
)

// Figures are quantiles of one thing over attacks.
type Figures struct {
	N      int   `json:"n"`
	Median int64 `json:"median"`
	P95    int64 `json:"p95"`
	Max    int64 `json:"max"`
	// P95Upper bounds the 95th percentile with 95 % confidence, whatever the
	// distribution; -1 where there are too few attacks (59) for a bound.
	P95Upper int64 `json:"p95_upper"`
}

func figures(values []int64) Figures {
	v := sorted(values)
	f := Figures{N: len(v), Median: quantile(v, 0.5), P95: quantile(v, 0.95), P95Upper: -1}
	if len(v) > 0 {
		f.Max = v[len(v)-1]
	}
	if u, ok := upperQuantile(v, 0.95); ok {
		f.P95Upper = u
	}
	return f
}

// Rate is k of n, and the bound that the true rate exceeds once in twenty
// times at most (one-sided, Clopper and Pearson).
type Rate struct {
	K     int     `json:"k"`
	N     int     `json:"n"`
	Rate  float64 `json:"rate"`
	Upper float64 `json:"upper_95"`
}

func rate(k, n int) Rate {
	r := Rate{K: k, N: n, Upper: upperRate(k, n)}
	if n > 0 {
		r.Rate = float64(k) / float64(n)
	}
	return r
}

// Family is what one family cost.
type Family struct {
	Name     string  `json:"name"`
	MilliYen Figures `json:"milli_yen"`
	// Worst is of any 24 hours of each attack. Longest is how many seconds the attack
	// lasted that cost most in all.
	Worst   Figures `json:"worst_24_h_milli_yen"`
	Longest int64   `json:"dearest_seconds"`
	Calls   Figures `json:"calls"`
	Seconds Figures `json:"seconds"`
}

// Result is what one contestant came to.
type Result struct {
	Name     string  `json:"name"`
	Policy   Policy  `json:"policy"`
	MilliYen Figures `json:"milli_yen"`
	Worst    Figures `json:"worst_24_h_milli_yen"` // of any 24 hours of each attack
	// Budget is what each attacked office may spend abroad in 24 hours, Beyond how
	// much Worst was above that.
	Budget  Figures `json:"budget_milli_yen"`
	Beyond  Figures `json:"beyond_budget_milli_yen"`
	Calls   Figures `json:"calls_before_stop"`
	Seconds Figures `json:"seconds_to_stop"`
	// Stop is of the attacks of more than six calls a minute that were stopped:
	// seconds to the first attempt after which none got through. Up is how many
	// calls were up then, Never how many of those attacks were not stopped.
	Stop     Figures  `json:"fast_seconds_to_shut"`
	Up       Figures  `json:"fast_up_when_shut"`
	Never    Rate     `json:"fast_never_shut"`
	Families []Family `json:"families"` // the worst first

	Refused       Rate `json:"false_refusals"`
	RefusedAbroad Rate `json:"false_refusals_abroad"`
	Cut           Rate `json:"wrongly_cut"`
	Challenged    Rate `json:"challenged"` // before a call, and while they talked
	Prompted      Rate `json:"challenged_in_talk"`
	KeptInTalk    Rate `json:"kept_in_talk"`     // of those
	ReleasedSoon  Rate `json:"released_in_20_s"` // of those challenged before a call
	ReleasedLate  Rate `json:"released_in_60_s"`
	Barred        Rate `json:"barred_abroad"` // by the list, of calls abroad
	NoHelp        Rate `json:"emergency_not_passed"`
	Troubled      Rate `json:"offices_with_a_false_refusal"`
	AmongAttacks  Rate `json:"false_refusals_during_attacks"`
	// ReleaseSeconds is how long people took to answer a challenge, in the mean.
	ReleaseSeconds float64 `json:"release_seconds"`
	// Moved and Kept are attacks with prices dealt out to other countries and
	// without: what had learned countries by heart would differ.
	Moved Mean `json:"prices_moved"`
	Kept  Mean `json:"prices_kept"`
	// Why is what was refused and cut in peace, by kind of office and cause; of
	// what has budgets.
	Why map[string]*kept `json:"why,omitempty"`
}

// Mean is what N attacks cost in the mean; others than those of another Mean,
// so that small differences mean nothing.
type Mean struct {
	N        int   `json:"n"`
	MilliYen int64 `json:"milli_yen"`
}

func (m *Mean) add(milliYen int64) {
	m.MilliYen = (m.MilliYen*int64(m.N) + milliYen) / int64(m.N+1)
	m.N++
}

// Report is a run.
type Report struct {
	Seed     uint64          `json:"seed"`
	PINs     int             `json:"pins_percent"` // of people
	Results  []Result        `json:"results"`
	Adaptive []*hunt         `json:"adaptive"`
	Troubles []TroubleResult `json:"troubles"`
	Calls    int             `json:"calls_judged"`
	Skipped  int             `json:"episodes_skipped"`
	// Compared is how many attempts were judged with books in memory and with a
	// store on disk beside: a difference ends the run.
	Compared int     `json:"attempts_compared_with_store"`
	Seconds  float64 `json:"seconds"`
}

func newReport(m *match, hunts []*hunt, took time.Duration) *Report {
	r := &Report{
		Seed: m.seed, PINs: m.withPIN, Adaptive: hunts, Calls: m.Calls, Skipped: m.Skipped, Compared: m.Compared,
		Seconds: took.Seconds(),
	}
	for _, s := range m.scores {
		r.Results = append(r.Results, s.result())
	}
	return r
}

func (s *score) result() Result {
	out := Result{Name: s.Name, Policy: s.Policy}
	var yen, worst, calls, seconds, stop, up, budget, beyond []int64
	refused, office, quick := 0, 0, 0
	for _, name := range slices.Sorted(maps.Keys(s.Incidents)) {
		var y, day, c, sec []int64
		dearest := Incident{MilliYen: -1}
		for _, i := range s.Incidents[name] {
			y, day = append(y, i.MilliYen), append(day, i.Worst)
			c, sec = append(c, i.Calls), append(sec, i.Seconds)
			if i.MilliYen > dearest.MilliYen {
				dearest = i
			}
			budget, beyond = append(budget, i.Budget), append(beyond, i.Beyond)
			mean := &out.Kept
			if i.Moved {
				mean = &out.Moved
			}
			mean.add(i.MilliYen)
			if i.Fast {
				quick++
			}
			if i.Fast && i.Stop >= 0 {
				stop, up = append(stop, i.Stop), append(up, i.Up)
			}
			refused, office = refused+int(i.Refused), office+int(i.Office)
		}
		out.Families = append(out.Families, Family{
			Name: name, MilliYen: figures(y), Worst: figures(day), Longest: dearest.Seconds, Calls: figures(c),
			Seconds: figures(sec),
		})
		worst = append(worst, day...)
		yen, calls, seconds = append(yen, y...), append(calls, c...), append(seconds, sec...)
	}
	slices.SortStableFunc(out.Families, func(a, b Family) int { return cmp.Compare(b.MilliYen.Max, a.MilliYen.Max) })
	out.MilliYen, out.Calls, out.Seconds = figures(yen), figures(calls), figures(seconds)
	out.Worst, out.Budget, out.Beyond = figures(worst), figures(budget), figures(beyond)
	if ours(s.Name) && s.Name != gateName {
		out.Why = s.Why
	}
	out.Stop, out.Up, out.Never = figures(stop), figures(up), rate(quick-len(stop), quick)
	p := &s.Peace
	out.Refused = rate(p.Refused.All, p.Calls.All)
	out.RefusedAbroad = rate(p.Refused.Abroad, p.Calls.Abroad)
	out.Cut = rate(p.Cut.All, p.Calls.All)
	out.Challenged = rate(p.Challenged.All+p.Prompted.All, p.Calls.All)
	out.Prompted, out.KeptInTalk = rate(p.Prompted.All, p.Calls.All), rate(p.Kept.All, p.Prompted.All)
	out.ReleasedSoon, out.ReleasedLate = rate(s.Soon, p.Challenged.All), rate(s.Late, p.Challenged.All)
	out.Barred = rate(p.Barred.Abroad, p.Calls.Abroad)
	out.NoHelp = rate(p.NoHelp.All, p.Emergency.All)
	out.Troubled = rate(s.Troubled, s.Offices)
	out.AmongAttacks = rate(refused, office)
	if answered := p.Challenged.All - p.Lapsed.All; answered > 0 {
		out.ReleaseSeconds = s.Wait.Seconds() / float64(answered)
	}
	return out
}

// table prints what people look at.
func (r *Report) table(out io.Writer) error {
	r.heading(out)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprint(out, "\nATTACKS: yen lost by the world's books, calls answered and seconds until the last was "+
		"over; ≤ bounds the p95 (95 %)\n")
	cells(w, "", "policy", "n", "yen median", "p95", "≤", "max", "calls median", "p95", "≤",
		"seconds median", "p95", "≤", "worst family")
	for i := range r.Results {
		s := &r.Results[i]
		worst := "–"
		if len(s.Families) > 0 && s.Families[0].MilliYen.Max > 0 {
			worst = s.Families[0].Name
		}
		cells(w, s.Name, string(s.Policy), itoa(s.MilliYen.N),
			yen(s.MilliYen.Median), yen(s.MilliYen.P95), yen(s.MilliYen.P95Upper), yen(s.MilliYen.Max),
			count(s.Calls.Median), count(s.Calls.P95), count(s.Calls.P95Upper),
			count(s.Seconds.Median), count(s.Seconds.P95), count(s.Seconds.P95Upper), worst)
	}
	_ = w.Flush()
	r.days(out)
	r.stops(out)
	r.families(out)
	r.peace(out)
	r.why(out)
	r.bars(out)
	r.suffered(out)
	r.hunted(out)
	return nil
}

// heading says what the run was.
func (r *Report) heading(out io.Writer) {
	_, _ = fmt.Fprintf(out, "seed %d · %d calls judged in %.0f s (%.1f million a minute)",
		r.Seed, r.Calls, r.Seconds, float64(r.Calls)/r.Seconds*60/1e6)
	if r.Skipped > 0 {
		_, _ = fmt.Fprintf(out, " · no time for %d episodes", r.Skipped)
	}
	if r.Compared > 0 {
		_, _ = fmt.Fprintf(out, " · %d attempts judged alike on a store's own accounts", r.Compared)
	}
	_, _ = fmt.Fprintf(out, " · of 100 people %d have a PIN\n", r.PINs)
}

// stops prints how soon attacks of more than six calls a minute were shut out.
func (r *Report) stops(out io.Writer) {
	_, _ = fmt.Fprint(out, "\nSHUT OUT: attacks of more than 6 calls a minute; seconds from the first attempt to the "+
		"one after which\nnone got through, and calls up or ringing then; never: of 100 such attacks\n")
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	cells(w, "", "policy", "n", "seconds median", "p95", "≤", "up median", "p95", "max", "never", "≤")
	for i := range r.Results {
		s := &r.Results[i]
		cells(w, s.Name, string(s.Policy), itoa(s.Never.N), count(s.Stop.Median), count(s.Stop.P95),
			count(s.Stop.P95Upper), count(s.Up.Median), count(s.Up.P95), count(s.Up.Max),
			per(s.Never.Rate, 100), per(s.Never.Upper, 100))
	}
	_ = w.Flush()
}

// families prints the highest yen of each family, the gate's worst first.
func (r *Report) families(out io.Writer) {
	_, _ = fmt.Fprint(out, "\nFAMILIES: median / max yen; the first column with a loss of the gate decides the order\n")
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	head := []string{"", "n"}
	byName := make([]map[string]Family, len(r.Results))
	for i := range r.Results {
		head = append(head, r.Results[i].Name+" "+string(r.Results[i].Policy))
		byName[i] = map[string]Family{}
		for _, f := range r.Results[i].Families {
			byName[i][f.Name] = f
		}
	}
	cells(w, head...)
	lead := &r.Results[0]
	for i := range r.Results {
		if s := &r.Results[i]; ours(s.Name) && s.MilliYen.Max > lead.MilliYen.Max {
			lead = s
		}
	}
	for _, f := range lead.Families {
		words := []string{f.Name, itoa(f.MilliYen.N)}
		for i := range r.Results {
			v := byName[i][f.Name].MilliYen
			words = append(words, yen(v.Median)+" / "+yen(v.Max))
		}
		cells(w, words...)
	}
	_ = w.Flush()
}

// peace prints what the office suffers.
func (r *Report) peace(out io.Writer) {
	_, _ = fmt.Fprint(out, "\nOFFICES IN PEACE: false refusals per 100,000 calls, per 100,000 calls abroad, "+
		"calls wrongly cut per million,\nchallenges per 100,000 and how many of 100 were released in 20 and 60 s; "+
		"≤ is the 95 % bound (Clopper-Pearson,\none-sided). Barred: by the list, of 100 calls abroad\n")
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	cells(w, "", "policy", "n", "refused", "≤", "n abroad", "refused", "≤", "cut", "≤", "challenged", "≤",
		"in 20 s", "in 60 s", "barred", "emergency lost", "offices refused", "in attacks")
	for i := range r.Results {
		s := &r.Results[i]
		cells(w, s.Name, string(s.Policy), itoa(s.Refused.N), per(s.Refused.Rate, 1e5), per(s.Refused.Upper, 1e5),
			itoa(s.RefusedAbroad.N), per(s.RefusedAbroad.Rate, 1e5), per(s.RefusedAbroad.Upper, 1e5),
			per(s.Cut.Rate, 1e6), per(s.Cut.Upper, 1e6), per(s.Challenged.Rate, 1e5), per(s.Challenged.Upper, 1e5),
			share(s.ReleasedSoon), share(s.ReleasedLate), per(s.Barred.Rate, 100),
			fmt.Sprintf("%d of %d", s.NoHelp.K, s.NoHelp.N),
			fmt.Sprintf("%d of %d", s.Troubled.K, s.Troubled.N), per(s.AmongAttacks.Rate, 1e5))
	}
	_ = w.Flush()
	for i := range r.Results {
		if s := &r.Results[i]; ours(s.Name) && s.MilliYen.Max > 0 {
			_, _ = fmt.Fprintf(out, "%s %s: mean loss %s with the tariff's prices (n %d), "+
				"%s with prices dealt out to other countries (n %d)\n",
				s.Name, s.Policy, yen(s.Kept.MilliYen), s.Kept.N, yen(s.Moved.MilliYen), s.Moved.N)
		}
	}
}

// suffered prints what faults added.
func (r *Report) suffered(out io.Writer) {
	if len(r.Troubles) == 0 {
		return
	}
	_, _ = fmt.Fprint(out, "\nTROUBLE: "+purseName+", every country open, attacks with something going wrong; over: "+
		"yen that the carrier bills\nin 24 hours beyond a budget, by an audit of its own (bar 0); stated: the units "+
		"that began in those while the\ngate could not know (docs/guides/budgets.md); unexplained: the most beyond "+
		"that (bar 0)\n")
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	cells(w, "", "n", "yen median", "max", "over median", "p95", "max", "stated", "unexplained", "worst family",
		"kills", "most a kill added", "stated", "")
	for i := range r.Troubles {
		t := &r.Troubles[i]
		worst, added, most, word := "–", "–", "–", "met"
		if t.Unexplained > 0 || t.Added > killMost() {
			word = "MISSED"
		}
		if t.Over.Max > 0 {
			worst = t.Worst
		}
		if t.Kills > 0 {
			added, most = yen(t.Added), yen(killMost())
		}
		cells(w, t.What, itoa(t.Yen.N), yen(t.Yen.Median), yen(t.Yen.Max), yen(t.Over.Median), yen(t.Over.P95),
			yen(t.Over.Max), yen(t.Stated), yen(t.Unexplained), worst, itoa(t.Kills), added, most, word)
	}
	_ = w.Flush()
}

// hunted prints what the adaptive attacker found.
func (r *Report) hunted(out io.Writer) {
	if len(r.Adaptive) == 0 {
		return
	}
	_, _ = fmt.Fprint(out, "\nADAPTIVE ATTACKER: the most that one attack of at most 3 days cost; 24 h: the most "+
		"that any 24 hours of any of them did\n")
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	cells(w, "against", "office", "episodes", "24 h", "best yen", "days", "calls", "seconds", "found at")
	for _, h := range r.Adaptive {
		cells(w, h.Against, h.Office, itoa(h.Episodes), yen(h.Worst), yen(h.Best.MilliYen), daysOf(h.Best.Seconds),
			count(h.Best.Calls), count(h.Best.Seconds), itoa(h.At))
	}
	_ = w.Flush()
}

func cells(w io.Writer, words ...string) {
	for _, c := range words {
		_, _ = fmt.Fprint(w, c, "\t")
	}
	_, _ = fmt.Fprintln(w)
}

func itoa(n int) string { return fmt.Sprint(n) }

func count(n int64) string {
	if n < 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

// yen shortens: 2.35M, 12k, 540.
func yen(milli int64) string {
	y := (milli + 999) / 1000 // a fraction of a yen is a loss
	switch {
	case milli < 0:
		return "–"
	case y >= 1_000_000:
		return fmt.Sprintf("%.2fM", float64(y)/1e6)
	case y >= 10_000:
		return fmt.Sprintf("%.0fk", float64(y)/1e3)
	}
	return fmt.Sprint(y)
}

// share is a percentage, – where there is nothing of which.
func share(r Rate) string {
	if r.N == 0 {
		return "–"
	}
	return per(r.Rate, 100)
}

// per is a rate in so many.
func per(rate, of float64) string {
	switch v := rate * of; {
	case v == 0:
		return "0"
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprintf("%.0f", v)
	}
}
