package media

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/sekisho/sekisho/wire/dtmf"
	"github.com/sekisho/sekisho/wire/rtp"
	"github.com/sekisho/sekisho/wire/sdp"
)

// Leg is one side of a call.
type Leg struct {
	id     string
	call   *Call
	cfg    LegConfig
	pair   Pair
	stream *stream // belongs to the loop
	closed bool
	plays  bool // something was to be heard, before it was agreed how

	// What was described, guarded by call.mu.
	session string // our o= ID, fixed
	version uint64 // of our last description
	local   []byte // our last description
	turn    turnOf
	layout  []line // m= lines of the session, in order
	audio   int    // of layout, -1 before the first description
	offered *offer // our offer, while unanswered and for repeated answers
	remote  *remote
	now     *agreement // in force, nil before the first
	before  memory     // for Rollback
	keys    []sdp.Crypto
	opener  opener
	sealer  opener
	steady  []sdp.Codec // with the payload types we gave: they never change (RFC 3264 §8.3.2)
}

// turnOf is whose offer is open.
type turnOf uint8

const (
	nobody turnOf = iota
	ours
	theirs
)

// line is one m= line of the session.
type line struct {
	kind, proto string
	formats     []string
}

// offer is what we offered.
type offer struct {
	codecs []sdp.Codec
	crypto []sdp.Crypto
	proto  string
	fax    bool
	taken  string // the answer already taken
}

// remote is a description of the peer's.
type remote struct {
	body  string
	media sdp.Media
}

// agreement is what both sides have agreed on.
type agreement struct {
	formats       []format
	media         sdp.Media // the peer's
	local, remote sdp.Direction
	ptimeMS       int
	fax           bool // it is T.38: datagrams, and no RTP
	open, seal    *rtp.Cipher
	suite         string
}

// opener is a cipher and what it was made of, so that the same keys keep
// their state.
type opener struct {
	suite  string
	key    string
	cipher *rtp.Cipher
}

// memory is what Rollback restores.
type memory struct {
	layout []line
	audio  int
	remote *remote
}

// ID is the leg's ID.
func (l *Leg) ID() string { return l.id }

// Stats are the leg's counters so far, after Close the last ones. It waits
// until the loop's turn ends: some milliseconds at most.
func (l *Leg) Stats() Stats {
	s := l.stream
	s.loop.turn.Lock()
	defer s.loop.turn.Unlock()
	return s.stats()
}

// LocalDescription is the description last sent to the peer, nil if none.
func (l *Leg) LocalDescription() []byte {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	return l.local
}

// Held tells whether the peer wants to hear nothing at present.
func (l *Leg) Held() bool {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	return l.now != nil && !l.now.remote.Receives()
}

// Agreed tells whether an offer was ever answered, so that media can flow.
func (l *Leg) Agreed() bool {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	return l.now != nil
}

// Encrypted tells whether the leg's media is SRTP.
func (l *Leg) Encrypted() bool {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	return l.now != nil && l.now.seal != nil
}

// TelephoneEvent tells whether digits can be sent with SendDigits.
func (l *Leg) TelephoneEvent() bool {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	return l.telephoneEvent()
}

func (l *Leg) telephoneEvent() bool {
	if l.now == nil {
		return false
	}
	for _, f := range l.now.formats {
		if f.Event() {
			return true
		}
	}
	return false
}

// Understood tells whether the unit understands what the peer says, by what it said it
// would rather speak. A recording (Record) has silence of what is not.
func (l *Leg) Understood() bool {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	for i := 0; l.now != nil && i < len(l.now.formats); i++ {
		if f := l.now.formats[i]; !f.Event() && !isNoise(f.Codec) {
			return speechOf(f.Codec) != speechNone
		}
	}
	return false
}

// Speaks tells whether the unit understands anything of what the peer offers, or of what was
// agreed.
func (l *Leg) Speaks() bool {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	if l.turn == theirs {
		return slices.ContainsFunc(l.remote.media.Codecs, func(c sdp.Codec) bool { return speechOf(c) != speechNone })
	}
	return l.now != nil && speaks(l.now.formats)
}

// Offering tells whether an offer, the peer's or ours, has yet to be answered.
func (l *Leg) Offering() bool {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	return l.turn != nobody
}

// Play plays to the peer instead of what is bridged to it; what played before
// is stopped. Event Played tells the end. If nothing is agreed yet it begins
// as soon as something is.
func (l *Leg) Play(src Source) error {
	return l.hear(&speaker{source: src, turn: turner{frame: &l.call.loop.frame}})
}

// hear has the loop play.
func (l *Leg) hear(p player) error {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	if l.now != nil && !speaks(l.now.formats) {
		return fmt.Errorf("play to leg %s: %w", l.id, ErrNoCodec)
	}
	s := l.stream
	l.plays = true
	s.loop.post(func() { s.play(p) })
	return nil
}

func speaks(formats []format) bool {
	for _, f := range formats {
		if speechOf(f.Codec) != speechNone {
			return true
		}
	}
	return false
}

// Stop stops playing.
func (l *Leg) Stop() {
	s := l.stream
	s.loop.post(s.stopPlaying)
}

// Echo sends the peer's voice back to it; the leg is no longer bridged.
func (l *Leg) Echo(on bool) {
	s := l.stream
	s.loop.post(func() {
		if !s.gone {
			s.echo(on)
		}
	})
}

// Secret begins, or ends, to keep from the bridged leg what the peer types: its
// telephone-events, and from the first one on its voice, in which a key may sound
// as well; of a peer that sends none, its voice at once. The keys are told.
func (l *Leg) Secret(on bool) {
	s := l.stream
	s.loop.post(func() { s.keepSecret(on) })
}

// Follow tells that the peer's signaling comes from another address now: with
// the next agreement media is learned from there (LearnPeer), and no more from
// the address before. The zero Addr changes nothing.
func (l *Leg) Follow(source netip.Addr) {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	if source.IsValid() {
		l.cfg.Source = source
	}
}

// SendDigits sends digits (0-9 * # A-D) as telephone-event. Event DigitsSent
// tells the end.
func (l *Leg) SendDigits(digits string) error {
	for i := range len(digits) {
		if _, ok := dtmf.Code(digits[i]); !ok {
			return fmt.Errorf("digit %q: %w", digits[i], ErrState)
		}
	}
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	switch {
	case l.closed:
		return ErrClosed
	case !l.telephoneEvent():
		return fmt.Errorf("digits to leg %s: %w", l.id, ErrNoCodec)
	case len(digits) > DigitsMax:
		return fmt.Errorf("%d digits: %w", len(digits), ErrLimit)
	case digits == "":
		return nil
	}
	s := l.stream
	s.loop.post(func() {
		if !s.gone && len(s.keys.waiting)+len(digits) <= DigitsMax {
			s.dial(digits)
		}
	})
	return nil
}

// Watch tells Timeout when the peer, while it may send, is silent for d; 0
// ends it. TimeoutDefault is a good d.
func (l *Leg) Watch(d time.Duration) {
	s := l.stream
	s.loop.later(func() {
		s.watch, s.lastIn, s.silent = d, s.loop.now, false
	})
}

// Close ends the leg and frees its ports. It does not wait.
func (l *Leg) Close() {
	c := l.call
	c.mu.Lock()
	if l.closed {
		c.mu.Unlock()
		return
	}
	l.closed = true
	c.drop(l)
	c.mu.Unlock()
	s, relay, public := l.stream, c.relay, l.cfg.Public
	c.loop.later(func() {
		relay.own(s.pair, public, false)
		s.loop.remove(s)
	})
}

// giveTerms has the loop follow what is agreed. moved: the peer's signaled
// address is another one than before.
func (l *Leg) giveTerms(old *agreement) {
	a := l.now
	p := &path{
		mux: a.media.RTCPMux, formats: a.formats,
		send: a.local.Sends() && a.remote.Receives(), recv: a.local.Receives() && a.remote.Sends(),
		seal: a.seal, open: a.open, learn: l.cfg.Policy.Learn, source: l.cfg.Source,
		ptime: time.Duration(a.ptimeMS) * time.Millisecond, fax: a.fax,
	}
	if old != nil {
		was, is := old.media.Remote(), a.media.Remote()
		if !is.IsValid() && was.IsValid() {
			// Held by address (c=0.0.0.0): the peer is where it was.
			a.media.Port, a.media.Addr, a.media.RTCP = old.media.Port, old.media.Addr, old.media.RTCP
			is = was
		}
		p.moved = is != was || (old.open == nil) != (a.open == nil) || old.fax != a.fax
	}
	local := l.pair.RTP.Local().Addr()
	if at := a.media.Remote(); sendable(at, local) && !l.call.relay.owns(at) {
		p.remote = at
	}
	if at := a.media.RemoteRTCP(); !a.fax && sendable(at, local) && !l.call.relay.owns(at) {
		p.remoteRTCP = at
	}
	p.index()
	s := l.stream
	set := func() {
		if !s.gone {
			s.setPath(p)
		}
	}
	if old == nil && !l.plays {
		s.loop.later(set)
	} else {
		s.loop.post(set) // the kernel may still compare with where the peer was
	}
}
