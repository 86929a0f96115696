package media

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/wire/rtp"
	"github.com/sekisho/sekisho/wire/sdp"
)

// path is what a leg's descriptions mean for its packets. It is made on the
// driver's side, never changed, and given to the loop.
type path struct {
	remote     netip.AddrPort // signaled; not valid: none, or not to be sent to
	remoteRTCP netip.AddrPort
	mux        bool // RTCP on the RTP port
	moved      bool // the signaled address is a new one, or the key: learn again
	send, recv bool // what the directions agreed on let through
	formats    []format
	byPT       [128]int8 // payload type received → formats, -1: none
	voice      int8      // of formats: what the unit itself speaks, -1: none
	digits     int8      // of formats: telephone-event, -1: none
	seal, open *rtp.Cipher
	learn      Learn
	source     netip.Addr // signaling source
	ptime      time.Duration
	fax        bool // datagrams of T.38 are passed on as they are
}

// format is a codec both sides know.
type format struct {
	sdp.Codec       // PT is what the peer sends
	tx        uint8 // what the peer wants to be sent
	speech    speech
}

// speech is a codec that the unit speaks itself.
type speech uint8

const (
	speechNone speech = iota
	speechMu
	speechA
	speechG722
	// speeches is how many values there are.
	speeches
)

func speechOf(c sdp.Codec) speech {
	switch {
	case c.Rate != 8000 || c.Channels != 1:
		return speechNone
	case c.Is("PCMU"):
		return speechMu
	case c.Is("PCMA"):
		return speechA
	case c.Is("G722"):
		return speechG722
	}
	return speechNone
}

// index fills in byPT, voice and digits.
func (p *path) index() {
	p.voice, p.digits = -1, -1
	for i := range p.byPT {
		p.byPT[i] = -1
	}
	for i := range p.formats {
		f := &p.formats[i]
		f.speech = speechOf(f.Codec)
		if p.byPT[f.PT] < 0 {
			p.byPT[f.PT] = int8(i)
		}
		if p.voice < 0 && f.speech != speechNone {
			p.voice = int8(i)
		}
		if p.digits < 0 && f.Event() {
			p.digits = int8(i)
		}
	}
}

// flow is what becomes of the packets of one payload type. It is worked out
// from the paths when a type comes that is another than the last one's.
type flow struct {
	known   bool
	counted bool // one was taken
	pt      uint8
	format  int8 // of the path's formats, -1: not agreed
	event   bool // telephone-event
	recv    bool
	to      int8  // of the formats of who hears the peer, -1: not passed on
	turn    bool  // speech must be turned into the other codec
	tx      uint8 // payload type there
	rate    int32 // clocks, Hz
	toRate  int32
}

// flowOf works out the flow of a payload type.
func (s *stream) flowOf(pt uint8) flow {
	w := flow{known: true, pt: pt, format: s.path.byPT[pt], recv: s.path.recv, to: -1}
	if w.format < 0 {
		return w
	}
	f := &s.path.formats[w.format]
	w.event, w.rate = f.Event(), int32(f.Rate)
	if s.to == nil || s.to.path == nil {
		return w
	}
	other := s.to.path
	for i := range other.formats {
		if f.Same(other.formats[i].Codec) {
			w.to = int8(i)
			break
		}
	}
	if w.to < 0 && f.speech != speechNone && other.voice >= 0 {
		w.to, w.turn = other.voice, true
	}
	if w.to >= 0 {
		w.tx, w.toRate = other.formats[w.to].tx, int32(other.formats[w.to].Rate)
	}
	return w
}
