package tempo

// The sequential test (Wald's SPRT) on calls to new areas: an employee's next
// call abroad goes to a new one in 15 of 100 cases at most, an intruder's in 70
// (fraud.md §1: debuts are 0.3 to 0.9 % of all calls). In hundredths of nats.
const (
	debutNew   = 154  // ln(0.70 / 0.15)
	debutKnown = -104 // ln(0.30 / 0.85)
	debutBound = 460  // of an extension: ln(1 / 0.01), and it fades in an hour
	unitBound  = 600  // of all together: ln(1 / 0.0025)
)

func (s *subject) observe(fresh bool, now int64) {
	s.Debut, s.DebutAt = step(s.Debut, s.DebutAt, fresh, now), now
}

func (o *office) observe(fresh bool, now int64) {
	o.Debut, o.DebutAt = step(o.Debut, o.DebutAt, fresh, now), now
}

func step(sum, at int64, fresh bool, now int64) int64 {
	sum = fade(sum, now-at, debutHalfLife)
	if fresh {
		return sum + debutNew
	}
	return max(0, sum+debutKnown)
}

// debut: calls to areas that the office never called before today. One alone
// is weak; a run of them, by one extension or by all together, is strong, and so
// is one to where challenges lapsed.
func (l *look) debut() (Strength, int64, int64) {
	if !l.c.New {
		return None, 0, 0
	}
	fresh, known := int64(0), int64(0)
	for _, c := range l.today() {
		if c.New {
			fresh++
		} else {
			known++
		}
	}
	if l.s.Debut >= debutBound || l.w.unit.Debut >= unitBound || l.w.unit.doubted(l.c.Area, l.now) {
		return Strong, fresh, known
	}
	return Weak, fresh, known
}
