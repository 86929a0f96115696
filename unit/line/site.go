package line

import "time"

// Site is the other site over whose lines a line calls, "" for a carrier's.
func (l *Lines) Site(id string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.byID[id]; n != nil && n.profile.Site {
		return n.row.Registrar
	}
	return ""
}

// SiteUp says of each line that calls over another site's lines whether that site is
// up.
func (l *Lines) SiteUp(up func(site string) bool, now time.Time) {
	away := make(map[string]string)
	l.mu.Lock()
	for id, n := range l.byID {
		switch {
		case !n.profile.Site:
		case up(n.row.Registrar):
			away[id] = ""
		default:
			away[id] = WhySite
		}
	}
	l.mu.Unlock()
	for id, why := range away {
		l.Fault(id, why, now)
	}
}
