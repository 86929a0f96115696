package tempo

import "slices"

const (
	repeatWeak   = 3
	repeatStrong = 6
)

// repeat: the same range was called and answered again and again within an
// hour. Intruders repeat few destinations; who redials a busy number is not
// answered.
func (l *look) repeat() (Strength, int64, int64) {
	answered := int64(0)
	for _, c := range l.lastHour() {
		if c != l.c && c.Answered > 0 && block(c.Number) == block(l.c.Number) {
			answered++
		}
	}
	return graded(answered, repeatWeak, repeatStrong), answered, patternWithin / minute
}

// sequence: different numbers of one range within an hour, as who counts
// through a block that pays.
func (l *look) sequence() (Strength, int64, int64) {
	var seen distinct
	for _, c := range l.lastHour() {
		if block(c.Number) == block(l.c.Number) {
			seen.add(c.Number)
		}
	}
	return graded(seen.count(), sequenceWeak, sequenceStrong), seen.count(), patternWithin / minute
}

const (
	sequenceWeak   = 3
	sequenceStrong = 5
)

// graded makes a strength of a count.
func graded(n, weak, strong int64) Strength {
	switch {
	case n >= strong:
		return Strong
	case n >= weak:
		return Weak
	}
	return None
}

// distinct counts different numbers among those that a memory holds.
type distinct struct {
	of [callsMax]uint64
	n  int
}

func (d *distinct) add(number uint64) {
	if slices.Contains(d.of[:d.n], number) {
		return
	}
	d.of[d.n] = number
	d.n++
}

func (d *distinct) count() int64 { return int64(d.n) }
