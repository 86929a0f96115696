package tempo

// forwards notes a number that the extension's calls are sent on to. Another one
// than the last time is a forwarding that was changed, though nobody said so:
// many phones do it by themselves.
func (s *subject) forwards(to uint64, now int64) {
	if s.ForwardTo != to {
		s.ForwardTo, s.Forwarded = to, now
	}
}

// forwarded: the extension's forwarding was changed within a day, and it sends
// a call to a number that costs.
func (l *look) forwarded() (Strength, int64, int64) {
	since := l.now - l.s.Forwarded
	if !l.e.Forward || l.s.Forwarded == 0 || since >= forwardNewFor {
		return None, 0, 0
	}
	calls := int64(0)
	for _, c := range l.today() {
		if c.At >= l.s.Forwarded {
			calls++
		}
	}
	return Weak, since / minute, calls
}

// callback: the range rang a moment and gave up: wangiri lives on those who
// call back. From an area that the office calls it is weak.
func (l *look) callback() (Strength, int64, int64) {
	rings, last := int64(0), int64(0)
	for i := range l.w.unit.Missed {
		m := &l.w.unit.Missed[i]
		if m.At != 0 && l.now-m.At < missedFor && block(m.Number) == block(l.c.Number) {
			rings++
			last = max(last, m.At)
		}
	}
	switch {
	case rings == 0:
		return None, 0, 0
	case l.c.New:
		return Strong, (l.now - last) / minute, rings
	}
	return Weak, (l.now - last) / minute, rings
}

const (
	silentOf     = 3
	silentStrong = 2
)

// silent: the last answered calls abroad had no voice from the phone that they
// are said to come from.
func (l *look) silent() (Strength, int64, int64) {
	all, without := int64(0), int64(0)
	for _, c := range l.today() {
		if c.State == talked && all < silentOf {
			all++
			if c.Silent {
				without++
			}
		}
	}
	return graded(without, 1, silentStrong), without, all
}
