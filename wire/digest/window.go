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
	if i, known := w.find(id); known {
		return w.used[i].use(nc)
	}
	w.forget(now, life)
	if len(w.used) >= WindowNonces {
		w.drop(1)
		if !w.floor.Before(id) {
			return false
		}
	}
	i, _ := w.find(id)
	w.used = slices.Insert(w.used, i, usedNonce{id: id, top: nc, seen: 1})
	return true
}

// find gives a nonce's place, or where it would have it.
func (w *Window) find(id NonceID) (place int, known bool) {
	return slices.BinarySearchFunc(w.used, id, func(u usedNonce, id NonceID) int {
		return cmp.Or(cmp.Compare(u.id.Issued, id.Issued), cmp.Compare(u.id.Serial, id.Serial))
	})
}

// Len gives how many nonces are remembered.
func (w *Window) Len() int { return len(w.used) }

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
	for n < len(w.used) && int64(w.used[n].id.Issued) < limit {
		n++
	}
	if n > 0 {
		w.drop(n)
	}
}

// drop forgets the n oldest nonces, and raises the floor to the last of them.
// Room that a busy time has left is given back.
func (w *Window) drop(n int) {
	if floor := w.used[n-1].id; w.floor.Before(floor) {
		w.floor = floor
	}
	left := w.used[n:]
	if len(left) <= cap(w.used)/4 {
		w.used = append([]usedNonce(nil), left...)
		return
	}
	w.used = append(w.used[:0], left...)
}
