package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Engine receives and sends for the ports that it listens to.
type Engine interface {
	// Listen begins to receive on a port whose FD is set. Called again it
	// follows a change of Port.Named. The error is of memory or of a bad FD.
	Listen(p *Port) error
	// Forget ends receiving and sends what waits. Its owner is told nothing
	// more. The descriptor may be closed after the next Wait or Close.
	Forget(p *Port)
	// Send sends a packet of at most SendBytesMax bytes to an address, or with
	// nil to the peer that the socket is connected to. It never blocks, and b
	// is free again on return, but for what Owner.Packet was given: that may be
	// sent once, and not be changed afterwards. A packet may leave only with the
	// next Wait. What the kernel refuses is told by the error, or later by
	// Owner.Unsent.
	Send(p *Port, b []byte, to *Address) error
	// Wait waits until packets have come, Wake was called, or d has passed;
	// less than 0 is for ever. Then it calls woke, and gives the packets to
	// their owners.
	Wait(d time.Duration, woke func())
	// Close frees what the engine holds, but for the ports' sockets.
	Close()
}

// Port is one socket as an engine sees it. The zero value with an Owner and
// an FD is ready for Listen.
type Port struct {
	Owner Owner
	FD    int
	// Named has packets come with their sender's address. It is dearer, and of
	// no use where the socket is connected and the kernel compares.
	Named bool

	place int32  // in the engine's table
	fixed bool   // Uring: the kernel holds the socket under that place
	armed uint64 // Uring: the kind of receiving that goes on, 0 for none
}

// Owner is told what comes to its ports.
type Owner interface {
	// Packet is a packet that came. b is the owner's until it returns, to
	// change too, but not after it was sent. from is not valid unless Port.Named.
	Packet(p *Port, b []byte, from netip.AddrPort)
	// Unsent tells that a packet taken by Send could not be sent after all.
	Unsent(p *Port)
}

// table gives ports their places: an event of a port that was forgotten
// meanwhile has an old generation.
type table struct {
	places []place
	free   []int32
}

// generationMask is how much of a generation events carry.
const generationMask = 1<<24 - 1

type place struct {
	port       *Port
	generation uint32
}

func (t *table) add(p *Port) {
	if n := len(t.free); n > 0 {
		p.place, t.free = t.free[n-1], t.free[:n-1]
	} else {
		p.place = int32(len(t.places))
		t.places = append(t.places, place{})
	}
	t.places[p.place].port = p
}

func (t *table) remove(p *Port) {
	at := &t.places[p.place]
	at.port = nil
	at.generation = (at.generation + 1) & generationMask
	t.free = append(t.free, p.place)
}

// has tells whether a port stands in the table.
func (t *table) has(p *Port) bool {
	return int(p.place) < len(t.places) && t.places[p.place].port == p
}

// find is the port at a place, nil if it is another one than that was meant.
func (t *table) find(at int32, generation uint32) *Port {
	if int(at) >= len(t.places) || t.places[at].generation != generation {
		return nil
	}
	return t.places[at].port
}

// Waker ends a wait of an engine from any goroutine.
type Waker struct {
	fd    int
	still chan struct{} // that of an engine that is Still, nil for others
}

// NewWaker makes a Waker. Close frees it, after its engine.
func NewWaker() (*Waker, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	return &Waker{fd: fd}, nil
}

// Wake ends the wait that goes on, or else the next one.
func (w *Waker) Wake() {
	if w.still != nil {
		select {
		case w.still <- struct{}{}:
		default:
		}
		return
	}
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	_, _ = unix.Write(w.fd, one[:])
}

// rest makes the waker ready for another Wake.
func (w *Waker) rest() {
	var count [8]byte
	_, _ = unix.Read(w.fd, count[:])
}

// Close frees the Waker.
func (w *Waker) Close() { unix.Close(w.fd) }

// Kind names an engine, as the configuration does.
type Kind string

// The kinds of engines.
const (
	Uring Kind = "io_uring"
	Epoll Kind = "epoll"
	// Still has an Ether move its packets, for simulations in virtual time; no
	// configuration names it. NewStill makes it, not Open.
	Still Kind = "still"
)

// ErrKind says that there is no such engine.
var ErrKind = errors.New("no such media engine")

// Choose gives the engine to use: the one wanted, or without a wish Uring
// where the kernel allows it and Epoll where not; then why says what the
// kernel refused. Where Uring is wanted and can't be had, why says so and the
// kind is Epoll: calls go on.
func Choose(want Kind) (k Kind, why error) {
	switch want {
	case Epoll, Still:
		return want, nil
	case Uring, "":
		if err := probe(); err != nil {
			return Epoll, err
		}
		return Uring, nil
	}
	return Epoll, fmt.Errorf("%w: %q", ErrKind, string(want))
}

// Open makes an engine that w wakes. The calling goroutine keeps its thread to
// itself until it ends: the kernel, not Go's scheduler, divides a processor
// between voice and all the rest. With keep it keeps its place among the
// goroutines that run while there is traffic: only where GOMAXPROCS leaves places
// to the others.
func Open(k Kind, w *Waker, keep bool) (Engine, error) {
	runtime.LockOSThread()
	if k == Uring {
		return newUring(w, keep)
	}
	return newEpoll(w, keep)
}
