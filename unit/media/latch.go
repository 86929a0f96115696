package media

import (
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sekisho/sekisho/wire/rtp"
)

// latch is where a stream's peer is (RFC 7362): first where it said, then,
// once a packet proved it, there and nowhere else.
type latch struct {
	rtp, rtcp lock
	tried     [candidatesMax]candidate
	next      int
}

// lock is one socket's tie to the peer.
type lock struct {
	locked    bool
	connected bool // the kernel drops what others send
	peer      netip.AddrPort
	recheck   time.Time     // until then sources are compared here too
	to        unix.Sockaddr // of peer, or of where to send while not locked
	toAddr    netip.AddrPort
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
	case !s.mayLearn(from):
		s.stats.strange.Add(1)
		return false
	case p.open != nil: // authentic: it has the key
	case !s.consistent(h, from):
		return false
	}
	s.lockRTP(from)
	return true
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
	for i := range s.latch.tried {
		if s.latch.tried[i].from == from {
			c = &s.latch.tried[i]
			break
		}
	}
	if c == nil {
		c = &s.latch.tried[s.latch.next%candidatesMax]
		s.latch.next++
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
	k := &s.latch.rtp
	k.locked, k.peer = true, peer
	k.to, k.toAddr = sockaddr(peer, s.pair.RTP.Local().Addr()), peer
	if s.pair.RTP.Connect(peer) == nil {
		k.connected, k.recheck = true, s.loop.now.Add(recheck)
	}
	if peer == s.path.remote && s.path.remoteRTCP.IsValid() && !s.path.mux {
		s.lockRTCP(s.path.remoteRTCP)
	}
	s.stats.lockedOn(peer)
	s.tell(Event{Kind: Locked, Remote: peer})
}

func (s *stream) lockRTCP(peer netip.AddrPort) {
	k := &s.latch.rtcp
	k.locked, k.peer = true, peer
	k.to, k.toAddr = sockaddr(peer, s.pair.RTCP.Local().Addr()), peer
	if s.pair.RTCP.Connect(peer) == nil {
		k.connected, k.recheck = true, s.loop.now.Add(recheck)
	}
}

// unlock begins anew: signaling said that the peer is elsewhere now. Where a
// connection can't be taken away, it is moved to the address signaled.
func (s *stream) unlock() {
	old := s.latch
	s.latch = latch{}
	s.first = false
	s.stats.lockedOn(netip.AddrPort{})
	for i, was := range []lock{old.rtp, old.rtcp} {
		if !was.connected {
			continue
		}
		socket, k, to := s.pair.RTP, &s.latch.rtp, s.path.remote
		if i == 1 {
			socket, k, to = s.pair.RTCP, &s.latch.rtcp, s.path.remoteRTCP
		}
		if socket.Connect(netip.AddrPort{}) == nil && !tied(socket.FD()) {
			s.loop.listenAgain(s, i)
			continue
		}
		if to.IsValid() && socket.Connect(to) == nil {
			k.connected, k.locked, k.peer = true, true, to
			k.to, k.toAddr = sockaddr(to, socket.Local().Addr()), to
			k.recheck = s.loop.now.Add(recheck)
			s.stats.lockedOn(s.latch.rtp.peer)
		}
	}
}

// tied tells whether a socket is connected, whatever was said about it.
func tied(fd int) bool {
	_, err := unix.Getpeername(fd)
	return err == nil
}

// destination is where a socket's packets go: nil if nowhere.
func (k *lock) destination(signaled netip.AddrPort, local netip.Addr) unix.Sockaddr {
	if k.locked {
		return k.to
	}
	if !signaled.IsValid() {
		return nil
	}
	if k.toAddr != signaled {
		k.to, k.toAddr = sockaddr(signaled, local), signaled
	}
	return k.to
}
