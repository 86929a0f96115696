package fraud

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// span is a range of whole numbers in a file, both ends included: [2, 30], or
// 5 for itself.
type span [2]int64

// UnmarshalTOML reads it.
func (s *span) UnmarshalTOML(v any) error {
	switch v := v.(type) {
	case int64:
		s[0], s[1] = v, v
	case []any:
		if len(v) != 2 {
			return fmt.Errorf("%v: a range has two ends", v)
		}
		low, ok := v[0].(int64)
		high, ok2 := v[1].(int64)
		if !ok || !ok2 || low > high || low < 0 {
			return fmt.Errorf("%v: a range is two whole numbers, the smaller first, none below 0", v)
		}
		s[0], s[1] = low, high
	default:
		return fmt.Errorf("%v: want a whole number or a range such as [2, 30]", v)
	}
	return nil
}

// draw takes a number of the span; small ones are as likely as their order of
// magnitude.
func (s span) draw(r *rand.Rand) int64 {
	low, high := float64(s[0])+1, float64(s[1])+2
	return min(s[1], int64(math.Exp(math.Log(low)+r.Float64()*math.Log(high/low)))-1)
}

func (s span) int(r *rand.Rand) int { return int(s.draw(r)) }

// between takes a time from a to b, fine enough to look like anybody's.
func between(r *rand.Rand, a, b time.Duration) time.Duration {
	if b <= a {
		return a
	}
	return a + time.Duration(r.Int64N(int64(b-a)))
}

// logBetween is between, short times as likely as their order of magnitude.
func logBetween(r *rand.Rand, a, b time.Duration) time.Duration {
	if b <= a || a <= 0 {
		return a + time.Duration(r.Int64N(int64(jitter)))
	}
	return time.Duration(float64(a) * math.Exp(r.Float64()*math.Log(float64(b)/float64(a))))
}

// mix is a weighted choice, in the order of its file.
type mix struct {
	words   []string
	weights []int
	total   int
}

func (m *mix) add(word string, weight int) {
	m.words, m.weights, m.total = append(m.words, word), append(m.weights, weight), m.total+weight
}

func (m *mix) draw(r *rand.Rand) string {
	n := r.IntN(m.total)
	for i, w := range m.weights {
		if n -= w; n < 0 {
			return m.words[i]
		}
	}
	return m.words[len(m.words)-1]
}

// newRand is a source of its own for each purpose, so that what one does
// moves no other.
func newRand(seed, purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(scatter(seed), scatter(purpose+1)))
}

// scatter is SplitMix64's finish.
func scatter(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func percent(r *rand.Rand, p int) bool { return r.IntN(100) < p }
