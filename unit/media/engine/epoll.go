package engine

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// epoll reads one packet of each socket that is ready: there is hardly ever a
// second one, and asking for it would be one more system call for each packet.
type epoll struct {
	fd      int
	wake    *Waker
	ports   table
	holding holding
	events  [eventsAtOnce]unix.EpollEvent
	packet  [PacketBytesMax]byte
	from    Address
}

// wakePlace marks the waker among the events.
const wakePlace = -1

func newEpoll(w *Waker, keep bool) (*epoll, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	e := &epoll{fd: fd, wake: w, holding: holding{keep: keep}}
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: wakePlace}
	if err := unix.EpollCtl(fd, unix.EPOLL_CTL_ADD, w.fd, &ev); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return e, nil
}

// Listen needs nothing when called again: each packet is read as Named says.
func (e *epoll) Listen(p *Port) error {
	if e.ports.has(p) {
		return nil
	}
	e.ports.add(p)
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: p.place, Pad: int32(e.ports.places[p.place].generation)}
	if err := unix.EpollCtl(e.fd, unix.EPOLL_CTL_ADD, p.FD, &ev); err != nil {
		e.ports.remove(p)
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// Forget needs no other system call: there is nothing that waits.
func (e *epoll) Forget(p *Port) {
	if e.ports.has(p) {
		_ = unix.EpollCtl(e.fd, unix.EPOLL_CTL_DEL, p.FD, nil)
		e.ports.remove(p)
	}
}

// Send gives the packet to the kernel at once.
func (e *epoll) Send(p *Port, b []byte, to *Address) error { return sendTo(p.FD, b, to) }

// Wait gives each ready socket's owner one packet.
func (e *epoll) Wait(d time.Duration, woke func()) {
	d, held := e.holding.span(min(d, waitMax))
	n := waitEpoll(e.fd, e.events[:], milliseconds(d), held)
	e.holding.note(n > 0)
	for _, ev := range e.events[:n] {
		if ev.Fd == wakePlace {
			e.wake.rest()
		}
	}
	woke()
	for _, ev := range e.events[:n] {
		if ev.Fd == wakePlace {
			continue
		}
		if p := e.ports.find(ev.Fd, uint32(ev.Pad)); p != nil {
			e.read(p)
		}
	}
}

func (e *epoll) read(p *Port) {
	from := &e.from
	if !p.Named {
		from = nil
	}
	n, err := receiveFrom(p.FD, e.packet[:], from)
	if err != nil {
		return // nothing there, or the peer's ICMP errors, which mean nothing
	}
	p.Owner.Packet(p, e.packet[:n], from.read())
}

// Close ends the engine.
func (e *epoll) Close() { unix.Close(e.fd) }

// milliseconds rounds up, so that the time has passed when the wait ends.
func milliseconds(d time.Duration) int {
	if d < 0 {
		return -1
	}
	return int((d + time.Millisecond - 1) / time.Millisecond)
}
