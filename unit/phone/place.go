package phone

import (
	"net/netip"
	"sync"
	"time"
)

// place is where a credential was used from. Ports change too often to count.
type place struct {
	addr  netip.Addr
	agent string
}

// remember notes a place and reports whether it is new, with the place before
// it. The caller holds the phone's lock.
func (p *phone) remember(now place) (last place, moved bool) {
	for i, old := range p.places {
		if old == now {
			p.places = append(append(p.places[:i:i], p.places[i+1:]...), now)
			return now, false
		}
	}
	if n := len(p.places); n > 0 {
		last, moved = p.places[n-1], true
		if n >= PlacesMax {
			p.places = p.places[1:]
		}
	}
	p.places = append(p.places, now)
	return last, moved
}

// news counts what is new about a credential in a window of time.
type news struct {
	since time.Time
	count int
}

// room reports whether n more may come.
func (c *news) room(n int, now time.Time) bool {
	if age := now.Sub(c.since); age >= NewsWindow || age < 0 {
		c.since, c.count = now, 0
	}
	return c.count+n <= NewsMax
}

// placeBook knows which device was last registered from an address, so that
// an emergency call from there is heard even when its sign-in fails. It grows
// only with bindings, which take a credential.
type placeBook struct {
	mu    sync.RWMutex
	known map[netip.Addr]resident
}

// resident is a device at an address.
type resident struct {
	device string
	until  time.Time
}

func (b *placeBook) init() { b.known = map[netip.Addr]resident{} }

// put notes a device's registration.
func (b *placeBook) put(a netip.Addr, device string, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if old, ok := b.known[a]; !ok || old.device == device || old.until.Before(until) {
		b.known[a] = resident{device, until}
	}
}

// at gives the device registered from an address.
func (b *placeBook) at(a netip.Addr, now time.Time) (device string, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	r, ok := b.known[a]
	return r.device, ok && r.until.After(now)
}

// drop forgets a device.
func (b *placeBook) drop(device string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for a, r := range b.known {
		if r.device == device {
			delete(b.known, a)
		}
	}
}

// expire forgets what has run out.
func (b *placeBook) expire(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for a, r := range b.known {
		if !r.until.After(now) {
			delete(b.known, a)
		}
	}
}
