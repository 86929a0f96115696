package media

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/unit/media/engine"
)

// pool keeps port pairs open: some ready in advance, and those of ended calls,
// which rest before another call gets them. So a call neither opens nor closes
// sockets, which is dearer than all else that its media costs.
type pool struct {
	sockets Sockets
	log     *slog.Logger
	wake    chan struct{}
	most    int        // pairs that rest
	dismiss func(Pair) // closes a pair that the loop listens to

	mu      sync.Mutex
	ready   map[netip.AddrPort][]Pair
	resting map[netip.AddrPort][]rested // oldest first
	rests   int                         // how many rest, on all addresses
	kept    map[netip.AddrPort][]Pair   // for emergency calls when there are no others
	surplus []Pair                      // to be closed
	closed  bool
}

// rested is a pair whose call ended at a time.
type rested struct {
	pair Pair
	at   time.Time
}

// wakeLength: one wake is enough, the goroutine looks at everything.
const wakeLength = 1

func newPool(s Sockets, most int, dismiss func(Pair), log *slog.Logger) *pool {
	if most <= 0 || most > RestingMax {
		most = RestingMax
	}
	return &pool{
		sockets: s, log: log, most: most, dismiss: dismiss, wake: make(chan struct{}, wakeLength),
		ready: map[netip.AddrPort][]Pair{}, resting: map[netip.AddrPort][]rested{},
		kept: map[netip.AddrPort][]Pair{},
	}
}

// prepare keeps pairs ready on an address from now on: on ports from its own
// up, or anywhere in the range where that is 0.
func (p *pool) prepare(from netip.AddrPort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.know(from)
	p.poke()
}

// know has the address among those that pairs are kept for, if there is room;
// the caller has the lock.
func (p *pool) know(from netip.AddrPort) {
	if _, ok := p.ready[from]; !ok && len(p.ready) < LocalsMax && !p.closed {
		p.ready[from] = nil
	}
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

// take gives a pair, any one of those ready. With none it opens one here, but
// where half of the most rest, or none can be opened, it is one of those that
// rest longest: a call must not fail for that. An urgent one gets what is kept
// for such when all else is in use.
func (p *pool) take(from netip.AddrPort, urgent bool) (Pair, error) {
	now := time.Now()
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return Pair{}, ErrClosed
	}
	p.know(from)
	p.rise(from, now)
	pair, ok := p.anyReady(from)
	if !ok && p.rests >= p.most/2 {
		pair, ok = p.tired(from)
	}
	if len(p.ready[from]) <= PairsReady/2 && p.rests < p.most/2 {
		p.poke()
	}
	p.mu.Unlock()
	if ok && p.renew(pair) {
		return pair, nil
	}
	pair, err := p.open(from)
	if err == nil {
		return pair, nil
	}
	p.mu.Lock()
	if pair, ok = p.tired(from); !ok && urgent {
		pair, ok = p.last(from)
	}
	p.mu.Unlock()
	if ok && p.renew(pair) {
		return pair, nil
	}
	return Pair{}, err
}

// anyReady takes one of those that are ready; the caller has the lock.
func (p *pool) anyReady(from netip.AddrPort) (Pair, bool) {
	ready := p.ready[from]
	if len(ready) == 0 {
		return Pair{}, false
	}
	i, last := rand.IntN(len(ready)), len(ready)-1
	pair := ready[i]
	ready[i], ready[last] = ready[last], Pair{}
	p.ready[from] = ready[:last]
	return pair, true
}

// last takes one of those that are kept; the caller has the lock.
func (p *pool) last(from netip.AddrPort) (Pair, bool) {
	kept := p.kept[from]
	if len(kept) == 0 {
		return Pair{}, false
	}
	p.kept[from] = kept[:len(kept)-1]
	return kept[len(kept)-1], true
}

// tired takes one of those that rest longest; the caller has the lock.
func (p *pool) tired(from netip.AddrPort) (Pair, bool) {
	queue := p.resting[from]
	if len(queue) == 0 {
		return Pair{}, false
	}
	i := rand.IntN(min(len(queue), restedAmong))
	pair := queue[i].pair
	queue[i] = queue[0]
	p.resting[from] = queue[1:]
	p.rests--
	return pair, true
}

// rise makes those ready that have rested; the caller has the lock.
func (p *pool) rise(from netip.AddrPort, now time.Time) {
	queue := p.resting[from]
	n := 0
	for n < len(queue) && now.Sub(queue[n].at) >= RestTime {
		p.ready[from] = append(p.ready[from], queue[n].pair)
		n++
	}
	p.rests -= n
	if p.resting[from] = queue[n:]; n == len(queue) {
		delete(p.resting, from)
	}
}

func (p *pool) open(from netip.AddrPort) (Pair, error) {
	rtp, rtcp, err := p.sockets.OpenPair(from)
	if err != nil {
		return Pair{}, fmt.Errorf("media ports on %s: %w: %w", from, ErrLimit, err)
	}
	return Pair{RTP: rtp, RTCP: rtcp, from: from, ears: newEars(rtp, rtcp)}, nil
}

// give takes a pair of an ended call back. It rests, unless too many do or it
// is not like the others.
func (p *pool) give(pair Pair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, known := p.ready[pair.from]
	switch {
	case !known || pair.marked || p.rests >= p.most:
		p.surplus = append(p.surplus, pair)
		p.poke()
	default:
		p.resting[pair.from] = append(p.resting[pair.from], rested{pair, time.Now()})
		p.rests++
	}
}

// run is the pool's goroutine; it ends with stop.
func (p *pool) run() {
	tick := time.NewTicker(RestTime)
	defer tick.Stop()
	for {
		select {
		case _, ok := <-p.wake:
			if !ok {
				return
			}
		case <-tick.C:
		}
		p.shed(time.Now())
		p.fill()
	}
}

// shed closes what is not needed any more.
func (p *pool) shed(now time.Time) {
	p.mu.Lock()
	surplus := p.surplus
	p.surplus = nil
	for from := range p.ready {
		p.rise(from, now)
		for len(p.ready[from]) > PairsReady {
			pair, _ := p.anyReady(from)
			surplus = append(surplus, pair)
		}
	}
	p.mu.Unlock()
	for _, pair := range surplus {
		p.discard(pair)
	}
}

// fill opens pairs until enough are ready and kept.
func (p *pool) fill() {
	for {
		from, more := p.short()
		if !more {
			return
		}
		pair, err := p.open(from)
		if err != nil {
			if p.none(from) { // of a small range the calls may have nearly all
				p.log.Warn("media: no port pair in advance", "local", from, "error", err)
			}
			return
		}
		if !p.put(from, pair) {
			pair.close()
			return
		}
	}
}

// none tells whether no pair is ready.
func (p *pool) none(from netip.AddrPort) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.ready[from])+len(p.resting[from]) == 0
}

// short is an address that has too few pairs ready.
func (p *pool) short() (netip.AddrPort, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return netip.AddrPort{}, false
	}
	for from, ready := range p.ready {
		if p.rests < p.most/2 && (len(ready) < PairsReady || len(p.kept[from]) < PairsKept) {
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
	if to := p.ready; len(to[from]) < PairsReady {
		to[from] = append(to[from], pair)
	} else { // a range with so few ports keeps none back
		p.kept[from] = append(p.kept[from], pair)
	}
	return true
}

// stop ends the goroutine, and has no pair be taken any more.
func (p *pool) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		close(p.wake)
	}
}

// close closes all pairs. The loop, if there is one, is over.
func (p *pool) close() {
	p.stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pair := range p.surplus {
		pair.close()
	}
	for from := range p.ready {
		for _, r := range p.resting[from] {
			r.pair.close()
		}
		for _, pair := range append(p.ready[from], p.kept[from]...) {
			pair.close()
		}
	}
	p.ready, p.resting, p.surplus, p.kept = nil, nil, nil, nil
}

// discard closes a pair, that which the loop listens to by the loop.
func (p *pool) discard(pair Pair) {
	if pair.heard && p.dismiss != nil {
		p.dismiss(pair)
		return
	}
	pair.close()
}

// renew makes a pair as if it had just been opened: tied to nobody, and
// without what came for the call that had it. One that can't be renewed is
// closed.
func (p *pool) renew(pair Pair) bool {
	for _, s := range [...]Socket{pair.RTP, pair.RTCP} {
		if pair.tied && s.Connect(netip.AddrPort{}) != nil || !engine.Drain(s.FD()) {
			p.discard(pair)
			return false
		}
	}
	return true
}

// Pair is the two sockets of a leg: an even RTP port and the RTCP port above
// it (RFC 3550 §11).
type Pair struct {
	RTP, RTCP Socket

	from   netip.AddrPort // where the pool was asked for it
	ears   *ears
	heard  bool // the loop listens to it, or did
	tied   bool // a socket was connected
	marked bool // its packets are marked otherwise than others
}

func (p Pair) close() { _ = errors.Join(p.RTP.Close(), p.RTCP.Close()) }

// ears are a pair's ports as its loop hears them, from one call to the next:
// to begin and to end listening with each call is dearer than to listen on.
// While the pair rests they own the ports, and nobody is told what comes.
type ears struct {
	rtp, rtcp engine.Port
	loop      *loop
	idle      int // packets that came while the pair rests
	attention atomic.Int32
}

// attention of a loop to a pair's ports.
const (
	inattentive = iota // it does not listen, while no call has the pair
	attentive          // it listens, though no call has the pair
	engaged            // a call has the pair
)

var _ engine.Owner = (*ears)(nil)

func newEars(rtp, rtcp Socket) *ears {
	return &ears{rtp: engine.Port{FD: rtp.FD()}, rtcp: engine.Port{FD: rtcp.FD()}}
}

// Packet drops a packet: it is for a call that is over. Who sends very many has
// the loop listen no more.
func (e *ears) Packet(*engine.Port, []byte, netip.AddrPort) {
	if e.idle++; e.idle == idleMax {
		e.loop.noisy = append(e.loop.noisy, e)
	}
}

// Unsent is of no interest any more.
func (e *ears) Unsent(*engine.Port) {}

// taken is for when a call gets the pair: from then on the loop goes on listening
// if it does. It tells whether it does.
func (e *ears) taken() bool { return e.attention.Swap(engaged) == attentive }
