package tempo

// Most of the attempts failed: in tenths.
const (
	unansweredWeak   = 7
	unansweredStrong = 9
	unansweredMany   = 10
	numbersLeast     = 4
)

// unanswered: most attempts of the last hour reached nobody, at different
// numbers: who does not know the numbers tries them. Redialing one busy number
// is not that.
func (l *look) unanswered() (Strength, int64, int64) {
	var failedAt distinct
	all, none := int64(0), int64(0)
	for _, c := range l.lastHour() {
		if c == l.c || c.State == barred {
			continue
		}
		all++
		if c.Answered == 0 {
			none++
			failedAt.add(c.Number)
		}
	}
	switch {
	case all < unansweredLeast || failedAt.count() < numbersLeast:
		return None, 0, 0
	case all >= unansweredMany && none*10 >= all*unansweredStrong:
		return Strong, none, all
	case none*10 >= all*unansweredWeak:
		return Weak, none, all
	}
	return None, 0, 0
}
