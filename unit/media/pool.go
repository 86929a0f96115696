package media

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
)

// pool keeps port pairs open in advance, so that adding a leg is no system
// call on a signaling loop.
type pool struct {
	sockets Sockets
	log     *slog.Logger
	wake    chan struct{}

	mu     sync.Mutex
	ready  map[netip.AddrPort][]Pair
	closed bool
}

// wakeLength: one wake is enough, the filler looks at everything.
const wakeLength = 1

func newPool(s Sockets, log *slog.Logger) *pool {
	return &pool{sockets: s, log: log, wake: make(chan struct{}, wakeLength), ready: map[netip.AddrPort][]Pair{}}
}

// prepare keeps pairs ready on an address from now on: on ports from its own
// up, or anywhere in the range where that is 0.
func (p *pool) prepare(from netip.AddrPort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.ready[from]; !ok && len(p.ready) < LocalsMax && !p.closed {
		p.ready[from] = nil
	}
	p.poke()
}

// poke wakes the filler; the caller has the lock.
func (p *pool) poke() {
	if p.closed {
		return
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// take gives a pair, opening it here if none is ready.
func (p *pool) take(from netip.AddrPort) (Pair, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return Pair{}, ErrClosed
	}
	ready, known := p.ready[from]
	var pair Pair
	if n := len(ready); n > 0 {
		pair, p.ready[from] = ready[n-1], ready[:n-1]
	}
	p.poke()
	p.mu.Unlock()
	if !known {
		p.prepare(from)
	}
	if pair.RTP != nil {
		return pair, nil
	}
	return p.open(from)
}

func (p *pool) open(from netip.AddrPort) (Pair, error) {
	rtp, rtcp, err := p.sockets.OpenPair(from)
	if err != nil {
		return Pair{}, fmt.Errorf("media ports on %s: %w", from, err)
	}
	return Pair{rtp, rtcp}, nil
}

// run is the filler's goroutine; it ends with close.
func (p *pool) run() {
	for range p.wake {
		for {
			from, more := p.short()
			if !more {
				break
			}
			pair, err := p.open(from)
			if err != nil {
				p.log.Warn("media: no port pair in advance", "local", from, "error", err)
				break
			}
			if !p.put(from, pair) {
				closePair(pair)
				break
			}
		}
	}
}

// short is an address that has too few pairs ready.
func (p *pool) short() (netip.AddrPort, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return netip.AddrPort{}, false
	}
	for from, ready := range p.ready {
		if len(ready) < PairsReady {
			return from, true
		}
	}
	return netip.AddrPort{}, false
}

func (p *pool) put(from netip.AddrPort, pair Pair) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.ready[from] = append(p.ready[from], pair)
	return true
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	for _, ready := range p.ready {
		for _, pair := range ready {
			closePair(pair)
		}
	}
	p.ready = nil
	close(p.wake)
}

func closePair(p Pair) error { return errors.Join(p.RTP.Close(), p.RTCP.Close()) }
