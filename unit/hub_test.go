package unit

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/sekisho/sekisho/wire/sip/edge"
)

// hub is a network in memory: the unit's shards on one side, puppets on the
// other. A datagram for the unit lands on any shard.
type hub struct {
	mu        sync.Mutex
	listeners map[netip.AddrPort]int
	byIndex   []netip.AddrPort
	shards    []*hubPackets
	puppets   map[netip.AddrPort]*puppet
	random    *rand.Rand
	air       *air  // of voice; nil: the kernel carries it
	wire      *wire // nil: what is above carries signaling
}

func newHub(shards int, listeners ...netip.AddrPort) *hub {
	h := &hub{
		listeners: make(map[netip.AddrPort]int), byIndex: listeners,
		puppets: make(map[netip.AddrPort]*puppet), random: rand.New(rand.NewPCG(1, 2)),
	}
	for i, l := range listeners {
		h.listeners[l] = i
	}
	for range shards {
		h.shards = append(h.shards, &hubPackets{
			h: h, mail: make(chan edge.Datagram, hubMail), wake: make(chan struct{}, 1), closed: make(chan struct{}),
		})
	}
	return h
}

// hubMail is how many datagrams wait for a shard.
const hubMail = 4096

// toUnit delivers a puppet's datagram.
func (h *hub) toUnit(from, to netip.AddrPort, b []byte) {
	h.mu.Lock()
	index, ok := h.listeners[to]
	shard := h.shards[h.random.IntN(len(h.shards))]
	h.mu.Unlock()
	if !ok {
		return
	}
	select {
	case shard.mail <- edge.Datagram{Buf: append([]byte(nil), b...), Remote: from, Local: to, Listener: index}:
	case <-shard.closed:
	}
}

func (h *hub) toPuppet(from, to netip.AddrPort, b []byte) {
	h.mu.Lock()
	p := h.puppets[to]
	h.mu.Unlock()
	if p != nil {
		p.receive(from, append([]byte(nil), b...))
	}
}

// hubPackets is one shard's side of the hub.
type hubPackets struct {
	h      *hub
	mail   chan edge.Datagram
	wake   chan struct{}
	closed chan struct{}
	once   sync.Once
}

var errHubClosed = errors.New("hub is closed")

func (p *hubPackets) ReadBatch(ds []edge.Datagram, deadline time.Time) (int, error) {
	var due <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case d := <-p.mail:
		n := 0
		for {
			ds[n].Buf = ds[n].Buf[:copy(ds[n].Buf, d.Buf)]
			ds[n].Remote, ds[n].Local, ds[n].Listener = d.Remote, d.Local, d.Listener
			if n++; n == len(ds) {
				return n, nil
			}
			select {
			case d = <-p.mail:
			default:
				return n, nil
			}
		}
	case <-p.wake:
	case <-due:
	case <-p.closed:
		return 0, errHubClosed
	}
	return 0, nil
}

func (p *hubPackets) WriteBatch(ds []edge.Datagram) (int, error) {
	for _, d := range ds {
		p.h.toPuppet(p.h.byIndex[d.Listener], d.Remote, d.Buf)
	}
	return len(ds), nil
}

func (p *hubPackets) Open(int, netip.AddrPort, int) (netip.AddrPort, error) {
	return netip.AddrPort{}, errHubClosed // no line of the hub has a listener of its own
}

func (p *hubPackets) Shut(int) {}

func (p *hubPackets) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *hubPackets) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}
