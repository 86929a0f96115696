package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

func main() {
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	switch {
	case err != nil:
	case o.sip:
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = benchSIP(ctx, o, os.Stdout)
		stop()
	default:
		err = bench(o, os.Stdout, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options is what the command line says.
type options struct {
	quick    bool
	json     bool
	tune     bool
	seed     uint64
	rounds   int
	peace    int
	episodes int
	within   time.Duration
	families string
	offices  string
	pins     int
	why      bool
	ours     bool
	sip      bool
	only     string
	binary   string
}

func parse(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("bench/fraud", flag.ContinueOnError)
	f.BoolVar(&o.quick, "quick", false, "a run of less than 50 s: as many attacks as there is time for")
	f.BoolVar(&o.tune, "tune", false, "instead: look for the baselines' thresholds anew and print frozen.toml")
	f.Uint64Var(&o.seed, "seed", 0, "repeat the run of this seed (0: a fresh one, which is printed)")
	f.BoolVar(&o.sip, "sip", false,
		"instead: the same attacks as SIP against the real program (under 3 minutes; -quick: under 40 s)")
	f.StringVar(&o.only, "only", "", "with -sip: only the attacks of this family")
	f.StringVar(&o.binary, "binary", "", "the program for -sip, instead of building it")
	f.DurationVar(&o.within, "for", 0,
		"end after so long: the bounds are as wide as that makes them (0: when all is played)")
	f.IntVar(&o.rounds, "rounds", 0, fmt.Sprintf("attacks of each family (quick: at most %d, else %d)",
		quickRounds, fullRounds))
	f.IntVar(&o.peace, "peace", 0, fmt.Sprintf("calls in peace of each kind of office (quick: %d, else as many as "+
		"the bars need)", quickPeace))
	f.IntVar(&o.episodes, "episodes", -1, fmt.Sprintf("attacks of each adaptive attacker (quick: at most %d, else %d)",
		quickEpisodes, fullEpisodes))
	f.StringVar(&o.families, "families", "", "folder of families in place of those that ship")
	f.StringVar(&o.offices, "offices", "", "folder of offices in place of those that ship")
	f.IntVar(&o.pins, "pins", pinsPreset, "percent of the offices' people who have a PIN")
	f.BoolVar(&o.why, "why", false,
		"instead: only offices in peace, of all that ships, and every cause for each kind of office")
	f.BoolVar(&o.ours, "ours", false, "only the gate, without what others use: more of it in the same time")
	output := f.String("o", "table", "output: table or json")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 || *output != "table" && *output != "json" {
		return nil, fmt.Errorf("no such argument: -help lists all")
	}
	if o.pins < 0 || o.pins > 100 {
		return nil, fmt.Errorf("-pins is %d, want 0 to 100", o.pins)
	}
	o.json = *output == "json"
	if o.seed == 0 {
		o.seed = rand.Uint64()>>32 + 1
	}
	preset := func(v *int, unset, quick, full int) {
		if *v == unset && o.quick {
			*v = quick
		} else if *v == unset {
			*v = full
		}
	}
	preset(&o.rounds, 0, quickRounds, fullRounds)
	preset(&o.peace, 0, quickPeace, 0)
	preset(&o.episodes, -1, quickEpisodes, fullEpisodes)
	return o, nil
}

// read takes a folder's files, or those that ship.
func read[T any](dir string, shipped func() ([]T, error), from func(fs.FS, string) ([]T, error)) ([]T, error) {
	if dir == "" {
		return shipped()
	}
	return from(os.DirFS(dir), ".")
}

func bench(o *options, out, notes io.Writer) error {
	began := time.Now()
	debug.SetGCPercent(gcPercent)
	offices, err := read(o.offices, fraud.Offices, fraud.ReadOffices)
	if err != nil {
		return err
	}
	families, err := read(o.families, fraud.Families, fraud.ReadFamilies)
	if err != nil {
		return err
	}
	if o.tune {
		return tune(out, offices, families)
	}
	thresholds, err := readFrozen()
	if err != nil {
		return err
	}
	shipped, err := fraud.Families() // what the forest learned from never changes
	if err != nil {
		return err
	}
	shippedOffices, err := fraud.Offices()
	if err != nil {
		return err
	}
	grown, err := teach(shippedOffices, shipped)
	if err != nil {
		return err
	}
	if o.peace == 0 { // of each kind of office: together they are enough
		o.peace = (callsFor(barCut) + len(offices) - 1) / len(offices)
	}
	c := cast{o.seed, offices, families, o.pins, field(thresholds, grown, !o.quick, o.pins)}
	if o.why {
		c.families, o.rounds, o.episodes = nil, 0, 0
		c.contestants = slices.DeleteFunc(c.contestants, func(c contestant) bool { return c.Name != unitName })
	}
	if o.ours {
		c.contestants = slices.DeleteFunc(c.contestants, func(c contestant) bool { return !ours(c.Name) })
	}
	m := newMatch(c, o.rounds, o.peace, time.Time{})
	if o.quick {
		o.within = quickTime
	}
	m.announce(o, notes)
	r, err := m.run(o, began)
	if err != nil {
		return err
	}
	if o.json {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	if o.why {
		return r.causes(out)
	}
	return r.table(out)
}

// run plays a match with all that belongs to it. Of a bounded time a tenth is
// for faults and for the comparison with a store, a fifth for adaptive attackers.
func (m *match) run(o *options, began time.Time) (*Report, error) {
	until := func(share float64) time.Time {
		if o.within == 0 {
			return time.Time{}
		}
		return began.Add(time.Duration(share * float64(o.within)))
	}
	attacks, troubled := compareFull, troubleFull
	if o.quick {
		attacks, troubled = compareQuick, troubleQuick
	}
	m.deadline = until(0.7)
	if err := m.play(); err != nil {
		return nil, err
	}
	if len(m.families) == 0 {
		return newReport(m, nil, time.Since(began)), nil
	}
	var err error
	if m.Compared, err = m.compareSome(attacks, until(0.75)); err != nil {
		return nil, err
	}
	suffered, err := m.suffer(troubled, until(0.8))
	if err != nil {
		return nil, err
	}
	hunts, err := m.hunts(o.episodes, until(1))
	if err != nil {
		return nil, err
	}
	r := newReport(m, hunts, time.Since(began))
	r.Troubles = suffered
	return r, nil
}

// hunts has an adaptive attacker try each policy of the gate with its budgets, and
// the gate as it is delivered.
func (m *match) hunts(episodes int, deadline time.Time) ([]*hunt, error) {
	var out []*hunt
	if episodes == 0 {
		return nil, nil
	}
	gates := slices.DeleteFunc(slices.Clone(m.contestants), func(c contestant) bool { return !hunted(&c) })
	for i, who := range gates {
		o := &m.offices[int(m.seed%uint64(len(m.offices)))]
		for j := range m.offices {
			if m.offices[j].Name == huntOffice {
				o = &m.offices[j]
			}
		}
		h := &hunt{families: m.families}
		until := deadline
		if left := time.Until(deadline); !deadline.IsZero() && left > 0 {
			until = time.Now().Add(left / time.Duration(len(gates)-i))
		}
		if err := h.run(&who, o, m.seed, episodes, until); err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

// hunted tells whether an adaptive attacker tries a contestant.
func hunted(c *contestant) bool {
	return c.Name == unitName || c.Name == gateName && c.Policy == Closed
}

// huntOffice is where the adaptive attacker hunts: it has countries of its own
// open, and people who call them every day.
const huntOffice = "trading-firm"
