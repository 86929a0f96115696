package tempo

const (
	unreadWeak   = 3
	unreadStrong = 8
	unreadFor    = 10 * minute
)

// unread notes a dial string that could not be read.
func (s *subject) unread(now int64) {
	if now-s.UnreadAt > unreadFor {
		s.Unread = 0
	}
	s.Unread, s.UnreadAt = s.Unread+1, now
}

// spelling: the same number is dialed in several ways: who looks for a gap in
// the barring does that. One number in two ways has innocent causes, such as an
// address book; a third way, or a second such number, has none.
func (l *look) spelling() (Strength, int64, int64) {
	var ways distinct
	for _, c := range l.today() {
		if c.Number == l.c.Number {
			ways.add(c.Spelled)
		}
	}
	if ways.count() < 2 {
		return None, 0, 0
	}
	var numbers distinct
	for i, c := range l.today() {
		for _, d := range l.today()[:i] {
			if c.Number == d.Number && c.Spelled != d.Spelled {
				numbers.add(c.Number)
				break
			}
		}
	}
	return graded(max(ways.count(), numbers.count()+1), 2, 3), ways.count(), numbers.count()
}

// scan: dial strings that can't be read, several within minutes, and now one
// that can.
func (l *look) scan() (Strength, int64, int64) {
	if l.now-l.s.UnreadAt > unreadFor || l.s.Unread == 0 {
		return None, 0, 0
	}
	return graded(l.s.Unread, unreadWeak, unreadStrong), l.s.Unread, unreadFor / minute
}
