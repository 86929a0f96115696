package stack

import (
	"net/netip"
	"time"
)

// busyPlaces are the calls that a shard lets in while it sheds: some a second,
// and few from each source, so that neither strangers nor one phone gone wild
// takes all of them. Sources share cells; their number does not grow.
type busyPlaces struct {
	until time.Time
	taken int
	by    [256]uint8
}

// take takes a place for a source that has proven who it is; most is how many
// it may have.
func (b *busyPlaces) take(source netip.Addr, most uint8, now time.Time) bool {
	if !now.Before(b.until) || b.until.Sub(now) > time.Second {
		*b = busyPlaces{until: now.Add(time.Second)}
	}
	a := source.As16()
	cell := &b.by[fnv(fnvBasis, a[:])%uint64(len(b.by))]
	if b.taken >= busyPlacesMax || *cell >= most {
		return false
	}
	b.taken++
	*cell++
	return true
}

// busyPlacesOf is how many places one source has: all calls of a line come
// from one.
func busyPlacesOf(side Side) uint8 {
	if side == LineSide {
		return busyPlacesLine
	}
	return busyPlacesPhone
}
