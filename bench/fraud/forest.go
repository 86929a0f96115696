package main

import (
	"math/rand/v2"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

// The forest.
const (
	features   = 12
	trees      = 24
	depthMost  = 10
	leafLeast  = 8
	tryFeature = 4 // of the features at each branch, about their square root
	trySplits  = 8
)

type row struct {
	x     [features]float32
	fraud bool
}

// node is a branch, or a leaf where feature is below 0.
type node struct {
	feature int
	split   float32
	low     int // of the next nodes; high is low+1
	share   float32
}

type forest [][]node

// grow teaches a forest; what it draws comes from r.
func grow(rows []row, r *rand.Rand) forest {
	var f forest
	for range trees {
		bag := make([]row, len(rows))
		for i := range bag {
			bag[i] = rows[r.IntN(len(rows))]
		}
		t := []node{{}}
		branch(&t, 0, bag, depthMost, r)
		f = append(f, t)
	}
	return f
}

func branch(t *[]node, at int, rows []row, depth int, r *rand.Rand) {
	bad := 0
	for i := range rows {
		if rows[i].fraud {
			bad++
		}
	}
	n := &(*t)[at]
	n.feature, n.share = -1, float32(bad)/float32(max(1, len(rows)))
	if depth == 0 || len(rows) < 2*leafLeast || bad == 0 || bad == len(rows) {
		return
	}
	feature, split, found := bestSplit(rows, bad, r)
	if !found {
		return
	}
	n.feature, n.split, n.low = feature, split, len(*t)
	low := n.low
	*t = append(*t, node{}, node{})
	m := partition(rows, feature, split)
	branch(t, low, rows[:m], depth-1, r)
	branch(t, low+1, rows[m:], depth-1, r)
}

// partition puts rows at or below the split first.
func partition(rows []row, feature int, split float32) int {
	m := 0
	for i := range rows {
		if rows[i].x[feature] <= split {
			rows[i], rows[m] = rows[m], rows[i]
			m++
		}
	}
	return m
}

// bestSplit tries some splits and takes the purest (Gini).
func bestSplit(rows []row, bad int, r *rand.Rand) (feature int, split float32, found bool) {
	best := gini(bad, len(rows)) - 1e-9
	for range tryFeature {
		f := r.IntN(features)
		for range trySplits {
			s := rows[r.IntN(len(rows))].x[f]
			n, b := 0, 0
			for i := range rows {
				if rows[i].x[f] <= s {
					n++
					if rows[i].fraud {
						b++
					}
				}
			}
			if n < leafLeast || len(rows)-n < leafLeast {
				continue
			}
			if g := gini(b, n) + gini(bad-b, len(rows)-n); g < best {
				best, feature, split, found = g, f, s, true
			}
		}
	}
	return feature, split, found
}

func gini(bad, n int) float64 {
	p := float64(bad) / float64(n)
	return 2 * p * (1 - p) * float64(n)
}

// share is how much of the forest takes x for fraud, 0 to 1.
func (f forest) share(x *[features]float32) float32 {
	var sum float32
	for _, t := range f {
		i := 0
		for t[i].feature >= 0 {
			if x[t[i].feature] <= t[i].split {
				i = t[i].low
			} else {
				i = t[i].low + 1
			}
		}
		sum += t[i].share
	}
	return sum / float32(len(f))
}

// memory is what the features are made of, for each office: what call records
// and the set-up of a call tell, as in the literature (NDSS 2021), without a
// list of test numbers, which nobody may ship.
type memory struct {
	idle
	site    *fraud.Site
	areas   map[string]bool // called before, by the office
	numbers map[string]bool
	byExt   map[string]*recent
	up      map[uint64]bool
	calls   []time.Time // dear ones of the last day
}

type recent struct {
	calls  []time.Time // of the last hour
	areas  []string
	count  map[string]int // of areas
	talked int
	tried  int
}

func newMemory(site *fraud.Site) *memory {
	return &memory{
		site: site, areas: map[string]bool{}, numbers: map[string]bool{}, byExt: map[string]*recent{},
		up: map[uint64]bool{},
	}
}

// features sees a dear call at its set-up, and remembers it.
func (m *memory) features(e *fraud.Event) (x [features]float32) {
	r := m.byExt[e.Extension]
	if r == nil {
		r = &recent{count: map[string]int{}}
		m.byExt[e.Extension] = r
	}
	for len(r.calls) > 0 && e.At.Sub(r.calls[0]) > time.Hour {
		if r.count[r.areas[0]]--; r.count[r.areas[0]] == 0 {
			delete(r.count, r.areas[0])
		}
		r.calls, r.areas = r.calls[1:], r.areas[1:]
	}
	for len(m.calls) > 0 && e.At.Sub(m.calls[0]) > 24*time.Hour {
		m.calls = m.calls[1:]
	}
	local := e.At.In(m.site.Zone)
	flag := func(b bool) float32 {
		if b {
			return 1
		}
		return 0
	}
	since := float32(3600)
	if len(r.calls) > 0 {
		since = float32(e.At.Sub(r.calls[len(r.calls)-1]).Seconds())
	}
	weekend := local.Weekday() == time.Saturday || local.Weekday() == time.Sunday
	meter := meter{site: m.site}
	x = [features]float32{
		float32(local.Hour()), flag(weekend), float32(meter.priced(e).MilliYen / 1000), flag(!m.areas[e.Area]),
		flag(!m.numbers[e.Number]), float32(len(r.calls)), since, float32(len(m.up)), float32(len(m.calls)),
		float32(len(r.count)), float32(r.talked+1) / float32(r.tried+2), flag(e.Path != fraud.Dialed),
	}
	m.areas[e.Area], m.numbers[e.Number] = true, true
	r.calls, r.areas = append(r.calls, e.At), append(r.areas, e.Area)
	r.count[e.Area]++
	r.tried++
	m.calls = append(m.calls, e.At)
	return x
}

// passed notes a dear call that was put through.
func (m *memory) passed(e *fraud.Event) { m.up[e.Call] = true }

// Tell hears of answers and ends.
func (m *memory) Tell(e *fraud.Event) {
	switch e.Kind {
	case fraud.Answered:
		if r := m.byExt[e.Extension]; r != nil {
			r.talked++
		}
	case fraud.Ended:
		delete(m.up, e.Call)
	}
}

// woods is a random forest on set-up features.
type woods struct {
	*memory
	grown     forest
	threshold float32
}

func newWoods(grown forest, percent int) func(*fraud.Site, Policy) (Subject, error) {
	return func(site *fraud.Site, _ Policy) (Subject, error) {
		return &woods{memory: newMemory(site), grown: grown, threshold: float32(percent) / 100}, nil
	}
}

// Ask refuses what most of the forest takes for fraud.
func (w *woods) Ask(e *fraud.Event) Answer {
	if !dear(e) {
		return Pass
	}
	x := w.features(e)
	if w.grown.share(&x) >= w.threshold {
		return Refuse
	}
	w.passed(e)
	return Pass
}
