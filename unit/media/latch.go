package media

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/unit/media/engine"
	"github.com/sekisho/sekisho/wire/rtp"
)

// latch is where a stream's peer is (RFC 7362): first where it said, then,
// once a packet proved it, there and nowhere else.
type latch struct {
	rtp, rtcp lock
	tried     *candidates    // while the peer is learned from its packets
	left      netip.AddrPort // where the peer was before signaling moved it
	leftAt    time.Time
}

// lock is one socket's tie to the peer.
type lock struct {
	locked    bool
	connected bool // the kernel drops what others send
	peer      netip.AddrPort
	recheck   time.Time       // until then sources are compared here too
	to        *engine.Address // of peer, or of where to send while not locked
	toAddr    netip.AddrPort
}

// candidates are the sources that were heard last.
type candidates struct {
	list [candidatesMax]candidate
	next int
}

// candidate is a source that was not signaled and may become the peer.
type candidate struct {
	from  netip.AddrPort
	ssrc  uint32
	seq   uint16
	count int
	since time.Time
}

// fromPeer tells whether a packet may come from the peer: not valid is what
// the kernel has compared.
func (s *stream) fromPeer(from netip.AddrPort) bool {
	return !from.IsValid() || !s.latch.rtp.locked || from == s.latch.rtp.peer
}

// learn decides whether the sender of a sound packet is the peer.
func (s *stream) learn(h rtp.Header, from netip.AddrPort) bool {
	p := s.path
	switch {
	case from == p.remote:
	case !s.mayLearn(from), s.late(from):
		s.counts.strange++
		return false
	case p.open != nil: // authentic: it has the key
	case !s.consistent(h, from):
		return false
	}
	s.lockRTP(from)
	return true
}

// late tells whether a packet was under way when signaling moved the peer away
// from where it comes from: it must not tie the stream to the old place again.
func (s *stream) late(from netip.AddrPort) bool {
	return from == s.latch.left && s.loop.now.Sub(s.latch.leftAt) < moveGrace
}

// mayLearn applies the leg's learning rule.
func (s *stream) mayLearn(from netip.AddrPort) bool {
	switch s.path.learn {
	case LearnAnyone:
		return true
	case LearnNothing:
		return false
	}
	a := from.Addr()
	return s.path.remote.IsValid() && a == s.path.remote.Addr() || s.path.source.IsValid() && a == s.path.source
}

// consistent counts packets of a source that follow each other.
func (s *stream) consistent(h rtp.Header, from netip.AddrPort) bool {
	now := s.loop.now
	var c *candidate
	if s.latch.tried == nil {
		s.latch.tried = new(candidates)
	}
	tried := s.latch.tried
	for i := range tried.list {
		if tried.list[i].from == from {
			c = &tried.list[i]
			break
		}
	}
	if c == nil {
		c = &tried.list[tried.next%candidatesMax]
		tried.next++
		*c = candidate{from: from}
	}
	follows := c.ssrc == h.SSRC && h.Seq-c.seq >= 1 && h.Seq-c.seq <= 3
	if c.count == 0 || !follows || now.Sub(c.since) > LearnWindow {
		c.ssrc, c.count, c.since = h.SSRC, 0, now
	}
	c.seq = h.Seq
	c.count++
	return c.count >= LearnPackets
}

// lockRTP ties the stream to its peer.
func (s *stream) lockRTP(peer netip.AddrPort) {
	s.latch.tried = nil
	k := &s.latch.rtp
	k.locked, k.peer = true, peer
	k.to, k.toAddr = engine.NewAddress(peer), peer
	if s.pair.RTP.Connect(peer) == nil {
		s.pair.tied = true
		k.connected, k.recheck = true, s.loop.now.Add(recheck)
	}
	if peer == s.path.remote && s.path.remoteRTCP.IsValid() && !s.path.mux {
		s.lockRTCP(s.path.remoteRTCP)
	}
	s.tell(Event{Kind: Locked, Remote: peer})
}

func (s *stream) lockRTCP(peer netip.AddrPort) {
	k := &s.latch.rtcp
	k.locked, k.peer = true, peer
	k.to, k.toAddr = engine.NewAddress(peer), peer
	if s.pair.RTCP.Connect(peer) == nil {
		s.pair.tied = true
		k.connected, k.recheck = true, s.loop.now.Add(recheck)
	}
}

// unlock begins anew: signaling said that the peer is elsewhere now, or speaks
// under another key. Until the new place is proven the sockets hear everybody,
// and every packet is judged here.
func (s *stream) unlock(elsewhere bool) {
	old := s.latch
	s.latch = latch{}
	if elsewhere {
		s.latch.left, s.latch.leftAt = old.rtp.peer, s.loop.now
	}
	s.first = false
	s.name(s.rtp, true)
	s.name(s.rtcp, true)
	if old.rtp.connected {
		_ = s.pair.RTP.Connect(netip.AddrPort{}) // Linux never refuses it
	}
	if old.rtcp.connected {
		_ = s.pair.RTCP.Connect(netip.AddrPort{})
	}
}

// destination is where a socket's packets go: false if nowhere, and nil for
// the peer that the socket is connected to.
func (k *lock) destination(signaled *netip.AddrPort) (*engine.Address, bool) {
	switch {
	case k.connected:
		return nil, true
	case k.locked:
		return k.to, true
	case !signaled.IsValid():
		return nil, false
	}
	if k.toAddr != *signaled {
		k.to, k.toAddr = engine.NewAddress(*signaled), *signaled
	}
	return k.to, true
}
