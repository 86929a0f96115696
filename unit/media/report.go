package media

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/wire/rtp"
)

// RTCP is not relayed: SSRCs and counts differ on each leg, and a leg tells
// its peer nothing about the other's network. Each leg reports for itself and
// reads its peer's reports; a goodbye ends nothing (RFC 3550's BYE is not
// authenticated: signaling ends calls).

// takeRTCP reads a report of the peer. from is not valid where the kernel
// has compared it.
func (s *stream) takeRTCP(p []byte, from netip.AddrPort) {
	if s.path == nil || !s.latch.rtp.locked || !s.reporter(from) {
		s.counts.strange++
		return
	}
	if s.path.open != nil {
		var err error
		if p, err = s.path.open.OpenRTCP(s.loop.plain[:0], p); err != nil {
			s.counts.strange++
			return
		}
	}
	var r rtp.RTCP
	if rtp.ParseRTCP(p, &r) != nil {
		s.counts.strange++
		return
	}
	if from.IsValid() && !s.path.mux && !s.latch.rtcp.locked {
		s.lockRTCP(from)
	}
	s.counts.reportsIn++
	s.lastIn, s.silent = s.loop.now, false
	if r.Sender {
		s.peerSR, s.peerSRAt = rtp.Middle(r.Info.NTP), s.loop.now
	}
	for _, b := range r.Blocks[:r.Count] {
		if b.SSRC != s.out.ssrc {
			continue
		}
		s.counts.heardBack(b, s.out.rate, s.loop.now)
	}
}

// reporter tells whether reports may come from an address: the peer's.
func (s *stream) reporter(from netip.AddrPort) bool {
	switch k := &s.latch.rtcp; {
	case !from.IsValid():
		return true
	case s.path.mux:
		return from == s.latch.rtp.peer
	case k.locked:
		return from == k.peer
	}
	return from.Addr() == s.latch.rtp.peer.Addr()
}

// reportIn is how long until the next report: chosen at random, so that those
// of many calls don't come at once (RFC 3550 §6.2).
func reportIn() time.Duration { return ReportEvery/2 + rand.N(ReportEvery) }

// report sends what this leg has sent and received, with a goodbye at the end.
func (s *stream) report(bye bool) {
	if s.path == nil || s.path.fax || s.out.packets == 0 && s.in.Received == 0 {
		return
	}
	var info *rtp.SenderInfo
	if s.out.packets > 0 {
		ts := s.out.ts
		if s.out.rate > 0 {
			ts += uint32(s.loop.now.Sub(s.out.at) * time.Duration(s.out.rate) / time.Second)
		}
		info = &rtp.SenderInfo{
			NTP: rtp.NTP(s.loop.now), RTPTime: ts, Packets: uint32(s.out.packets), Octets: uint32(s.out.octets),
		}
	}
	p := s.loop.plain[:0]
	if b, ok := s.in.Report(); ok {
		s.counts.jitterMax = max(s.counts.jitterMax, s.in.Jitter())
		if s.peerSR != 0 {
			b.LastSR = s.peerSR
			b.Delay = uint32(s.loop.now.Sub(s.peerSRAt) * 65536 / time.Second)
		}
		p = rtp.AppendReport(p, s.out.ssrc, info, b)
	} else {
		p = rtp.AppendReport(p, s.out.ssrc, info)
	}
	p = rtp.AppendCNAME(p, s.out.ssrc, s.cname)
	if bye {
		p = rtp.AppendBye(p, s.out.ssrc)
	}
	s.sendRTCP(p)
}

// goodbye ends the stream toward the peer.
func (s *stream) goodbye() {
	if s.out.packets > 0 {
		s.report(true)
	}
}

func (s *stream) sendRTCP(p []byte) {
	if s.path.seal != nil {
		sealed, err := s.path.seal.SealRTCP(s.loop.sealed[:0], p)
		if err != nil {
			return
		}
		p = sealed
	}
	at, k, signaled := s.rtcp, &s.latch.rtcp, s.path.remoteRTCP
	if s.path.mux {
		at, k, signaled = s.rtp, &s.latch.rtp, s.path.remote
	}
	if !s.path.mux && !k.locked && s.latch.rtp.locked && s.latch.rtp.peer != s.path.remote {
		// Behind NAT: the port above, until its own packets tell better.
		signaled = netip.AddrPortFrom(s.latch.rtp.peer.Addr(), s.latch.rtp.peer.Port()+1)
	}
	if to, ok := k.destination(&signaled); ok && s.loop.engine.Send(at, p, to) == nil {
		s.counts.reportsOut++
	}
}
