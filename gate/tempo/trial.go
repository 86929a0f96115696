package tempo

const (
	shortWeak   = 3
	shortStrong = 6
	trialsLeast = 3
)

// short: answered calls of a few seconds in a row, to different numbers: who
// tries which ranges get through hangs up at once.
func (l *look) short() (Strength, int64, int64) {
	var seen distinct
	for _, c := range l.lastHour() {
		if c.State == talked && c.Talk < shortTalk {
			seen.add(c.Number)
		} else if c.State == talked || c.State == up {
			break
		}
	}
	return graded(seen.count(), shortWeak, shortStrong), seen.count(), shortTalk
}

// trial: several ranges were tried by calls of a few seconds, and now one of
// them is called again: the pump after the test.
func (l *look) trial() (Strength, int64, int64) {
	var tried distinct
	again := false
	for _, c := range l.today() {
		if c != l.c && c.State == talked && c.Talk < shortTalk && c.New {
			tried.add(block(c.Number))
			again = again || block(c.Number) == block(l.c.Number)
		}
	}
	if !again || tried.count() < trialsLeast {
		return None, 0, 0
	}
	return Strong, tried.count(), shortTalk
}
