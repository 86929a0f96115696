package media

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"

	"github.com/sekisho/sekisho/unit/media/engine"
)

// Config is what New needs.
type Config struct {
	// Sockets opens port pairs: plane's.
	Sockets Sockets
	// OnEvent is told what happens on legs, from a loop goroutine. It must
	// not block and must not call back into media. May be nil.
	OnEvent func(Event)
	// Resting is how many port pairs of ended calls are kept open at most;
	// RestingMax of limits.go if 0.
	Resting int
	// Deferred has what is asked of legs and calls wait for Flush, so that a
	// loop is woken once for all that one turn of signaling asks, and not at
	// all for what makes no difference before a packet comes.
	Deferred bool
	// Loops is how many loop goroutines share the calls; 1 if 0.
	Loops int
	// KeepPlace has loops keep their place among the goroutines that run while
	// there is traffic: only where GOMAXPROCS leaves places to all the rest.
	KeepPlace bool
	// GoFirst has the thread of a loop, on which it is called, go before others.
	// May be nil.
	GoFirst func()
	// CallsMax is the limit of calls at once; CallsMax of limits.go if 0.
	CallsMax int
	// Prepare lists local addresses for which port pairs are opened in
	// advance. Others are added when first used.
	Prepare []netip.Addr
	// Music is for Leg.Music; nil is a melody of the unit's own.
	Music *Music
	// Engine forces how packets are moved: "io_uring" or "epoll". "" is
	// io_uring where the kernel allows it, else epoll.
	Engine string
	// Ether is the network where Engine is engine.Still: in simulations.
	Ether engine.Ether
	// Log takes what goes wrong without anybody to return it to. May be nil.
	Log *slog.Logger
}

// Relay is the voice path of a unit.
type Relay struct {
	cfg    Config
	open   engineOpener
	engine engine.Kind
	why    error
	loops  []*loop
	pools  sync.WaitGroup // their goroutines
	done   sync.WaitGroup // loops

	mu     sync.Mutex
	calls  map[string]*Call
	next   int // loop of the next call
	closed bool
	// owned are the addresses of our own legs' ports: no peer may have us
	// send there, or packets could run in circles for ever.
	owned ownPorts
}

// New starts a relay. Close ends it.
func New(cfg Config) (*Relay, error) {
	return start(cfg, func(k engine.Kind, w *engine.Waker) (engine.Engine, error) {
		if k == engine.Still {
			return engine.NewStill(w, cfg.Ether), nil
		}
		e, err := engine.Open(k, w, cfg.KeepPlace)
		if cfg.GoFirst != nil {
			cfg.GoFirst()
		}
		return e, err
	})
}

// engineOpener makes a loop's engine.
type engineOpener func(engine.Kind, *engine.Waker) (engine.Engine, error)

func start(cfg Config, open engineOpener) (*Relay, error) {
	if cfg.Sockets == nil {
		return nil, fmt.Errorf("sockets: %w", ErrState)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.OnEvent == nil {
		cfg.OnEvent = func(Event) {}
	}
	if cfg.CallsMax <= 0 {
		cfg.CallsMax = CallsMax
	}
	if cfg.Music == nil {
		cfg.Music = melody()
	}
	kind, why := engine.Choose(engine.Kind(cfg.Engine))
	if errors.Is(why, engine.ErrKind) {
		return nil, why
	}
	r := &Relay{
		cfg: cfg, open: open, engine: kind, why: why,
		calls: map[string]*Call{}, owned: make(ownPorts),
	}
	err := r.startLoops()
	if err != nil && kind == engine.Uring {
		// It was possible a moment ago: limits may leave room for one ring only.
		r.engine, r.why = engine.Epoll, err
		err = r.startLoops()
	}
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("media loop: %w", err)
	}
	for _, l := range r.loops {
		r.pools.Go(l.pool.run)
		for _, a := range cfg.Prepare {
			l.pool.prepare(netip.AddrPortFrom(a, 0))
		}
	}
	return r, nil
}

// startLoops starts all loops or none.
func (r *Relay) startLoops() error {
	for range max(r.cfg.Loops, 1) {
		if err := r.startLoop(); err != nil {
			r.endLoops()
			r.loops = nil
			return err
		}
	}
	return nil
}

// endLoops ends the loops, without waiting for that.
func (r *Relay) endLoops() {
	for _, l := range r.loops {
		l.post(func() { l.ended = true })
	}
	r.Flush()
}

// startLoop returns when the loop has its engine.
func (r *Relay) startLoop() error {
	wake, err := engine.NewWaker()
	if err != nil {
		return err
	}
	l := &loop{wake: wake, tell: r.cfg.OnEvent, deferred: r.cfg.Deferred}
	l.pool = newPool(r.cfg.Sockets, r.cfg.Resting/max(r.cfg.Loops, 1), l.dismiss, r.cfg.Log)
	began := make(chan error)
	kind := r.engine
	r.done.Go(func() { l.run(kind, r.open, began) })
	if err := <-began; err != nil {
		return err
	}
	r.loops = append(r.loops, l)
	return nil
}

// Engine tells how packets are moved: "io_uring" or "epoll". For epoll, why is
// what the kernel said to io_uring, nil if epoll was asked for.
func (r *Relay) Engine() (name string, why error) { return string(r.engine), r.why }

// NewCall makes a call. id is the unit's call ID.
func (r *Relay) NewCall(id string) (*Call, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, ErrClosed
	case r.calls[id] != nil:
		return nil, fmt.Errorf("call %s: %w", id, ErrExists)
	case len(r.calls) >= r.cfg.CallsMax:
		return nil, fmt.Errorf("%d calls: %w", len(r.calls), ErrLimit)
	}
	l := r.loops[r.next%len(r.loops)]
	c := &Call{id: id, relay: r, loop: l, mu: &l.calls}
	c.legs = c.two[:0]
	r.next++
	r.calls[id] = c
	return c, nil
}

// Flush has the loops do what was asked of legs and calls; see Config.Deferred.
func (r *Relay) Flush() {
	for _, l := range r.loops {
		l.flush()
	}
}

// Calls is how many calls there are.
func (r *Relay) Calls() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.calls)
}

// Close ends every call, frees every port, and waits for the goroutines.
func (r *Relay) Close() error {
	r.mu.Lock()
	r.closed = true
	calls := make([]*Call, 0, len(r.calls))
	for _, c := range r.calls {
		calls = append(calls, c)
	}
	r.mu.Unlock()
	for _, c := range calls {
		c.Close()
	}
	for _, l := range r.loops {
		l.pool.stop()
	}
	r.pools.Wait() // nothing is dismissed any more
	r.endLoops()
	r.done.Wait()
	for _, l := range r.loops {
		l.pool.close()
	}
	return nil
}

func (r *Relay) forget(c *Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls[c.id] == c {
		delete(r.calls, c.id)
	}
}

// own takes a pair's addresses in and out of those of our own; public is the
// one that peers are told, if it is another.
func (r *Relay) own(p Pair, public netip.Addr, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rtp, rtcp := p.RTP.Local(), p.RTCP.Local()
	r.owned.set(rtp.Addr(), mine, rtp.Port(), rtcp.Port())
	if public.IsValid() && public != rtp.Addr() {
		r.owned.set(public, mine, rtp.Port(), rtcp.Port())
	}
}

func (r *Relay) owns(a netip.AddrPort) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.owned.has(a)
}

// ownPorts are ports of our own, by address: one bit each, which costs each call less than
// a table of those in use. There are as many addresses as this host has.
type ownPorts map[netip.Addr]*[portsAll / 64]uint64

func (o ownPorts) set(at netip.Addr, mine bool, list ...uint16) {
	ports := o[at]
	if ports == nil {
		ports = new([portsAll / 64]uint64)
		o[at] = ports
	}
	for _, port := range list {
		if bit := uint64(1) << (port % 64); mine {
			ports[port/64] |= bit
		} else {
			ports[port/64] &^= bit
		}
	}
}

func (o ownPorts) has(a netip.AddrPort) bool {
	ports := o[a.Addr()]
	return ports != nil && ports[a.Port()/64]&(1<<(a.Port()%64)) != 0
}
