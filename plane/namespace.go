package plane

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// namespaceDir is where ip-netns(8) keeps named network namespaces.
const namespaceDir = "/run/netns"

// ErrNamespace is wrapped by every failure to try from another namespace.
var ErrNamespace = errors.New("network namespace can't be entered")

// ReachabilityFrom tries every TCP and TLS listener on every address of the
// host from inside a named network namespace (ip-netns(8)): the other side of
// a real wire or a veth pair. It needs CAP_SYS_ADMIN.
func ReachabilityFrom(ctx context.Context, name string, listeners []Listener, host Host) ([]Finding, error) {
	if name == "" || strings.ContainsAny(name, "/.") {
		return nil, fmt.Errorf("%w: %q is no name", ErrNamespace, name)
	}
	type result struct {
		found []Finding
		err   error
	}
	done := make(chan result, namespaceAnswers)
	go func() {
		// The thread is never unlocked: it ends with this goroutine, so that
		// no other one runs in the foreign namespace.
		runtime.LockOSThread()
		if err := enter(name); err != nil {
			done <- result{err: err}
			return
		}
		done <- result{found: fromInside(ctx, name, listeners, host)}
	}()
	r := <-done
	return r.found, r.err
}

// namespaceAnswers: one goroutine, one answer.
const namespaceAnswers = 1

// enter moves the calling thread into a namespace.
func enter(name string) error {
	f, err := os.Open(filepath.Join(namespaceDir, name))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNamespace, err)
	}
	defer f.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNamespace, name, err)
	}
	return nil
}

// fromInside runs on a thread that is in the namespace.
func fromInside(ctx context.Context, name string, listeners []Listener, host Host) []Finding {
	var out []Finding
	for _, l := range listeners {
		if l.Transport != TCP && l.Transport != TLS {
			continue
		}
		for _, in := range host.Interfaces {
			for _, a := range in.Addrs {
				to, ok := target(l, in, a)
				if in.Loopback || !ok {
					continue
				}
				reach := probeAnywhere(ctx, to)
				out = append(out, Finding{
					FromName: name, To: to, Listener: l.Name, Plane: l.Plane, Reach: reach,
					Wanted: l.Plane == Voice || reach != Reachable,
				})
			}
		}
	}
	return out
}

// probeAnywhere is Probe from whatever address the routes choose.
func probeAnywhere(ctx context.Context, to netip.AddrPort) Reach {
	ctx, cancel := context.WithTimeout(ctx, ProbeTimeout)
	defer cancel()
	conn, err := Dialer{}.DialTCP(ctx, to)
	switch {
	case err == nil:
		conn.Close()
		return Reachable
	case errors.Is(err, unix.ECONNREFUSED):
		return Refused
	default:
		return Unreachable
	}
}
