package tempo

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/sim/fraud"
)

// watched is a simulated office with a Watch, and nothing else, on guard: what
// it would challenge is challenged.
type watched struct {
	w       *fraud.World
	watch   *Watch
	usual   map[string][]string // areas opened, by extension
	calls   int
	tally   map[Level]int // of calls that are no intruder's
	because map[string]int
}

// guard runs a world to its end.
func guard(t *testing.T, o *fraud.Office, p *fraud.Plan, opt fraud.Options) *watched {
	t.Helper()
	opt.Start = time.Date(2015, 3, 2, 0, 0, 0, 0, tokyo)
	w, err := fraud.New(o, p, opt)
	if err != nil {
		t.Fatal(err)
	}
	g := &watched{
		w: w, watch: New(tokyo), usual: map[string][]string{}, tally: map[Level]int{}, because: map[string]int{},
	}
	for _, x := range w.Site().Extensions {
		g.usual[x.Number] = x.Usual
	}
	for e, ok := w.Next(); ok; e, ok = w.Next() {
		switch {
		case e == nil: // nobody saw anything of it
		case e.Kind == fraud.Attempt:
			g.judge(e)
		default:
			if kind, told := kinds[e.Kind]; told {
				g.note(kind, e)
			}
		}
	}
	return g
}

var kinds = map[fraud.Kind]Kind{
	fraud.Answered: Answered, fraud.Ended: Ended, fraud.Lapsed: Lapsed, fraud.Registered: Registered,
	fraud.Fetched: Fetched, fraud.Forwarded: Forwarded,
}

func (g *watched) event(e *fraud.Event) *Event {
	d := number.Parse(e.Dialed, &number.Context{Line: number.Line{AreaCode: "03"}})
	out := &Event{
		Call: strconv.FormatUint(e.Call, 10), Extension: e.Extension, Source: e.Source, Dialed: e.Dialed,
		Destination: d, Expected: slices.Contains(g.usual[e.Extension], d.Area), Forward: e.Path == fraud.Forward,
		Talk: e.Talk,
	}
	if e.Abroad() {
		out.PerMinute = tariff.Money(g.w.Site().Prices.Abroad(e.Area, e.Number).Price(time.Minute))
	}
	return out
}

func (g *watched) note(k Kind, e *fraud.Event) {
	event := g.event(e)
	event.Kind = k
	g.watch.Note(e.At, event)
}

func (g *watched) judge(e *fraud.Event) {
	event := g.event(e)
	switch {
	case event.Destination.Class == number.NotUnderstood:
		g.note(Refused, e)
		g.w.Refuse(true)
		return
	case e.Proved:
		g.note(Proved, e)
		g.w.Pass()
		return
	}
	o := g.watch.Attempt(e.At, event)
	if !g.w.Intruding() {
		g.calls++
		g.tally[o.Level]++
		for _, s := range o.Signs() {
			if o.Level >= Challenge {
				g.because[s.Name]++
			}
		}
	}
	if o.Level >= Challenge {
		g.w.Challenge()
	} else {
		g.w.Pass()
	}
}

// TestSimulatedOfficesWork: a fortnight from the first day on, in every kind of
// office that the simulator knows: at most 100 challenges in 100,000 calls, and
// no cut. The call center, whose calls would hide the others', is left out.
func TestSimulatedOfficesWork(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a fortnight of calls")
	}
	offices, err := fraud.Offices()
	if err != nil {
		t.Fatal(err)
	}
	calls, challenged, cut := 0, 0, 0
	for _, o := range offices {
		if o.Name == "call-center" {
			continue
		}
		g := guard(t, &o, nil, fraud.Options{Seed: 11, Days: 14})
		calls, challenged, cut = calls+g.calls, challenged+g.tally[Challenge], cut+g.tally[Cut]
		t.Logf("%-13s of %5d calls %d challenged: %v", o.Name, g.calls, g.tally[Challenge], g.because)
	}
	t.Logf("of %d calls %d challenged, %d cut", calls, challenged, cut)
	if cut > 0 || challenged*1000 > calls {
		t.Errorf("of %d calls %d are challenged, %d cut", calls, challenged, cut)
	}
}

// TestSimulatedAttacksStop: every family of attacks that the simulator knows,
// on the day of installation and after two weeks, against nothing but the Watch:
// half of them get two calls through at most, nine of ten no more than five. An
// attack that does as the office does, in its hours and to its countries, is
// what the budget is for, and so are people who call back and prove themselves.
func TestSimulatedAttacksStop(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a fortnight of calls, for each of many attacks")
	}
	families, err := fraud.Families()
	if err != nil {
		t.Fatal(err)
	}
	offices, err := fraud.Offices()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(offices, func(o fraud.Office) bool { return o.Name == "small-firm" })
	through := func(i, history int) int {
		f := families[i]
		p := f.Draw(rand.New(rand.NewPCG(uint64(i), 5)))
		g := guard(t, &offices[at], &p, fraud.Options{Seed: uint64(100 + i), History: history})
		n := g.w.Books().Intruder.Answered.All
		t.Logf("%-18s after %2d days: %d calls answered", f.Name, history, n)
		return n
	}
	var first []int
	for i := range families {
		n := through(i, 0)
		first = append(first, n)
		if i%4 > 0 {
			continue // one of four shows that history changes little
		}
		if later := through(i, 14); later > n+2 {
			t.Errorf("%s gets %d calls through on the first day, %d after two weeks", families[i].Name, n, later)
		}
	}
	slices.Sort(first)
	if half, most := first[len(first)/2], first[len(first)*90/100]; half > 2 || most > 5 {
		t.Errorf("half of the attacks get %d calls through, nine of ten get %d", half, most)
	}
}
