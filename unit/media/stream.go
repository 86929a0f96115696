package media

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/unit/media/engine"
	"github.com/sekisho/sekisho/wire/dtmf"
	"github.com/sekisho/sekisho/wire/rtp"
)

// stream is a leg as its loop sees it. All of it belongs to the loop's
// goroutine, except stats.
type stream struct {
	loop      *loop
	call, leg string
	pair      Pair
	rtp, rtcp engine.Port
	slot      int // in loop.streams
	gone      bool

	path    *path
	to      *stream // who hears the peer; the stream itself for echo
	from    *stream // whom the peer hears
	routes  []route // of the peer's packets to `to`
	latch   latch
	in      rtp.Receiver
	out     outgoing
	decoder dtmf.Decoder
	turn    turner

	watch     time.Duration
	lastIn    time.Time // last authentic packet, or since when to wait for one
	silent    bool      // Timeout was told
	lastDigit time.Time
	digits    int       // told since
	digitsAt  time.Time // which is at most a second ago

	player    player
	keys      keypad
	due       time.Time // of what is played
	inPlaying bool      // in loop.playing

	reported time.Time
	peerSR   uint32 // middle of the peer's last sender report
	peerSRAt time.Time
	cname    string
	first    bool // FirstMedia was told

	stats *counters
}

// Packet takes a packet of one of the stream's sockets. from is not valid
// where the kernel has already compared it.
func (s *stream) Packet(at *engine.Port, p []byte, from netip.AddrPort) {
	switch {
	case s.gone:
	case len(p) == 0 || len(p) >= PacketBytesMax:
		s.stats.strange.Add(1)
	case at == &s.rtcp || s.path != nil && s.path.mux && rtp.IsRTCP(p):
		s.takeRTCP(p, from)
	default:
		s.takeRTP(p, from)
	}
}

// Unsent counts what the kernel refused.
func (s *stream) Unsent(*engine.Port) { s.stats.sendErrors.Add(1) }

// settle leaves the comparing of sources to the kernel, once everything that it
// took before the sockets were connected must have been read.
func (s *stream) settle() {
	for _, at := range []struct {
		port *engine.Port
		lock *lock
	}{{&s.rtp, &s.latch.rtp}, {&s.rtcp, &s.latch.rtcp}} {
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
	path := s.path
	if path == nil || !s.fromPeer(from) {
		s.stats.strange.Add(1)
		return
	}
	parse := rtp.Parse
	if path.open != nil {
		parse = rtp.ParseSealed
	}
	h, err := parse(p)
	if err != nil || path.byPT[h.PT] < 0 {
		s.stats.strange.Add(1)
		return
	}
	if path.open != nil {
		if p, err = path.open.Open(s.loop.plain[:0], p); err != nil {
			s.stats.strange.Add(1)
			return
		}
		if h, err = rtp.Parse(p); err != nil {
			return
		}
	}
	if !s.latch.rtp.locked && !s.learn(h, from) {
		return
	}
	if !path.recv {
		return // held: what comes now was sent before the peer knew, or isn't meant
	}
	s.accept(p, h)
}

// accept counts a packet that is the peer's and passes it on.
func (s *stream) accept(p []byte, h rtp.Header) {
	f := &s.path.formats[s.path.byPT[h.PT]]
	payload := len(p) - h.Size - h.Padding
	rate := f.Rate
	if f.Event() {
		rate = 0 // the timestamp stands still: no jitter from it
	}
	fate := s.in.Take(h, payload, rate, s.loop.now)
	if fate == rtp.Again || fate == rtp.Jump {
		return
	}
	s.lastIn, s.silent = s.loop.now, false
	s.stats.took(s, f, payload)
	if !s.first {
		s.first = true
		s.tell(Event{Kind: FirstMedia})
	}
	index := s.path.byPT[h.PT]
	var r route
	to := s.to
	if int(index) < len(s.routes) {
		r = s.routes[index]
	} else {
		to = nil
	}
	if f.Event() {
		heard := to != nil && r.to >= 0 && to.path.send && !to.speaking()
		s.hear(p[h.Size:len(p)-h.Padding], h.Timestamp, f.Rate, heard)
	}
	if to == nil || r.to < 0 {
		return
	}
	to.relay(p, h, s, r, fate == rtp.Restart)
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
		Kind: Digit, Digit: k.Key, Passed: passed,
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
		i := int(s.path.digits)
		s.tellKey(k, s.path.formats[i].Rate, i < len(s.routes) && s.routes[i].to >= 0)
	}
}

func (s *stream) tell(e Event) {
	e.Call, e.Leg = s.call, s.leg
	s.loop.tell(e)
}

// setPath puts new terms into force.
func (s *stream) setPath(p *path) {
	old := s.path
	s.path = p
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

// reroute makes the table of where the peer's packets go.
func (s *stream) reroute() {
	s.routes = nil
	if s.to != nil {
		s.routes = routes(s.path, s.to.path)
	}
}

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
		s.from.to, s.from.routes = nil, nil
	}
	s.to, s.from, s.routes = nil, nil, nil
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
