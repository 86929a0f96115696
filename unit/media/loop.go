package media

import (
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// loop owns the streams of its calls: one goroutine that waits for packets,
// commands and deadlines.
type loop struct {
	epoll, event int
	tell         func(Event)

	mu       sync.Mutex
	commands []func()

	// Owned by the goroutine.
	ended   bool
	slots   []slot
	free    []int32
	live    int // streams
	playing []*stream
	looked  time.Time
	now     time.Time // of this round
	packet  [PacketBytesMax]byte
	plain   [PacketBytesMax]byte
	sealed  [PacketBytesMax + 64]byte
	frame   frame
}

// slot is a stream's place in the loop. Events of a socket that was closed
// meanwhile have an old generation.
type slot struct {
	stream     *stream
	generation int32
}

// rtcpBit tells the two sockets of a stream apart in an epoll event.
const rtcpBit = 1

func newLoop(tell func(Event)) (*loop, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	event, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(epoll)
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, event, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: -1})
	if err != nil {
		unix.Close(epoll)
		unix.Close(event)
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return &loop{epoll: epoll, event: event, tell: tell}, nil
}

// post has f run on the loop's goroutine. It does not wait.
func (l *loop) post(f func()) {
	l.mu.Lock()
	l.commands = append(l.commands, f)
	first := len(l.commands) == 1
	l.mu.Unlock()
	if first {
		one := [8]byte{7: 1} // any value but zero, in either byte order
		_, _ = unix.Write(l.event, one[:])
	}
}

// run is the loop's goroutine. It ends when ended was set by a command.
func (l *loop) run() {
	var events [eventsAtOnce]unix.EpollEvent
	for !l.ended {
		n, err := unix.EpollWait(l.epoll, events[:], l.wait())
		if err != nil {
			n = 0 // EINTR; nothing else can happen to a valid descriptor
		}
		l.now = time.Now()
		l.obey() // first: a packet may answer what a command has told the peer
		for _, e := range events[:n] {
			if e.Fd >= 0 {
				l.readable(e)
			}
		}
		l.playDue()
		if l.live > 0 && l.now.Sub(l.looked) >= lookEvery {
			l.looked = l.now
			l.look()
		}
	}
	unix.Close(l.epoll)
	unix.Close(l.event)
}

// wait is how long to wait for packets, in milliseconds.
func (l *loop) wait() int {
	if l.live == 0 {
		return -1
	}
	next := l.looked.Add(lookEvery)
	for _, s := range l.playing {
		if s.due.Before(next) {
			next = s.due
		}
	}
	d := time.Until(next)
	if d <= 0 {
		return 0
	}
	return int((d + time.Millisecond - 1) / time.Millisecond)
}

// obey runs the commands posted.
func (l *loop) obey() {
	l.mu.Lock()
	commands := l.commands
	l.commands = nil
	if len(commands) > 0 {
		var count [8]byte
		_, _ = unix.Read(l.event, count[:])
	}
	l.mu.Unlock()
	for _, f := range commands {
		f()
	}
}

func (l *loop) readable(e unix.EpollEvent) {
	at := &l.slots[e.Fd>>1]
	if at.stream == nil || at.generation != e.Pad {
		return
	}
	if e.Fd&rtcpBit != 0 {
		at.stream.readRTCP()
	} else {
		at.stream.readRTP()
	}
}

// add gives a stream its slot and listens to its sockets.
func (l *loop) add(s *stream) {
	if n := len(l.free); n > 0 {
		s.slot, l.free = l.free[n-1], l.free[:n-1]
	} else {
		s.slot = int32(len(l.slots))
		l.slots = append(l.slots, slot{})
	}
	at := &l.slots[s.slot]
	at.stream = s
	at.generation++
	if l.live == 0 {
		l.looked = l.now
	}
	l.live++
	s.reported = l.now
	l.listen(s, s.rtp, 0)
	l.listen(s, s.rtcp, rtcpBit)
}

// listen has the loop told of packets on one of a stream's sockets.
func (l *loop) listen(s *stream, fd int, which int32) {
	e := unix.EpollEvent{Events: unix.EPOLLIN, Fd: s.slot<<1 | which, Pad: l.slots[s.slot].generation}
	// It fails without memory only: the leg stays silent.
	_ = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &e)
}

// remove ends a stream and frees its ports.
func (l *loop) remove(s *stream) {
	if s.gone {
		return
	}
	s.gone = true
	s.goodbye()
	s.unbridge()
	s.stopPlaying()
	for _, fd := range []int{s.rtp, s.rtcp} {
		_ = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_DEL, fd, nil)
	}
	_ = closePair(s.pair)
	l.slots[s.slot].stream = nil
	l.free = append(l.free, s.slot)
	l.live--
}

// look finds silence, and reports that are due.
func (l *loop) look() {
	for i := range l.slots {
		s := l.slots[i].stream
		if s == nil {
			continue
		}
		s.watchSilence()
		s.flushDigit()
		if l.now.Sub(s.reported) >= ReportEvery {
			s.reported = l.now
			s.report(false)
		}
	}
}

// playDue sends what players have due, and forgets those that ended.
func (l *loop) playDue() {
	for i := 0; i < len(l.playing); {
		s := l.playing[i]
		if s.playDue() {
			i++
			continue
		}
		s.inPlaying = false
		l.playing[i] = l.playing[len(l.playing)-1]
		l.playing[len(l.playing)-1] = nil
		l.playing = l.playing[:len(l.playing)-1]
	}
}
