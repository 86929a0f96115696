package plane

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// stamped is a TCP connection that knows when what it read last came to the
// host. Without that a busy unit sees nothing of what waits for it in the
// kernel, and takes more calls than it can do.
type stamped struct {
	*net.TCPConn
	raw     syscall.RawConn
	arrived time.Time
	control [stampSpace]byte
}

// stampSpace holds the kernel's word on when the data came.
const stampSpace = 64

// stamp has the kernel note when data come in on a connection. One that can't
// do so is left as it is: nothing but the look at its waiting time is lost.
func stamp(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c
	}
	var option error
	err = raw.Control(func(fd uintptr) {
		option = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	})
	if err != nil || option != nil {
		return c
	}
	return &stamped{TCPConn: tcp, raw: raw}
}

// Arrived is when the last byte that Read gave came to the host, by the wall
// clock; zero before the first. It belongs to the goroutine that reads.
func (s *stamped) Arrived() time.Time { return s.arrived }

// Read is that of a net.Conn.
func (s *stamped) Read(b []byte) (n int, err error) {
	if len(b) == 0 {
		return 0, nil
	}
	var control int
	wait := s.raw.Read(func(fd uintptr) bool {
		for {
			n, control, _, _, err = unix.Recvmsg(int(fd), b, s.control[:], unix.MSG_DONTWAIT)
			if !errors.Is(err, unix.EINTR) {
				return !errors.Is(err, unix.EAGAIN)
			}
		}
	})
	switch {
	case wait != nil: // closed, or past its deadline
		return 0, wait
	case err != nil:
		return 0, fmt.Errorf("read: %w", err)
	case n == 0:
		return 0, io.EOF
	}
	if t, ok := stampIn(s.control[:control]); ok {
		s.arrived = t
	}
	return n, nil
}

// stampedListener gives connections that are stamped.
type stampedListener struct{ net.Listener }

func (l stampedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return stamp(c), nil
}
