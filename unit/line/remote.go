package line

import "net/netip"

// Remote gives an address at which a line's carrier is reached now, false
// when none is known.
func (l *Lines) Remote(id string) (netip.Addr, bool) {
	for _, e := range l.book.Load().entries {
		if e.id == id && len(e.found) > 0 {
			return e.found[0], true
		}
	}
	return netip.Addr{}, false
}
