package engine

import (
	"net/netip"
	"sync"
	"time"
)

// Ether is the network of a simulation, in place of the kernel's.
type Ether interface {
	// Listen has what comes to a descriptor be given to take, from any goroutine.
	// The packet is take's from then on.
	Listen(fd int, take func(b []byte, from netip.AddrPort))
	// Forget ends that.
	Forget(fd int)
	// Send sends a copy of a packet to an address, or with none to the peer that the
	// descriptor is connected to. What nobody listens to is lost.
	Send(fd int, b []byte, to netip.AddrPort)
}

// still is the engine of a simulation: it waits in ways that testing/synctest
// understands, and an Ether moves its packets.
type still struct {
	ether Ether
	wake  chan struct{}

	mu   sync.Mutex
	came []arrival
	room []arrival // of what comes next

	ports map[*Port]struct{} // its goroutine's own
}

// arrival is a packet that waits for the next turn.
type arrival struct {
	port *Port
	b    []byte
	from netip.AddrPort
}

// NewStill makes an engine that w wakes.
func NewStill(w *Waker, e Ether) Engine {
	w.still = make(chan struct{}, 1)
	return &still{ether: e, wake: w.still, ports: make(map[*Port]struct{})}
}

// Listen needs nothing when called again: each packet is told as Named says.
func (s *still) Listen(p *Port) error {
	if _, listens := s.ports[p]; listens {
		return nil
	}
	s.ports[p] = struct{}{}
	s.ether.Listen(p.FD, func(b []byte, from netip.AddrPort) { s.take(arrival{p, b, from}) })
	return nil
}

// take has a packet wait; what is too much is lost.
func (s *still) take(a arrival) {
	s.mu.Lock()
	if len(s.came) < stillMost {
		s.came = append(s.came, a)
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Forget has nothing that waits.
func (s *still) Forget(p *Port) {
	if _, listens := s.ports[p]; listens {
		delete(s.ports, p)
		s.ether.Forget(p.FD)
	}
}

// Send gives the packet to the ether at once.
func (s *still) Send(p *Port, b []byte, to *Address) error {
	s.ether.Send(p.FD, b, to.read())
	return nil
}

// Wait gives each packet that has come to its owner.
func (s *still) Wait(d time.Duration, woke func()) {
	var over <-chan time.Time
	if d >= 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-s.wake:
	case <-over:
	}
	s.mu.Lock()
	came := s.came
	s.came = s.room[:0]
	s.mu.Unlock()
	woke()
	for _, a := range came {
		if _, listens := s.ports[a.port]; !listens {
			continue
		}
		if !a.port.Named {
			a.from = netip.AddrPort{}
		}
		a.port.Owner.Packet(a.port, a.b, a.from)
	}
	clear(came)
	s.room = came
}

// Close has nothing to free.
func (s *still) Close() {}
