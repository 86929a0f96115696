package main

import (
	_ "embed" // the frozen thresholds
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/sekisho/sekisho/sim/fraud"
)

//go:embed frozen.toml
var frozenFile string

func readFrozen() (*frozen, error) {
	f := &frozen{}
	meta, err := toml.Decode(frozenFile, f)
	if err == nil && len(meta.Undecoded()) > 0 {
		err = fmt.Errorf("unknown key %q", meta.Undecoded()[0].String())
	}
	if err != nil {
		return nil, fmt.Errorf("frozen.toml: %w", err)
	}
	return f, nil
}

// development are the families that baselines may be tuned and taught on; all
// others are new to them.
var development = []string{"forwarding", "pump", "scan-pump", "setagaya", "symbol-prefix"}

func developmentOf(families []fraud.Family) []fraud.Family {
	var out []fraud.Family
	for _, f := range families {
		if slices.Contains(development, f.Name) {
			out = append(out, f)
		}
	}
	return out
}

// pupil learns: it lets everything through and keeps what it saw.
type pupil struct {
	*memory
	w    *fraud.World
	rows *[]row
}

// Ask keeps a dear call with what it was.
func (p *pupil) Ask(e *fraud.Event) Answer {
	if dear(e) {
		p.passed(e)
		*p.rows = append(*p.rows, row{p.features(e), p.w.Intruding()})
	}
	return Pass
}

const (
	lessonRows  = 1500 // of each development attack and office at most
	lessonCalls = 3000
)

// teach grows the forest on development seeds and families, the same each time.
func teach(offices []fraud.Office, families []fraud.Family) (forest, error) {
	c := cast{seed: seedDevelopment, offices: offices, families: developmentOf(families)}
	var rows []row
	lesson := func(o *fraud.Office, plan *fraud.Plan, opt fraud.Options) error {
		w, err := fraud.New(o, plan, opt)
		if err != nil {
			return err
		}
		var seen []row
		calls := 0
		if plan == nil {
			calls = lessonCalls
		}
		if _, err := play(w, &pupil{newMemory(w.Site()), w, &seen}, calls); err != nil {
			return err
		}
		rows = append(rows, seen[:min(len(seen), lessonRows)]...)
		return nil
	}
	for i := range c.families {
		for round := range 3 {
			if err := lesson(c.attackOn(&c.families[i], round)); err != nil {
				return nil, err
			}
		}
	}
	for i := range offices {
		r := dice(seedDevelopment, uint64(i))
		opt := fraud.Options{Seed: r.Uint64(), Start: firstDay(r), Days: peaceDaysMax}
		if err := lesson(&offices[i], nil, opt); err != nil {
			return nil, err
		}
	}
	return grow(rows, dice(seedDevelopment, 3)), nil
}

// baselines are the contestants beside the gate.
func baselines(f *frozen, grown forest) []contestant {
	return []contestant{
		{Name: "none", make: func(*fraud.Site, Policy) (Subject, error) { return nothing{}, nil }},
		{Name: "opensips", make: newOpenSIPS(f)},
		{Name: "yeastar", make: newYeastar(f)},
		{Name: "cdr-day-budget", make: newDayBudget(f)},
		{Name: "cnxcc", make: newCNXCC(f)},
		{Name: "ntt-2015", make: newNTT(f)},
		{Name: "forest", make: newWoods(grown, f.Forest.Percent)},
	}
}

// bare is the gate without budgets.
func bare(site *fraud.Site, p Policy) (Subject, error) { return newCheckpoint(site, p) }

// ours tells the gate from the baselines.
func ours(name string) bool { return name == gateName || name == purseName || name == unitName }

// field are all contestants: the gate under each policy, and the baselines
// with every country open; behind the list, too, where there is time.
func field(f *frozen, grown forest, listed bool, withPIN int) []contestant {
	out := []contestant{
		{Name: gateName, Policy: Closed, make: bare},
		{Name: gateName, Policy: Listed, make: bare},
		{Name: gateName, Policy: Open, make: bare},
		{Name: purseName, Policy: Listed, make: newPurse(withPIN)},
		{Name: purseName, Policy: Open, make: newPurse(withPIN)},
		{Name: unitName, Policy: Listed, make: newUnit(withPIN)},
		{Name: unitName, Policy: Open, make: newUnit(withPIN)},
		{Name: unitName, Policy: Fitted, make: newUnit(withPIN)},
	}
	for _, p := range []Policy{Open, Listed} {
		for _, c := range baselines(f, grown) {
			c.Policy = p
			if p == Open || listed {
				out = append(out, c)
			}
		}
	}
	return out
}

// grid is what each baseline may be set to.
func grid() map[string][]frozen {
	out := map[string][]frozen{}
	add := func(name string, set func(*frozen)) {
		var f frozen
		set(&f)
		out[name] = append(out[name], f)
	}
	for _, minute := range []int{5, 10} {
		for _, total := range []int{30, 100} {
			for _, at := range []int{3, 5} {
				add("opensips", func(f *frozen) {
					o := &f.OpenSIPS
					o.CallsAMinute, o.Total, o.Concurrent, o.Sequential = minute, total, at, 2*minute
				})
			}
		}
	}
	for _, calls := range []int{3, 5, 8, 12} {
		add("yeastar", func(f *frozen) { f.Yeastar.Calls, f.Yeastar.Window = calls, 60 })
	}
	for _, yen := range []int64{10_000, 30_000, 100_000} {
		add("cdr-day-budget", func(f *frozen) { f.CDR.DayYen = yen })
		add("cnxcc", func(f *frozen) { f.CNXCC.DayYen = yen })
	}
	for _, factor := range []int64{3, 5} {
		for _, floor := range []int64{10_000, 50_000} {
			add("ntt-2015", func(f *frozen) { f.NTT.Factor, f.NTT.FloorYen = factor, floor })
		}
	}
	for _, p := range []int{50, 70, 85, 95} {
		add("forest", func(f *frozen) { f.Forest.Percent = p })
	}
	return out
}

// refusalsAllowed is the rate of calls refused for nothing, in 100,000, within
// which a baseline is set to lose least.
const refusalsAllowed = 100

// tune looks through the grid on development seeds and families, and prints
// the best in the form of frozen.toml.
func tune(out io.Writer, offices []fraud.Office, families []fraud.Family) error {
	grown, err := teach(offices, families)
	if err != nil {
		return err
	}
	best := frozen{}
	_, _ = fmt.Fprintf(out, "# Found by `go run ./bench/fraud -tune`: for each baseline the setting that loses least\n"+
		"# (mean of each development family's worst) among those that refuse at most %d of 100,000\n"+
		"# calls for nothing, or else the one that refuses least. Development seed %#x, families\n# %v.\n",
		refusalsAllowed, uint64(seedDevelopment), development)
	settings := grid()
	for _, name := range []string{"opensips", "yeastar", "cdr-day-budget", "cnxcc", "ntt-2015", "forest"} {
		least, chosen := math.Inf(1), 0
		for i := range settings[name] {
			cost, err := tried(name, &settings[name][i], grown, offices, families)
			if err != nil {
				return err
			}
			if cost < least {
				least, chosen = cost, i
			}
		}
		take(&best, &settings[name][chosen], name)
	}
	_, _ = fmt.Fprintln(out)
	return toml.NewEncoder(out).Encode(best)
}

// tried is what a setting costs: yen, or far more where it refuses too much.
func tried(name string, f *frozen, grown forest, offices []fraud.Office, families []fraud.Family) (float64, error) {
	c := cast{seed: seedDevelopment + 1, offices: offices, families: developmentOf(families)}
	for _, b := range baselines(f, grown) {
		if b.Name == name {
			b.Policy = Open
			c.contestants = []contestant{b}
		}
	}
	m := newMatch(c, tuneRounds, tunePeace, time.Time{})
	if err := m.play(); err != nil {
		return 0, err
	}
	s := m.scores[0]
	sum := 0.0
	for _, list := range s.Incidents {
		worst := int64(0)
		for _, i := range list {
			worst = max(worst, i.MilliYen)
		}
		sum += float64(worst)
	}
	rate := 100_000 * float64(s.Peace.Refused.All) / float64(s.Peace.Calls.All)
	if rate > refusalsAllowed {
		return 1e15 * rate, nil
	}
	return sum, nil
}

func take(best, from *frozen, name string) {
	switch name {
	case "opensips":
		best.OpenSIPS = from.OpenSIPS
	case "yeastar":
		best.Yeastar = from.Yeastar
	case "cdr-day-budget":
		best.CDR = from.CDR
	case "cnxcc":
		best.CNXCC = from.CNXCC
	case "ntt-2015":
		best.NTT = from.NTT
	case "forest":
		best.Forest = from.Forest
	}
}
