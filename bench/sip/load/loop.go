package load

import (
	"os"
	"time"
	"unsafe" // epoll_pwait2 has no wrapper in x/sys/unix

	"golang.org/x/sys/unix"
)

// loop waits for packets, timers and the pace of the load.
type loop struct {
	epoll   int
	sockets []*socket
	began   time.Time
	now     int64 // nanoseconds since began, read once a turn
	wheel   wheel
	events  [16]unix.EpollEvent
}

// newLoop makes a loop without sockets.
func newLoop() (*loop, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create", err)
	}
	// The kernel may be 50 µs late otherwise.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	return &loop{epoll: fd, began: time.Now()}, nil
}

// watch adds a socket.
func (l *loop) watch(s *socket) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(len(l.sockets))}
	l.sockets = append(l.sockets, s)
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, s.fd, &ev))
}

func (l *loop) close() {
	for _, s := range l.sockets {
		s.close()
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
	for _, s := range l.sockets {
		if s.queued > 0 {
			s.flush()
		}
	}
}

// wait sleeps at most left nanoseconds, or one slot of the wheel, and reads
// what has come.
func (l *loop) wait(left int64) {
	ts := unix.NsecToTimespec(max(0, min(left, int64(slotTime))))
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(l.epoll), uintptr(unsafe.Pointer(&l.events[0])),
		uintptr(len(l.events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	if errno != 0 {
		return
	}
	l.now = l.clock()
	for _, ev := range l.events[:n] {
		l.sockets[ev.Fd].receive()
	}
}
