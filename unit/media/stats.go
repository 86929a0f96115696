package media

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/wire/rtp"
)

// Stats are a leg's counters. What the peer says of our packets is as good as
// its word, and 0 where it says nothing.
type Stats struct {
	Remote    netip.AddrPort // whom the leg is locked onto, not valid if not yet
	Codec     string         // encoding name of what the peer spoke last
	PacketsIn uint64         // taken from the peer, each once
	OctetsIn  uint64         // of payload

	PacketsOut uint64 // given to the kernel for the peer
	OctetsOut  uint64 // of payload

	Lost       int64         // of the peer's packets (RFC 3550 §6.4.1)
	Reordered  uint64        // came behind a later one
	Duplicates uint64        // came again, or too late to tell
	Jitter     time.Duration // of the peer's packets now (RFC 3550 §A.8)
	JitterMax  time.Duration // the most that a report of ours said

	PeerLost     int64         // of our packets, as the peer reports
	PeerLostPart float64       // of those between its last two reports, 0 to 1
	PeerJitter   time.Duration // of our packets, as the peer reports
	RoundTrip    time.Duration // as the peer's last report tells it
	RoundTripMax time.Duration // the longest it told

	Strange               uint64 // not from the peer, not RTP, or not authentic
	SendErrors            uint64 // refused by the kernel
	Undeliverable         uint64 // nowhere to send to
	ReportsIn, ReportsOut uint64 // RTCP packets
}

// counts are those counters that nothing else of a stream keeps.
type counts struct {
	strange, sendErrors, undeliverable uint64
	reportsIn, reportsOut              uint64
	faxIn, faxOut                      uint64 // datagrams of T.38
	codec                              string
	jitterMax                          time.Duration

	peerLost                            int64
	peerLostPart                        float64
	peerJitter, roundTrip, roundTripMax time.Duration
}

// heardBack takes what the peer reports of our packets; rate is their clock.
func (c *counts) heardBack(b rtp.ReportBlock, rate int, now time.Time) {
	c.peerLost = int64(b.Lost)
	c.peerLostPart = float64(b.FractionLost) / 256
	if rate > 0 {
		c.peerJitter = time.Duration(b.Jitter) * time.Second / time.Duration(rate)
	}
	if d, ok := rtp.RoundTrip(b, now); ok {
		c.roundTrip = d
		c.roundTripMax = max(c.roundTripMax, d)
	}
}

func (s *stream) stats() Stats {
	c := &s.counts
	t := Stats{
		PacketsIn: s.in.Received + c.faxIn, OctetsIn: s.in.Octets, PacketsOut: s.out.packets + c.faxOut,
		OctetsOut: s.out.octets,
		Codec:     c.codec, Lost: s.in.Lost(), Reordered: s.in.Reordered, Duplicates: s.in.Duplicates,
		Jitter: s.in.Jitter(), JitterMax: max(c.jitterMax, s.in.Jitter()),
		PeerLost: c.peerLost, PeerLostPart: c.peerLostPart, PeerJitter: c.peerJitter,
		RoundTrip: c.roundTrip, RoundTripMax: c.roundTripMax,
		Strange: c.strange, SendErrors: c.sendErrors, Undeliverable: c.undeliverable,
		ReportsIn: c.reportsIn, ReportsOut: c.reportsOut,
	}
	if s.latch.rtp.locked {
		t.Remote = s.latch.rtp.peer
	}
	return t
}
