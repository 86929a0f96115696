package unit

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/sekisho/sekisho/unit/media"
)

// air is a network for voice in memory: the relay's ports, and mouths of puppets. It
// carries packets at once, drops what the kernel would of a connected socket, and waits
// in ways that testing/synctest understands.
type air struct {
	mu     sync.Mutex
	ports  map[int]*airPort
	mouths map[netip.AddrPort]*airMouth
	at     map[netip.AddrPort]*airPort
	next   int
}

// Ports of the air.
const (
	relayFirst = 20000 // the relay's
	mouthFirst = 50000 // mouths'
	airMail    = 4096  // packets that wait for a mouth; what is too much is lost
)

// newAir is an air that nobody uses.
func newAir() *air {
	return &air{
		ports: make(map[int]*airPort), at: make(map[netip.AddrPort]*airPort),
		mouths: make(map[netip.AddrPort]*airMouth),
	}
}

// airPort is a socket of the relay's.
type airPort struct {
	air  *air
	fd   int
	at   netip.AddrPort
	peer netip.AddrPort // connected to; the zero value is to nobody
	take func([]byte, netip.AddrPort)
}

// OpenPair opens a pair of the relay's ports.
func (a *air) OpenPair(from netip.AddrPort) (rtp, rtcp media.Socket, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	open := func(port int) *airPort {
		p := &airPort{air: a, fd: -1 - port, at: netip.AddrPortFrom(from.Addr(), uint16(port))}
		a.ports[p.fd], a.at[p.at] = p, p
		return p
	}
	for {
		port := relayFirst + a.next%((mouthFirst-relayFirst)/2)*2
		a.next++
		if a.ports[-1-port] == nil && a.ports[-2-port] == nil {
			return open(port), open(port + 1), nil
		}
	}
}

// FD is no file's: the air knows the port by it.
func (p *airPort) FD() int { return p.fd }

func (p *airPort) Local() netip.AddrPort { return p.at }

func (p *airPort) Connect(peer netip.AddrPort) error {
	p.air.mu.Lock()
	defer p.air.mu.Unlock()
	p.peer = peer
	return nil
}

func (p *airPort) Close() error {
	p.air.mu.Lock()
	defer p.air.mu.Unlock()
	delete(p.air.ports, p.fd)
	delete(p.air.at, p.at)
	return nil
}

// Listen is as in engine.Ether, as are Forget and Send.
func (a *air) Listen(fd int, take func([]byte, netip.AddrPort)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ports[fd].take = take
}

func (a *air) Forget(fd int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ports[fd].take = nil
}

func (a *air) Send(fd int, b []byte, to netip.AddrPort) {
	a.mu.Lock()
	p := a.ports[fd]
	if !to.IsValid() {
		to = p.peer
	}
	from := p.at
	a.mu.Unlock()
	a.carry(from, to, b)
}

// carry brings a copy of a packet to where it is sent.
func (a *air) carry(from, to netip.AddrPort, b []byte) {
	a.mu.Lock()
	m := a.mouths[to]
	var take func([]byte, netip.AddrPort)
	if p := a.at[to]; p != nil && (!p.peer.IsValid() || p.peer == from) {
		take = p.take
	}
	a.mu.Unlock()
	switch {
	case m != nil:
		select {
		case m.mail <- append([]byte(nil), b...):
		default:
		}
	case take != nil:
		take(append([]byte(nil), b...), from)
	}
}

// mouth opens a socket of a puppet's.
func (a *air) mouth() *airMouth {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := netip.AddrPortFrom(loopback, uint16(mouthFirst+len(a.mouths)))
	m := &airMouth{air: a, at: at, mail: make(chan []byte, airMail)}
	a.mouths[at] = m
	return m
}

// airMouth is where a puppet speaks and hears.
type airMouth struct {
	air  *air
	at   netip.AddrPort
	mail chan []byte
	end  time.Time // of reading
}

func (m *airMouth) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(m.at) }

func (m *airMouth) SetReadDeadline(end time.Time) error {
	m.end = end
	return nil
}

func (m *airMouth) Read(b []byte) (int, error) {
	left := time.Until(m.end)
	if left <= 0 {
		return 0, os.ErrDeadlineExceeded
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case got := <-m.mail:
		return copy(b, got), nil
	case <-timer.C:
		return 0, os.ErrDeadlineExceeded
	}
}

func (m *airMouth) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	m.air.carry(m.at, to, b)
	return len(b), nil
}
