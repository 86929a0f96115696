package phone

import (
	"net/netip"
	"sync"
	"time"
	"unique"
)

// place is where a credential was used from. Ports change too often to count.
type place struct {
	addr  netip.Addr
	agent unique.Handle[string]
}

// remember notes a place and reports whether it is new, with the place before
// it. The caller holds the phone's lock.
func (p *phone) remember(addr netip.Addr, agent []byte) (last place, moved bool) {
	n := len(p.places)
	for i := n - 1; i >= 0; i-- {
		if at := p.places[i]; at.addr == addr && at.agent.Value() == string(agent) {
			copy(p.places[i:], p.places[i+1:])
			p.places[n-1] = at
			return at, false
		}
	}
	now := place{addr, unique.Make(string(agent))}
	if n == 0 {
		p.places = []place{now}
		return now, false
	}
	last = p.places[n-1]
	if n >= PlacesMax {
		copy(p.places, p.places[1:])
		p.places[n-1] = now
		return last, true
	}
	p.places = append(p.places, now)
	return last, true
}

// news counts what is new about a credential in a window of time.
type news struct {
	since int64 // Unix nanoseconds
	count int
}

// room reports whether n more may come.
func (c *news) room(n int, now time.Time) bool {
	if age := time.Duration(now.UnixNano() - c.since); age >= NewsWindow || age < 0 {
		c.since, c.count = now.UnixNano(), 0
	}
	return c.count+n <= NewsMax
}

// placeBook knows which phone was last registered from an address, so that an
// emergency call from there is heard even when its sign-in fails. It grows
// only with bindings, which take a credential.
type placeBook struct {
	mu    sync.RWMutex
	known map[netip.Addr]resident
	swept int64 // when it was last rid of what has run out, Unix nanoseconds
}

// resident is a phone at an address.
type resident struct {
	phone *phone
	until int64 // Unix nanoseconds
}

func (b *placeBook) init() { b.known = map[netip.Addr]resident{} }

// put notes a phone's registration.
func (b *placeBook) put(a netip.Addr, p *phone, until int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if old, ok := b.known[a]; !ok || old.phone == p || old.until < until {
		b.known[a] = resident{p, until}
	}
}

// at gives the phone registered from an address.
func (b *placeBook) at(a netip.Addr, now time.Time) (p *phone, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	r, ok := b.known[a]
	return r.phone, ok && r.until > now.UnixNano()
}

// seen reports whether a phone is, or was lately, registered from an address.
func (b *placeBook) seen(a netip.Addr) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	_, ok := b.known[a]
	return ok
}

// drop forgets a phone.
func (b *placeBook) drop(p *phone) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for a, r := range b.known {
		if r.phone == p {
			delete(b.known, a)
		}
	}
}

// expire forgets, each SweepEvery, what has run out.
func (b *placeBook) expire(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if age := time.Duration(now.UnixNano() - b.swept); age >= 0 && age < SweepEvery {
		return
	}
	b.swept = now.UnixNano()
	for a, r := range b.known {
		if r.until <= b.swept {
			delete(b.known, a)
		}
	}
}
