package media

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/unit/media/engine"
	"github.com/sekisho/sekisho/wire/dtmf"
	"github.com/sekisho/sekisho/wire/rtp"
)

// stream is a leg as its loop sees it. All of it belongs to the loop's turn.
type stream struct {
	// What every packet touches stands first, on few cache lines.
	loop       *loop
	rtp        *engine.Port
	before     uint64  // the loop's turn that has brought what may be another call's
	to         *stream // who hears the peer; the stream itself for echo
	path       *path
	open, seal *rtp.Cipher // of path
	flow       flow
	gone       bool
	first      bool // FirstMedia was told
	silent     bool // Timeout was told
	free       bool // what is bridged may be sent: it is agreed, and the unit does not speak
	in         rtp.Receiver
	lastIn     time.Time // last authentic packet, or since when to wait for one
	out        outgoing
	latch      latch

	rtcp      *engine.Port
	call, leg string
	pair      Pair
	made      time.Time
	slot      int     // in loop.streams
	from      *stream // whom the peer hears
	seat      *seat   // in a room, nil where it is in none
	taps      []*tap  // where recordings hear the peer
	counts    counts

	secret    secret
	decoder   dtmf.Decoder
	lastDigit time.Time
	digits    int       // told since
	digitsAt  time.Time // which is at most a second ago

	turn      *turner // of what is relayed to the peer, nil until it must be
	player    player  // nil while the unit does not speak
	keys      keypad
	due       time.Time // of what is played
	inPlaying bool      // in loop.playing

	watch    time.Duration
	reportAt time.Time
	peerSR   uint32 // middle of the peer's last sender report
	peerSRAt time.Time
	cname    string
}

// Packet takes a packet of one of the stream's sockets. from is not valid
// where the kernel has already compared it.
func (s *stream) Packet(at *engine.Port, p []byte, from netip.AddrPort) {
	switch {
	case s.gone, s.before == s.loop.turns:
	case len(p) == 0 || len(p) >= PacketBytesMax:
		s.counts.strange++
	case s.path != nil && s.path.fax:
		s.takeFax(at, p, from)
	case at == s.rtcp || rtp.IsRTCP(p) && s.path != nil && s.path.mux:
		s.takeRTCP(p, from)
	default:
		s.takeRTP(p, from)
	}
}

// Unsent counts what the kernel refused.
func (s *stream) Unsent(*engine.Port) { s.counts.sendErrors++ }

// settle leaves the comparing of sources to the kernel, once everything that it
// took before the sockets were connected must have been read.
func (s *stream) settle() {
	for _, at := range []struct {
		port *engine.Port
		lock *lock
	}{{s.rtp, &s.latch.rtp}, {s.rtcp, &s.latch.rtcp}} {
		if at.port.Named && at.lock.connected && s.loop.now.After(at.lock.recheck) {
			s.name(at.port, false)
		}
	}
}

// name has a socket's packets come with their sender's address, or without.
func (s *stream) name(p *engine.Port, on bool) {
	if p.Named != on {
		p.Named = on
		_ = s.loop.engine.Listen(p) // it fails without memory only: the leg falls silent
	}
}

// takeRTP judges a packet and passes it on.
func (s *stream) takeRTP(p []byte, from netip.AddrPort) {
	if s.path == nil || !s.fromPeer(from) {
		s.counts.strange++
		return
	}
	p, h, ok := s.unsealed(p)
	if !ok {
		s.counts.strange++
		return
	}
	if !s.latch.rtp.locked && !s.learn(h, from) {
		return
	}
	if !s.flow.recv {
		return // held: what comes now was sent before the peer knew, or isn't meant
	}
	s.accept(p, h)
}

// unsealed is a packet of an agreed payload type in the clear.
func (s *stream) unsealed(p []byte) ([]byte, rtp.Header, bool) {
	var h rtp.Header
	var err error
	if s.open == nil {
		h, err = rtp.Parse(p)
	} else {
		h, err = rtp.ParseSealed(p)
	}
	if err != nil {
		return nil, h, false
	}
	if !s.flow.known || s.flow.pt != h.PT {
		s.flow = s.flowOf(h.PT)
	}
	if s.flow.format < 0 || s.open == nil {
		return p, h, s.flow.format >= 0
	}
	if p, err = s.open.Open(s.loop.plain[:0], p); err != nil {
		return nil, h, false
	}
	h, err = rtp.Parse(p)
	return p, h, err == nil
}

// accept counts a packet that is the peer's and passes it on.
func (s *stream) accept(p []byte, h rtp.Header) {
	f := &s.flow
	rate := f.rate
	if f.event {
		rate = 0 // the timestamp stands still: no jitter from it
	}
	fate := s.in.Take(h, len(p)-h.Size-h.Padding, int(rate), s.loop.now)
	if fate == rtp.Again || fate == rtp.Jump {
		return
	}
	s.lastIn, s.silent = s.loop.now, false
	if !f.counted {
		s.begun(f)
	}
	if s.seat != nil && !f.event {
		s.seat.take(p[h.Size:len(p)-h.Padding], h.Timestamp, s.path.formats[f.format].speech)
	}
	if len(s.taps) > 0 && !f.event {
		s.tapped(p[h.Size:len(p)-h.Padding], h, s.path.formats[f.format].speech)
	}
	to := s.to
	passed := to != nil && f.to >= 0 && to.free && !s.secret.keeps(f.event, h.Timestamp)
	if f.event {
		s.hear(p[h.Size:len(p)-h.Padding], h.Timestamp, int(f.rate), passed)
	}
	if passed {
		to.relay(p, h, s, fate == rtp.Restart)
	}
}

// begun is for the first packet of a flow.
func (s *stream) begun(f *flow) {
	f.counted = true
	if !f.event {
		s.counts.codec = s.path.formats[f.format].Name
	}
	if !s.first {
		s.first = true
		s.tell(Event{Kind: FirstMedia})
	}
}

// hear tells the keys in a telephone-event.
func (s *stream) hear(payload []byte, timestamp uint32, rate int, passed bool) {
	e, err := dtmf.Parse(payload)
	if err != nil {
		return
	}
	s.lastDigit = s.loop.now
	pressed, n := s.decoder.Take(timestamp, e)
	for _, k := range pressed[:n] {
		s.tellKey(k, rate, passed)
	}
}

func (s *stream) tellKey(k dtmf.Pressed, rate int, passed bool) {
	if s.loop.now.Sub(s.digitsAt) >= time.Second {
		s.digits, s.digitsAt = 0, s.loop.now
	}
	if s.digits++; s.digits > DigitsPerSecond {
		return
	}
	s.tell(Event{
		Kind: Digit, Digit: k.Key, Passed: passed && s.to != s,
		Duration: time.Duration(k.Duration) * time.Second / time.Duration(max(rate, 1)),
	})
}

// flushDigit tells a key whose end was lost.
func (s *stream) flushDigit() {
	if s.lastDigit.IsZero() || s.loop.now.Sub(s.lastDigit) < digitSilence {
		return
	}
	s.lastDigit = time.Time{}
	if k, ok := s.decoder.Flush(); ok && s.path != nil && s.path.digits >= 0 {
		f := s.flowOf(s.path.formats[s.path.digits].PT)
		s.tellKey(k, int(f.rate), f.to >= 0 && !s.secret.on)
	}
}

func (s *stream) tell(e Event) {
	e.Call, e.Leg = s.call, s.leg
	s.loop.tell(e)
}

// setPath puts new terms into force.
func (s *stream) setPath(p *path) {
	old := s.path
	s.path, s.open, s.seal = p, p.open, p.seal
	s.setFree()
	if old == nil || !old.recv && p.recv {
		s.lastIn, s.silent = s.loop.now, false
	}
	if old != nil && (p.moved || p.source != old.source) {
		s.unlock(p.remote != old.remote || p.source != old.source)
	}
	s.reroute()
	if s.from != nil && s.from != s {
		s.from.reroute()
	}
	s.beginPlaying()
}

// setFree is for whenever the path has changed, or who speaks.
func (s *stream) setFree() { s.free = s.path != nil && s.path.send && !s.speaking() }

// reroute is for whenever the path has changed, or the path of who hears.
func (s *stream) reroute() { s.flow = flow{} }

// bridge has each of two streams hear the other.
func (s *stream) bridge(o *stream) {
	s.unbridge()
	o.unbridge()
	s.to, s.from, o.to, o.from = o, o, s, s
	s.reroute()
	o.reroute()
}

func (s *stream) unbridge() {
	if s.to != nil && s.to.from == s {
		s.to.from = nil
	}
	if s.from != nil && s.from.to == s {
		s.from.to = nil
	}
	s.to, s.from = nil, nil
	s.leave()
}

// echo has the peer hear itself.
func (s *stream) echo(on bool) {
	if on == (s.to == s) {
		return
	}
	s.unbridge()
	if on {
		s.to, s.from = s, s
		s.reroute()
	}
}

// watchSilence tells Timeout.
func (s *stream) watchSilence() {
	if s.watch <= 0 || s.silent || s.path == nil || !s.path.recv {
		return
	}
	if s.loop.now.Sub(s.lastIn) >= s.watch {
		s.silent = true
		s.tell(Event{Kind: Timeout})
	}
}
