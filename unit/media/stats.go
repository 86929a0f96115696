package media

import (
	"net/netip"
	"sync/atomic"
	"time"
)

// Stats are a leg's counters.
type Stats struct {
	Remote                netip.AddrPort // whom the leg is locked onto, not valid if not yet
	Codec                 string         // encoding name of the last packet taken
	PacketsIn, OctetsIn   uint64         // taken from the peer
	PacketsOut            uint64         // sent to the peer
	OctetsOut             uint64
	Strange               uint64 // not from the peer, not RTP, or not authentic
	Lost                  int64  // of the peer's packets (RFC 3550 §6.4.1)
	Jitter                time.Duration
	PeerLost              int64         // of our packets, as the peer reports
	RoundTrip             time.Duration // as the peer's reports tell it, 0 if not known
	SendErrors            uint64        // refused by the kernel
	Undeliverable         uint64        // nowhere to send to
	ReportsIn, ReportsOut uint64        // RTCP packets
}

// counters are Stats as the loop writes and others read them.
type counters struct {
	packetsIn, octetsIn, packetsOut, octetsOut atomic.Uint64
	strange, sendErrors, undeliverable         atomic.Uint64
	reportsIn, reportsOut                      atomic.Uint64
	lost, jitter, peerLost, roundTrip          atomic.Int64
	remote                                     atomic.Pointer[netip.AddrPort]
	codec                                      atomic.Pointer[string]
}

func (c *counters) took(s *stream, f *format, payload int) {
	c.packetsIn.Add(1)
	c.octetsIn.Add(uint64(payload))
	c.lost.Store(s.in.Lost())
	c.jitter.Store(int64(s.in.Jitter()))
	c.codec.Store(&f.Name)
}

func (c *counters) lockedOn(a netip.AddrPort) { c.remote.Store(&a) }

func (c *counters) read() Stats {
	s := Stats{
		PacketsIn: c.packetsIn.Load(), OctetsIn: c.octetsIn.Load(),
		PacketsOut: c.packetsOut.Load(), OctetsOut: c.octetsOut.Load(),
		Strange: c.strange.Load(), SendErrors: c.sendErrors.Load(), Undeliverable: c.undeliverable.Load(),
		Lost: c.lost.Load(), Jitter: time.Duration(c.jitter.Load()),
		PeerLost: c.peerLost.Load(), RoundTrip: time.Duration(c.roundTrip.Load()),
		ReportsIn: c.reportsIn.Load(), ReportsOut: c.reportsOut.Load(),
	}
	if a := c.remote.Load(); a != nil {
		s.Remote = *a
	}
	if n := c.codec.Load(); n != nil {
		s.Codec = *n
	}
	return s
}
