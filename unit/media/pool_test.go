package media

import (
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"
)

// numbered opens pairs that are numbers only, the next free one of few.
type numbered struct {
	mu    sync.Mutex
	few   int
	inUse map[uint16]bool
}

func (n *numbered) OpenPair(from netip.AddrPort) (Socket, Socket, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for port := uint16(10_000); port < uint16(10_000+2*n.few); port += 2 {
		if !n.inUse[port] {
			n.inUse[port] = true
			at := netip.AddrPortFrom(from.Addr(), port)
			return number{n, at}, number{n, netip.AddrPortFrom(from.Addr(), port+1)}, nil
		}
	}
	return nil, nil, ErrLimit
}

type number struct {
	n  *numbered
	at netip.AddrPort
}

func (s number) FD() int                      { return -1 }
func (s number) Local() netip.AddrPort        { return s.at }
func (s number) Connect(netip.AddrPort) error { return nil }

func (s number) Close() error {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	delete(s.n.inUse, s.at.Port())
	return nil
}

func TestPairsAreOpenInAdvanceAndTakenAtRandom(t *testing.T) {
	n := &numbered{few: 1000, inUse: map[uint16]bool{}}
	p := newPool(n, slog.New(slog.DiscardHandler))
	var done sync.WaitGroup
	done.Go(p.run)
	defer done.Wait()
	defer p.close()
	p.prepare(netip.AddrPortFrom(loopback, 0))
	full := func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.ready[netip.AddrPortFrom(loopback, 0)]) == PairsReady
	}
	until(t, full)
	var taken []uint16
	for range PairsReady/2 - 1 { // more would have others opened
		pair, err := p.take(netip.AddrPortFrom(loopback, 0))
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, pair.RTP.Local().Port())
	}
	backward := slices.Clone(taken)
	slices.Reverse(backward)
	if slices.IsSorted(taken) || slices.IsSorted(backward) {
		t.Errorf("taken in the order in which they were opened: %v", taken)
	}
	for range 2 {
		if _, err := p.take(netip.AddrPortFrom(loopback, 0)); err != nil {
			t.Fatal(err)
		}
	}
	until(t, full)
}

func TestPortsRestAfterACall(t *testing.T) {
	n := &numbered{few: 3, inUse: map[uint16]bool{}}
	p := newPool(n, slog.New(slog.DiscardHandler))
	defer p.close()
	pair, err := p.open(netip.AddrPortFrom(loopback, 0))
	if err != nil {
		t.Fatal(err)
	}
	p.give(pair)
	p.closeBack()
	if len(n.inUse) != 0 {
		t.Fatal("a pair given back stays open")
	}
	if !p.rests(pair.RTP.Local()) {
		t.Error("its ports don't rest")
	}
	// There is no other that is free: a call does not fail for that.
	other, err := p.openRested(netip.AddrPortFrom(loopback, 0))
	if err != nil || other.RTP.Local() != pair.RTP.Local() {
		t.Errorf("with all ports resting: %v, %v", other, err)
	}
	if p.rest.has(pair.RTP.Local(), time.Now().Add(RestTime)) {
		t.Error("they rest for ever")
	}
}

func TestRestIsBounded(t *testing.T) {
	var r rest
	now := time.Now()
	at := func(i int) netip.AddrPort { return netip.AddrPortFrom(loopback, uint16(i)) }
	for i := range RestingMax + 5 {
		r.begin(at(i), now)
	}
	if len(r.queue) != RestingMax || len(r.set) != RestingMax {
		t.Errorf("%d rest, %d in the set", len(r.queue), len(r.set))
	}
	if r.has(at(4), now) || !r.has(at(5), now) {
		t.Error("not the oldest were forgotten")
	}
}
