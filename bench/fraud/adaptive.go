package main

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

// hunt is an attacker who learns: first he tries attacks at random, then he
// changes what earned most. He sees nothing but the yen that an attack cost,
// knows the shipped defaults, and may try as often as he is given.
type hunt struct {
	Against  string     `json:"against"`
	Office   string     `json:"office"`
	Episodes int        `json:"episodes"`
	Best     Incident   `json:"best"`
	Plan     fraud.Plan `json:"plan"`
	At       int        `json:"at"` // the episode that earned most
	// Worst is the most that any 24 hours of any of the attacks cost.
	Worst    int64 `json:"worst_24_h_milli_yen"`
	families []fraud.Family
	rand     *rand.Rand
	elite    []prey
	pulls    []float64 // of each way to change an attack, and what came of it
	gains    []float64
}

type prey struct {
	plan fraud.Plan
	yen  int64
}

const (
	huntRandom   = 0.3 // of the episodes are tried at random
	huntElite    = 8   // attacks that are kept
	huntFor      = 72 * time.Hour
	huntAttempts = 1500 // of an attack
)

// changes are the arms of the bandit: each changes one thing about a phase.
var changes = []func(*fraud.Phase, *rand.Rand){
	func(p *fraud.Phase, r *rand.Rand) { p.Channels = scaled(p.Channels, 1, 300, r) },
	func(p *fraud.Phase, r *rand.Rand) {
		f := math.Exp(r.NormFloat64())
		p.TalkLeast = clampTime(float64(p.TalkLeast)*f, time.Second, 3*time.Hour)
		p.TalkMost = max(p.TalkLeast, clampTime(float64(p.TalkMost)*f, time.Second, 3*time.Hour))
	},
	func(p *fraud.Phase, r *rand.Rand) {
		f := math.Exp(1.5 * r.NormFloat64())
		p.GapLeast = clampTime(float64(p.GapLeast+time.Second)*f, 0, 12*time.Hour)
		p.GapMost = max(p.GapLeast, clampTime(float64(p.GapMost+time.Second)*f, 0, 12*time.Hour))
	},
	func(p *fraud.Phase, r *rand.Rand) { p.Extensions = scaled(p.Extensions, 1, 40, r) },
	func(p *fraud.Phase, r *rand.Rand) { p.Areas = scaled(p.Areas, 1, 60, r) },
	func(p *fraud.Phase, r *rand.Rand) { p.Numbers = scaled(p.Numbers, 1, 300, r) },
	func(p *fraud.Phase, r *rand.Rand) { p.To = fraud.Roles()[r.IntN(len(fraud.Roles()))] },
	func(p *fraud.Phase, r *rand.Rand) { p.Kind = []string{"mobile", "fixed", "listed"}[r.IntN(3)] },
	func(p *fraud.Phase, r *rand.Rand) { p.Numbering = []string{"same", "scatter"}[r.IntN(2)] },
	func(p *fraud.Phase, r *rand.Rand) { p.Format = []string{"plain", "plus", "mixed"}[r.IntN(3)] },
	func(p *fraud.Phase, r *rand.Rand) {
		p.Path = []fraud.Path{fraud.Dialed, fraud.Forward, fraud.Transfer, fraud.Redirect}[r.IntN(4)]
	},
	func(p *fraud.Phase, r *rand.Rand) { p.Stranger = !p.Stranger },
	func(p *fraud.Phase, r *rand.Rand) { p.Stagger = time.Duration(r.IntN(2)*r.IntN(120)) * time.Second },
	func(p *fraud.Phase, r *rand.Rand) { p.Hours = [][2]int{{0, 0}, {9, 18}, {22, 5}, {23, 1}}[r.IntN(4)] },
	func(p *fraud.Phase, r *rand.Rand) { p.Burst, p.Rest = r.IntN(6), time.Duration(r.IntN(24))*time.Hour },
}

func scaled(v, low, high int, r *rand.Rand) int {
	return max(low, min(high, int(math.Round(float64(v)*math.Exp(r.NormFloat64())))+r.IntN(3)-1))
}

func clampTime(v float64, low, high time.Duration) time.Duration {
	return max(low, min(high, time.Duration(min(v, float64(high)))))
}

// run tries attacks on one office until the episodes or the time are used up.
func (h *hunt) run(who *contestant, o *fraud.Office, seed uint64, episodes int, deadline time.Time) error {
	h.Against, h.Office, h.rand = who.key(), o.Name, dice(seed, 4)
	h.pulls, h.gains = make([]float64, len(changes)), make([]float64, len(changes))
	opt := fraud.Options{Seed: h.rand.Uint64(), Start: firstDay(h.rand)}
	for h.Episodes = 0; h.Episodes < episodes; h.Episodes++ {
		if !deadline.IsZero() && time.Now().After(deadline) {
			return nil
		}
		plan, arm, parent := h.next(float64(h.Episodes) < huntRandom*float64(episodes))
		got, err := attacked(who, o, &plan, opt)
		if err != nil {
			return err
		}
		h.learn(&plan, arm, parent, got)
	}
	return nil
}

// next makes an attack up: at random, or from one that earned much by the way
// of changing that has helped most (UCB1). Two changes come together at times.
func (h *hunt) next(random bool) (plan fraud.Plan, arm int, parent int64) {
	if random || len(h.elite) == 0 {
		plan = h.families[h.rand.IntN(len(h.families))].Draw(h.rand)
		plan.Phases = append([]fraud.Phase(nil), plan.Phases...)
		arm = -1
	} else {
		from := h.elite[min(h.rand.IntN(len(h.elite)), h.rand.IntN(len(h.elite)))]
		plan, parent = from.plan, from.yen
		plan.Phases = append([]fraud.Phase(nil), plan.Phases...)
		arm = h.arm()
		changes[arm](&plan.Phases[h.rand.IntN(len(plan.Phases))], h.rand)
		if h.rand.IntN(3) == 0 {
			changes[h.rand.IntN(len(changes))](&plan.Phases[h.rand.IntN(len(plan.Phases))], h.rand)
		}
		if h.rand.IntN(10) == 0 {
			plan.Start = fraud.Starts()[h.rand.IntN(len(fraud.Starts()))]
		}
	}
	plan.Family = "adaptive"
	for i := range plan.Phases {
		p := &plan.Phases[i]
		p.For, p.Wait = min(p.For, huntFor), min(p.Wait, huntFor)
		p.Attempts, p.Proves = min(p.Attempts, huntAttempts), 0
	}
	return plan, arm, parent
}

func (h *hunt) arm() int {
	best, most := 0, math.Inf(-1)
	for i := range changes {
		if h.pulls[i] == 0 {
			return i
		}
		total := float64(h.Episodes + 1)
		if u := h.gains[i]/h.pulls[i] + math.Sqrt(math.Log(total)/h.pulls[i]); u > most {
			best, most = i, u
		}
	}
	return best
}

// learn keeps an attack that is among the best, and credits the change that
// led to it.
func (h *hunt) learn(plan *fraud.Plan, arm int, parent int64, got Incident) {
	if arm >= 0 {
		h.pulls[arm]++
		if got.MilliYen > parent {
			h.gains[arm]++
		}
	}
	h.Worst = max(h.Worst, got.Worst)
	if got.MilliYen > h.Best.MilliYen || h.Episodes == 0 {
		h.Best, h.Plan, h.At = got, *plan, h.Episodes
	}
	at := len(h.elite)
	for at > 0 && h.elite[at-1].yen < got.MilliYen {
		at--
	}
	h.elite = append(h.elite, prey{})
	copy(h.elite[at+1:], h.elite[at:])
	h.elite[at] = prey{*plan, got.MilliYen}
	h.elite = h.elite[:min(len(h.elite), huntElite)]
}
