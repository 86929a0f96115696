package media

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ports opens real sockets, as plane does.
type ports struct {
	mu   sync.Mutex
	open int
}

var _ Sockets = (*ports)(nil)

// OpenPair tries ports at random.
func (p *ports) OpenPair(local netip.Addr) (Socket, Socket, error) {
	for range 100 {
		var b [2]byte
		_, _ = rand.Read(b[:])
		port := 20000 + binary.BigEndian.Uint16(b[:])%20000&^1
		a, err := p.socket(netip.AddrPortFrom(local, port))
		if err != nil {
			continue
		}
		c, err := p.socket(netip.AddrPortFrom(local, port+1))
		if err != nil {
			a.Close()
			continue
		}
		return a, c, nil
	}
	return nil, nil, errors.New("no ports")
}

func (p *ports) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

func (p *ports) socket(at netip.AddrPort) (*udp, error) {
	family := unix.AF_INET
	if at.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Bind(fd, sockaddr(at, at.Addr())); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("bind: %w", err)
	}
	p.mu.Lock()
	p.open++
	p.mu.Unlock()
	return &udp{fd: fd, at: at, ports: p}, nil
}

type udp struct {
	fd    int
	at    netip.AddrPort
	ports *ports
	stuck atomic.Bool // can't take a connection away
	loose atomic.Bool // can't be connected at all
}

var _ Socket = (*udp)(nil)

func (u *udp) FD() int               { return u.fd }
func (u *udp) Local() netip.AddrPort { return u.at }

func (u *udp) Close() error {
	u.ports.mu.Lock()
	u.ports.open--
	u.ports.mu.Unlock()
	return unix.Close(u.fd)
}

func (u *udp) Connect(peer netip.AddrPort) error {
	if u.loose.Load() {
		return errors.New("can't")
	}
	if peer.IsValid() {
		return unix.Connect(u.fd, sockaddr(peer, u.at.Addr()))
	}
	if u.stuck.Load() {
		return errors.New("can't")
	}
	none := [16]byte{} // AF_UNSPEC
	_, _, e := unix.Syscall(unix.SYS_CONNECT, uintptr(u.fd), uintptr(unsafe.Pointer(&none)), 16)
	if e != 0 {
		return e
	}
	return nil
}

// world is a relay with what it told.
type world struct {
	*Relay
	t     *testing.T
	ports *ports

	mu     sync.Mutex
	events []Event
	signal chan struct{}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, ports: &ports{}, signal: make(chan struct{}, 1)}
	r, err := New(Config{Sockets: w.ports, OnEvent: w.event, Loops: 2})
	if err != nil {
		t.Fatal(err)
	}
	w.Relay = r
	t.Cleanup(func() {
		r.Close()
		if n := w.ports.count(); n != 0 {
			t.Errorf("%d sockets are still open", n)
		}
	})
	return w
}

func (w *world) event(e Event) {
	w.mu.Lock()
	w.events = append(w.events, e)
	w.mu.Unlock()
	select {
	case w.signal <- struct{}{}:
	default:
	}
}

// await waits for an event of a leg.
func (w *world) await(leg string, k Kind) Event {
	w.t.Helper()
	deadline := time.After(5 * time.Second)
	for {
		if e, ok := w.find(leg, k); ok {
			return e
		}
		select {
		case <-w.signal:
		case <-deadline:
			w.t.Fatalf("leg %s: no event %d; got %+v", leg, k, w.events)
		}
	}
}

// find takes the first event of a kind of a leg out of the list.
func (w *world) find(leg string, k Kind) (Event, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, e := range w.events {
		if e.Leg == leg && e.Kind == k {
			w.events = append(w.events[:i:i], w.events[i+1:]...)
			return e, true
		}
	}
	return Event{}, false
}

func (w *world) call(id string) *Call {
	w.t.Helper()
	c, err := w.NewCall(id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

var loopback = netip.MustParseAddr("127.0.0.1")

func leg(t *testing.T, c *Call, id string, p Policy) *Leg {
	t.Helper()
	l, err := c.AddLeg(id, LegConfig{Local: loopback, Policy: p, Source: loopback})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// must gives a description or fails.
func must(t *testing.T) func([]byte, error) []byte {
	return func(body []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
}

func listenUDP(t *testing.T, addr string) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(addr)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// settle waits until a leg's loop has done what it was told.
func settle(l *Leg) {
	done := make(chan struct{})
	l.stream.loop.post(func() { close(done) })
	<-done
}
