package main

import (
	"bytes"
	"encoding/json"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

func shipped(t *testing.T) ([]fraud.Office, []fraud.Family) {
	t.Helper()
	o, err := fraud.Offices()
	if err != nil {
		t.Fatal(err)
	}
	f, err := fraud.Families()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(o, func(o fraud.Office) bool { return o.Name == "call-center" || o.Name == "hotel" }), f
}

// short is an attack with fewer attempts: a test has little time.
func short(p *fraud.Plan, attempts int) *fraud.Plan {
	for i := range p.Phases {
		f := &p.Phases[i]
		f.Attempts, f.For = min(f.Attempts, attempts), min(f.For, 36*time.Hour)
	}
	return p
}

func site(t *testing.T) *fraud.Site {
	t.Helper()
	o, _ := shipped(t)
	w, err := fraud.New(&o[len(o)-1], nil, fraud.Options{Seed: 1, Start: firstDay(dice(1, 1)), Days: 1})
	if err != nil {
		t.Fatal(err)
	}
	return w.Site()
}

// event is an attempt abroad at a time of the site's first day.
func event(s *fraud.Site, call uint64, at time.Duration) *fraud.Event {
	return &fraud.Event{
		Kind: fraud.Attempt, At: s.Start.Add(at), Call: call, Extension: "201", Path: fraud.Dialed,
		Source: netip.MustParseAddr("192.168.10.2"), Dialed: "01023276123456", Number: "23276123456", Area: "SL",
	}
}

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		k, n int
		want float64
	}{
		{0, 100, 1 - math.Pow(0.05, 0.01)},
		{0, 1_000_000, 2.9957e-6},
		{3, 100, 0.07571}, // tables of Clopper and Pearson
		{10, 1000, 0.016901},
		{5, 5, 1},
		{0, 0, 1},
	} {
		if got := upperRate(c.k, c.n); math.Abs(got-c.want) > 1e-3*c.want {
			t.Errorf("%d of %d: at most %g, want %g", c.k, c.n, got, c.want)
		}
	}
	v := make([]int64, 59)
	for i := range v {
		v[i] = int64(i)
	}
	if u, ok := upperQuantile(v, 0.95); !ok || u != 58 {
		t.Errorf("the largest of 59 bounds their p95, got %d %v", u, ok)
	}
	if _, ok := upperQuantile(v[:58], 0.95); ok {
		t.Error("58 values are too few to bound a p95")
	}
	if quantile(v, 0.5) != 29 || quantile(v, 0.95) != 56 || quantile(nil, 0.5) != 0 {
		t.Errorf("quantiles %d %d", quantile(v, 0.5), quantile(v, 0.95))
	}
}

// TestClosedGateLosesNothing: as delivered, no family gets a call through.
func TestClosedGateLosesNothing(t *testing.T) {
	offices, families := shipped(t)
	c := cast{seed: 20150310, offices: offices}
	closed := contestant{Name: gateName, Policy: Closed, make: bare}
	none := contestant{Name: "none", Policy: Open, make: baselines(&frozen{}, nil)[0].make}
	for i := range families {
		o, plan, opt := c.attackOn(&families[i], 0)
		opt.History = min(opt.History, 0)
		got, err := attacked(&closed, o, short(plan, 40), opt)
		if err != nil || got.MilliYen != 0 || got.Calls != 0 || got.Attempts == 0 || got.Refused != 0 {
			t.Errorf("%s: %+v, %v", families[i].Name, got, err)
		}
		got, err = attacked(&none, o, plan, opt)
		if err != nil || got.MilliYen == 0 && families[i].Name != "scan-pump" {
			t.Errorf("%s costs nothing although nothing stops it: %+v, %v", families[i].Name, got, err)
		}
	}
}

// TestBaselines: each does what its name says, and has the hole that is known.
func TestBaselines(t *testing.T) {
	s := site(t)
	f, err := readFrozen()
	if err != nil {
		t.Fatal(err)
	}
	f.OpenSIPS.CallsAMinute, f.OpenSIPS.Total, f.OpenSIPS.Concurrent, f.OpenSIPS.Sequential = 9, 99, 3, 99
	f.Yeastar.Calls, f.Yeastar.Window = 2, 60
	f.CDR.DayYen, f.CNXCC.DayYen, f.NTT.Factor, f.NTT.FloorYen = 300, 300, 3, 300
	of := map[string]Subject{}
	for _, b := range baselines(f, nil)[1:6] {
		if of[b.Name], err = b.make(s, Open); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(name string, call uint64, at time.Duration, want Answer) {
		t.Helper()
		if got := of[name].Ask(event(s, call, at)); got != want {
			t.Errorf("%s: call %d at %s gets %d, want %d", name, call, at, got, want)
		}
	}
	tell := func(name string, call uint64, at time.Duration, k fraud.Kind, talk time.Duration) {
		e := event(s, call, at)
		e.Kind, e.Talk = k, talk
		of[name].Tell(e)
	}
	ask("opensips", 1, 23*time.Hour, Pass)
	ask("opensips", 2, 23*time.Hour, Pass)
	ask("opensips", 3, 23*time.Hour, Refuse) // the third at once
	ask("opensips", 4, 24*time.Hour, Pass)   // midnight forgets what is up

	ask("yeastar", 1, time.Hour, Pass)
	ask("yeastar", 2, time.Hour, Pass)
	ask("yeastar", 3, time.Hour, Refuse)
	ask("yeastar", 4, 9*time.Hour, Refuse)
	tell("yeastar", 0, 10*time.Hour, fraud.Reviewed, 0)
	ask("yeastar", 5, 11*time.Hour, Pass)

	ask("cdr-day-budget", 1, time.Hour, Pass)
	ask("cdr-day-budget", 2, 2*time.Hour, Pass) // the first is still up, and costs nothing yet
	tell("cdr-day-budget", 1, 3*time.Hour, fraud.Ended, 2*time.Hour)
	ask("cdr-day-budget", 3, 4*time.Hour, Refuse)
	ask("cdr-day-budget", 4, 25*time.Hour, Pass)

	ask("cnxcc", 1, time.Hour, Pass)
	tell("cnxcc", 1, time.Hour, fraud.Answered, 0)
	due, ok := of["cnxcc"].Due()
	if want := s.Start.Add(time.Hour + 103*time.Second); !ok || due != want { // 300 yen at 175 a minute
		t.Errorf("cnxcc looks again at %s, want %s", due, want)
	}
	if cut := of["cnxcc"].Tick(due); !slices.Equal(cut, []uint64{1}) {
		t.Errorf("cnxcc cuts %v", cut)
	}

	tell("ntt-2015", 1, time.Hour, fraud.Ended, 2*time.Hour)
	ask("ntt-2015", 2, 2*time.Hour, Pass)
	due, ok = of["ntt-2015"].Due()
	if !ok || due.Hour() != 10 || !due.After(s.Start.Add(24*time.Hour)) {
		t.Errorf("ntt bars at %s", due)
	}
	of["ntt-2015"].Tick(due)
	ask("ntt-2015", 3, 99*time.Hour, Refuse)
}

// area is how well scores tell fraud from the office: the area under the ROC
// curve, 0.5 for not at all.
func area(rows []row, score func(*row) float32) float64 {
	slices.SortFunc(rows, func(a, b row) int {
		switch x, y := score(&a), score(&b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	sum, bad, good := 0.0, 0.0, 0.0
	for i := 0; i < len(rows); {
		j, b, g := i, 0.0, 0.0
		for ; j < len(rows) && score(&rows[j]) == score(&rows[i]); j++ {
			if rows[j].fraud {
				b++
			} else {
				g++
			}
		}
		sum += b*good + b*g/2
		bad, good, i = bad+b, good+g, j
	}
	return sum / (bad * good)
}

// lessons are rows of some attacks and offices; identity replaces what a call
// is by what it is called: its number and the small digits of its time.
func lessons(t *testing.T, seed uint64, identity bool) []row {
	t.Helper()
	offices, families := shipped(t)
	c := cast{seed: seed, offices: offices}
	var rows []row
	for _, f := range developmentOf(families) {
		o, plan, opt := c.attackOn(&f, 0)
		opt.History = 5
		w, err := fraud.New(o, short(plan, 60), opt)
		if err != nil {
			t.Fatal(err)
		}
		var seen []row
		p := &pupil{newMemory(w.Site()), w, &seen}
		if _, err := play(w, ears{p, identity}, 0); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, seen...)
	}
	return rows
}

// ears is a pupil that hears all calls, or only their names.
type ears struct {
	*pupil
	identity bool
}

func (n ears) Ask(e *fraud.Event) Answer {
	if n.identity {
		ns := e.At.Nanosecond()
		x := [features]float32{
			float32(e.Call % 2), float32(e.Call % 7), float32(ns % 1000), float32(ns / 1000 % 1000), float32(ns / 1e6),
		}
		*n.rows = append(*n.rows, row{x, n.w.Intruding()})
		return Pass
	}
	return n.pupil.Ask(e)
}

// TestCanaries: a forest that learns from shuffled labels knows nothing, and
// neither does one that sees only what calls are called and the small digits of
// their time; one that learns what it may is good. If the first two were any
// good, the generator would tell whose call it is.
func TestCanaries(t *testing.T) {
	exam := func(identity, shuffle bool) float64 {
		rows := lessons(t, 5, identity)
		if shuffle {
			r := dice(9, 9)
			r.Shuffle(len(rows), func(i, j int) { rows[i].fraud, rows[j].fraud = rows[j].fraud, rows[i].fraud })
		}
		grown := grow(rows, dice(1, 1))
		return area(lessons(t, 6, identity), func(r *row) float32 { return grown.share(&r.x) })
	}
	if a := exam(false, false); a < 0.8 {
		t.Errorf("a forest that learned is right in %.2f of cases", a)
	}
	if a := exam(false, true); a < 0.25 || a > 0.75 {
		t.Errorf("shuffled labels teach something: %.2f", a)
	}
	if a := exam(true, false); a < 0.4 || a > 0.6 {
		t.Errorf("calls are named after whose they are: %.2f", a)
	}
}

// TestHuntLearns: the adaptive attacker ends higher than he began, and the same
// seed hunts the same.
func TestHuntLearns(t *testing.T) {
	offices, families := shipped(t)
	var f frozen
	f.CDR.DayYen = 5000
	budget := contestant{Name: "cdr-day-budget", Policy: Open, make: newDayBudget(&f)}
	run := func(episodes int) *hunt {
		h := &hunt{families: families[:6]}
		if err := h.run(&budget, &offices[len(offices)-1], 3, episodes, time.Time{}); err != nil {
			t.Fatal(err)
		}
		return h
	}
	a, b := run(24), run(24)
	if a.Best != b.Best || a.Worst < a.Best.Worst || a.Best.Worst == 0 || a.Best.MilliYen == 0 || a.At == 0 ||
		a.Plan.Check() != nil {
		t.Errorf("hunts found %+v and %+v, at %d: %v", a.Best, b.Best, a.At, a.Plan.Check())
	}
}

// TestWholeRun: a small run prints every table, and its JSON can be read.
func TestWholeRun(t *testing.T) {
	offices, families := shipped(t)
	f, err := readFrozen()
	if err != nil {
		t.Fatal(err)
	}
	grown := grow(lessons(t, 5, false), dice(1, 1))
	c := cast{1, offices[:1], families[:1], pinsPreset, field(f, grown, false, pinsPreset)}
	m := newMatch(c, 1, 60, time.Time{})
	if err := m.play(); err != nil {
		t.Fatal(err)
	}
	hunts, err := m.hunts(2, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	r := newReport(m, hunts, time.Second)
	var out bytes.Buffer
	if err := r.table(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"seed 1", "ATTACKS", "FAMILIES", "OFFICES IN PEACE", "ADAPTIVE", families[0].Name, "cnxcc",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	data, err := json.Marshal(r)
	if err != nil || !json.Valid(data) || !bytes.Contains(data, []byte(`"upper_95"`)) {
		t.Errorf("%v: %s", err, data)
	}
	if r.Results[0].MilliYen.Max != 0 || r.Results[5].MilliYen.Max == 0 {
		t.Errorf("closed lost %d, nothing lost %d", r.Results[0].MilliYen.Max, r.Results[5].MilliYen.Max)
	}
}

// TestOptions: quick runs have other sizes, and a fresh seed is drawn.
func TestOptions(t *testing.T) {
	a, err := parse([]string{"-quick"})
	b, err2 := parse([]string{"-seed", "7", "-o", "json"})
	if err != nil || err2 != nil || a.seed == 0 || a.rounds != quickRounds || b.seed != 7 || !b.json ||
		b.episodes != fullEpisodes {
		t.Errorf("%+v %v, %+v %v", a, err, b, err2)
	}
	if _, err := parse([]string{"-o", "xml"}); err == nil {
		t.Error("-o xml is no output")
	}
}

// TestCallsFor: so many calls, none of them bad, are just enough.
func TestCallsFor(t *testing.T) {
	for rate, want := range map[float64]int{barRefused: 299_572, barAbroad: 29_956, barCut: 2_995_731} {
		n := callsFor(rate)
		if n != want || upperRate(0, n) > rate*1.000001 || upperRate(0, n-n/1000) <= rate {
			t.Errorf("for %g: %d calls, bound %g", rate, n, upperRate(0, n))
		}
	}
}

// TestBars: each is met, missed or left open, and says by how much.
func TestBars(t *testing.T) {
	for _, c := range []struct {
		got  Rate
		want string
	}{
		{rate(0, 299_572), "met"},
		{rate(0, 299_000), "short"},
		{rate(4, 100_000), "MISSED 4.0 times"},
		{rate(1, 299_572), "short"},
	} {
		if b := rateBar("refused", 1e5, barRefused, c.got); b.word != c.want {
			t.Errorf("%+v: %s, want %s", c.got, b.word, c.want)
		}
	}
	if b := valueBar("yen", 500_000, 740_000, 3, yen); b.word != "MISSED by 240" {
		t.Errorf("%+v", b)
	}
	if b := valueBar("yen", 500_000, 0, 0, yen); b.word != "short" {
		t.Errorf("%+v", b)
	}
	if b := valueBar("yen", 500_000, 500_000, 3, yen); b.word != "met" {
		t.Errorf("%+v", b)
	}
}
