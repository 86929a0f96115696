package stack

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/sekisho/sekisho/wire/sip/edge"
)

// Network is a network in memory, for tests and simulation: UDP sockets and
// TCP connections between addresses, with loss if wanted. Everything in it
// waits in ways that testing/synctest understands.
type Network struct {
	mu        sync.Mutex
	sockets   map[netip.AddrPort][]*MemoryPackets // several shards may share an address
	listeners map[netip.AddrPort]*memoryListener
	spread    uint64 // which of the sockets of one address is next
	port      uint16
	// Drop decides about every datagram: true loses it. It must be set before
	// traffic begins, and is called by one goroutine at a time.
	Drop func(from, to netip.AddrPort, msg []byte) bool
	// Spread gives the datagrams of an address that several shards share to
	// one after the other, instead of the same for the same sender.
	Spread bool
}

// NewNetwork makes an empty network.
func NewNetwork() *Network {
	return &Network{
		sockets: make(map[netip.AddrPort][]*MemoryPackets), listeners: make(map[netip.AddrPort]*memoryListener),
		port: firstMemoryPort,
	}
}

const (
	firstMemoryPort = 40_000
	memoryQueue     = 4096 // datagrams waiting at one socket; more are lost
	memoryBacklog   = 64   // connections waiting to be accepted
)

// MemoryPackets is the Packets of one shard, or the socket of a test's peer.
type MemoryPackets struct {
	n      *Network
	addrs  []netip.AddrPort // by listener; the zero AddrPort for streams
	wake   chan struct{}
	closed chan struct{}
	once   sync.Once
	mu     sync.Mutex
	queue  []edge.Datagram
}

var _ Packets = (*MemoryPackets)(nil)

// Packets opens the UDP sockets of one shard at the addresses of its
// listeners, in their order. Shards that name the same address share it.
func (n *Network) Packets(addrs ...netip.AddrPort) *MemoryPackets {
	p := &MemoryPackets{n: n, addrs: addrs, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, a := range addrs {
		if a.IsValid() {
			n.sockets[a] = append(n.sockets[a], p)
		}
	}
	return p
}

// ReadBatch is as in Packets.
func (p *MemoryPackets) ReadBatch(ds []edge.Datagram, deadline time.Time) (int, error) {
	if n := p.take(ds); n > 0 {
		return n, nil
	}
	var timeout <-chan time.Time
	if !deadline.IsZero() {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		timeout = t.C
	}
	select {
	case <-p.wake:
	case <-timeout:
	case <-p.closed:
		return 0, net.ErrClosed
	}
	return p.take(ds), nil
}

func (p *MemoryPackets) take(ds []edge.Datagram) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := min(len(ds), len(p.queue))
	for i := range n {
		q := &p.queue[i]
		ds[i].Buf = ds[i].Buf[:copy(ds[i].Buf, q.Buf)]
		ds[i].Remote, ds[i].Local, ds[i].Listener, ds[i].At = q.Remote, q.Local, q.Listener, q.At
	}
	p.queue = append(p.queue[:0], p.queue[n:]...)
	return n
}

// WriteBatch is as in Packets.
func (p *MemoryPackets) WriteBatch(ds []edge.Datagram) (int, error) {
	for i := range ds {
		if ds[i].Listener < 0 || ds[i].Listener >= len(p.addrs) {
			return i, net.ErrClosed
		}
		p.n.deliver(p.addrs[ds[i].Listener], ds[i].Remote, ds[i].Buf)
	}
	return len(ds), nil
}

// Open is as in Packets. Two shards may share an address; a shard may not.
func (p *MemoryPackets) Open(listener int, at netip.AddrPort, _ int) (netip.AddrPort, error) {
	p.n.mu.Lock()
	defer p.n.mu.Unlock()
	if at.Port() == 0 {
		p.n.port++
		at = netip.AddrPortFrom(at.Addr(), p.n.port)
	}
	if slices.Contains(p.n.sockets[at], p) {
		return netip.AddrPort{}, errInUse
	}
	p.n.sockets[at] = append(p.n.sockets[at], p)
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.addrs) <= listener {
		p.addrs = append(p.addrs, netip.AddrPort{})
	}
	p.addrs[listener] = at
	return at, nil
}

// Shut is as in Packets.
func (p *MemoryPackets) Shut(listener int) {
	p.n.mu.Lock()
	defer p.n.mu.Unlock()
	at := p.addrs[listener]
	p.n.sockets[at] = slices.DeleteFunc(p.n.sockets[at], func(q *MemoryPackets) bool { return p == q })
	p.mu.Lock()
	defer p.mu.Unlock()
	p.addrs[listener] = netip.AddrPort{}
}

// Wake is as in Packets.
func (p *MemoryPackets) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Close is as in Packets.
func (p *MemoryPackets) Close() error {
	p.once.Do(func() {
		close(p.closed)
		p.n.mu.Lock()
		defer p.n.mu.Unlock()
		for _, a := range p.addrs {
			delete(p.n.sockets, a)
		}
	})
	return nil
}

// deliver carries one datagram.
func (n *Network) deliver(from, to netip.AddrPort, msg []byte) {
	n.mu.Lock()
	if n.Drop != nil && n.Drop(from, to, msg) {
		n.mu.Unlock()
		return
	}
	list := n.sockets[to]
	if len(list) == 0 {
		n.mu.Unlock()
		return
	}
	i := uint64(from.Port())
	if n.Spread {
		i = n.spread
		n.spread++
	}
	p := list[i%uint64(len(list))]
	n.mu.Unlock()
	p.put(from, to, msg)
}

func (p *MemoryPackets) put(from, to netip.AddrPort, msg []byte) {
	p.mu.Lock()
	if len(p.queue) < memoryQueue {
		d := edge.Datagram{Buf: append([]byte(nil), msg...), Remote: from, Local: to, At: time.Now()}
		for i, a := range p.addrs {
			if a == to {
				d.Listener = i
			}
		}
		p.queue = append(p.queue, d)
	}
	p.mu.Unlock()
	p.Wake()
}

// memoryListener accepts the stream connections to one address.
type memoryListener struct {
	n      *Network
	addr   netip.AddrPort
	queue  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// Listen opens a stream listener.
func (n *Network) Listen(addr netip.AddrPort) net.Listener {
	l := &memoryListener{n: n, addr: addr, queue: make(chan net.Conn, memoryBacklog), closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[addr] = l
	return l
}

// Accept is as in net.Listener.
func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close is as in net.Listener.
func (l *memoryListener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.n.mu.Lock()
		defer l.n.mu.Unlock()
		delete(l.n.listeners, l.addr)
	})
	return nil
}

// Addr is as in net.Listener.
func (l *memoryListener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.addr) }

// memoryConn is one end of a stream connection.
type memoryConn struct {
	net.Conn
	local, remote netip.AddrPort
}

// LocalAddr is as in net.Conn.
func (c *memoryConn) LocalAddr() net.Addr { return net.TCPAddrFromAddrPort(c.local) }

// RemoteAddr is as in net.Conn.
func (c *memoryConn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }

var (
	errRefused = errors.New("connection refused")
	errInUse   = errors.New("address in use")
)

// Dial opens a stream connection; it is a DialFunc.
func (n *Network) Dial(
	ctx context.Context, _, _ string, local, remote netip.AddrPort, _ string,
) (net.Conn, error) {
	n.mu.Lock()
	l := n.listeners[remote]
	n.port++
	from := netip.AddrPortFrom(local.Addr(), n.port)
	n.mu.Unlock()
	if l == nil {
		return nil, errRefused
	}
	here, there := net.Pipe()
	select {
	case l.queue <- &memoryConn{there, remote, from}:
		return &memoryConn{here, from, remote}, nil
	case <-l.closed:
		return nil, errRefused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
