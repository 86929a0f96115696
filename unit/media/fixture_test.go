package media

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/unit/media/engine"
)

// under is the engine under test.
var under engine.Kind

// eachEngine runs every test on each engine that this kernel allows.
type eachEngine struct{ m *testing.M }

func (e eachEngine) Run() (code int) {
	for _, under = range []engine.Kind{engine.Epoll, engine.Uring} {
		if _, why := engine.Choose(under); why != nil {
			fmt.Printf("NOT TESTED on %s, which this kernel does not allow: %v\n", under, why)
			continue
		}
		fmt.Printf("on %s:\n", under)
		code = max(code, e.m.Run())
	}
	return code
}

// ports opens real sockets, as plane does.
type ports struct {
	mu   sync.Mutex
	open int
}

var _ Sockets = (*ports)(nil)

// OpenPair opens a pair of plane's.
func (p *ports) OpenPair(from netip.AddrPort) (Socket, Socket, error) {
	a, b, err := plane.MediaPorts{First: 20_000, Last: 39_999, DSCP: 46}.OpenPair(from)
	if err != nil {
		return nil, nil, err
	}
	p.mu.Lock()
	p.open += 2
	p.mu.Unlock()
	return &udp{MediaSocket: a, ports: p}, &udp{MediaSocket: b, ports: p}, nil
}

func (p *ports) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

// udp is a socket of plane's that is counted.
type udp struct {
	*plane.MediaSocket
	ports *ports
	loose atomic.Bool // can't be connected
}

var _ Socket = (*udp)(nil)

func (u *udp) Close() error {
	u.ports.mu.Lock()
	u.ports.open--
	u.ports.mu.Unlock()
	return u.MediaSocket.Close()
}

func (u *udp) Connect(peer netip.AddrPort) error {
	if u.loose.Load() {
		return errors.New("can't")
	}
	return u.MediaSocket.Connect(peer)
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
	r, err := New(Config{Sockets: w.ports, OnEvent: w.event, Loops: 2, Engine: string(under)})
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
