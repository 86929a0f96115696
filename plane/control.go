package plane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// ErrInUse says that another process serves the control socket.
var ErrInUse = errors.New("control socket is in use")

// ListenControl opens the local control socket with mode 0600: only its owner
// and root may connect. A socket file that nobody serves is replaced; one that
// is served gives ErrInUse.
func ListenControl(path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if _, err := os.Lstat(path); err == nil {
		conn, err := net.DialTimeout("unix", path, time.Second)
		if err == nil {
			conn.Close()
			return nil, fmt.Errorf("%w: %s", ErrInUse, path)
		}
		if !errors.Is(err, unix.ECONNREFUSED) {
			return nil, fmt.Errorf("control socket: %w", err)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("control socket: %w", err)
		}
	}
	// The socket is made under a private name and moved once its mode is
	// right, so that there is no moment in which others could connect.
	hidden := fmt.Sprintf("%s.%d", path, os.Getpid())
	_ = os.Remove(hidden)
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: hidden, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	ln.SetUnlinkOnClose(false)
	if err = os.Chmod(hidden, 0o600); err == nil {
		err = os.Rename(hidden, path)
	}
	if err != nil {
		ln.Close()
		_ = os.Remove(hidden)
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return &controlListener{UnixListener: ln, path: path}, nil
}

// controlListener removes its file when it is closed.
type controlListener struct {
	*net.UnixListener
	path string
}

// Close ends listening and removes the socket file.
func (c *controlListener) Close() error {
	err := c.UnixListener.Close()
	if err == nil {
		_ = os.Remove(c.path)
	}
	return err
}

// DialControl connects to the control socket of a running unit.
func DialControl(ctx context.Context, path string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return conn, nil
}
