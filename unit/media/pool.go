package media

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"
)

// pool keeps port pairs open in advance and closes those given back, so that
// neither is a system call on a signaling loop or between two packets.
type pool struct {
	sockets Sockets
	log     *slog.Logger
	wake    chan struct{}

	mu     sync.Mutex
	ready  map[netip.AddrPort][]Pair
	back   []Pair // to be closed
	closed bool
	rest   rest
}

// wakeLength: one wake is enough, the goroutine looks at everything.
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

// poke wakes the goroutine; the caller has the lock.
func (p *pool) poke() {
	if p.closed {
		return
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// take gives a pair, any one of those ready; with none it opens one here.
func (p *pool) take(from netip.AddrPort) (Pair, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return Pair{}, ErrClosed
	}
	ready, known := p.ready[from]
	var pair Pair
	if n := len(ready); n > 0 {
		i := rand.IntN(n)
		pair, ready[i] = ready[i], ready[n-1]
		p.ready[from] = ready[:n-1]
	}
	if len(p.ready[from]) <= PairsReady/2 {
		p.poke()
	}
	p.mu.Unlock()
	if !known {
		p.prepare(from)
	}
	if pair.RTP != nil {
		return pair, nil
	}
	return p.openRested(from)
}

func (p *pool) open(from netip.AddrPort) (Pair, error) {
	rtp, rtcp, err := p.sockets.OpenPair(from)
	if err != nil {
		return Pair{}, fmt.Errorf("media ports on %s: %w", from, err)
	}
	return Pair{rtp, rtcp}, nil
}

// give takes a pair back, to close it and let its ports rest.
func (p *pool) give(pair Pair) {
	p.mu.Lock()
	closed := p.closed
	if !closed {
		p.back = append(p.back, pair)
		p.poke()
	}
	p.mu.Unlock()
	if closed {
		closePair(pair)
	}
}

// run is the pool's goroutine; it ends with close.
func (p *pool) run() {
	for range p.wake {
		p.closeBack()
		for {
			from, more := p.short()
			if !more {
				break
			}
			pair, err := p.openRested(from)
			if err != nil {
				if p.none(from) { // of a small range the calls may have nearly all
					p.log.Warn("media: no port pair in advance", "local", from, "error", err)
				}
				break
			}
			if !p.put(from, pair) {
				closePair(pair)
				break
			}
			p.closeBack()
		}
	}
}

// closeBack closes the pairs given back.
func (p *pool) closeBack() {
	p.mu.Lock()
	back := p.back
	p.back = nil
	p.mu.Unlock()
	now := time.Now()
	for _, pair := range back {
		closePair(pair)
		p.mu.Lock()
		p.rest.begin(pair.RTP.Local(), now)
		p.mu.Unlock()
	}
}

// openRested opens a pair whose ports no call had lately: who talked to that
// call may still be sending. Where nearly all ports rest, it is one of them
// after all, because a call must not fail for that.
func (p *pool) openRested(from netip.AddrPort) (pair Pair, err error) {
	for range restTries {
		if pair, err = p.open(from); err != nil || !p.rests(pair.RTP.Local()) {
			return pair, err
		}
		closePair(pair)
	}
	return p.open(from)
}

func (p *pool) rests(port netip.AddrPort) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rest.has(port, time.Now())
}

// none tells whether no pair is ready.
func (p *pool) none(from netip.AddrPort) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.ready[from]) == 0
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
	for _, pair := range p.back {
		closePair(pair)
	}
	for _, ready := range p.ready {
		for _, pair := range ready {
			closePair(pair)
		}
	}
	p.ready, p.back = nil, nil
	close(p.wake)
}

func closePair(p Pair) { _ = errors.Join(p.RTP.Close(), p.RTCP.Close()) }

// rest remembers ports that were freed less than RestTime ago, at most
// RestingMax of them.
type rest struct {
	queue []freed
	set   map[netip.AddrPort]int // how often in queue
}

type freed struct {
	port netip.AddrPort
	at   time.Time
}

func (r *rest) begin(port netip.AddrPort, now time.Time) {
	if r.set == nil {
		r.set = map[netip.AddrPort]int{}
	}
	r.forget(now)
	if len(r.queue) >= RestingMax {
		r.drop()
	}
	r.queue = append(r.queue, freed{port, now})
	r.set[port]++
}

func (r *rest) has(port netip.AddrPort, now time.Time) bool {
	r.forget(now)
	return r.set[port] > 0
}

func (r *rest) forget(now time.Time) {
	for len(r.queue) > 0 && now.Sub(r.queue[0].at) >= RestTime {
		r.drop()
	}
}

// drop forgets the one that rests longest.
func (r *rest) drop() {
	port := r.queue[0].port
	r.queue = r.queue[1:]
	if r.set[port]--; r.set[port] <= 0 {
		delete(r.set, port)
	}
}
