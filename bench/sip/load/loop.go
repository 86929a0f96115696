package load

import (
	"os"
	"sync/atomic"
	"time"
	"unsafe" // epoll_pwait2 has no wrapper in x/sys/unix

	"golang.org/x/sys/unix"
)

// loop waits for packets, timers and the pace of the load.
type loop struct {
	epoll  int
	ports  []port // nil where one was closed
	unsent []port // that have something queued
	began  time.Time
	now    int64 // nanoseconds since began, read once a turn
	wheel  wheel
	events [eventsMax]unix.EpollEvent
}

// port is a socket or connection that the loop serves.
type port interface {
	receive()
	flush()
	close()
	descriptor() int
}

// newLoop makes a loop without sockets.
func newLoop() (*loop, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create", err)
	}
	return &loop{epoll: fd, began: time.Now()}, nil
}

// watch adds a socket or connection.
func (l *loop) watch(p port) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(len(l.ports))}
	l.ports = append(l.ports, p)
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, p.descriptor(), &ev))
}

// leave closes one and forgets it.
func (l *loop) leave(p port) {
	for i, one := range l.ports {
		if one == p {
			l.ports[i] = nil
			p.close()
			return
		}
	}
}

func (l *loop) close() {
	for _, p := range l.ports {
		if p != nil {
			p.close()
		}
	}
	unix.Close(l.epoll)
}

// clock gives the time now.
func (l *loop) clock() int64 { return int64(time.Since(l.began)) }

// after arms a timer.
func (l *loop) after(d time.Duration, owner timed, gen uint32) {
	l.wheel.arm(l.now+int64(d), owner, gen)
}

// run turns until more says that it is enough. more begins what is due and
// gives the time of what is due next.
func (l *loop) run(more func(now int64) (next int64, ok bool)) {
	for {
		l.now = l.clock()
		next, ok := more(l.now)
		if !ok {
			l.flush()
			return
		}
		l.wheel.run(l.now)
		l.flush()
		l.wait(next - l.clock())
	}
}

// flush sends what is queued.
func (l *loop) flush() {
	for _, p := range l.unsent {
		p.flush()
	}
	l.unsent = l.unsent[:0]
}

// awake is how long loops of this process have waited, in nanoseconds.
var awake atomic.Int64

// Awake is the time that loops of this process have waited so far. They do not
// sleep meanwhile: it is part of the processor time used, and not work.
func Awake() time.Duration { return time.Duration(awake.Load()) }

// rests says that loops of this process sleep while they wait.
var rests atomic.Bool

// Rest has the loops of this process sleep while they wait, or stay awake:
// where no delay is measured, and others want the processor too.
func Rest(sleep bool) { rests.Store(sleep) }

// wait waits at most left nanoseconds, or one slot of the wheel, and reads
// what has come.
//
// It does not sleep unless Rest says so. On one machine it is the sender of a datagram who pays for
// waking its receiver, and on a virtual one a core that halts takes a tenth of a
// millisecond and more to wake: what is measured would pay for our rest, which
// nobody on a real network does.
func (l *loop) wait(left int64) {
	began := l.clock()
	end := began + max(0, min(left, int64(slotTime)))
	for {
		var pause unix.Timespec
		if rests.Load() {
			pause = unix.NsecToTimespec(max(0, end-l.clock()))
		}
		n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(l.epoll), uintptr(unsafe.Pointer(&l.events[0])),
			uintptr(len(l.events)), uintptr(unsafe.Pointer(&pause)), 0, 0)
		l.now = l.clock()
		if errno == 0 && n == 0 && l.now < end {
			continue
		}
		if !rests.Load() {
			awake.Add(l.now - began)
		}
		if errno != 0 {
			return
		}
		for _, ev := range l.events[:n] {
			if p := l.ports[ev.Fd]; p != nil {
				p.receive()
			}
		}
		return
	}
}
