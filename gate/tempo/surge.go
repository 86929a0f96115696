package tempo

// What a unit spends on calls that cost, hour by hour, as a Gamma–Poisson
// process in steps of money: the history of hours in which it called at all is
// the Gamma distribution's, and the next hour is judged by the tail of what
// follows from it.
const (
	stepMoney  = 500_000 // thousandths of yen
	priorShape = 2       // an ordinary office: 2 steps in half an hour's evidence
	priorHalf  = 1       // in halves of hours
	shapeMost  = 8       // more evidence makes no office more regular than that
	hoursMost  = 240     // of calls, then older ones count half

	surgeWeak   = 1e-3
	surgeStrong = 1e-6
	stepsMost   = 400 // a surge at any history
)

// spent is how much money calls took.
type spent struct {
	Hour  int64 // which
	Now   int64 // in this hour, thousandths of yen
	Sum   int64 // in the hours before that had calls
	Hours int64 // how many
}

func (s *spent) turn(now int64) {
	if now/hour == s.Hour {
		return
	}
	if s.Now > 0 {
		s.Sum += s.Now
		if s.Hours++; s.Hours >= hoursMost {
			s.Sum, s.Hours = s.Sum/2, s.Hours/2
		}
	}
	s.Hour, s.Now = now/hour, 0
}

// add counts the money of a call, bounded so that no price overflows.
func (s *spent) add(money, now int64) {
	s.turn(now)
	s.Now = min(s.Now+min(max(0, money), moneyMost), moneyMost)
}

const moneyMost = 1 << 40

// tail is the chance that an office with this history spends so many steps or
// more in an hour in which it calls: negative binomial. Explicit conversions
// keep every machine at the same rounding.
func (s *spent) tail(steps int64) float64 {
	shape := priorShape + s.Sum/stepMoney
	halves := priorHalf + 2*s.Hours
	if shape > shapeMost {
		halves = max(1, halves*shapeMost/shape)
		shape = shapeMost
	}
	q := float64(2) / float64(halves+2) // of one step more
	chance := float64(1)
	for range shape {
		chance = float64(chance * float64(1-q))
	}
	below := float64(0)
	for k := range steps {
		below = float64(below + chance)
		chance = float64(float64(chance*q) * float64(shape+k) / float64(k+1))
	}
	return float64(1 - below)
}

// surge: more money in this hour than the office's own history explains.
func (l *look) surge() (Strength, int64, int64) {
	money := l.w.unit.Spent.Now
	for _, c := range l.today() {
		if c != l.c && c.State == up && c.up(l.now) {
			money += c.Rate * min(hour, l.now-c.Answered) / minute
		}
	}
	steps := min(money/stepMoney, stepsMost)
	if steps == 0 {
		return None, 0, 0
	}
	yen, usual := money/1000, l.w.unit.Spent.Sum/max(1, l.w.unit.Spent.Hours)/1000
	switch chance := l.w.unit.Spent.tail(steps); {
	case chance < surgeStrong:
		return Strong, yen, usual
	case chance < surgeWeak:
		return Weak, yen, usual
	}
	return None, 0, 0
}
