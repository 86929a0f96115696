package tempo

const (
	parallelWeak   = 1
	parallelStrong = 3
)

// parallel: an extension calls abroad while calls abroad of its own are up. A
// person has one mouth, and a call on hold. A site has many mouths.
func (l *look) parallel() (Strength, int64, int64) {
	if l.e.Site != "" {
		return None, 0, 0
	}
	live, all := int64(0), int64(0)
	for _, c := range l.today() {
		if c != l.c && c.up(l.now) {
			live++
		}
		all++
	}
	return graded(live, parallelWeak, parallelStrong), live, all
}
