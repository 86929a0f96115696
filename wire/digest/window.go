package digest

import (
	"cmp"
	"slices"
	"time"
)

// Window remembers which nonce counts of one credential were used, so that
// each pair is accepted once. It is kept only for a credential that has
// proven itself, and holds at most WindowNonces nonces; the zero Window is
// ready. It is not safe for concurrent use.
type Window struct {
	used  []usedNonce // by age, the oldest first
	gone  int         // so many of them, the oldest, are forgotten
	floor NonceID     // nonces up to this one are stale: their counts are forgotten
}

// usedNonce is one nonce's counts: bit i of seen is count top-i.
type usedNonce struct {
	id   NonceID
	top  uint32
	seen uint64
}

// Use takes one pair of nonce and count and reports whether it was new. Call
// it only after Verify accepted the credentials. life is the nonces' life:
// what is older is forgotten.
func (w *Window) Use(id NonceID, nc uint32, now time.Time, life time.Duration) bool {
	if !w.floor.Before(id) || nc == 0 {
		return false
	}
	i, known := w.find(id)
	if known {
		return w.used[i].use(nc)
	}
	w.forget(now, life)
	if w.Len() >= WindowNonces {
		w.drop(1)
	}
	if !w.floor.Before(id) {
		return false
	}
	w.grow()
	i, _ = w.find(id)
	w.used = slices.Insert(w.used, i, usedNonce{id: id, top: nc, seen: 1})
	return true
}

// find gives a nonce's place, or where it would have it.
func (w *Window) find(id NonceID) (place int, known bool) {
	if n := len(w.used); n == 0 || w.used[n-1].id.Before(id) {
		return n, false // the youngest of all, as a rule
	}
	place, known = slices.BinarySearchFunc(w.used[w.gone:], id, func(u usedNonce, id NonceID) int {
		return cmp.Or(cmp.Compare(u.id.Issued, id.Issued), cmp.Compare(u.id.Serial, id.Serial))
	})
	return w.gone + place, known
}

// Len gives how many nonces are remembered.
func (w *Window) Len() int { return len(w.used) - w.gone }

// use marks one count and reports whether it was free.
func (u *usedNonce) use(nc uint32) bool {
	if nc > u.top {
		shift := nc - u.top
		if shift >= WindowCounts {
			u.seen = 0
		} else {
			u.seen <<= shift
		}
		u.top = nc
		u.seen |= 1
		return true
	}
	back := u.top - nc
	if back >= WindowCounts || u.seen&(1<<back) != 0 {
		return false
	}
	u.seen |= 1 << back
	return true
}

// forget drops nonces past their life, and raises the floor over them: a
// clock that is set back must not make them usable again.
func (w *Window) forget(now time.Time, life time.Duration) {
	limit := now.Add(-life - ClockSkew).UnixMilli()
	n := 0
	for n < w.Len() && int64(w.used[w.gone+n].id.Issued) < limit {
		n++
	}
	if n > 0 {
		w.drop(n)
	}
}

// drop forgets the n oldest nonces, and raises the floor to the last of them.
// Room that a busy time has left is given back.
func (w *Window) drop(n int) {
	w.gone += n
	if floor := w.used[w.gone-1].id; w.floor.Before(floor) {
		w.floor = floor
	}
	if left := w.used[w.gone:]; len(left) <= cap(w.used)/4 {
		w.used, w.gone = append([]usedNonce(nil), left...), 0
	}
}

// grow makes room for one more: that of the forgotten ones, where they are
// enough for the others not to move again soon.
func (w *Window) grow() {
	if len(w.used) < cap(w.used) {
		return
	}
	room := w.used[:0]
	if w.gone <= cap(w.used)/windowSpare {
		room = make([]usedNonce, 0, min(max(windowFirst, 2*w.Len()), windowRoom))
	}
	w.used, w.gone = append(room, w.used[w.gone:]...), 0
}

const (
	windowFirst = 2                                         // nonces that a Window has room for at first
	windowRoom  = WindowNonces + 2*WindowNonces/windowSpare // and at last
	windowSpare = 16                                        // one part in so many is worth to be used again
)
