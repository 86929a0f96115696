package load

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// stream is one connection of a phone, over TCP or TLS.
type stream struct {
	l     *Load
	wire  *wire
	tls   *tls.Conn // nil for TCP
	self  *end
	to    netip.AddrPort
	in    []byte // what came and is no whole message yet
	out   []byte
	spare []byte
	dead  bool
}

// connect opens a connection from one of our addresses. It waits for it, and
// for the handshake.
func (l *Load) connect(from *socket, to netip.AddrPort, t Transport) (*stream, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	c := &stream{l: l, wire: &wire{fd: fd}, self: from.self.over(t), to: to, spare: make([]byte, streamRead)}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	local := unix.SockaddrInet4{Addr: from.local.Addr().As4()}
	remote := unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
	if err = unix.Bind(fd, &local); err == nil {
		err = unix.Connect(fd, &remote)
	}
	if err == nil && t == TLS {
		limit := unix.NsecToTimeval(int64(handshakeMax))
		_ = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit)
		// #nosec: the unit's certificate is its own, made at its first start
		c.tls = tls.Client(c.wire, &tls.Config{InsecureSkipVerify: true})
		err = c.tls.Handshake()
	}
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err == nil {
		err = l.watch(c)
	}
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("connect to %s: %w", to, err)
	}
	return c, nil
}

func (c *stream) descriptor() int { return c.wire.fd }
func (c *stream) end() *end       { return c.self }

func (c *stream) close() {
	if !c.dead {
		c.dead = true
		unix.Close(c.wire.fd)
	}
}

// send queues a message; it goes where the connection goes.
func (c *stream) send(b []byte, _ netip.AddrPort) {
	if len(c.out) == 0 {
		c.l.unsent = append(c.l.unsent, c)
	}
	c.out = append(c.out, b...)
}

func (c *stream) flush() {
	if c.dead || len(c.out) == 0 {
		return
	}
	var err error
	if c.tls != nil {
		_, err = c.tls.Write(c.out)
	} else {
		_, err = c.wire.Write(c.out)
	}
	c.out = c.out[:0]
	if err != nil {
		c.l.leave(c)
	}
}

// receive reads what has come and hands on whole messages.
func (c *stream) receive() {
	var from io.Reader = c.wire
	if c.tls != nil {
		from = c.tls
	}
	for !c.dead {
		n, err := from.Read(c.spare)
		c.in = append(c.in, c.spare[:n]...)
		if err != nil && !errors.Is(err, errAgain) {
			c.l.leave(c)
			return
		}
		c.messages()
		if err != nil || c.tls == nil && n < len(c.spare) {
			return
		}
	}
}

// messages hands on the whole messages that are there.
func (c *stream) messages() {
	rest := c.in
	for {
		rest = bytes.TrimLeft(rest, "\r\n") // keep-alives
		n := whole(rest)
		if n == 0 {
			break
		}
		c.l.arrive(c, rest[:n], c.to)
		rest = rest[n:]
	}
	c.in = c.in[:copy(c.in, rest)]
}

// whole gives the length of the message that b begins with, 0 when it is not
// all there yet.
func whole(b []byte) int {
	head := bytes.Index(b, []byte("\r\n\r\n"))
	if head < 0 {
		return 0
	}
	_, rest, ok := bytes.Cut(b[:head+2], []byte("\r\nContent-Length: "))
	if !ok {
		return head + 4
	}
	value, _, _ := bytes.Cut(rest, []byte("\r\n"))
	if n := head + 4 + int(max(0, digits(value))); n <= len(b) {
		return n
	}
	return 0
}

// wire is a connected socket as crypto/tls wants it: what is not there yet is
// an error that passes.
type wire struct{ fd int }

var _ net.Conn = (*wire)(nil)

// again is that error.
type again struct{}

func (again) Error() string   { return "nothing has come yet" }
func (again) Timeout() bool   { return true }
func (again) Temporary() bool { return true }

var errAgain = again{}

// Read takes what is there.
func (w *wire) Read(b []byte) (int, error) {
	for {
		n, err := unix.Read(w.fd, b)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			return 0, errAgain
		case err != nil:
			return 0, os.NewSyscallError("read", err)
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// Write waits until all is taken.
func (w *wire) Write(b []byte) (int, error) {
	for done := 0; done < len(b); {
		n, err := unix.Write(w.fd, b[done:])
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			ready := []unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLOUT}}
			if n, err := unix.Poll(ready, int(writeMax/time.Millisecond)); n == 0 && err == nil {
				return done, errAgain
			}
		case err != nil:
			return done, os.NewSyscallError("write", err)
		default:
			done += n
		}
	}
	return len(b), nil
}

// Close leaves the socket to its stream.
func (w *wire) Close() error { return nil }

// LocalAddr is not known here.
func (w *wire) LocalAddr() net.Addr { return &net.TCPAddr{} }

// RemoteAddr is not known here.
func (w *wire) RemoteAddr() net.Addr { return &net.TCPAddr{} }

// SetDeadline does nothing: reads never wait.
func (w *wire) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (w *wire) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
