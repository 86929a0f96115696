package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

// Incident is one attack on one office, as the world's books have it.
type Incident struct {
	MilliYen int64 `json:"milli_yen"`
	// Worst is the most of it in any 24 hours, unit by unit as they began.
	Worst int64 `json:"worst_24_h_milli_yen"`
	// Budget is what the whole office may spend abroad in 24 hours; Beyond is how
	// much Worst is above it.
	Budget int64 `json:"budget_milli_yen"`
	Beyond int64 `json:"beyond_budget_milli_yen"`
	// Calls of the intruder that were answered.
	Calls int64 `json:"calls"`
	// Seconds from his first attempt to the last moment at which a call of his
	// was up: when he had been stopped, or ended by himself.
	Seconds int64 `json:"seconds"`
	// Stop is the seconds from his first attempt to the one after which none got
	// through; -1 where the last one did. Up is how many of his calls were up then.
	Stop int64 `json:"stop_seconds"`
	Up   int64 `json:"up_at_stop"`
	// Fast tells an attack of more than six calls a minute.
	Fast     bool  `json:"fast"`
	Attempts int64 `json:"attempts"`
	Moved    bool  `json:"moved"` // prices dealt out to other countries
	// Refused counts calls of the office that were refused meanwhile.
	Refused int64 `json:"office_refused"`
	Office  int64 `json:"office_calls"`
}

// score is what a contestant came to.
type score struct {
	contestant
	Incidents map[string][]Incident `json:"incidents"` // by family
	Peace     fraud.Ledger          `json:"peace"`
	Offices   int                   `json:"offices"`  // in peace
	Troubled  int                   `json:"troubled"` // of them, with a call refused for nothing
	Wait      time.Duration         `json:"release_wait_ns"`
	Soon      int                   `json:"released_soon"` // challenges answered within 20 s
	Late      int                   `json:"released_late"` // and within 60 s
	Why       map[string]*kept      `json:"why"`           // by kind of office
}

// cast is who plays where.
type cast struct {
	seed        uint64
	offices     []fraud.Office
	families    []fraud.Family
	withPIN     int // percent of people
	contestants []contestant
}

// jst is where the offices are.
var jst = time.FixedZone("JST", 9*60*60)

func dice(seed, purpose uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, purpose)) }

// firstDay is a midnight of the two years from April 2026 on.
func firstDay(r *rand.Rand) time.Time { return time.Date(2026, 4, 1+r.IntN(730), 0, 0, 0, 0, jst) }

// attackOn draws the circumstances of one attack: half of the offices have no
// past at all, a tenth is attacked while it is installed.
func (c *cast) attackOn(f *fraud.Family, round int) (*fraud.Office, *fraud.Plan, fraud.Options) {
	seed := c.seed + uint64(round)*roundSeeds
	for _, b := range []byte(f.Name) {
		seed = seed*31 + uint64(b)
	}
	r := dice(seed, 1)
	o := &c.offices[r.IntN(len(c.offices))]
	plan := f.Draw(r)
	history := 0
	switch n := r.IntN(10); {
	case n == 0:
		history = -1
	case n > 5:
		history = 1 + r.IntN(historyMost)
	}
	return o, &plan, fraud.Options{Seed: r.Uint64(), Start: firstDay(r), History: history, Permute: r.IntN(2) == 1}
}

// attacked plays one attack against a contestant.
func attacked(who *contestant, o *fraud.Office, plan *fraud.Plan, opt fraud.Options) (Incident, error) {
	w, err := fraud.New(o, plan, who.later(opt))
	if err != nil {
		return Incident{}, err
	}
	s, err := who.enter(w)
	if err != nil {
		return Incident{}, err
	}
	before := w.Books().Office
	b, err := play(w, s, 0)
	if err != nil {
		return Incident{}, fmt.Errorf("%s, attack %s on %s: %w", who.key(), plan.Family, o.Name, err)
	}
	b.Office.Sub(&before)
	i := incident(w, &b, plan, opt)
	if u, ok := s.(*purse); ok {
		i.Budget = u.daily()
		i.Beyond = max(0, i.Worst-i.Budget)
	}
	return i, nil
}

// incident is what an attack came to, by the world's books.
func incident(w *fraud.World, b *fraud.Books, plan *fraud.Plan, opt fraud.Options) Incident {
	i := Incident{
		Fast: fast(&plan.Phases[0]), Stop: -1, Up: int64(b.UpThen),
		MilliYen: b.Intruder.MilliYen, Worst: w.Worst(worstSpan),
		Calls: int64(b.Intruder.Answered.All), Attempts: int64(b.Intruder.Calls.All),
		Moved: opt.Permute, Refused: int64(b.Office.Refused.All), Office: int64(b.Office.Calls.All),
	}
	if !b.Last.IsZero() {
		i.Seconds = int64(b.Last.Sub(b.First).Seconds())
	}
	if !b.Stopped.IsZero() {
		i.Stop = int64(b.Stopped.Sub(b.First).Seconds())
	}
	return i
}

// fast tells whether a phase means to make more than six calls a minute: by the
// middle of what its calls and the gaps between them last, and ten seconds of
// ringing.
func fast(p *fraud.Phase) bool {
	talk := math.Sqrt(float64(p.TalkLeast) * float64(p.TalkMost))
	turn := talk + float64(p.GapLeast+p.GapMost)/2 + float64(10*time.Second)
	return float64(p.Channels)*float64(time.Minute)/turn > fastRate
}

// peaceful has an office telephone in peace, until it has made so many calls;
// new ones of its kind follow each other, so that no single one decides, and
// each part of a run has others.
func (c *cast) peaceful(who *contestant, o *fraud.Office, part, calls int) (score, error) {
	var sum score
	for n := part * roundSeeds; sum.Peace.Calls.All < calls; n++ {
		r := dice(c.seed+uint64(n), 2)
		w, err := fraud.New(o, nil, fraud.Options{
			Seed: r.Uint64(), Start: firstDay(r), Days: peaceDaysMax, Permute: n%2 == 1,
		})
		if err != nil {
			return sum, err
		}
		s, err := who.enter(w)
		if err != nil {
			return sum, err
		}
		before := w.Books().Office
		b, err := play(w, s, before.Calls.All+max(1, min(calls-sum.Peace.Calls.All, calls/officesOfAKind+1)))
		if err != nil {
			return sum, fmt.Errorf("%s, %s in peace: %w", who.key(), o.Name, err)
		}
		b.Office.Sub(&before)
		sum.Peace.Add(&b.Office)
		sum.Wait += b.ReleaseWait
		sum.Soon, sum.Late = sum.Soon+b.ReleasedSoon, sum.Late+b.ReleasedLate
		if u, ok := s.(*purse); ok {
			if t := u.tolls.sum(); t.Refused != b.Office.Refused || t.Cut != b.Office.Cut {
				return sum, fmt.Errorf("%s, %s in peace: causes %+v of %+v", who.key(), o.Name, t, b.Office)
			}
			sum.why(o.Name).Tolls.add(u.tolls)
		}
		sum.why(o.Name).add(&b)
		sum.Offices++
		if b.Office.Refused.All > 0 {
			sum.Troubled++
		}
	}
	return sum, nil
}

// officesOfAKind share the calls in peace between them.
const officesOfAKind = 4
