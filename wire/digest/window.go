package digest

import "time"

// Window remembers which nonce counts of one credential were used, so that
// each pair is accepted once. It is kept only for a credential that has
// proven itself, and holds at most WindowNonces nonces; the zero Window is
// ready. It is not safe for concurrent use.
type Window struct {
	used  []usedNonce
	floor NonceID // nonces up to this one are stale: their counts are forgotten
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
	for i := range w.used {
		if w.used[i].id == id {
			return w.used[i].use(nc)
		}
	}
	w.forget(now, life)
	if len(w.used) >= WindowNonces {
		w.dropOldest()
		if !w.floor.Before(id) {
			return false
		}
	}
	w.used = append(w.used, usedNonce{id: id, top: nc, seen: 1})
	return true
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
	kept := w.used[:0]
	for _, u := range w.used {
		if int64(u.id.Issued) >= limit {
			kept = append(kept, u)
		} else if w.floor.Before(u.id) {
			w.floor = u.id
		}
	}
	w.used = kept
}

// dropOldest makes room, and raises the floor to what it drops.
func (w *Window) dropOldest() {
	old := 0
	for i := range w.used {
		if w.used[i].id.Before(w.used[old].id) {
			old = i
		}
	}
	w.floor = w.used[old].id
	w.used = append(w.used[:old], w.used[old+1:]...)
}
