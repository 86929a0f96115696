package plane

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sekisho/sekisho/wire/sip/edge"
	"golang.org/x/sys/unix"
)

// Packets is the UDP side of one shard: its sockets, and the place where its
// loop waits. One goroutine reads and writes; Wake and Close may be called
// from any.
//
// With KeepPlace the loop waits in the kernel while there is traffic, and keeps
// its place among the goroutines that run: see hold. Without, and when it has
// been quiet, it waits in the runtime's own poller, as other goroutines do.
type Packets struct {
	// KeepPlace is set before the first ReadBatch, and only where GOMAXPROCS
	// leaves places to all the rest.
	KeepPlace bool

	wait    *os.File // the epoll descriptor, watched by the runtime's poller
	raw     syscall.RawConn
	epoll   int
	event   int // eventfd: Wake writes, the wait reads
	count   [8]byte
	sockets []udpSocket
	shared  bool  // every shard has a socket at each address
	first   bool  // of the shards
	ready   []int // sockets that have something to read
	in, out batch
	events  [eventsMax]unix.EpollEvent

	poll  func(fd uintptr) bool // look
	fault error                 // why look failed
	armed time.Time             // deadline that the poller has; zero: none
	state atomic.Int32          // of the loop: running, waiting or woken
	owned bool                  // the loop has a thread of its own
	heard time.Time             // when something came last

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
	for i := range shards {
		p, err := openShard(listeners, addrs, shards > 1)
		if err != nil {
			for _, q := range all {
				q.Close()
			}
			return nil, err
		}
		p.first = i == 0
		all = append(all, p)
	}
	return all, nil
}

// openShard opens one shard's sockets. addrs is filled in with the ports that
// the first shard got, for the others to share.
func openShard(listeners []Listener, addrs []netip.AddrPort, reuse bool) (*Packets, error) {
	p := &Packets{epoll: -1, event: -1, sockets: make([]udpSocket, len(listeners)), shared: reuse}
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
			s, err = openUDP(addrs[i], udpOptions{
				reuse: reuse, stamp: true, dscp: l.DSCP, receive: ReceiveBuffer, send: SendBuffer,
			})
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

// Open adds a UDP listener to the shard while it runs; only its loop calls it,
// those of the shards one after the other, the first shard's first. It gives
// the address that it is bound to. The first refuses an address that another
// process has; which of the unit's own listeners overlap is for Overlap.
func (p *Packets) Open(listener int, at netip.AddrPort, dscp int) (netip.AddrPort, error) {
	p.use.RLock()
	defer p.use.RUnlock()
	if p.closed.Load() {
		return netip.AddrPort{}, net.ErrClosed
	}
	if p.first && p.shared && at.Port() != 0 {
		if err := freeUDP(at); err != nil {
			return netip.AddrPort{}, err
		}
	}
	s, err := openUDP(at, udpOptions{
		reuse: p.shared, stamp: true, dscp: dscp, receive: LineReceiveBuffer, send: LineSendBuffer,
	})
	if err != nil {
		return netip.AddrPort{}, err
	}
	if err := p.watch(s.fd, int32(listener)); err != nil {
		unix.Close(s.fd)
		return netip.AddrPort{}, err
	}
	for len(p.sockets) <= listener {
		p.sockets = append(p.sockets, udpSocket{fd: -1})
	}
	p.sockets[listener] = s
	return s.local, nil
}

// Shut closes the socket of a listener that Open added; only the shard's loop
// calls it.
func (p *Packets) Shut(listener int) {
	p.use.RLock()
	defer p.use.RUnlock()
	if p.closed.Load() || listener >= len(p.sockets) || p.sockets[listener].fd < 0 {
		return
	}
	unix.Close(p.sockets[listener].fd) // which takes it out of the epoll set
	p.sockets[listener] = udpSocket{fd: -1}
}

// wakeIndex marks the eventfd among the watched.
const wakeIndex = -1

// openWait makes the place to wait.
func (p *Packets) openWait() error {
	var err error
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return os.NewSyscallError("epoll_create", err)
	}
	if err := unix.SetNonblock(p.epoll, true); err != nil {
		return os.NewSyscallError("fcntl", err) // without it the runtime would not watch it
	}
	p.wait = os.NewFile(uintptr(p.epoll), "sip sockets")
	if p.raw, err = p.wait.SyscallConn(); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	p.poll = func(uintptr) bool { return p.look() }
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
// deadline never passes. Every socket that has something gets its share of ds,
// so that a flood on one does not keep the others unread. After Close it gives
// net.ErrClosed.
//
// The goroutine that calls it first keeps its thread to itself until it ends,
// and the thread goes before others: the kernel, not Go's scheduler, divides a
// processor between signaling and all the rest.
func (p *Packets) ReadBatch(ds []edge.Datagram, deadline time.Time) (n int, err error) {
	p.use.RLock()
	defer p.use.RUnlock()
	if p.closed.Load() {
		return 0, net.ErrClosed
	}
	if !p.owned {
		p.owned = true
		runtime.LockOSThread()
		GoFirst(NiceSignaling)
	}
	if err := p.await(deadline); err != nil {
		return 0, err
	}
	for len(p.ready) > 0 && n < len(ds) {
		share := max((len(ds)-n)/len(p.ready), 1)
		full := p.ready[:0] // those that may have more than their share
		for _, i := range p.ready {
			want := min(share, len(ds)-n, BatchMax)
			if want == 0 {
				break // the kernel names the others first the next time
			}
			got, err := p.in.receive(&p.sockets[i], ds[n:n+want])
			for j := n; j < n+got; j++ {
				ds[j].Listener = i
			}
			n += got
			switch {
			case err == nil && got == want:
				full = append(full, i)
			case errors.Is(err, unix.EBADF), errors.Is(err, unix.ENOTSOCK), errors.Is(err, unix.EFAULT):
				return n, os.NewSyscallError("recvmmsg", err)
			default:
				// Nothing more, or a passing error of the network: the loop must
				// not end because a host is unreachable.
			}
		}
		p.ready = full
	}
	return n, nil
}

// await fills ready: at once with what is there, else when something comes.
func (p *Packets) await(deadline time.Time) error {
	p.ready = p.ready[:0]
	if !deadline.IsZero() && !deadline.After(time.Now()) || !p.state.CompareAndSwap(running, waiting) {
		p.state.Store(running)
		p.look()
		return p.fault
	}
	var over bool
	var err error
	if p.KeepPlace {
		over, err = p.hold(deadline)
	}
	if !over {
		err = p.sleep(deadline)
	}
	p.state.Store(running)
	return err
}

// hold waits in the kernel for as long as there has been traffic within
// holdFor, without telling the runtime, and reports whether the wait is over.
//
// To the runtime the goroutine runs: its place is not given away, and the
// runtime's monitor does not wake up with each datagram to look after the
// others every 20 µs, which took a tenth of a processor at 1,000 calls/s. A
// collection stops the goroutine all the same: its signal ends the wait.
func (p *Packets) hold(deadline time.Time) (over bool, err error) {
	until := p.heard.Add(holdFor)
	for {
		end := until
		if !deadline.IsZero() && deadline.Before(end) {
			end = deadline
		}
		left := time.Until(end)
		if left <= 0 {
			break
		}
		ms := (left + time.Millisecond - 1) / time.Millisecond
		n, err := waitHeld(p.epoll, p.events[:], int(ms))
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return true, os.NewSyscallError("epoll_wait", err)
		case n > 0:
			p.fault = nil
			p.take(p.events[:n])
			return true, p.fault
		}
	}
	return !deadline.IsZero() && !deadline.After(time.Now()), nil
}

// sleep looks, and waits while there is nothing.
func (p *Packets) sleep(deadline time.Time) error {
	for {
		if err := p.arm(deadline); err != nil {
			return err
		}
		err := p.raw.Read(p.poll)
		if err == nil {
			return p.fault
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("wait: %w", err)
		}
		p.armed = passed // perhaps one that was left standing: nobody has looked
		if p.look() || !deadline.IsZero() && !deadline.After(time.Now()) {
			return p.fault
		}
	}
}

// What the loop is doing, so that only a wait is ended by a system call.
const (
	running int32 = iota
	waiting       // or about to
	woken         // before it waited
)

// passed marks a deadline of the poller that no longer stands.
var passed = time.Unix(0, 0)

// arm gives the poller its deadline. One that stands and is earlier does too:
// the wait then ends for nothing, and costs less than setting it each time.
func (p *Packets) arm(deadline time.Time) error {
	switch {
	case p.armed == passed, deadline.IsZero() != p.armed.IsZero():
	case deadline.IsZero(), !deadline.Before(p.armed):
		return nil
	}
	if err := p.wait.SetReadDeadline(deadline); err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	p.armed = deadline
	return nil
}

// look asks without waiting which sockets have something, and reports whether
// the wait is over: something came, Wake was called, or asking failed.
func (p *Packets) look() bool {
	p.fault = nil
	n, err := ready(p.epoll, p.events[:])
	if errors.Is(err, unix.EINTR) {
		return true
	}
	if err != nil {
		p.fault = os.NewSyscallError("epoll_wait", err)
		return true
	}
	p.take(p.events[:n])
	return n > 0
}

// take notes which sockets have something, and takes back a Wake.
func (p *Packets) take(events []unix.EpollEvent) {
	if len(events) > 0 {
		p.heard = time.Now()
	}
	for _, ev := range events {
		if ev.Fd != wakeIndex {
			p.ready = append(p.ready, int(ev.Fd))
			continue
		}
		_, _ = unix.Read(p.event, p.count[:])
		if p.closed.Load() {
			p.fault = net.ErrClosed
		}
	}
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
	if !p.closed.Load() && p.state.Swap(woken) == waiting {
		p.ring()
	}
}

// one is what the eventfd counts up by.
var one = binary.NativeEndian.AppendUint64(nil, 1)

// ring adds to the eventfd; when it is full the wait ends anyhow.
func (p *Packets) ring() {
	_, _ = unix.Write(p.event, one)
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
	for _, fd := range append(p.descriptors(), p.event) {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	if p.wait == nil {
		return nil
	}
	return p.wait.Close()
}

// descriptors lists the sockets' descriptors.
func (p *Packets) descriptors() []int {
	var fds []int
	for _, s := range p.sockets {
		fds = append(fds, s.fd)
	}
	return fds
}
