package plane

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/wire/sip/edge"
	"golang.org/x/sys/unix"
)

// Packets is the UDP side of one shard: its sockets, and the place where its
// loop waits. One goroutine reads and writes; Wake and Close may be called
// from any.
type Packets struct {
	epoll   int
	event   int // eventfd: Wake writes, the wait reads
	sockets []udpSocket
	ready   []int // sockets known to have more to read
	in, out batch
	events  [eventsMax]unix.EpollEvent

	// use is held for reading while descriptors are in use, so that Close
	// frees them only once the loop has left.
	use    sync.RWMutex
	closed atomic.Bool
}

// OpenPackets opens the UDP listeners once for each shard; with several shards
// the kernel deals datagrams out by their addresses. Listeners of other
// transports are skipped, but keep their index: Datagram.Listener is the
// position in the list.
func OpenPackets(listeners []Listener, shards int) ([]*Packets, error) {
	all := make([]*Packets, 0, shards)
	addrs := make([]netip.AddrPort, len(listeners))
	for i, l := range listeners {
		addrs[i] = l.Addr
		if l.Transport == UDP && l.Addr.Port() != 0 && shards > 1 {
			if err := freeUDP(l.Addr); err != nil {
				return nil, named(l, err)
			}
		}
	}
	for range shards {
		p, err := openShard(listeners, addrs, shards > 1)
		if err != nil {
			for _, q := range all {
				q.Close()
			}
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// openShard opens one shard's sockets. addrs is filled in with the ports that
// the first shard got, for the others to share.
func openShard(listeners []Listener, addrs []netip.AddrPort, reuse bool) (*Packets, error) {
	p := &Packets{epoll: -1, event: -1, sockets: make([]udpSocket, len(listeners))}
	for i := range p.sockets {
		p.sockets[i].fd = -1
	}
	if err := p.openWait(); err != nil {
		p.Close()
		return nil, err
	}
	for i, l := range listeners {
		if l.Transport != UDP {
			continue
		}
		err := l.validate()
		var s udpSocket
		if err == nil {
			s, err = openUDP(addrs[i], udpOptions{reuse, l.DSCP, ReceiveBuffer, SendBuffer})
		}
		if err != nil {
			p.Close()
			return nil, named(l, err)
		}
		p.sockets[i], addrs[i] = s, s.local
		if err := p.watch(s.fd, int32(i)); err != nil {
			p.Close()
			return nil, named(l, err)
		}
	}
	return p, nil
}

// wakeIndex marks the eventfd among the watched.
const wakeIndex = -1

// openWait makes the place to wait.
func (p *Packets) openWait() error {
	var err error
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return os.NewSyscallError("epoll_create", err)
	}
	if p.event, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return os.NewSyscallError("eventfd", err)
	}
	return p.watch(p.event, wakeIndex)
}

// watch adds a descriptor to those waited for.
func (p *Packets) watch(fd int, index int32) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: index}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &ev))
}

// Local gives the address that a listener is bound to, with the port the
// kernel chose where none was given. It is zero for listeners that are not UDP.
func (p *Packets) Local(listener int) netip.AddrPort { return p.sockets[listener].local }

// Clamped reports whether the kernel gave less receive buffer than
// ReceiveBuffer: then net.core.rmem_max should be raised.
func (p *Packets) Clamped() bool {
	for _, s := range p.sockets {
		if s.clamped {
			return true
		}
	}
	return false
}

// ReadBatch fills ds with what has arrived. With nothing there it waits until
// something comes, Wake is called, or deadline passes; then n may be 0. A zero
// deadline never passes. After Close it gives net.ErrClosed.
func (p *Packets) ReadBatch(ds []edge.Datagram, deadline time.Time) (n int, err error) {
	p.use.RLock()
	defer p.use.RUnlock()
	if p.closed.Load() {
		return 0, net.ErrClosed
	}
	if len(p.ready) == 0 {
		if err := p.wait(timeout(deadline)); err != nil {
			return 0, err
		}
	}
	for len(p.ready) > 0 && n < len(ds) {
		i := p.ready[0]
		want := min(len(ds)-n, BatchMax)
		got, err := p.in.receive(&p.sockets[i], ds[n:n+want])
		for j := n; j < n+got; j++ {
			ds[j].Listener = i
		}
		n += got
		switch {
		case err == nil && got == want:
			// There may be more: leave it for the next call, behind the others.
			p.ready = append(p.ready[1:], i)
			if n == len(ds) {
				return n, nil
			}
		case errors.Is(err, unix.EBADF), errors.Is(err, unix.ENOTSOCK), errors.Is(err, unix.EFAULT):
			return n, os.NewSyscallError("recvmmsg", err)
		default:
			// Nothing more, or a passing error of the network: the loop must
			// not end because a host is unreachable.
			p.ready = p.ready[1:]
		}
	}
	return n, nil
}

// timeout gives the milliseconds to wait, rounded up so that the deadline has
// passed when the wait ends.
func timeout(deadline time.Time) int {
	if deadline.IsZero() {
		return -1
	}
	left := time.Until(deadline)
	if left <= 0 {
		return 0
	}
	const longest = time.Hour
	return int((min(left, longest) + time.Millisecond - 1) / time.Millisecond)
}

// wait fills ready.
func (p *Packets) wait(ms int) error {
	n, err := unix.EpollWait(p.epoll, p.events[:], ms)
	if errors.Is(err, unix.EINTR) {
		return nil
	}
	if err != nil {
		return os.NewSyscallError("epoll_wait", err)
	}
	p.ready = p.ready[:0]
	for _, ev := range p.events[:n] {
		if ev.Fd == wakeIndex {
			var b [8]byte
			_, _ = unix.Read(p.event, b[:])
			if p.closed.Load() {
				return net.ErrClosed
			}
			continue
		}
		p.ready = append(p.ready, int(ev.Fd))
	}
	return nil
}

// WriteBatch sends datagrams in order, each through its listener's socket and
// from its Local address. It never waits: n is how many were taken; when that
// is fewer than given, err says why ds[n] was not, and the caller goes on
// behind it or drops it.
func (p *Packets) WriteBatch(ds []edge.Datagram) (n int, err error) {
	p.use.RLock()
	defer p.use.RUnlock()
	if p.closed.Load() {
		return 0, net.ErrClosed
	}
	for n < len(ds) {
		i := ds[n].Listener
		if i < 0 || i >= len(p.sockets) || p.sockets[i].fd < 0 {
			return n, fmt.Errorf("send: %w: no udp listener %d", ErrListener, i)
		}
		end := n + 1
		for end < len(ds) && end-n < BatchMax && ds[end].Listener == ds[n].Listener {
			end++
		}
		sent, err := p.out.send(&p.sockets[i], ds[n:end])
		n += sent
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return n, os.NewSyscallError("sendmmsg", err)
		}
	}
	return n, nil
}

// Wake ends a wait of ReadBatch, now or the next one.
func (p *Packets) Wake() {
	p.use.RLock()
	defer p.use.RUnlock()
	if !p.closed.Load() {
		p.ring()
	}
}

// ring adds to the eventfd; when it is full the wait ends anyhow.
func (p *Packets) ring() {
	var b [8]byte
	binary.NativeEndian.PutUint64(b[:], 1)
	_, _ = unix.Write(p.event, b[:])
}

// Close ends the shard's sockets, and a wait in ReadBatch, which then gives
// net.ErrClosed. It returns when the descriptors are free.
func (p *Packets) Close() error {
	if p.closed.Swap(true) {
		return nil
	}
	if p.event >= 0 {
		p.ring()
	}
	p.use.Lock()
	defer p.use.Unlock()
	for _, fd := range append(p.descriptors(), p.event, p.epoll) {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	return nil
}

// descriptors lists the sockets' descriptors.
func (p *Packets) descriptors() []int {
	var fds []int
	for _, s := range p.sockets {
		fds = append(fds, s.fd)
	}
	return fds
}
