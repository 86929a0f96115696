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
	shelves map[netip.AddrPort]*shelf
	rests   int    // how many rest, on all addresses
	surplus []Pair // to be closed
	closed  bool
}

// shelf is the pairs that are kept for one address.
type shelf struct {
	ready   []Pair
	resting queue
	kept    []Pair // for emergency calls when there are no others
}

// rested is a pair whose call ended at a time.
type rested struct {
	pair Pair
	at   time.Time
}

// queue is pairs that rest, the oldest first. It keeps its room: pairs come and go with
// each call.
type queue struct {
	list  []rested // from first on
	first int
}

func (q *queue) all() []rested { return q.list[q.first:] }

func (q *queue) push(r rested) {
	if len(q.list) == cap(q.list) && q.first >= len(q.list)/2 {
		q.list = q.list[:copy(q.list, q.list[q.first:])]
		q.first = 0
	}
	q.list = append(q.list, r)
}

// drop forgets the oldest ones.
func (q *queue) drop(n int) {
	clear(q.list[q.first : q.first+n])
	q.first += n
}

// wakeLength: one wake is enough, the goroutine looks at everything.
const wakeLength = 1

func newPool(s Sockets, most int, dismiss func(Pair), log *slog.Logger) *pool {
	if most <= 0 || most > RestingMax {
		most = RestingMax
	}
	return &pool{
		sockets: s, log: log, most: most, dismiss: dismiss, wake: make(chan struct{}, wakeLength),
		shelves: map[netip.AddrPort]*shelf{},
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

// know has the address among those that pairs are kept for, if there is room: else the
// shelf is empty, and stays so. The caller has the lock.
func (p *pool) know(from netip.AddrPort) *shelf {
	s := p.shelves[from]
	if s == nil {
		s = new(shelf)
		if len(p.shelves) < LocalsMax && !p.closed {
			p.shelves[from] = s
		}
	}
	return s
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
	s := p.know(from)
	p.rise(s, now)
	pair, ok := s.anyReady()
	if !ok && p.rests >= p.most/2 {
		pair, ok = p.tired(s)
	}
	if len(s.ready) <= PairsReady/2 && p.rests < p.most/2 {
		p.poke()
	}
	p.mu.Unlock()
	if ok && p.renew(&pair) {
		return pair, nil
	}
	pair, err := p.open(from)
	if err == nil {
		pair.ears.taken()
		return pair, nil
	}
	p.mu.Lock()
	if pair, ok = p.tired(s); !ok && urgent {
		pair, ok = s.last()
	}
	p.mu.Unlock()
	if ok && p.renew(&pair) {
		return pair, nil
	}
	return Pair{}, err
}

// anyReady takes one of those that are ready; the caller has the lock.
func (s *shelf) anyReady() (Pair, bool) {
	if len(s.ready) == 0 {
		return Pair{}, false
	}
	i, last := rand.IntN(len(s.ready)), len(s.ready)-1
	pair := s.ready[i]
	s.ready[i], s.ready[last] = s.ready[last], Pair{}
	s.ready = s.ready[:last]
	return pair, true
}

// last takes one of those that are kept; the caller has the lock.
func (s *shelf) last() (Pair, bool) {
	n := len(s.kept)
	if n == 0 {
		return Pair{}, false
	}
	pair := s.kept[n-1]
	s.kept = s.kept[:n-1]
	return pair, true
}

// tired takes one of those that rest longest; the caller has the lock.
func (p *pool) tired(s *shelf) (Pair, bool) {
	resting := s.resting.all()
	if len(resting) == 0 {
		return Pair{}, false
	}
	i := rand.IntN(min(len(resting), restedAmong))
	pair := resting[i].pair
	resting[i] = resting[0]
	s.resting.drop(1)
	p.rests--
	return pair, true
}

// rise makes those ready that have rested; the caller has the lock.
func (p *pool) rise(s *shelf, now time.Time) {
	resting := s.resting.all()
	n := 0
	for n < len(resting) && now.Sub(resting[n].at) >= RestTime {
		s.ready = append(s.ready, resting[n].pair)
		n++
	}
	if s.resting.drop(n); n > 0 && n == len(resting) {
		s.resting = queue{} // the room of a busy hour is not kept
	}
	p.rests -= n
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
	s := p.shelves[pair.from]
	switch {
	case s == nil || pair.marked || p.rests >= p.most:
		p.surplus = append(p.surplus, pair)
		p.poke()
	default:
		s.resting.push(rested{pair, time.Now()})
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
	for _, s := range p.shelves {
		p.rise(s, now)
		for len(s.ready) > PairsReady {
			pair, _ := s.anyReady()
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
	s := p.shelves[from]
	return s == nil || len(s.ready)+len(s.resting.all()) == 0
}

// short is an address that has too few pairs ready.
func (p *pool) short() (netip.AddrPort, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return netip.AddrPort{}, false
	}
	for from, s := range p.shelves {
		if p.rests < p.most/2 && (len(s.ready) < PairsReady || len(s.kept) < PairsKept) {
			return from, true
		}
	}
	return netip.AddrPort{}, false
}

func (p *pool) put(from netip.AddrPort, pair Pair) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.shelves[from]
	switch {
	case p.closed:
		return false
	case len(s.ready) < PairsReady:
		s.ready = append(s.ready, pair)
	default: // a range with so few ports keeps none back
		s.kept = append(s.kept, pair)
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
	for _, s := range p.shelves {
		for _, r := range s.resting.all() {
			r.pair.close()
		}
		for _, pair := range append(s.ready, s.kept...) {
			pair.close()
		}
		*s = shelf{} // somebody may look for one there still
	}
	p.shelves, p.surplus = nil, nil
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
// without what came for the call that had it, which the loop has taken where it
// listened on. One that can't be renewed is closed.
func (p *pool) renew(pair *Pair) bool {
	pair.attended = pair.ears.taken()
	for _, s := range [...]Socket{pair.RTP, pair.RTCP} {
		if pair.tied && s.Connect(netip.AddrPort{}) != nil || !pair.attended && !engine.Drain(s.FD()) {
			p.discard(*pair)
			return false
		}
	}
	return true
}

// Pair is the two sockets of a leg: an even RTP port and the RTCP port above
// it (RFC 3550 §11).
type Pair struct {
	RTP, RTCP Socket

	from  netip.AddrPort // where the pool was asked for it
	ears  *ears
	heard bool // the loop listens to it, or did
	// attended: the loop has listened to it until the call got it.
	attended bool
	tied     bool // a socket was connected
	marked   bool // its packets are marked otherwise than others
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
