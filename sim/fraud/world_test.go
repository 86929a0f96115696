package fraud_test

import (
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/sim/fraud"
)

var jst = time.FixedZone("JST", 9*60*60)

var monday = time.Date(2026, 4, 6, 0, 0, 0, 0, jst)

func offices(t testing.TB) []fraud.Office {
	t.Helper()
	o, err := fraud.Offices()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func families(t testing.TB) []fraud.Family {
	t.Helper()
	f, err := fraud.Families()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func office(t testing.TB, name string) *fraud.Office {
	t.Helper()
	for _, o := range offices(t) {
		if o.Name == name {
			return &o
		}
	}
	t.Fatalf("no office %q", name)
	return nil
}

func plan(t testing.TB, family string, seed uint64) *fraud.Plan {
	t.Helper()
	for _, f := range families(t) {
		if f.Name == family {
			p := f.Draw(rand.New(rand.NewPCG(seed, 1)))
			return &p
		}
	}
	t.Fatalf("no family %q", family)
	return nil
}

func newWorld(t testing.TB, o *fraud.Office, p *fraud.Plan, opt fraud.Options) *fraud.World {
	t.Helper()
	opt.Start = monday
	w, err := fraud.New(o, p, opt)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// run asks judge about every attempt and shows everybody else the rest.
func run(t testing.TB, w *fraud.World, judge, see func(*fraud.Event)) {
	t.Helper()
	var last time.Time
	for {
		e, ok := w.Next()
		if !ok {
			return
		}
		if e == nil {
			continue
		}
		if e.At.Before(last) {
			t.Fatalf("event %+v comes after one at %s", *e, last)
		}
		last = e.At
		if see != nil {
			see(e)
		}
		if e.Kind == fraud.Attempt {
			judge(e)
		}
	}
}

// trace is everything that is seen of a world, in short.
func trace(t testing.TB, w *fraud.World, judge func(*fraud.Event)) uint64 {
	h := fnv.New64a()
	run(t, w, judge, func(e *fraud.Event) { _, _ = fmt.Fprintf(h, "%v\n", *e) })
	_, _ = fmt.Fprintf(h, "%v", w.Books())
	return h.Sum64()
}

func TestSameSeedSameWorld(t *testing.T) {
	for _, o := range offices(t) {
		if o.Name != "trading-firm" && o.Name != "moving-house" && o.Name != "fax-abroad" {
			continue // as many as show it
		}
		world := func(seed uint64) uint64 {
			w := newWorld(t, &o, plan(t, "test-pump", seed), fraud.Options{Seed: seed, History: 1})
			return trace(t, w, func(e *fraud.Event) {
				switch e.Call % 7 {
				case 0:
					w.Refuse(false)
				case 1:
					w.Challenge()
				default:
					w.Pass()
				}
			})
		}
		a, b, c := world(1), world(1), world(2)
		if a != b || a == c {
			t.Errorf("%s: seed 1 gives %x and %x, seed 2 gives %x", o.Name, a, b, c)
		}
	}
}

// TestNothingLeaks: until the attack begins, a world with one looks like a
// world without; and what the intruder is answered moves nobody at the office.
func TestNothingLeaks(t *testing.T) {
	o := office(t, "campaign") // with channels for the intruder, too
	seen := func(p *fraud.Plan, pass bool) (before, office uint64) {
		w := newWorld(t, o, p, fraud.Options{Seed: 5, History: 9, Days: 9})
		b, all := fnv.New64a(), fnv.New64a()
		run(t, w, func(e *fraud.Event) {
			if e.At.Before(monday.AddDate(0, 0, 9)) {
				_, _ = fmt.Fprintf(b, "%v\n", *e)
			}
			if !w.Intruding() {
				_, _ = fmt.Fprint(all, e.At, e.Extension, e.Dialed, e.Source, "\n")
			}
			if w.Intruding() && !pass {
				w.Refuse(true)
				return
			}
			w.Pass()
		}, nil)
		if n := w.Books().Office.Busy.All; n > 0 {
			t.Fatalf("%d calls were busy, which people answer by redialing", n)
		}
		return b.Sum64(), all.Sum64()
	}
	peace, _ := seen(nil, true)
	attacked, passed := seen(plan(t, "urasoe", 1), true)
	_, refused := seen(plan(t, "urasoe", 1), false)
	if peace != attacked {
		t.Error("an attack to come changes what is seen before it")
	}
	if passed != refused {
		t.Error("what the intruder is answered changes what the office dials")
	}
}

// TestSetagaya: the replay comes to the sums that were published.
func TestSetagaya(t *testing.T) {
	w := newWorld(t, office(t, "campaign"), plan(t, "setagaya", 3), fraud.Options{Seed: 11})
	run(t, w, func(*fraud.Event) { w.Pass() }, nil)
	l := w.Books().Intruder
	calls := l.Answered.All
	t.Logf("%d calls, %d yen", calls, l.MilliYen/1000)
	if calls < 13_000 || calls > 14_500 || l.MilliYen < 2_200_000_000 || l.MilliYen > 2_700_000_000 {
		t.Errorf("%d calls and %d yen; about 14,000 and 2.5 million were published", calls, l.MilliYen/1000)
	}
}

// TestPrompts: people answer four of five in 5 to 40 s; fax machines and door
// phones never do.
func TestPrompts(t *testing.T) {
	for _, name := range []string{"fax-abroad", "hotel"} {
		w := newWorld(t, office(t, name), nil, fraud.Options{Seed: 2, Days: 60})
		who := map[string]string{}
		for _, e := range w.Site().Extensions {
			who[e.Number] = e.Who
		}
		asked, proved := map[string]int{}, map[string]int{}
		began := map[uint64]time.Time{}
		run(t, w, func(e *fraud.Event) {
			if !e.Proved {
				asked[who[e.Extension]]++
				began[e.Call] = e.At
				w.Challenge()
				return
			}
			proved[who[e.Extension]]++
			if wait := e.At.Sub(began[e.Call]); wait < 5*time.Second || wait > 40*time.Second {
				t.Errorf("a prompt was answered after %s", wait)
			}
			w.Pass()
		}, nil)
		t.Log(name, asked, proved)
		if p := 100 * proved["person"] / asked["person"]; p < 77 || p > 83 {
			t.Errorf("%s: people answered %d %% of their prompts", name, p)
		}
		if asked["fax"]+asked["door"] == 0 || proved["fax"]+proved["door"] > 0 {
			t.Errorf("%s: machines were asked %v and answered %v", name, asked, proved)
		}
		l := w.Books().Office
		if l.Lapsed.All == 0 || l.Lapsed != l.Refused || l.Passed.All+l.Busy.All+l.Refused.All != l.Calls.All {
			t.Errorf("%s: an unanswered prompt is a refusal: %+v", name, l)
		}
	}
}

// TestPromptsInTalk: so they do while they talk, unless the call is over before; and
// whoever is asked then does what it would have done at its next call.
func TestPromptsInTalk(t *testing.T) {
	answers := map[bool]string{}
	for _, prompting := range []bool{false, true} {
		w := newWorld(t, office(t, "fax-abroad"), nil, fraud.Options{Seed: 2, Days: 60})
		who := map[string]string{}
		for _, e := range w.Site().Extensions {
			who[e.Number] = e.Who
		}
		asked, kept, lasts := map[string]int{}, map[string]int{}, map[uint64]time.Time{}
		for {
			e, ok := w.Next()
			if !ok {
				break
			}
			if e == nil {
				continue
			}
			switch e.Kind {
			case fraud.Attempt:
				w.Pass()
				if !prompting {
					continue
				}
				w.Prompt(e.Call, e.At) // it rings: nobody can be asked
			case fraud.Answered:
				if prompting {
					asked[who[e.Extension]]++
					lasts[e.Call] = e.At
					w.Prompt(e.Call, e.At)
				}
			case fraud.Kept:
				kept[who[e.Extension]]++
				if wait := e.At.Sub(lasts[e.Call]); wait < 5*time.Second || wait > 40*time.Second {
					t.Errorf("a prompt was answered after %s", wait)
				}
			case fraud.Ended:
				delete(lasts, e.Call)
			}
		}
		l := w.Books().Office
		answers[prompting] = fmt.Sprint(l.Calls, l.Answered, l.MilliYen)
		if !prompting {
			continue
		}
		t.Log(asked, kept)
		if p := 100 * kept["person"] / asked["person"]; p < 65 || p > 83 { // some calls are over before
			t.Errorf("people answered %d %% of their prompts", p)
		}
		if asked["fax"] == 0 || kept["fax"] > 0 || l.Prompted.All != asked["fax"]+asked["person"]+asked["door"] ||
			l.Kept.All != kept["person"] {
			t.Errorf("asked %v, kept %v: %+v", asked, kept, l)
		}
	}
	if answers[true] != answers[false] {
		t.Errorf("calls %s, and where nobody is asked %s", answers[true], answers[false])
	}
}

// TestBooksBalance: whatever is answered, each attempt stands in the books
// once, no more calls are up than the line has channels, and each family ends.
func TestBooksBalance(t *testing.T) {
	all, some := offices(t), families(t)
	rapid.Check(t, func(r *rapid.T) {
		o := &all[rapid.SampledFrom([]int{1, 3, 4, 5, 7, 8, 9, 11}).Draw(r, "office")]
		f := some[rapid.IntRange(0, len(some)-1).Draw(r, "family")]
		seed := rapid.Uint64().Draw(r, "seed")
		every := rapid.Uint64Range(2, 9).Draw(r, "every")
		p := f.Draw(rand.New(rand.NewPCG(seed, 2)))
		w := newWorld(t, o, &p, fraud.Options{Seed: seed, History: -1, Permute: seed%2 == 0})
		up, cut := map[uint64]bool{}, 0
		run(t, w, func(e *fraud.Event) {
			switch {
			case e.Call%every == 0:
				w.Refuse(e.Call%2 == 0)
			case e.Call%every == 1 && !e.Proved:
				w.Challenge()
			default:
				w.Pass()
			}
		}, func(e *fraud.Event) {
			switch e.Kind {
			case fraud.Answered:
				up[e.Call] = true
				if len(up) > w.Site().Channels {
					r.Fatalf("%d calls up on %d channels", len(up), w.Site().Channels)
				}
				if e.Call%5 == 0 {
					if end := w.Cut(e.Call, e.At); end == nil || end.Call != e.Call || w.Cut(e.Call, e.At) != nil {
						r.Fatalf("cut says %+v", end)
					}
					delete(up, e.Call)
					cut++
				}
			case fraud.Ended:
				delete(up, e.Call)
			}
		})
		b := w.Books()
		b.Office.Add(&b.Intruder)
		l := b.Office
		sum := l.Passed.All + l.Busy.All + l.Refused.All + l.Barred.All
		if sum < l.Calls.All-l.Challenged.All || sum > l.Calls.All || l.Cut.All != cut {
			r.Fatalf("%s, %s: the books don't balance: %+v, %d cut", o.Name, f.Name, l, cut)
		}
	})
}

// TestCutInTime: a call that is cut ends at that moment, whatever else the
// world has to do.
func TestCutInTime(t *testing.T) {
	w := newWorld(t, office(t, "conference"), plan(t, "race", 2), fraud.Options{Seed: 1})
	cut, due := uint64(0), time.Time{}
	for cuts := 0; cuts < 20; {
		if next, ok := w.Peek(); !ok {
			t.Fatalf("the world ended after %d cuts", cuts)
		} else if cut != 0 && !due.After(next) {
			if e := w.Cut(cut, due); e != nil && e.At != due {
				t.Fatalf("cut at %s, ended at %s", due, e.At)
			}
			cut = 0
			cuts++
		}
		e, _ := w.Next()
		if e == nil {
			continue
		}
		if e.Kind == fraud.Attempt {
			w.Pass()
		}
		if e.Kind == fraud.Answered && cut == 0 {
			cut, due = e.Call, e.At.Add(90*time.Second)
		}
	}
}

// TestPricesAreDealtOut: permuted, countries have other prices, and roles
// follow the price.
func TestPricesAreDealtOut(t *testing.T) {
	o := office(t, "trading-firm")
	plain := newWorld(t, o, nil, fraud.Options{Seed: 8, Days: 1}).Site()
	moved := newWorld(t, o, nil, fraud.Options{Seed: 8, Days: 1, Permute: true}).Site()
	if got := plain.Prices.Abroad("SL", "23276123456"); got != (fraud.Rate{MilliYen: 175_000, Unit: time.Minute}) {
		t.Errorf("Sierra Leone costs %+v", got)
	}
	other := 0
	for _, area := range []string{"SL", "US", "GB", "LV", "SO"} {
		if plain.Prices.Abroad(area, "1") != moved.Prices.Abroad(area, "1") {
			other++
		}
	}
	if other < 3 {
		t.Errorf("%d of 5 countries have another price", other)
	}
	for _, site := range []*fraud.Site{plain, moved} {
		for _, area := range site.Usual {
			if site.Prices.Abroad(area, "1").MilliYen <= 100_000 {
				t.Errorf("%s is called as a dear country and costs %+v", area, site.Prices.Abroad(area, "1"))
			}
		}
	}
}

// TestPrice: a started unit is a whole one.
func TestPrice(t *testing.T) {
	r := fraud.Rate{MilliYen: 175_000, Unit: time.Minute}
	for talk, want := range map[time.Duration]int64{
		time.Nanosecond: 175_000, 30 * time.Second: 175_000, time.Minute: 175_000, time.Minute + 1: 350_000,
	} {
		if got := r.Price(talk); got != want {
			t.Errorf("%s costs %d, want %d", talk, got, want)
		}
	}
}

// BenchmarkCalls is the generator alone; it prints calls a minute.
func BenchmarkCalls(b *testing.B) {
	o := office(b, "campaign")
	calls := 0
	for i := 0; b.Loop(); i++ {
		w := newWorld(b, o, nil, fraud.Options{Seed: uint64(i), Days: 28})
		run(b, w, func(*fraud.Event) { w.Pass() }, nil)
		calls += w.Books().Office.Calls.All
	}
	b.ReportMetric(float64(calls)/b.Elapsed().Minutes(), "calls/min")
	_, _ = fmt.Fprintf(io.Discard, "%d", calls)
}

// TestWorst: the most of any span is what a count of each unit against every
// other gives, and that of all time is the whole loss.
func TestWorst(t *testing.T) {
	const span = 24 * time.Hour
	for seed, family := range []string{"midnight", "sleeper", "daily-allowance", "satellite"} {
		w := newWorld(t, office(t, "trading-firm"), plan(t, family, uint64(seed)), fraud.Options{Seed: uint64(seed)})
		type unit struct {
			at       time.Time
			milliYen int64
		}
		var units []unit
		intruders := map[uint64]bool{}
		run(t, w, func(e *fraud.Event) {
			intruders[e.Call] = w.Intruding()
			w.Pass()
		}, func(e *fraud.Event) {
			if e.Kind != fraud.Ended || e.Talk == 0 || !intruders[e.Call] {
				return
			}
			r := w.Site().Prices.Abroad(e.Area, e.Number)
			for at := time.Duration(0); at < e.Talk; at += r.Unit {
				units = append(units, unit{e.At.Add(at - e.Talk), r.MilliYen})
			}
		})
		most := int64(0)
		for i, first := range units {
			if i%97 > 0 && len(units) > 5000 {
				continue // one of many: it may only be less
			}
			sum := int64(0)
			for _, u := range units {
				if d := u.at.Sub(first.at); d >= 0 && d < span {
					sum += u.milliYen
				}
			}
			most = max(most, sum)
		}
		got, all := w.Worst(span), w.Books().Intruder.MilliYen
		if len(units) <= 5000 && got != most || got < most || got > all || w.Worst(63*span) != all || all == 0 {
			t.Errorf("%s: %d in 24 hours, counted %d; of %d", family, got, most, all)
		}
	}
}
